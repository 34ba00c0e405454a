/* bottlerocket_user_data: the object is checked member by member, as it has no declared type. */
#include "tests/resources/functions.h"

/* SETTINGS as core sends a dynamic value in JSON: with its TYPE. */
static const char *user_data(const char *type, const char *settings)
{
    struct str argument = str_print(&arena, "[{\"type\": %s, \"value\": %s}]", type, settings);
    json_t *text = function_call("bottlerocket_user_data", argument.at);
    return text ? json_string_value(text) : NULL;
}

START_TEST(time_slicing)
{
    const char *text = user_data("[\"object\",{\"time_slicing\":[\"object\",{\"replicas\":"
                                 "\"number\"}]}]",
                                 "{\"time_slicing\": {\"replicas\": 10}}");
    ck_assert_str_eq(text, "[settings.kubelet-device-plugins.nvidia]\n"
                           "device-sharing-strategy = \"time-slicing\"\n"
                           "\n"
                           "[settings.kubelet-device-plugins.nvidia.time-slicing]\n"
                           "replicas = 10\n");
}
END_TEST

START_TEST(a_number_of_parts)
{
    const char *text = user_data("[\"object\",{\"mig_profiles\":[\"object\",{\"a100.40gb\":"
                                 "\"number\"}]}]",
                                 "{\"mig_profiles\": {\"a100.40gb\": 7}}");
    ck_assert_ptr_nonnull(text);
    ck_assert(str_contains(str_of(text), "\"a100.40gb\" = \"7\"\n"));
    ck_assert(str_contains(str_of(text), "device-partitioning-strategy = \"mig\"\n"));
}
END_TEST

START_TEST(what_is_no_setting_is_an_error)
{
    ck_assert_ptr_null(
        user_data("[\"object\",{\"time_slicin\":\"bool\"}]", "{\"time_slicin\": true}"));
    data_expect_error("[0].time_slicin", "Did you mean `time_slicing`?");
    ck_assert_ptr_null(user_data("[\"object\",{\"time_slicing\":[\"object\",{\"replica\":"
                                 "\"number\"}]}]",
                                 "{\"time_slicing\": {\"replica\": 10}}"));
    data_expect_error("[0].time_slicing.replica", "Did you mean `replicas`?");
    ck_assert_ptr_null(user_data("\"string\"", "\"x\""));
    data_expect_error("[0]", "Expected an object");
    ck_assert_ptr_null(
        user_data("[\"object\",{\"enabled\":\"string\"}]", "{\"enabled\": \"yes\"}"));
    data_expect_error("[0].enabled", "must be a bool");
    ck_assert_ptr_null(user_data("[\"object\",{\"device_list_strategy\":[\"tuple\",[\"bool\"]]}]",
                                 "{\"device_list_strategy\": [true]}"));
    data_expect_error("[0].device_list_strategy", "list of strings");
    ck_assert_ptr_null(user_data("[\"object\",{\"mig_profiles\":[\"map\",\"bool\"]}]",
                                 "{\"mig_profiles\": {\"a100.40gb\": true}}"));
    data_expect_error("[0].mig_profiles", "map of strings");
}
END_TEST

START_TEST(what_bottlerocket_refuses_is_an_error)
{
    ck_assert_ptr_null(user_data("[\"object\",{\"mps\":[\"object\",{\"replicas\":\"number\"}]}]",
                                 "{\"mps\": {\"replicas\": 49}}"));
    data_expect_error("[0].mps.replicas", "at most 48 clients");
    ck_assert_ptr_null(user_data("[\"object\",{\"mig_profiles\":[\"map\",\"string\"]}]",
                                 "{\"mig_profiles\": {\"A100\": \"1g.5gb\"}}"));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

int main(void)
{
    DATA_RUN("function_bottlerocket", time_slicing, a_number_of_parts,
             what_is_no_setting_is_an_error, what_bottlerocket_refuses_is_an_error);
}
