/* parse_device_plugin_config: what NVIDIA's device plugin makes of a configuration, and what it
 * loses. */
#include "gpu/device_plugin_parse.h"
#include "gpu/replicas.h"
#include "resources/function.h"
#include "resources/values.h"

static const struct type_member members_of_result[] = {
    TYPE_MEMBER("advertised", &type_number_map),
    TYPE_MEMBER("fail_requests_greater_than_one", &type_bool),
    TYPE_MEMBER("mig_strategy", &type_string),
    TYPE_MEMBER("problems", &values_problem_list),
    TYPE_MEMBER("rename_by_default", &type_bool),
    TYPE_MEMBER("rendered", &type_string),
    TYPE_MEMBER("replicas", &type_number_map),
    TYPE_MEMBER("strategy", &type_string),
    TYPE_MEMBER("valid", &type_bool),
};
static const struct type type_of_result = OBJECT_TYPE(members_of_result);

static const struct function_parameter parameters[] = {
    { "yaml", &type_string, false,
      "The text of one configuration, as a key of the ConfigMap holds it." },
    { 0 },
};

static const char *strategy_name(enum sharing_strategy strategy)
{
    static const char *const names[] = {
        [SHARING_NONE] = "none", [SHARING_TIME_SLICING] = "time-slicing", [SHARING_MPS] = "mps"
    };
    return names[strategy];
}

static const struct value *replicas_value(struct arena *arena,
                                          const struct device_plugin_sharing *sharing)
{
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, sharing->resource_count);
    for (size_t i = 0; i < sharing->resource_count; i++)
        members[i] = (struct value_member){ sharing->resources[i].name,
                                            value_int(arena, sharing->resources[i].replicas) };
    return value_members(arena, members, sharing->resource_count);
}

static const struct value *advertised_value(struct arena *arena,
                                            const struct device_plugin_config *config)
{
    struct advertised_list list = advertised_per_gpu(arena, config, MIG_NOT_KNOWN, NULL, 0);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, list.count);
    for (size_t i = 0; i < list.count; i++)
        members[i] =
            (struct value_member){ list.rows[i].resource, value_int(arena, list.rows[i].count) };
    return value_members(arena, members, list.count);
}

static const struct value *run(struct call *call, const struct value *const *arguments)
{
    struct arena *arena = call->arena;
    struct problems problems = problems_make(arena);
    struct device_plugin_config config;
    device_plugin_config_parse(call, value_text(arguments[0]), NULL, &config, &problems);
    const struct device_plugin_sharing *sharing = &config.sharing;
    bool valid = problems_count(&problems, PROBLEM_FATAL) == 0;
    struct str mig = config.mig_strategy.at ? config.mig_strategy : STR("none");
    bool fails = sharing->strategy != SHARING_NONE && device_plugin_fails_requests(sharing);
    const struct value_member members[] = {
        { STR("valid"), value_bool(valid) },
        { STR("problems"), values_problems(arena, &problems) },
        { STR("rendered"), value_string(arena, device_plugin_config_render(arena, &config)) },
        { STR("strategy"), values_text(arena, str_of(strategy_name(sharing->strategy))) },
        { STR("mig_strategy"), value_string(arena, mig) },
        { STR("rename_by_default"), value_bool(sharing->rename_by_default == OPTION_TRUE) },
        { STR("fail_requests_greater_than_one"), value_bool(fails) },
        { STR("replicas"), replicas_value(arena, sharing) },
        { STR("advertised"),
          valid ? advertised_value(arena, &config) : value_members(arena, NULL, 0) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct function function_parse_device_plugin_config = {
    .name = "parse_device_plugin_config",
    .summary = "What the device plugin makes of a configuration",
    .doc =
        "Reads a configuration as NVIDIA's device plugin reads it: an object with `valid`, whether "
        "the plugin starts with it; `problems`, objects with `severity` (`fatal`: refused, "
        "`ignored`: lost in silence, `suspicious`), `path` and `sentence`; `rendered`, what is "
        "left of it; `strategy`, `mig_strategy`, `replicas`, `rename_by_default` and "
        "`fail_requests_greater_than_one` as they take effect; and `advertised`, resource to "
        "shares of each GPU, empty where the plugin refuses it.",
    .parameters = parameters,
    .result = &type_of_result,
    .run = run,
};
