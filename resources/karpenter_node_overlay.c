/* karpenter_node_overlay: the NodeOverlays by which Karpenter sees the shares of a pool's nodes. */
#include <string.h>

#include "gpu/karpenter.h"
#include "gpu/node_overlay.h"
#include "gpu/replicas.h"
#include "resources/kubernetes_object.h"
#include "resources/kubernetes_set.h"
#include "resources/node_overlay_check.h"
#include "resources/rows_common.h"
#include "schema/check.h"

static const char *const mig_strategies[] = { "none", "single", "mixed", NULL };

static const struct check check_weight = { check_range, .min = 1, .max = 10000,
                                           .doc = "1 to 10000" };
static const struct check check_gpus = { check_range, .min = 1, .max = 64, .doc = "1 to 64" };
static const struct check check_mig_count = { check_range, .min = 0, .max = 16 };
static const struct check check_mig_strategy = { check_words, .words = mig_strategies };

static enum option option_of(const struct value *v)
{
    if (v->kind != VALUE_BOOL)
        return OPTION_UNSET;
    return v->flag ? OPTION_TRUE : OPTION_FALSE;
}

static const struct mig_device *devices_of(struct arena *arena, const struct value *map,
                                           size_t *count)
{
    size_t room = map->kind == VALUE_MEMBERS ? map->count : 0;
    struct mig_device *devices = ARENA_NEW_ARRAY(arena, struct mig_device, room);
    *count = 0;
    for (size_t i = 0; i < room; i++) {
        struct mig_device *device = &devices[*count];
        if (value_to_int(map->members[i].value, &device->count) && device->count > 0) {
            device->profile = map->members[i].name;
            (*count)++;
        }
    }
    return devices;
}

/* Where nothing is said, MIG is mixed if there are instances, or replicas of some. */
static struct str mig_strategy_of(const struct value *object, const struct overlay_sharing *sharing)
{
    struct str text = value_text(value_at(object, "mig_strategy"));
    bool mixed = sharing->device_count > 0;
    for (size_t i = 0; i < sharing->config.sharing.resource_count; i++)
        mixed |= str_contains(sharing->config.sharing.resources[i].name, "mig-");
    return text.at ? text : mixed ? STR("mixed") : STR("none");
}

static struct overlay_sharing sharing_of(struct arena *arena, const struct value *object)
{
    const struct value *map = value_at(object, "replicas");
    size_t count = map->kind == VALUE_MEMBERS ? map->count : 0;
    struct device_plugin_replicas *replicas =
        ARENA_NEW_ARRAY(arena, struct device_plugin_replicas, count);
    for (size_t i = 0; i < count; i++) {
        replicas[i].name = map->members[i].name;
        (void)value_to_int(map->members[i].value, &replicas[i].replicas);
    }
    struct overlay_sharing sharing = {
        .config.sharing = { .strategy = count ? SHARING_TIME_SLICING : SHARING_NONE,
                            .rename_by_default = option_of(value_at(object, "rename_by_default")),
                            .resources = replicas,
                            .resource_count = count },
    };
    sharing.devices = devices_of(arena, value_at(object, "mig_devices"), &sharing.device_count);
    sharing.config.mig_strategy = mig_strategy_of(object, &sharing);
    return sharing;
}

/* The GPUs of the type NAME: as configured, else of the table; 0 where neither knows it. */
static int64_t gpus_of(const struct value *object, struct str name)
{
    int64_t gpus;
    if (value_to_int(value_at_str(value_at(object, "gpus"), name), &gpus) && gpus > 0)
        return gpus;
    return overlay_gpus(name);
}

static json_t *requirement_of(struct arena *arena, const char *key, const struct str *values,
                              size_t count)
{
    json_t *list = json_new_array(arena);
    for (size_t i = 0; i < count; i++)
        json_add(arena, list, json_new_str(arena, values[i]));
    json_t *requirement = json_new_object(arena);
    json_set(arena, requirement, "key", json_new_str(arena, str_of(key)));
    json_set(arena, requirement, "operator", json_new_str(arena, STR("In")));
    json_set(arena, requirement, "values", list);
    return requirement;
}

static struct str render(struct arena *arena, const struct value *object,
                         const struct overlay *overlay)
{
    struct str pool = value_text(value_at(object, "node_pool"));
    json_t *requirements = json_new_array(arena);
    json_t *capacity = json_new_object(arena);
    json_t *spec = json_new_object(arena);
    json_t *body = json_new_object(arena);
    int64_t weight;
    json_add(arena, requirements, requirement_of(arena, KARPENTER_NODE_POOL, &pool, 1));
    json_add(arena, requirements,
             requirement_of(arena, "node.kubernetes.io/instance-type", overlay->types,
                            overlay->type_count));
    for (size_t i = 0; i < overlay->capacity_count; i++)
        json_set(
            arena, capacity, str_copy(arena, overlay->capacity[i].resource).at,
            json_new_str(arena, str_print(arena, "%lld", (long long)overlay->capacity[i].amount)));
    json_set(arena, spec, "requirements", requirements);
    json_set(arena, spec, "capacity", capacity);
    if (value_to_int(value_at(object, "weight"), &weight))
        json_set(arena, spec, "weight", json_new_int(arena, weight));
    json_set(arena, body, "spec", spec);
    return kubernetes_set_text(arena, body);
}

static const struct overlay_type *types_of(struct arena *arena, const struct value *object,
                                           size_t *count)
{
    const struct value *list = value_at(object, "instance_types");
    struct overlay_type *types = ARENA_NEW_ARRAY(arena, struct overlay_type, list->count);
    *count = 0;
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        struct str name = value_text(list->items[i]);
        if (name.at && gpus_of(object, name))
            types[(*count)++] = (struct overlay_type){ name, gpus_of(object, name) };
    }
    return types;
}

static bool known(const struct value *object, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (!value_is_wholly_known(value_at(object, names[i])))
            return false;
    return true;
}

static const struct value *derive_rendered(struct call *call, const struct derivation *from)
{
    static const char *const naming[] = { "name", "instance_types", "gpus", NULL };
    static const char *const filling[] = {
        "node_pool", "replicas", "mig_strategy", "rename_by_default", "mig_devices", "weight", NULL
    };
    struct arena *arena = call->arena;
    const struct value *object = from->planned;
    if (!known(object, naming))
        return &value_unknown;
    size_t count;
    const struct overlay_type *types = types_of(arena, object, &count);
    struct overlay_sharing sharing = { 0 };
    bool complete = known(object, filling);
    if (complete)
        sharing = sharing_of(arena, object);
    struct overlay_list list = overlay_make(arena, &sharing, types, count);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, list.count);
    for (size_t i = 0; i < list.count; i++) {
        const struct overlay *row = &list.rows[i];
        members[i].name =
            str_print(arena, "%.*s-%lld", STR_ARG(value_text(value_at(object, "name"))),
                      (long long)row->gpus);
        members[i].value =
            complete ? value_string(arena, render(arena, object, row)) : &value_unknown;
    }
    return value_members(arena, members, list.count);
}

/* The number behind "NAME-"; 0 where there is none. */
static int64_t gpus_in_name(struct str set, struct str name)
{
    int64_t gpus;
    bool ours = name.len > set.len + 1 && str_equal(str_slice(name, 0, set.len), set) &&
                name.at[set.len] == '-' &&
                str_to_int(str_slice(name, set.len + 1, name.len), &gpus);
    return ours && gpus > 0 ? gpus : 0;
}

static bool owns(struct str name, const json_t *object)
{
    return gpus_in_name(name, json_str_at(object, "metadata.name")) > 0;
}

/* What an import makes of the texts. */
struct imported {
    struct str pool;
    const struct value *types;
    const struct value *weight;
    const struct value *gpus;
    struct overlay_sharing sharing;
};

static const json_t *values_of(const json_t *body, const char *key)
{
    const json_t *requirements = json_at(body, "spec.requirements");
    for (size_t i = 0; i < json_array_size(requirements); i++) {
        const json_t *one = json_array_get(requirements, i);
        if (str_is(json_str_at(one, "key"), key) && str_is(json_str_at(one, "operator"), "In"))
            return json_object_get(one, "values");
    }
    return NULL;
}

static void import_sharing(struct arena *arena, const json_t *body, int64_t gpus,
                           struct imported *out)
{
    const json_t *capacity = json_at(body, "spec.capacity");
    struct overlay_amount *amounts =
        ARENA_NEW_ARRAY(arena, struct overlay_amount, json_object_size(capacity));
    size_t count = 0;
    const char *key;
    json_t *text;
    json_object_foreach ((json_t *)(uintptr_t)capacity, key, text) {
        int64_t amount;
        if (str_to_int(json_str(text), &amount))
            amounts[count++] = (struct overlay_amount){ str_of(key), amount };
    }
    (void)overlay_parse(arena, amounts, count, gpus, &out->sharing);
}

static struct imported import_texts(struct arena *arena, const struct value *object)
{
    const struct value *texts = value_at(object, "rendered");
    const struct value *items[128];
    struct value_member counts[128];
    size_t type_count = 0;
    size_t unknown_count = 0;
    struct imported out = { .weight = &value_null, .gpus = &value_null };
    for (size_t i = 0; texts->kind == VALUE_MEMBERS && i < texts->count; i++) {
        const json_t *body = json_try_parse(arena, value_text(texts->members[i].value));
        int64_t gpus = gpus_in_name(value_text(value_at(object, "name")), texts->members[i].name);
        const json_t *types = values_of(body, "node.kubernetes.io/instance-type");
        out.pool = json_str(json_array_get(values_of(body, KARPENTER_NODE_POOL), 0));
        const json_t *weight = json_at(body, "spec.weight");
        if (json_is_integer(weight))
            out.weight = value_int(arena, json_integer_value(weight));
        import_sharing(arena, body, gpus, &out);
        for (size_t j = 0; j < json_array_size(types) && type_count < 128; j++) {
            struct str name = json_str(json_array_get(types, j));
            if (overlay_gpus(name) != gpus)
                counts[unknown_count++] = (struct value_member){ name, value_int(arena, gpus) };
            items[type_count++] = value_string(arena, name);
        }
    }
    const struct value **kept = ARENA_NEW_ARRAY(arena, const struct value *, type_count);
    memcpy(kept, items, type_count * sizeof *kept);
    out.types = value_sequence(arena, kept, type_count);
    if (unknown_count)
        out.gpus = value_members(arena, counts, unknown_count);
    return out;
}

static const struct value *replicas_value(struct arena *arena,
                                          const struct device_plugin_sharing *sharing)
{
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, sharing->resource_count);
    for (size_t i = 0; i < sharing->resource_count; i++)
        members[i] = (struct value_member){ sharing->resources[i].name,
                                            value_int(arena, sharing->resources[i].replicas) };
    return sharing->resource_count ? value_members(arena, members, sharing->resource_count)
                                   : &value_null;
}

static const struct value *devices_value(struct arena *arena, const struct overlay_sharing *sharing)
{
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, sharing->device_count);
    for (size_t i = 0; i < sharing->device_count; i++)
        members[i] = (struct value_member){ sharing->devices[i].profile,
                                            value_int(arena, sharing->devices[i].count) };
    return sharing->device_count ? value_members(arena, members, sharing->device_count)
                                 : &value_null;
}

/* Only an import reads the user's rows from the texts: later a text may be edited into something
 * that no arguments give, and the plan then puts it right. */
static const struct value *parse_row(struct call *call, const struct derivation *from)
{
    struct arena *arena = call->arena;
    struct str row = str_of(from->row->name);
    if (!value_is_null(from->prior))
        return value_at_str(from->planned, row);
    struct imported imported = import_texts(arena, from->planned);
    const struct device_plugin_sharing *sharing = &imported.sharing.config.sharing;
    if (str_is(row, "node_pool"))
        return imported.pool.at ? value_string(arena, imported.pool) : &value_null;
    if (str_is(row, "instance_types"))
        return imported.types;
    if (str_is(row, "gpus"))
        return imported.gpus;
    if (str_is(row, "weight"))
        return imported.weight;
    if (str_is(row, "replicas"))
        return replicas_value(arena, sharing);
    if (str_is(row, "mig_devices"))
        return devices_value(arena, &imported.sharing);
    return sharing->rename_by_default == OPTION_TRUE ? &value_true : &value_null;
}

static bool check_counted(struct call *call, const struct value *config, struct str name,
                          const struct path *at)
{
    const struct value *gpus = value_at(config, "gpus");
    const struct value *given = value_at_str(gpus, name);
    int64_t in_table = overlay_gpus(name);
    int64_t count;
    if (value_is_unknown(gpus) || value_is_unknown(given))
        return true;
    if (!value_to_int(given, &count))
        return in_table > 0 ||
               fail(
                   call, at, "Unknown number of GPUs",
                   "How many GPUs `%.*s` has is not known to this version of the provider. Say it: "
                   "`gpus = { \"%.*s\" = 8 }`.",
                   STR_ARG(name), STR_ARG(name));
    return !in_table || in_table == count ||
           fail(call, PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("gpus")), name),
                "Wrong number of GPUs", "A `%.*s` has %lld, found %lld.", STR_ARG(name),
                (long long)in_table, (long long)count);
}

static bool is_fraction(struct str name)
{
    const struct instance_type *row = instance_type_find(name);
    return row && !row->gpus;
}

/* That a fraction of a GPU has no whole one is what its overlay is for. */
static bool check_type(struct call *call, const struct value *config, struct str name,
                       const struct path *at)
{
    struct problems problems = problems_make(call->arena);
    if (!is_fraction(name))
        instance_type_check(name, NULL, &problems);
    bool ok = problems_report(call, at, "Wrong instance type", &problems);
    return ok && check_counted(call, config, name, at);
}

static bool check_types(struct call *call, const struct value *config)
{
    const struct value *list = value_at(config, "instance_types");
    bool ok = true;
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        struct str name = value_text(list->items[i]);
        const struct path *at =
            PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("instance_types")), (int64_t)i);
        for (size_t j = 0; name.at && j < i; j++)
            if (str_equal(name, value_text(list->items[j])))
                ok = fail(call, at, "Instance type given twice",
                          "`%.*s` stands in `instance_types[%zu]` already.", STR_ARG(name), j);
        if (name.at)
            ok &= check_type(call, config, name, at);
    }
    return ok;
}

static bool only_fractions(const struct value *types)
{
    for (size_t i = 0; i < types->count; i++)
        if (!is_fraction(value_text(types->items[i])))
            return false;
    return true;
}

static bool check_shares(struct call *call, const struct value *config)
{
    const struct value *types = value_at(config, "instance_types");
    const struct value *replicas = value_at(config, "replicas");
    const struct value *devices = value_at(config, "mig_devices");
    if (!value_is_wholly_known(types) || !value_is_wholly_known(replicas) ||
        !value_is_wholly_known(devices) || types->kind != VALUE_SEQUENCE)
        return true;
    struct overlay_sharing sharing = sharing_of(call->arena, config);
    if (!sharing.device_count && !sharing.config.sharing.resource_count && !only_fractions(types))
        return fail(
            call, NULL, "Nothing is shared",
            "Without `replicas` or `mig_devices` each GPU counts as one, which Karpenter "
            "knows already. Set `replicas` to that of the sharing configuration, for example "
            "`gpushare_time_slicing_config.this.config[0].replicas`.");
    struct problems problems = problems_make(call->arena);
    for (size_t i = 0; i < types->count && !problems.count; i++) {
        struct str name = value_text(types->items[i]);
        overlay_check(&sharing, name, instance_type_gpu(name), &problems);
    }
    return problems_report(call, NULL, "Sharing that cannot be", &problems);
}

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    return check_types(call, config) && check_shares(call, config);
}

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain,
      .doc = "What the overlays' names begin with: `NAME-1`, `NAME-4` and so on, one for each "
             "number of "
             "GPUs." },
    { "node_pool", &type_string, REQUIRED | UNSENT, .parse = parse_row,
      .check = &check_dns_subdomain,
      .doc = "Name of the NodePool whose nodes are meant; best taken from its resource." },
    { "instance_types", &type_string_list, REQUIRED | UNSENT | UNORDERED, .parse = parse_row,
      .doc = "The instance types of the pool whose GPUs are shared. Fractions of a GPU (`g6f`, "
             "`gr6f`), on which Karpenter sees none, count as one." },
    { "gpus", &type_number_map, OPTIONAL | UNSENT, .parse = parse_row, .check = &check_gpus,
      .doc = "GPUs of instance types that are newer than this version of the provider." },
    { "replicas", &type_number_map, OPTIONAL | UNSENT, .parse = parse_row,
      .doc = "Shares of each GPU or MIG instance by resource, as the device plugin's configuration "
             "has them; best taken from that resource, so that the number is written once." },
    { "rename_by_default", &type_bool, OPTIONAL | UNSENT, .parse = parse_row,
      .doc = "Whether that configuration renames what is shared (`nvidia.com/gpu.shared`)." },
    { "mig_devices", &type_number_map, OPTIONAL | UNSENT, .parse = parse_row,
      .check = &check_mig_count,
      .doc = "MIG instances of each GPU by profile, like `\"1g.5gb\" = 7`." },
    { "mig_strategy", &type_string, OPTIONAL | UNSENT, .check = &check_mig_strategy,
      .doc = "The device plugin's MIG strategy: under `single` instances are called "
             "`nvidia.com/gpu`, under `mixed` by their profile. `mixed` when left out and "
             "`mig_devices` is set." },
    { "weight", &type_number, OPTIONAL | UNSENT, .parse = parse_row, .check = &check_weight,
      .doc = "Where overlays set the same resource for the same nodes, the one with the highest "
             "weight wins; two of one weight are refused. None counts as 0." },
    { "rendered", &type_string_map, COMPUTED, .api = "rendered", .derive = derive_rendered,
      .doc = "Name of each overlay to what is written there, as JSON. Resources that nobody "
             "advertises are set to `0`." },
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct kubernetes_kind node_overlay_kind = {
    .group = "karpenter.sh",
    .version = "v1alpha1",
    .kind = "NodeOverlay",
    .plural = "nodeoverlays",
    .members = "rendered",
};

static const struct kubernetes_set node_overlay_set = {
    .owns = owns,
    .check = node_overlay_check,
    .condition = "Ready",
    .silence_summary = "Karpenter's feature gate NodeOverlay seems to be off",
    .silence = "Karpenter looks at NodeOverlays only where its feature gate NodeOverlay is on: set "
               "`settings.featureGates.nodeOverlay=true` in its Helm chart (1.7 or newer), or "
               "NodeOverlay=true in FEATURE_GATES. Until then it counts whole GPUs.",
};

const struct resource karpenter_node_overlay = {
    .name = "karpenter_node_overlay",
    .doc =
        "Karpenter's NodeOverlays for a pool whose GPUs are shared: they tell it how many shares a "
        "node will have, so that ten pods of a GPU shared by ten take one node and not ten. Apply "
        "looks before its first write whether Karpenter's gate is on, whether overlays of others "
        "are for the same nodes, and whether the pool's limits hold a node; it ends when Karpenter "
        "has accepted what was written. Keep the pool fenced by a taint and by instance types: "
        "where `nvidia.com/gpu` becomes `0`, Karpenter no longer takes its nodes for GPU nodes.",
    .rows = rows,
    .driver = &kubernetes_set_driver,
    .kubernetes = &node_overlay_kind,
    .set = &node_overlay_set,
    .identity = "name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .lists = node_overlay_check_kinds,
    .validate = validate,
};
