/* sharing_recommendation: inputs, defaults, order. */
#include "tests/resources/data.h"

START_TEST(an_instance_type)
{
    json_t *state = data_read("sharing_recommendation",
                              "{\"instance_type\": \"g5.xlarge\", \"memory_mib\": 2000, "
                              "\"utilisation\": 0.1, \"autoscaler\": \"karpenter\"}");
    ck_assert_str_eq(data_text(state, "best"), "time-slicing");
    ck_assert_str_eq(data_text(state, "gpu"), "a10g");
    ck_assert_str_eq(data_text(state, "isolation"), "none");
    ck_assert_str_eq(data_text(state, "latency"), "tolerant");
    ck_assert_uint_eq(json_array_size(json_at(state, "ways")), 6);
    ck_assert_str_eq(data_text(state, "ways.0.way"), "time-slicing");
    ck_assert_double_eq(data_number(state, "ways.0.replicas"), 9);
    ck_assert(str_contains(json_str_at(state, "ways.0.hcl"), "gpushare_karpenter_node_overlay"));
    ck_assert(json_is_false(json_at(state, "ways.5.possible")));
    ck_assert(json_is_null(json_at(state, "ways.5.hcl")));
}
END_TEST

START_TEST(a_gpu)
{
    json_t *state = data_read("sharing_recommendation",
                              "{\"gpu\": \"l4\", \"isolation\": \"memory\", \"latency\": "
                              "\"steady\", \"autoscaler\": \"auto-mode\"}");
    ck_assert_str_eq(data_text(state, "instance_type"), "g6.xlarge");
    ck_assert_str_eq(data_text(state, "gpu"), "l4");
    ck_assert_str_eq(data_text(state, "best"), "none");
    state = data_read("sharing_recommendation",
                      "{\"gpu\": \"h200\", \"isolation\": \"fault\", \"utilisation\": 0.1}");
    ck_assert_str_eq(data_text(state, "best"), "mig");
    ck_assert_str_eq(data_text(state, "ways.0.mig_profile"), "1g.18gb");
}
END_TEST

START_TEST(nothing_may_be_possible)
{
    json_t *state = data_read("sharing_recommendation",
                              "{\"instance_type\": \"g5.xlarge\", \"memory_mib\": 90000}");
    ck_assert(json_is_null(json_at(state, "best")));
}
END_TEST

START_TEST(wrong_input_is_an_error)
{
    ck_assert_ptr_null(data_read("sharing_recommendation", "{}"));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_null(data_read("sharing_recommendation", "{\"instance_type\": \"g5.xlage\"}"));
    data_expect_error("instance_type", "Did you mean `g5.xlarge`?");
    ck_assert_ptr_null(data_read("sharing_recommendation", "{\"gpu\": \"h20\"}"));
    data_expect_error("gpu", "no GPU that this provider knows");
    ck_assert_ptr_null(data_read("sharing_recommendation", "{\"gpu\": \"a30\"}"));
    data_expect_error("gpu", "No instance type with the GPU");
    ck_assert_ptr_null(
        data_read("sharing_recommendation", "{\"gpu\": \"l4\", \"isolation\": \"strong\"}"));
    data_expect_error("isolation", "`fault`");
    ck_assert_ptr_null(
        data_read("sharing_recommendation", "{\"gpu\": \"l4\", \"utilisation\": 0}"));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

int main(void)
{
    DATA_RUN("data_sharing_recommendation", an_instance_type, a_gpu, nothing_may_be_possible,
             wrong_input_is_an_error);
}
