/* cost_projection: a guide's table as written and as it is, prices, curves, wrong input. */
#include "tests/resources/data.h"

#define GUIDE                                                                                      \
    "{\"instance_type\": \"p3.8xlarge\", \"tasks\": 10, \"replicas\": 10, \"price\": "             \
    "[{\"instance_type\": \"p3.8xlarge\", \"spot\": 1.7031, \"reserved\": 12.61}]}"

START_TEST(the_guides_table_and_what_is_wrong_with_it)
{
    json_t *state = data_read("cost_projection", GUIDE);
    ck_assert_double_eq_tol(data_number(state, "simple_sum.on-demand.dedicated"), 122.40, 1e-6);
    ck_assert_double_eq_tol(data_number(state, "simple_sum.on-demand.shared"), 12.24, 1e-6);
    ck_assert_double_eq_tol(data_number(state, "simple_sum.on-demand.saved"), 110.16, 1e-6);
    ck_assert_double_eq_tol(data_number(state, "simple_sum.spot.dedicated"), 17.031, 1e-6);
    ck_assert_double_eq_tol(data_number(state, "simple_sum.reserved.saved"), 113.49, 1e-6);
    ck_assert_uint_eq(json_array_size(json_at(state, "findings")), 2);
    ck_assert(str_contains(json_str_at(state, "findings.0"), "$36.72 an hour, not $122.40"));
    ck_assert(str_contains(json_str_at(state, "findings.1"), "above its on-demand price"));
}
END_TEST

START_TEST(nodes_are_counted_whole)
{
    json_t *state = data_read("cost_projection", GUIDE);
    ck_assert_double_eq(data_number(state, "projection.whole.nodes"), 3);
    ck_assert_double_eq_tol(data_number(state, "projection.whole.on_demand"), 36.72, 1e-6);
    ck_assert_double_eq_tol(data_number(state, "projection.whole.spot"), 5.1093, 1e-6);
    ck_assert_double_eq(data_number(state, "projection.time-slicing.nodes"), 1);
    ck_assert_double_eq_tol(data_number(state, "projection.time-slicing.usd_per_task_hour"), 1.224,
                            1e-6);
    ck_assert_double_eq(data_number(state, "projection.mps.tasks_per_gpu"), 10);
    ck_assert(json_is_null(json_at(state, "projection.mps.throughput")));
    ck_assert(json_is_false(json_at(state, "projection.mig.possible")));
    ck_assert(str_contains(json_str_at(state, "projection.mig.reason"), "not capable of MIG"));
    ck_assert_str_eq(data_text(state, "cheapest.time-slicing.instance_type"), "g5g.xlarge");
    ck_assert(json_is_true(json_at(state, "cheapest.mig.possible")));
}
END_TEST

START_TEST(defaults_are_filled_in)
{
    json_t *state = data_read("cost_projection", GUIDE);
    ck_assert_str_eq(data_text(state, "price_date"), "2026-07-20");
    ck_assert_double_eq(data_number(state, "system_pods"), 4);
    ck_assert_double_eq(data_number(state, "utilisation_target"), 1);
    state = data_read("cost_projection", "{\"instance_type\": \"g5.xlarge\", \"tasks\": 1, "
                                         "\"price_date\": \"2026-11-01\", \"price\": "
                                         "[{\"instance_type\": \"g5.xlarge\", \"on_demand\": 2}]}");
    ck_assert_str_eq(data_text(state, "price_date"), "2026-11-01");
    ck_assert_double_eq(data_number(state, "projection.whole.on_demand"), 2);
    ck_assert(json_is_null(json_at(state, "projection.whole.spot")));
}
END_TEST

START_TEST(an_unknown_price_is_null)
{
    json_t *state =
        data_read("cost_projection", "{\"instance_type\": \"p5e.48xlarge\", \"tasks\": 10}");
    ck_assert(json_is_null(json_at(state, "projection.whole.on_demand")));
    ck_assert(json_is_null(json_at(state, "simple_sum.on-demand.saved")));
    ck_assert_double_eq(data_number(state, "projection.whole.nodes"), 2);
    ck_assert_str_eq(data_text(state, "projection.mig.mig_layout"), "7 x 1g.18gb");
}
END_TEST

START_TEST(curves)
{
    json_t *state = data_read("cost_projection",
                              "{\"instance_type\": \"g5.xlarge\", \"tasks\": 4, \"replicas\": 4, "
                              "\"contention_curve\": \"bursty\"}");
    ck_assert_double_eq_tol(data_number(state, "projection.time-slicing.p99"), 1.477 / .797, 1e-5);
    state = data_read("cost_projection",
                      "{\"instance_type\": \"g5.xlarge\", \"tasks\": 4, \"replicas\": 4, "
                      "\"contention\": [{\"tasks\": 2, \"throughput\": 1.5, \"p99\": 2}, "
                      "{\"tasks\": 4, \"throughput\": 2, \"p99\": 5}]}");
    ck_assert_double_eq(data_number(state, "projection.time-slicing.p99"), 5);
    ck_assert_double_eq(data_number(state, "projection.mps.throughput"), 0.5);
}
END_TEST

#define ONE "{\"instance_type\": \"g5.xlarge\", \"tasks\": 1, "
#define POINT(tasks) "{\"tasks\": " tasks ", \"throughput\": 1, \"p99\": 1}"

START_TEST(wrong_input_is_an_error)
{
    ck_assert_ptr_null(
        data_read("cost_projection", "{\"instance_type\": \"p3.8xlage\", \"tasks\": 1}"));
    data_expect_error("instance_type", "Did you mean `p3.8xlarge`?");
    ck_assert_ptr_null(data_read("cost_projection", ONE "\"utilisation\": 1.5}"));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_null(data_read("cost_projection", ONE "\"replicas\": 1}"));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_null(
        data_read("cost_projection", ONE "\"price\": [{\"instance_type\": \"m5.large\"}]}"));
    data_expect_error("price[0].instance_type", "no instance type with a GPU");
    ck_assert_ptr_null(
        data_read("cost_projection", ONE "\"contention\": [" POINT("4") ", " POINT("2") "]}"));
    data_expect_error("contention[1].tasks", "ascending order");
    ck_assert_ptr_null(data_read("cost_projection", ONE "\"contention_curve\": \"bursty\", "
                                                        "\"contention\": [" POINT("4") "]}"));
    data_expect_error("contention", "exclude each other");
}
END_TEST

int main(void)
{
    DATA_RUN("data_cost_projection", the_guides_table_and_what_is_wrong_with_it,
             nodes_are_counted_whole, defaults_are_filled_in, an_unknown_price_is_null, curves,
             wrong_input_is_an_error);
}
