/* Capacities of shared GPUs, and requirements held against labels. */
#include "gpu/node_overlay.h"

#include <stdlib.h>

#include "gpu/device_plugin_check.h"
#include "gpu/replicas.h"

int64_t overlay_gpus(struct str name)
{
    const struct instance_type *row = instance_type_find(name);
    if (!row || !gpu_model_is_nvidia(row->gpu))
        return 0;
    return row->gpus ? row->gpus : 1;
}

static int order_types(const void *a, const void *b)
{
    const struct overlay_type *left = a;
    const struct overlay_type *right = b;
    if (left->gpus != right->gpus)
        return left->gpus < right->gpus ? -1 : 1;
    return str_order(left->name, right->name);
}

static int64_t product(int64_t a, int64_t b)
{
    int64_t out;
    return __builtin_mul_overflow(a, b, &out) ? INT64_MAX : out;
}

/* Whole GPUs that Karpenter believes in, but nobody advertises, are taken back with a 0. */
static size_t fill_capacity(struct arena *arena, const struct overlay_sharing *sharing,
                            int64_t gpus, const struct overlay_amount **out)
{
    struct advertised_list list =
        advertised_per_gpu(arena, &sharing->config, sharing->device_count ? MIG_ON : MIG_OFF,
                           sharing->devices, sharing->device_count);
    struct overlay_amount *rows = ARENA_NEW_ARRAY(arena, struct overlay_amount, list.count + 1);
    bool has_whole = false;
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        has_whole |= str_is(list.rows[i].resource, GPU_RESOURCE);
        rows[count++] =
            (struct overlay_amount){ list.rows[i].resource, product(list.rows[i].count, gpus) };
    }
    if (!has_whole)
        rows[count++] = (struct overlay_amount){ STR(GPU_RESOURCE), 0 };
    *out = rows;
    return count;
}

struct overlay_list overlay_make(struct arena *arena, const struct overlay_sharing *sharing,
                                 const struct overlay_type *types, size_t count)
{
    struct overlay_type *sorted = ARENA_NEW_ARRAY(arena, struct overlay_type, count);
    struct overlay *rows = ARENA_NEW_ARRAY(arena, struct overlay, count);
    size_t row_count = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = types[i];
    qsort(sorted, count, sizeof *sorted, order_types);
    for (size_t i = 0; i < count; i++) {
        if (!row_count || rows[row_count - 1].gpus != sorted[i].gpus) {
            rows[row_count] = (struct overlay){ .gpus = sorted[i].gpus };
            rows[row_count].types = ARENA_NEW_ARRAY(arena, struct str, count - i);
            rows[row_count].capacity_count =
                fill_capacity(arena, sharing, sorted[i].gpus, &rows[row_count].capacity);
            row_count++;
        }
        struct overlay *row = &rows[row_count - 1];
        row->types[row->type_count++] = sorted[i].name;
    }
    return (struct overlay_list){ rows, row_count };
}

static void check_mig(const struct overlay_sharing *sharing, struct str type,
                      const struct gpu_model *model, struct problems *problems)
{
    struct str none = { 0 };
    if (!model->mig) {
        problem_add_field(problems, PROBLEM_FATAL, "mig_devices", none,
                          "The instance type \"%.*s\" has the GPU %s, which MIG cannot divide.",
                          STR_ARG(type), model->marketing);
        return;
    }
    struct mig_counts counts;
    size_t unknown;
    if (!model->mig->memory_slices)
        return;
    if (!mig_counts_make(model->mig, sharing->devices, sharing->device_count, &counts, &unknown)) {
        struct str profile = sharing->devices[unknown].profile;
        const char *nearest = mig_profile_nearest(model->mig, profile);
        problem_add_field(problems, PROBLEM_FATAL, "mig_devices", profile,
                          "The GPU %s of the instance type \"%.*s\" has no MIG profile "
                          "\"%.*s\"%s%s%s",
                          model->marketing, STR_ARG(type), STR_ARG(profile),
                          nearest ? "; the nearest is \"" : "", nearest ? nearest : "",
                          nearest ? "\"." : ".");
        return;
    }
    struct str why = mig_counts_explain(problems->arena, model->mig, &counts, model->marketing);
    if (why.at)
        problem_add_field(problems, PROBLEM_FATAL, "mig_devices", none, "%.*s", STR_ARG(why));
}

static void check_single(const struct overlay_sharing *sharing, struct problems *problems)
{
    size_t profiles = 0;
    for (size_t i = 0; i < sharing->device_count; i++)
        profiles += sharing->devices[i].count > 0;
    if (str_is(sharing->config.mig_strategy, "single") && profiles > 1)
        problem_add_field(problems, PROBLEM_FATAL, "mig_strategy", (struct str){ 0 },
                          "Under the MIG strategy \"single\" the device plugin advertises nothing "
                          "for a GPU with different instances.  Use \"mixed\", or one profile.");
}

void overlay_check(const struct overlay_sharing *sharing, struct str type,
                   const struct gpu_model *model, struct problems *problems)
{
    const struct device_plugin_target target = { &model, model ? 1 : 0 };
    if (sharing->config.sharing.strategy != SHARING_NONE)
        device_plugin_config_check(&sharing->config, &target, problems);
    if (!sharing->device_count)
        return;
    check_single(sharing, problems);
    if (model)
        check_mig(sharing, type, model, problems);
}

/* The replicas that make COUNT of at most MOST instances: the fewest that do. */
static int64_t replicas_for(int64_t count, int64_t most)
{
    int64_t least = most > 0 ? (count + most - 1) / most : 1;
    for (int64_t replicas = least; replicas <= REPLICAS_POD_LIMIT; replicas++)
        if (count % replicas == 0)
            return replicas;
    return 1;
}

/* The largest number of instances that any GPU has of PROFILE. */
static int64_t most_instances(struct str profile)
{
    int64_t most = 0;
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const struct mig_profile *found = mig_profile_find(&mig_geometries[i], profile);
        if (found && found->max > most)
            most = found->max;
    }
    return most;
}

/* "1g.10gb+me" of "nvidia.com/mig-1g.10gb.me"; at == NULL where no GPU has it. */
static struct str profile_of(struct str resource)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        const struct mig_profile *found = mig_profile_of_resource(&mig_geometries[i], resource);
        if (found)
            return str_of(found->name);
    }
    return (struct str){ 0 };
}

struct parsing {
    struct mig_device *devices;
    struct device_plugin_replicas *replicas;
    struct overlay_sharing *out;
    size_t replica_count;
};

static bool parse_amount(struct parsing *parsing, struct str resource, int64_t each)
{
    bool renamed = str_ends(resource, ".shared");
    struct str name =
        renamed ? str_slice(resource, 0, resource.len - STR(".shared").len) : resource;
    struct str profile = profile_of(name);
    int64_t replicas = each;
    if (renamed)
        parsing->out->config.sharing.rename_by_default = OPTION_TRUE;
    if (profile.at) {
        replicas = replicas_for(each, most_instances(profile));
        parsing->devices[parsing->out->device_count++] =
            (struct mig_device){ profile, each / replicas };
    } else if (!str_is(name, GPU_RESOURCE)) {
        return false;
    }
    if (replicas >= REPLICAS_LEAST)
        parsing->replicas[parsing->replica_count++] =
            (struct device_plugin_replicas){ name, replicas };
    return true;
}

bool overlay_parse(struct arena *arena, const struct overlay_amount *capacity, size_t count,
                   int64_t gpus, struct overlay_sharing *out)
{
    struct parsing parsing = { ARENA_NEW_ARRAY(arena, struct mig_device, count),
                               ARENA_NEW_ARRAY(arena, struct device_plugin_replicas, count), out,
                               0 };
    *out = (struct overlay_sharing){ .config = { .mig_strategy = STR("none") },
                                     .devices = parsing.devices };
    if (gpus < 1)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (capacity[i].amount % gpus)
            return false;
        if (capacity[i].amount &&
            !parse_amount(&parsing, capacity[i].resource, capacity[i].amount / gpus))
            return false;
    }
    out->config.sharing.resources = parsing.replicas;
    out->config.sharing.resource_count = parsing.replica_count;
    out->config.sharing.strategy = parsing.replica_count ? SHARING_TIME_SLICING : SHARING_NONE;
    if (out->device_count)
        out->config.mig_strategy = STR("mixed");
    return true;
}

static bool is_their_own(struct str key)
{
    struct str domain = str_slice(key, 0, str_find(key, '/', 0));
    return domain.len < key.len &&
           (str_ends(domain, "karpenter.sh") || str_ends(domain, "karpenter.k8s.aws") ||
            str_ends(domain, "kubernetes.io") || str_ends(domain, "k8s.io"));
}

static bool compares(struct str operation, struct str value, struct str wanted)
{
    int64_t left;
    int64_t right;
    if (!str_to_int(value, &left) || !str_to_int(wanted, &right))
        return false;
    if (str_is(operation, "Gt"))
        return left > right;
    if (str_is(operation, "Lt"))
        return left < right;
    return str_is(operation, "Gte") ? left >= right : left <= right;
}

static bool is_among(struct str value, const struct str *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_equal(value, values[i]))
            return true;
    return false;
}

static bool value_matches(struct str operation, struct str value, const struct str *values,
                          size_t count)
{
    if (str_is(operation, "Exists"))
        return true;
    if (str_is(operation, "DoesNotExist"))
        return false;
    if (str_is(operation, "In") || str_is(operation, "NotIn"))
        return is_among(value, values, count) == str_is(operation, "In");
    return count && compares(operation, value, values[0]);
}

enum overlay_match overlay_requirement_match(struct str key, struct str operation,
                                             const struct str *values, size_t value_count,
                                             const struct overlay_label *labels, size_t label_count)
{
    for (size_t i = 0; i < label_count; i++)
        if (str_equal(labels[i].key, key))
            return value_matches(operation, labels[i].value, values, value_count)
                       ? OVERLAY_MATCHES
                       : OVERLAY_MATCHES_NOT;
    if (is_their_own(key))
        return OVERLAY_MAY_MATCH;
    bool absent_is_fine = str_is(operation, "NotIn") || str_is(operation, "DoesNotExist");
    return absent_is_fine ? OVERLAY_MATCHES : OVERLAY_MATCHES_NOT;
}
