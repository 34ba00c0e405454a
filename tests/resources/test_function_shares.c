/* advertised and shared_resource_name. */
#include "tests/resources/functions.h"

static json_int_t count_of(const json_t *result, const char *map, const char *resource)
{
    const json_t *value = json_object_get(json_at(result, map), resource);
    ck_assert_msg(json_is_integer(value), "%s has no %s", map, resource);
    return json_integer_value(value);
}

START_TEST(whole_gpus_that_are_shared)
{
    json_t *result =
        function_call("advertised", "[\"g5.12xlarge\", {\"nvidia.com/gpu\": 10}, null]");
    ck_assert_int_eq(count_of(result, "per_gpu", "nvidia.com/gpu"), 10);
    ck_assert_int_eq(count_of(result, "per_node", "nvidia.com/gpu"), 40);
    ck_assert_str_eq(data_text(result, "mig_strategy"), "none");
    result = function_call("advertised", "[\"g5.12xlarge\", null, null]");
    ck_assert_int_eq(count_of(result, "per_node", "nvidia.com/gpu"), 4);
}
END_TEST

START_TEST(instances_that_are_shared)
{
    json_t *result = function_call(
        "advertised", "[\"p4d.24xlarge\", {\"nvidia.com/mig-1g.5gb\": 3}, {\"1g.5gb\": 7}]");
    ck_assert_str_eq(data_text(result, "mig_strategy"), "mixed");
    ck_assert_int_eq(count_of(result, "per_gpu", "nvidia.com/mig-1g.5gb"), 21);
    result =
        function_call("advertised", "[\"p4d.24xlarge\", {\"nvidia.com/gpu\": 2}, {\"1g.5gb\": 7}]");
    ck_assert_str_eq(data_text(result, "mig_strategy"), "single");
    ck_assert_int_eq(count_of(result, "per_node", "nvidia.com/gpu"), 112);
}
END_TEST

START_TEST(what_cannot_be_is_a_problem)
{
    json_t *result = function_call("advertised", "[\"g5.xlarge\", {\"nvidia.com/gpu\": 1}, null]");
    ck_assert_uint_eq(json_array_size(json_at(result, "problems")), 1);
    ck_assert_str_eq(data_text(result, "problems.0.severity"), "fatal");
    result = function_call("advertised", "[\"g5.xlarge\", null, {\"1g.5gb\": 7}]");
    ck_assert(function_has_problem(result, "not capable of MIG"));
    result = function_call("advertised", "[\"p4d.24xlarge\", null, {\"1g.5gb\": 8}]");
    ck_assert(function_has_problem(result, "does not fit"));
    result = function_call("advertised", "[\"p4d.24xlarge\", null, {\"1g.18gb\": 1}]");
    ck_assert(function_has_problem(result, "has no MIG profile 1g.18gb"));
    ck_assert_ptr_null(function_call("advertised", "[\"g5.xlage\", null, null]"));
    data_expect_error("[0]", "Did you mean `g5.xlarge`?");
    ck_assert_ptr_null(function_call("advertised", "[\"g5.xlarge\", {\"gpu\": 0.5}, null]"));
    data_expect_error("[1][\"gpu\"]", "no whole number");
}
END_TEST

START_TEST(names)
{
    const json_t *name = function_call("shared_resource_name", "[\"gpu\", true]");
    ck_assert_str_eq(json_string_value(name), "nvidia.com/gpu.shared");
    name = function_call("shared_resource_name", "[\"nvidia.com/mig-1g.5gb\", false]");
    ck_assert_str_eq(json_string_value(name), "nvidia.com/mig-1g.5gb");
    ck_assert_ptr_null(function_call("shared_resource_name", "[\"nvidia.com/gpus\", true]"));
    data_expect_error("[0]", "found `nvidia.com/gpus`");
}
END_TEST

int main(void)
{
    DATA_RUN("function_shares", whole_gpus_that_are_shared, instances_that_are_shared,
             what_cannot_be_is_a_problem, names);
}
