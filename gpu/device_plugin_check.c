/* The rules for a device plugin configuration. */
#include "gpu/device_plugin_check.h"

#include <inttypes.h>

#include "gpu/duration.h"
#include "gpu/kubernetes_names.h"
#include "gpu/replicas.h"

/* A resource's whole name is a label's name to the plugin. */
#define RESOURCE_LENGTH 63

struct check {
    const struct device_plugin_config *config;
    const struct device_plugin_target *target;
    struct problems *problems;
};

PRINTF_LIKE(6, 7)
static void add(const struct check *check, enum problem_severity severity, struct str path,
                const char *field, struct str key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(check->problems->arena, format, arguments);
    va_end(arguments);
    struct problem *problem =
        problem_add(check->problems, severity, path, "%.*s", STR_ARG(sentence));
    problem->field = str_of(field);
    problem->key = key;
}

static bool is_among(struct str text, const char *const *values)
{
    for (; *values != NULL; values++)
        if (str_is(text, *values))
            return true;
    return false;
}

static void check_value(const struct check *check, const struct device_plugin_field *field,
                        struct str text)
{
    struct arena *arena = check->problems->arena;
    size_t count = 0;
    struct buf list = buf_make(arena, 4096);
    if (is_among(text, field->values))
        return;
    for (; field->values[count] != NULL; count++)
        buf_print(&list, "%s\"%s\"", count > 0 ? ", " : "", field->values[count]);
    const char *nearest = str_nearest(text, field->values, count);
    struct str path = str_print(arena, "%s.%s", field->parent, field->name);
    add(check, PROBLEM_FATAL, path, field->attribute, (struct str){ 0 },
        "%s is \"%.*s\"; it can be %.*s%s%s%s", field->name, STR_ARG(text), STR_ARG(buf_str(&list)),
        nearest ? ".  Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : ".");
}

static void check_interval(const struct check *check, const struct device_plugin_field *field,
                           struct str text)
{
    int64_t nanoseconds = 0;
    bool readable = duration_parse(text, &nanoseconds);
    if (str_is(text, "infinite") || (readable && nanoseconds > 0))
        return;
    /* The plugin reads a time that is no interval; the feature discovery then never rests. */
    add(check, readable ? PROBLEM_SUSPICIOUS : PROBLEM_FATAL,
        str_print(check->problems->arena, "%s.%s", field->parent, field->name), field->attribute,
        (struct str){ 0 },
        "%s is \"%.*s\"; it must be a positive duration such as \"60s\", or \"infinite\".",
        field->name, STR_ARG(text));
}

static void check_fields(const struct check *check)
{
    struct device_plugin_config copy = *check->config;
    for (size_t i = 0; i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        if (field->kind == FIELD_LIST) {
            struct str_list list = *device_plugin_list(&copy, field);
            for (size_t k = 0; k < list.count; k++)
                check_value(check, field, list.at[k]);
        } else if (field->kind != FIELD_OPTION) {
            struct str text = *device_plugin_text(&copy, field);
            if (text.at != NULL && field->kind == FIELD_DURATION)
                check_interval(check, field, text);
            else if (text.at != NULL && field->values != NULL)
                check_value(check, field, text);
        }
    }
}

static struct str entry_path(const struct check *check, size_t index, const char *member)
{
    return str_print(check->problems->arena, "sharing.%s.resources[%zu].%s",
                     sharing_strategy_key(check->config->sharing.strategy), index, member);
}

static void check_replicas(const struct check *check, size_t index,
                           const struct device_plugin_replicas *entry)
{
    unsigned limit = REPLICAS_MPS_MOST;
    const struct gpu_model *model = NULL;
    struct str path = entry_path(check, index, "replicas");
    if (entry->replicas < REPLICAS_LEAST) {
        add(check, PROBLEM_FATAL, path, "replicas", entry->name,
            "\"%.*s\" has %" PRId64 " replicas; the device plugin refuses less than 2 and does not "
            "start.  Leave the resource out where it is not to be shared.",
            STR_ARG(entry->name), entry->replicas);
        return;
    }
    for (size_t i = 0; i < check->target->gpu_count; i++) {
        if (replicas_mps_limit(check->target->gpus[i]) < limit) {
            model = check->target->gpus[i];
            limit = replicas_mps_limit(model);
        }
    }
    if (check->config->sharing.strategy == SHARING_MPS && entry->replicas > limit)
        add(check, PROBLEM_FATAL, path, "replicas", entry->name,
            "\"%.*s\" has %" PRId64 " replicas; with MPS the device plugin allows at most %u%s%s.",
            STR_ARG(entry->name), entry->replicas, limit, model ? " on " : "",
            model ? model->marketing : "");
    else if (check->config->sharing.strategy == SHARING_MPS && !check->target->gpu_count &&
             entry->replicas > REPLICAS_MPS_MOST_OLD)
        add(check, PROBLEM_SUSPICIOUS, path, "replicas", entry->name,
            "\"%.*s\" has %" PRId64
            " replicas; with MPS the device plugin allows at most %d on a V100 "
            "and older GPUs (p3 instances), and does not start on them with more.",
            STR_ARG(entry->name), entry->replicas, REPLICAS_MPS_MOST_OLD);
    else if (entry->replicas > REPLICAS_POD_LIMIT)
        add(check, PROBLEM_SUSPICIOUS, path, "replicas", entry->name,
            "\"%.*s\" has %" PRId64 " replicas, which is more than the %d pods that a node usually "
            "runs at most.",
            STR_ARG(entry->name), entry->replicas, REPLICAS_POD_LIMIT);
}

/* Whether any of the target's GPUs has, or may have, the MIG resource NAME. */
static bool target_has(const struct check *check, struct str name)
{
    for (size_t i = 0; i < check->target->gpu_count; i++) {
        const struct mig_geometry *mig = check->target->gpus[i]->mig;
        if (mig != NULL && (mig->profile_count == 0 || mig_profile_of_resource(mig, name) != NULL))
            return true;
    }
    return false;
}

static bool any_has(struct str name)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++)
        if (mig_profile_of_resource(&mig_geometries[i], name) != NULL)
            return true;
    return false;
}

/* The resources that the first MIG-capable GPU of the target has, for messages. */
static struct str explain_target(const struct check *check)
{
    struct arena *arena = check->problems->arena;
    for (size_t i = 0; i < check->target->gpu_count; i++) {
        const struct gpu_model *model = check->target->gpus[i];
        if (model->mig != NULL)
            return str_print(arena, "The profiles of the %s are %.*s", model->marketing,
                             STR_ARG(mig_profile_list(arena, model->mig)));
    }
    return str_print(arena, "The %s cannot be divided by MIG", check->target->gpus[0]->marketing);
}

static void add_unknown_profile(const struct check *check, struct str path, struct str key,
                                struct str name)
{
    struct str profile = str_slice(name, sizeof MIG_RESOURCE_PREFIX - 1, name.len);
    const char *nearest = mig_profile_nearest_of_all(profile);
    add(check, mig_profile_possible(profile) ? PROBLEM_SUSPICIOUS : PROBLEM_FATAL, path, "replicas",
        key, "\"%.*s\" is the resource of no MIG profile that this provider knows.%s%s%s",
        STR_ARG(name), nearest ? "  The nearest profile is \"" : "", nearest ? nearest : "",
        nearest ? "\"." : "");
}

static void check_mig_name(const struct check *check, struct str path, struct str key,
                           struct str name)
{
    struct str strategy = check->config->mig_strategy;
    if (!str_is(strategy, "mixed")) {
        add(check, PROBLEM_IGNORED, path, "replicas", key,
            "\"%.*s\" exists only with the MIG strategy \"mixed\", but the strategy is \"%.*s\", "
            "so "
            "the entry is never used.  %s",
            STR_ARG(name), STR_ARG(strategy.at ? strategy : STR("none")),
            str_is(strategy, "single") ? "With \"single\" the instances are called nvidia.com/gpu."
                                       : "Set the strategy to \"mixed\", or share nvidia.com/gpu.");
        return;
    }
    if (check->target->gpu_count > 0 && !target_has(check, name))
        add(check, PROBLEM_FATAL, path, "replicas", key,
            "No GPU that this configuration is for has the resource \"%.*s\", so the entry would "
            "never be used.  %.*s.",
            STR_ARG(name), STR_ARG(explain_target(check)));
    else if (!any_has(name))
        add_unknown_profile(check, path, key, name);
}

static void check_name(const struct check *check, size_t index,
                       const struct device_plugin_replicas *entry)
{
    struct str name = full_resource_name(check->problems->arena, entry->name);
    struct str path = entry_path(check, index, "name");
    struct str rest = str_slice(name, sizeof NVIDIA_PREFIX - 1, name.len);
    if (name.len > RESOURCE_LENGTH || !dns_subdomain_valid(rest))
        add(check, PROBLEM_FATAL, path, "replicas", entry->name,
            "\"%.*s\" is no resource name: after nvidia.com/ it needs lower-case letters, digits, "
            "'-' and '.', at most %d characters in all.  Known names are nvidia.com/gpu and "
            "nvidia.com/mig-PROFILE.",
            STR_ARG(entry->name), RESOURCE_LENGTH);
    else if (mig_resource_valid(name))
        check_mig_name(check, path, entry->name, name);
    else if (str_ends(name, ".shared"))
        add(check, PROBLEM_IGNORED, path, "replicas", entry->name,
            "\"%.*s\" is what a resource is called after it was shared; give the name without "
            "\".shared\" and switch renaming on (renameByDefault).",
            STR_ARG(entry->name));
    else if (!str_is(name, GPU_RESOURCE))
        add(check, PROBLEM_SUSPICIOUS, path, "replicas", entry->name,
            "\"%.*s\" is no resource that the device plugin is known to have, so the entry is "
            "probably never used.  Known names are nvidia.com/gpu and nvidia.com/mig-PROFILE, such "
            "as nvidia.com/mig-1g.5gb.",
            STR_ARG(entry->name));
}

static void check_twice(const struct check *check, size_t index,
                        const struct device_plugin_replicas *entry)
{
    struct arena *arena = check->problems->arena;
    struct str name = full_resource_name(arena, entry->name);
    for (size_t i = 0; i < index; i++) {
        const struct device_plugin_replicas *other = &check->config->sharing.resources[i];
        if (!str_equal(name, full_resource_name(arena, other->name)))
            continue;
        add(check, PROBLEM_IGNORED, entry_path(check, index, "name"), "replicas", entry->name,
            "\"%.*s\" is shared twice, with %" PRId64 " and with %" PRId64 " replicas: the plugin "
            "takes the larger number, the node's labels say the first.  Give it once.",
            STR_ARG(name), other->replicas, entry->replicas);
        return;
    }
}

static void check_mps(const struct check *check)
{
    struct str strategy = check->config->mig_strategy;
    struct str path = STR("sharing.mps"), no_key = { 0 };
    if (str_is(strategy, "mixed"))
        add(check, PROBLEM_FATAL, path, "strategy", no_key,
            "MPS cannot be used with the MIG strategy \"mixed\": the device plugin does not start. "
            " "
            "Use time-slicing, or set the MIG strategy to \"none\".");
    else if (str_is(strategy, "single"))
        add(check, PROBLEM_SUSPICIOUS, path, "strategy", no_key,
            "MPS together with the MIG strategy \"single\" works only on GPUs that are not "
            "divided: "
            "on MIG instances the device plugin fails.");
}

static void check_sharing(const struct check *check)
{
    const struct device_plugin_sharing *sharing = &check->config->sharing;
    if (sharing->strategy == SHARING_NONE)
        return;
    if (sharing->strategy == SHARING_MPS)
        check_mps(check);
    if (sharing->resource_count == 0)
        add(check, PROBLEM_FATAL,
            str_print(check->problems->arena, "sharing.%s.resources",
                      sharing_strategy_key(sharing->strategy)),
            "replicas", (struct str){ 0 },
            "At least one resource must be shared, such as nvidia.com/gpu: without one the device "
            "plugin does not start.");
    for (size_t i = 0; i < sharing->resource_count; i++) {
        check_name(check, i, &sharing->resources[i]);
        check_replicas(check, i, &sharing->resources[i]);
        check_twice(check, i, &sharing->resources[i]);
    }
}

void device_plugin_config_check(const struct device_plugin_config *config,
                                const struct device_plugin_target *target,
                                struct problems *problems)
{
    const struct device_plugin_target unknown = { 0 };
    struct check check = { config, target != NULL ? target : &unknown, problems };
    check_fields(&check);
    check_sharing(&check);
}

void device_plugin_key_check(struct str key, const char *field, struct problems *problems)
{
    if (!config_key_valid(key))
        problem_add_field(problems, PROBLEM_FATAL, field, (struct str){ 0 },
                          "The name \"%.*s\" %s.", STR_ARG(key), CONFIG_KEY_RULE);
}
