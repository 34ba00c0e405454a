/* advertised and shared_resource_name: what nodes offer once their GPUs are shared. */
#include "gpu/device_plugin_check.h"
#include "gpu/replicas.h"
#include "resources/function.h"
#include "resources/values.h"

static const struct function_parameter name_parameters[] = {
    { "name", &type_string, false, "The resource that is shared, like `nvidia.com/gpu`." },
    { "rename", &type_bool, false, "Whether shared resources are renamed (`rename_by_default`)." },
    { 0 },
};

static const struct value *run_name(struct call *call, const struct value *const *arguments)
{
    struct str name = value_text(arguments[0]);
    struct str full = full_resource_name(call->arena, name);
    if (!str_is(full, GPU_RESOURCE) && !mig_resource_valid(full))
        return fail_null(call, PATH_AT_INDEX(NULL, 0), "No resource of a GPU",
                         "The device plugin shares `nvidia.com/gpu` and MIG resources like "
                         "`nvidia.com/mig-1g.5gb`, found `%.*s`.",
                         STR_ARG(name));
    return value_string(call->arena,
                        shared_resource_name(call->arena, name, value_flag(arguments[1], false)));
}

const struct function function_shared_resource_name = {
    .name = "shared_resource_name",
    .summary = "What a shared resource is called on the node",
    .doc =
        "The name by which pods ask for a share: the resource's own, completed by `nvidia.com/` "
        "where that is left out, or with `.shared` behind it where shared resources are renamed.",
    .parameters = name_parameters,
    .result = &type_string,
    .run = run_name,
};

static const struct type_member advertised_members[] = {
    TYPE_MEMBER("mig_strategy", &type_string),
    TYPE_MEMBER("per_gpu", &type_number_map),
    TYPE_MEMBER("per_node", &type_number_map),
    TYPE_MEMBER("problems", &values_problem_list),
};
static const struct type advertised_type = OBJECT_TYPE(advertised_members);

static const struct function_parameter advertised_parameters[] = {
    { "instance_type", &type_string, false, "The instance type, like `g5.12xlarge`." },
    { "replicas", &type_number_map, true,
      "Shares by resource, like `{ \"nvidia.com/gpu\" = 10 }`, or null where nothing is shared." },
    { "mig_devices", &type_number_map, true,
      "The MIG instances of each GPU, like `{ \"1g.5gb\" = 7 }`, or null where MIG is off." },
    { 0 },
};

/* One kind of instances is what the strategy "single" is for, unless MIG resources are named. */
static const char *strategy_of(const struct value *replicas, const struct value *devices)
{
    if (value_is_null(devices))
        return "none";
    for (size_t i = 0; i < replicas->count; i++)
        if (str_contains(replicas->members[i].name, "mig-"))
            return "mixed";
    return replicas->count && devices->count == 1 ? "single" : "mixed";
}

static bool read_counts(struct call *call, int64_t argument, const struct value *map,
                        int64_t *counts)
{
    for (size_t i = 0; i < map->count; i++)
        if (!value_to_int(map->members[i].value, &counts[i]) || counts[i] < 0)
            return fail(call, PATH_AT_KEY(PATH_AT_INDEX(NULL, argument), map->members[i].name),
                        "Wrong number", "The number for `%.*s` is no whole number of 0 or more.",
                        STR_ARG(map->members[i].name));
    return true;
}

static bool read_config(struct call *call, const struct value *const *arguments,
                        struct device_plugin_config *out)
{
    const struct value *map = arguments[1];
    int64_t *counts = ARENA_NEW_ARRAY(call->arena, int64_t, map->count);
    struct device_plugin_replicas *resources =
        ARENA_NEW_ARRAY(call->arena, struct device_plugin_replicas, map->count);
    if (!read_counts(call, 1, map, counts))
        return false;
    for (size_t i = 0; i < map->count; i++)
        resources[i] = (struct device_plugin_replicas){ map->members[i].name, counts[i] };
    *out = (struct device_plugin_config){ .mig_strategy = str_of(strategy_of(map, arguments[2])) };
    if (map->count)
        out->sharing = (struct device_plugin_sharing){ .strategy = SHARING_TIME_SLICING,
                                                       .resources = resources,
                                                       .resource_count = map->count };
    return true;
}

static const struct value *times(struct arena *arena, const struct advertised_list *list,
                                 int64_t gpus)
{
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, list->count);
    for (size_t i = 0; i < list->count; i++) {
        int64_t count;
        if (__builtin_mul_overflow(list->rows[i].count, gpus, &count))
            count = INT64_MAX;
        members[i] = (struct value_member){ list->rows[i].resource, value_int(arena, count) };
    }
    return value_members(arena, members, list->count);
}

/* The instances have to fit before they can be shared. */
static void check_layout(struct arena *arena, const struct gpu_model *gpu,
                         const struct mig_device *devices, size_t count, struct problems *problems)
{
    struct mig_counts counts;
    size_t unknown = 0;
    if (!gpu->mig)
        problem_add(problems, PROBLEM_FATAL, STR("mig_devices"), "%s is not capable of MIG.",
                    gpu->marketing);
    else if (!mig_counts_make(gpu->mig, devices, count, &counts, &unknown))
        problem_add(problems, PROBLEM_FATAL, devices[unknown].profile,
                    "%s has no MIG profile %.*s.", gpu->marketing,
                    STR_ARG(devices[unknown].profile));
    else if (!mig_place(gpu->mig, &counts, NULL))
        problem_add(problems, PROBLEM_FATAL, STR("mig_devices"), "%.*s",
                    STR_ARG(mig_counts_explain(arena, gpu->mig, &counts, gpu->marketing)));
}

static const struct value *run_advertised(struct call *call, const struct value *const *arguments)
{
    struct arena *arena = call->arena;
    const struct value *map = arguments[2];
    const struct instance_type *type =
        values_instance_type(call, PATH_AT_INDEX(NULL, 0), value_text(arguments[0]));
    struct device_plugin_config config;
    struct mig_device *devices = ARENA_NEW_ARRAY(arena, struct mig_device, map->count);
    int64_t *counts = ARENA_NEW_ARRAY(arena, int64_t, map->count);
    if (!type || !read_config(call, arguments, &config) || !read_counts(call, 2, map, counts))
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        devices[i] = (struct mig_device){ map->members[i].name, counts[i] };
    struct problems problems = problems_make(arena);
    const struct device_plugin_target target = { &type->gpu, 1 };
    instance_type_check(str_of(type->name), "instance_type", &problems);
    device_plugin_config_check(&config, &target, &problems);
    if (value_is_set(map))
        check_layout(arena, type->gpu, devices, map->count, &problems);
    enum mig_state mig = value_is_set(map) ? MIG_ON : MIG_OFF;
    struct advertised_list list = advertised_per_gpu(arena, &config, mig, devices, map->count);
    const struct value_member members[] = {
        { STR("mig_strategy"), value_string(arena, config.mig_strategy) },
        { STR("per_gpu"), times(arena, &list, 1) },
        { STR("per_node"), times(arena, &list, type->gpus) },
        { STR("problems"), values_problems(arena, &problems) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct function function_advertised = {
    .name = "advertised",
    .summary = "What a node advertises once its GPUs are shared",
    .doc =
        "What NVIDIA's device plugin advertises on an instance type: an object with `per_gpu` and "
        "`per_node`, maps of resource to number; `mig_strategy`, the strategy under which that "
        "holds (`none` without MIG, `single` for one kind of instances whose `nvidia.com/gpu` is "
        "shared, else `mixed`); and `problems`, objects with `severity`, `path` and `sentence`.",
    .parameters = advertised_parameters,
    .result = &advertised_type,
    .run = run_advertised,
};
