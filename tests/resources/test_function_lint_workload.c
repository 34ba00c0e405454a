/* lint_workload: with and without what nodes advertise. */
#include "tests/resources/functions.h"

static json_t *lint_pod(const char *amount, const char *advertised)
{
    struct str arguments = str_print(&arena,
                                     "[\"apiVersion: v1\\nkind: Pod\\nspec:\\n  tolerations: "
                                     "[{operator: Exists}]\\n  containers: [{resources: {limits: "
                                     "{nvidia.com/gpu: %s}}}]\\n\", %s]",
                                     amount, advertised);
    return function_call("lint_workload", arguments.at);
}

START_TEST(shares)
{
    json_t *result = lint_pod("7", "{\"nvidia.com/gpu\": 10}");
    ck_assert(json_is_false(json_at(result, "valid")));
    ck_assert_str_eq(data_text(result, "problems.0.severity"), "ignored");
    ck_assert_str_eq(data_text(result, "problems.0.path"),
                     "spec.containers[0].resources.limits[\"nvidia.com/gpu\"]");
    result = lint_pod("1", "{\"nvidia.com/gpu\": 10}");
    ck_assert(json_is_true(json_at(result, "valid")));
    ck_assert_uint_eq(json_array_size(json_at(result, "problems")), 0);
    result = lint_pod("1", "{\"nvidia.com/gpu.shared\": 10}");
    ck_assert(function_has_problem(result, "No node advertises nvidia.com/gpu"));
}
END_TEST

START_TEST(suspicions_leave_it_valid)
{
    json_t *result = lint_pod("2", "null");
    ck_assert(json_is_true(json_at(result, "valid")));
    ck_assert_str_eq(data_text(result, "problems.0.severity"), "suspicious");
}
END_TEST

int main(void)
{
    DATA_RUN("function_lint_workload", shares, suspicions_leave_it_valid);
}
