/* instance_types: filters, order, what a row says. */
#include "tests/resources/data.h"

static json_t *find(const json_t *state, const char *name)
{
    size_t i;
    json_t *row;
    json_array_foreach (json_at(state, "instance_types"), i, row)
        if (str_is(json_str_at(row, "name"), name))
            return row;
    return NULL;
}

START_TEST(nvidia_is_meant_unless_said_otherwise)
{
    json_t *state = data_read("instance_types", "{}");
    ck_assert_ptr_nonnull(find(state, "p4d.24xlarge"));
    ck_assert_ptr_null(find(state, "g4ad.xlarge"));
    ck_assert_str_eq(data_text(state, "manufacturer"), "nvidia");
    ck_assert_str_eq(data_text(state, "price_date"), "2026-07-20");
    state = data_read("instance_types", "{\"manufacturer\": \"amd\"}");
    ck_assert_ptr_nonnull(find(state, "g4ad.xlarge"));
    ck_assert_ptr_null(find(state, "p4d.24xlarge"));
}
END_TEST

START_TEST(each_filter_takes_effect)
{
    json_t *state = data_read("instance_types", "{\"gpus\": [\"l4\", \"A100-40GB\"], "
                                                "\"min_gpus\": 8, \"arch\": \"amd64\"}");
    ck_assert_uint_eq(json_array_size(json_at(state, "names")), 2);
    ck_assert_str_eq(data_text(state, "names.0"), "g6.48xlarge");
    ck_assert_str_eq(data_text(state, "names.1"), "p4d.24xlarge");
    state = data_read("instance_types", "{\"mig_capable\": false, \"min_gpu_memory_mib\": 45000}");
    ck_assert_ptr_nonnull(find(state, "g6e.xlarge"));
    ck_assert_ptr_null(find(state, "p5.48xlarge"));
    ck_assert_ptr_null(find(state, "g6.xlarge"));
    state = data_read("instance_types", "{\"arch\": \"arm64\"}");
    ck_assert_ptr_nonnull(find(state, "g5g.xlarge"));
    ck_assert_ptr_null(find(state, "g5.xlarge"));
}
END_TEST

START_TEST(the_cheapest_come_first_and_the_unpriced_last)
{
    json_t *state = data_read("instance_types", "{}");
    const json_t *rows = json_at(state, "instance_types");
    size_t count = json_array_size(rows);
    ck_assert_uint_gt(count, 50);
    double before = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *price = json_at(json_array_get(rows, i), "usd_per_hour");
        if (!json_is_number(price)) {
            before = HUGE_VAL;
            continue;
        }
        ck_assert_double_ge(json_number_value(price), before);
        before = json_number_value(price);
    }
    ck_assert(json_is_null(json_at(find(state, "p5e.48xlarge"), "usd_per_hour")));
}
END_TEST

START_TEST(what_a_row_says)
{
    const json_t *row = find(data_read("instance_types", "{}"), "p4d.24xlarge");
    ck_assert_str_eq(data_text(row, "gpu"), "a100-40gb");
    ck_assert_str_eq(data_text(row, "gpu_label"), "a100");
    ck_assert_double_eq(data_number(row, "gpus"), 8);
    ck_assert_double_eq(data_number(row, "gpu_memory_mib"), 40960);
    ck_assert_double_eq(data_number(row, "mps_max_replicas"), 48);
    ck_assert_double_eq_tol(data_number(row, "usd_per_hour"), 21.957642, 1e-9);
    ck_assert_str_eq(data_text(row, "mig_profiles.0"), "1g.5gb");
    row = find(data_read("instance_types", "{}"), "p3.8xlarge");
    ck_assert_double_eq(data_number(row, "mps_max_replicas"), 16);
    ck_assert_uint_eq(json_array_size(json_at(row, "mig_profiles")), 0);
    ck_assert(json_is_null(json_at(row, "refused")));
}
END_TEST

START_TEST(wrong_filters_are_errors)
{
    ck_assert_ptr_null(data_read("instance_types", "{\"gpus\": [\"l4\", \"h10\"]}"));
    data_expect_error("gpus[1]", "Did you mean `h100`?");
    ck_assert_ptr_null(data_read("instance_types", "{\"arch\": \"x86_64\"}"));
    data_expect_error("arch", "`amd64` or `arm64`");
}
END_TEST

int main(void)
{
    DATA_RUN("data_instance_types", nvidia_is_meant_unless_said_otherwise, each_filter_takes_effect,
             the_cheapest_come_first_and_the_unpriced_last, what_a_row_says,
             wrong_filters_are_errors);
}
