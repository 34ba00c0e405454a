/* parse_device_plugin_config: what the plugin makes of texts, as seen on a real H200. */
#include "tests/resources/functions.h"

static json_t *parse(const char *yaml)
{
    json_t *arguments = json_new_array(&arena);
    json_add(&arena, arguments, json_new_str(&arena, str_of(yaml)));
    return function_call("parse_device_plugin_config", json_print(&arena, arguments).at);
}

START_TEST(a_guides_configuration)
{
    json_t *result = parse("version: v1\n"
                           "flages:\n"
                           "  migStrategy: single\n"
                           "sharing:\n"
                           "  timeSlicing:\n"
                           "    renameByDefault: false\n"
                           "    failRequestGreaterThanOne: true\n"
                           "    resources:\n"
                           "      - name: nvidia.com/gpu\n"
                           "        replicas: 10\n");
    ck_assert(json_is_true(json_at(result, "valid")));
    ck_assert(function_has_problem(result, "flages"));
    ck_assert(function_has_problem(result, "failRequestGreaterThanOne"));
    ck_assert_str_eq(data_text(result, "mig_strategy"), "none");
    ck_assert(json_is_false(json_at(result, "fail_requests_greater_than_one")));
    ck_assert_str_eq(data_text(result, "strategy"), "time-slicing");
    const json_t *shares = json_object_get(json_at(result, "advertised"), "nvidia.com/gpu");
    ck_assert_int_eq(json_integer_value(shares), 10);
    ck_assert(!str_contains(json_str_at(result, "rendered"), "flages"));
    ck_assert(str_contains(json_str_at(result, "rendered"), "replicas: 10"));
}
END_TEST

START_TEST(what_the_plugin_refuses_advertises_nothing)
{
    json_t *result = parse("sharing:\n  timeSlicing:\n    resources:\n"
                           "    - name: nvidia.com/gpu\n      replicas: 1\n");
    ck_assert(json_is_false(json_at(result, "valid")));
    ck_assert_uint_eq(json_object_size(json_at(result, "advertised")), 0);
    ck_assert(json_is_false(json_at(parse("[1, 2]"), "valid")));
    ck_assert(json_is_false(json_at(parse("a: &x 1\nb: *x\n"), "valid")));
}
END_TEST

START_TEST(mps_and_renaming)
{
    json_t *result = parse("flags:\n  mpsRoot: /run/nvidia/mps\nsharing:\n  mps:\n"
                           "    renameByDefault: true\n    resources:\n"
                           "    - name: nvidia.com/gpu\n      replicas: 4\n");
    ck_assert(json_is_true(json_at(result, "valid")));
    ck_assert_str_eq(data_text(result, "strategy"), "mps");
    ck_assert(json_is_true(json_at(result, "rename_by_default")));
    ck_assert(json_is_true(json_at(result, "fail_requests_greater_than_one")));
    const json_t *shares = json_object_get(json_at(result, "advertised"), "nvidia.com/gpu.shared");
    ck_assert_int_eq(json_integer_value(shares), 4);
}
END_TEST

int main(void)
{
    DATA_RUN("function_device_plugin_config", a_guides_configuration,
             what_the_plugin_refuses_advertises_nothing, mps_and_renaming);
}
