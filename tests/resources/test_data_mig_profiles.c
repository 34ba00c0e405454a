/* mig_profiles: by instance type and by GPU. */
#include "tests/resources/data.h"

START_TEST(profiles_and_layouts_of_an_instance_type)
{
    json_t *state = data_read("mig_profiles", "{\"instance_type\": \"p5en.48xlarge\"}");
    ck_assert_str_eq(data_text(state, "gpu"), "h200");
    ck_assert_double_eq(data_number(state, "memory_slices"), 8);
    ck_assert_double_eq(data_number(state, "max_instances"), 7);
    ck_assert_str_eq(data_text(state, "min_driver"), "550.90.07");
    ck_assert_str_eq(data_text(state, "profiles.0.name"), "1g.18gb");
    ck_assert_str_eq(data_text(state, "profiles.1.resource"), "nvidia.com/mig-1g.18gb.me");
    ck_assert_double_eq(data_number(state, "profiles.0.max"), 7);
    ck_assert_uint_eq(json_array_size(json_at(state, "profiles.0.starts")), 7);
    ck_assert_uint_eq(json_array_size(json_at(state, "layouts")), 77);
    ck_assert_str_eq(data_text(state, "layouts.0.name"), "1 x 7g.141gb");
    ck_assert(json_is_true(json_at(state, "layouts.0.maximal")));
    const json_t *devices = json_at(state, "layouts.0.mig_devices");
    ck_assert_int_eq(json_integer_value(json_object_get(devices, "7g.141gb")), 1);
}
END_TEST

START_TEST(a_gpu_can_be_named)
{
    json_t *state = data_read("mig_profiles", "{\"gpu\": \"a30\"}");
    ck_assert_str_eq(data_text(state, "gpu"), "a30");
    ck_assert_uint_eq(json_array_size(json_at(state, "layouts")), 9);
    /* The name is kept as it was given. */
    state = data_read("mig_profiles", "{\"gpu\": \"A100-40GB\"}");
    ck_assert_str_eq(data_text(state, "gpu"), "A100-40GB");
}
END_TEST

START_TEST(what_cannot_be_divided_is_an_error)
{
    ck_assert_ptr_null(data_read("mig_profiles", "{\"instance_type\": \"p3.8xlarge\"}"));
    data_expect_error("instance_type", "MIG cannot divide");
    ck_assert_ptr_null(data_read("mig_profiles", "{\"instance_type\": \"g7.2xlarge\"}"));
    data_expect_error("instance_type", "profiles are not in this provider's tables");
    ck_assert_ptr_null(data_read("mig_profiles", "{\"instance_type\": \"q4d.24xlarge\"}"));
    data_expect_error("instance_type", "Did you mean `p4d.24xlarge`?");
    ck_assert_ptr_null(data_read("mig_profiles", "{\"gpu\": \"h20\"}"));
    data_expect_error("gpu", "is no GPU that this provider knows");
    ck_assert_ptr_null(data_read("mig_profiles", "{}"));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

int main(void)
{
    DATA_RUN("data_mig_profiles", profiles_and_layouts_of_an_instance_type, a_gpu_can_be_named,
             what_cannot_be_divided_is_an_error);
}
