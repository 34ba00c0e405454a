/* mig_layouts and mig_fits. */
#include "tests/resources/functions.h"

START_TEST(layouts_of_a_gpu)
{
    json_t *layouts = function_call("mig_layouts", "[\"p4d.24xlarge\"]");
    ck_assert_uint_eq(json_array_size(layouts), 77);
    ck_assert_str_eq(data_text(layouts, "0.name"), "1 x 7g.40gb");
    ck_assert_uint_eq(json_array_size(function_call("mig_layouts", "[\"g7e.2xlarge\"]")), 9);
    ck_assert_ptr_null(function_call("mig_layouts", "[\"g5.xlarge\"]"));
    data_expect_error("[0]", "MIG cannot divide");
    ck_assert_ptr_null(function_call("mig_layouts", "[\"\"]"));
    data_expect_error("[0]", "no instance type");
}
END_TEST

START_TEST(a_set_that_fits_has_a_placement)
{
    json_t *result =
        function_call("mig_fits", "[\"p4d.24xlarge\", {\"3g.20gb\": 1, \"1g.5gb\": 4}]");
    ck_assert(json_is_true(json_at(result, "fits")));
    ck_assert_uint_eq(json_array_size(json_at(result, "placement")), 5);
    ck_assert_str_eq(data_text(result, "placement.0.profile"), "3g.20gb");
    ck_assert_uint_eq(json_array_size(json_at(result, "problems")), 0);
    const json_t *nearest = json_at(result, "nearest");
    ck_assert_int_eq(json_integer_value(json_object_get(nearest, "1g.5gb")), 4);
}
END_TEST

START_TEST(a_set_that_does_not_fit_is_explained)
{
    json_t *result =
        function_call("mig_fits", "[\"p4d.24xlarge\", {\"4g.20gb\": 1, \"3g.20gb\": 2}]");
    ck_assert(json_is_false(json_at(result, "fits")));
    ck_assert_uint_eq(json_array_size(json_at(result, "placement")), 0);
    ck_assert(function_has_problem(result, "The nearest layout that fits is"));
    result = function_call("mig_fits", "[\"p5.48xlarge\", {\"1g.5gb\": 7}]");
    ck_assert(json_is_false(json_at(result, "fits")));
    ck_assert(function_has_problem(result, "Did you mean 1g.10gb?"));
    ck_assert_ptr_null(function_call("mig_fits", "[\"p5.48xlarge\", {\"1g.10gb\": -1}]"));
    data_expect_error("[1][\"1g.10gb\"]", "0 or more");
}
END_TEST

START_TEST(no_instances_fit)
{
    json_t *result = function_call("mig_fits", "[\"p4d.24xlarge\", {}]");
    ck_assert(json_is_true(json_at(result, "fits")));
    ck_assert_uint_eq(json_array_size(json_at(result, "placement")), 0);
}
END_TEST

int main(void)
{
    DATA_RUN("function_mig", layouts_of_a_gpu, a_set_that_fits_has_a_placement,
             a_set_that_does_not_fit_is_explained, no_instances_fit);
}
