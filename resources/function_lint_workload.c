/* lint_workload: the mistakes of pods that ask for GPUs. */
#include "gpu/workload_lint.h"
#include "resources/function.h"
#include "resources/values.h"

static const struct type_member result_members[] = {
    TYPE_MEMBER("problems", &values_problem_list),
    TYPE_MEMBER("valid", &type_bool),
};
static const struct type result_type = OBJECT_TYPE(result_members);

static const struct function_parameter parameters[] = {
    { "yaml", &type_string, false,
      "Manifests of pods, or of Deployments, Jobs and others that have a pod template, as YAML." },
    { "advertised", &type_number_map, true,
      "What nodes advertise, resource to shares of each GPU, like "
      "`gpushare_time_slicing_config.this.advertised[\"any\"]`, or null where that is not known." },
    { 0 },
};

static const struct value *run(struct call *call, const struct value *const *arguments)
{
    struct arena *arena = call->arena;
    const struct value *map = arguments[1];
    struct problems problems = problems_make(arena);
    struct offered_resource *rows = ARENA_NEW_ARRAY(arena, struct offered_resource, map->count);
    for (size_t i = 0; i < map->count; i++)
        rows[i] =
            (struct offered_resource){ map->members[i].name, values_int(map->members[i].value, 1) };
    const struct offered_resources offered = { rows, map->count };
    workload_lint(call, value_text(arguments[0]), &offered, &problems);
    bool valid = problems_count(&problems, PROBLEM_FATAL) == 0 &&
                 problems_count(&problems, PROBLEM_IGNORED) == 0;
    const struct value_member members[] = {
        { STR("problems"), values_problems(arena, &problems) },
        { STR("valid"), value_bool(valid) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct function function_lint_workload = {
    .name = "lint_workload",
    .summary = "What is wrong with how pods ask for GPUs",
    .doc =
        "Looks for the mistakes that pods make with shared GPUs: more than one share, fractions, "
        "requests that differ from limits, resources that nobody advertises, missing tolerations, "
        "selectors on labels that no autoscaler knows, `NVIDIA_VISIBLE_DEVICES`. An object with "
        "`problems`, objects with `severity` (`fatal`: refused, `ignored`: without effect, "
        "`suspicious`), `path` and `sentence`; and `valid`, whether all of them are suspicious "
        "only.",
    .parameters = parameters,
    .result = &result_type,
    .run = run,
};
