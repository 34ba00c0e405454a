/* Bottlerocket's settings: what is refused, and the TOML. */
#include "gpu/bottlerocket.h"

#include "tests/gpu/suite.h"

static const struct bottlerocket_settings time_slicing = {
    .sharing = SHARING_TIME_SLICING,
    .replicas = 10,
    .rename_by_default = OPTION_FALSE,
    .fail_requests_greater_than_one = OPTION_TRUE,
};

static bool mig_problem(const char *gpu, const char *profile, enum problem_severity severity,
                        const char *words)
{
    const struct bottlerocket_mig_profile row = { str_of(gpu), str_of(profile) };
    const struct bottlerocket_settings settings = { .mig_profiles = &row, .mig_profile_count = 1 };
    start_over();
    bottlerocket_settings_check(&settings, &problems);
    return words ? only_problem(severity, words) : !problems.count;
}

static bool shares_problem(enum sharing_strategy sharing, int64_t replicas, const char *words)
{
    const struct bottlerocket_settings settings = { .sharing = sharing, .replicas = replicas };
    start_over();
    bottlerocket_shares_check(&settings, &problems);
    return words ? only_problem(PROBLEM_FATAL, words) : !problems.count;
}

START_TEST(numbers_of_shares)
{
    ck_assert(shares_problem(SHARING_TIME_SLICING, 0, NULL));
    ck_assert(shares_problem(SHARING_TIME_SLICING, 2, NULL));
    ck_assert(shares_problem(SHARING_TIME_SLICING, 1000, NULL));
    ck_assert(shares_problem(SHARING_MPS, 48, NULL));
    ck_assert(shares_problem(SHARING_NONE, 1, NULL));
    ck_assert(shares_problem(SHARING_TIME_SLICING, 1, "2 or more"));
    ck_assert(shares_problem(SHARING_MPS, 1, "2 or more"));
    ck_assert(shares_problem(SHARING_MPS, 49, "at most 48"));
    ck_assert(str_is(problems.first->field, "replicas"));
    ck_assert_ptr_null(problems.first->key.at);
}
END_TEST

START_TEST(mig_profiles)
{
    ck_assert(mig_problem("a100.40gb", "1g.5gb", PROBLEM_FATAL, NULL));
    ck_assert(mig_problem("h200.141gb", "7", PROBLEM_FATAL, NULL));
    ck_assert(mig_problem("a30.24gb", "1g.6gb", PROBLEM_FATAL, NULL));
    ck_assert(mig_problem("A100-40GB", "1g.5gb", PROBLEM_FATAL, "like `a100.40gb`"));
    ck_assert(mig_problem("", "1g.5gb", PROBLEM_FATAL, "like `a100.40gb`"));
    ck_assert(mig_problem("a100.40", "1g.5gb", PROBLEM_FATAL, "like `a100.40gb`"));
    ck_assert(mig_problem("z900.40gb", "1g.5gb", PROBLEM_SUSPICIOUS, "as far as known"));
    ck_assert(mig_problem("a100.40gb", "2g.20gb", PROBLEM_FATAL, "Did you mean `2g.10gb`"));
    ck_assert(mig_problem("a100.40gb", "1g.5gb+me", PROBLEM_FATAL, "without attributes"));
    ck_assert(mig_problem("a100.40gb", "", PROBLEM_FATAL, "without attributes"));
    ck_assert(mig_problem("a100.40gb", "x", PROBLEM_FATAL, "without attributes"));
    ck_assert(mig_problem("a100.40gb", "5", PROBLEM_FATAL, "1, 2, 3, 4 or 7"));
    ck_assert(mig_problem("a100.40gb", "-1", PROBLEM_FATAL, "1, 2, 3, 4 or 7"));
    ck_assert(mig_problem("a30.24gb", "4", PROBLEM_FATAL, "1, 2, 3, 4 or 7"));
    ck_assert(str_is(problems.first->key, "a30.24gb"));
}
END_TEST

START_TEST(mig_and_mps)
{
    const struct bottlerocket_mig_profile row = { STR("a100.40gb"), STR("1g.5gb") };
    struct bottlerocket_settings settings = { .sharing = SHARING_MPS,
                                              .mig_profiles = &row,
                                              .mig_profile_count = 1 };
    bottlerocket_settings_check(&settings, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "does not start"));
    start_over();
    settings.sharing = SHARING_TIME_SLICING;
    bottlerocket_settings_check(&settings, &problems);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(words)
{
    const struct str lists[] = { STR("volume-mounts"), STR("cdi") };
    const struct bottlerocket_settings settings = { .device_id_strategy = STR("uuids"),
                                                    .device_list_strategy = { lists, 2 } };
    bottlerocket_settings_check(&settings, &problems);
    ck_assert_uint_eq(problems.count, 2);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_SUSPICIOUS), 2);
    ck_assert_ptr_nonnull(problem_with("Did you mean `uuid`"));
}
END_TEST

START_TEST(rendering)
{
    ck_assert_str_eq(bottlerocket_settings_render(&arena, &time_slicing).at,
                     "[settings.kubelet-device-plugins.nvidia]\n"
                     "device-sharing-strategy = \"time-slicing\"\n"
                     "\n"
                     "[settings.kubelet-device-plugins.nvidia.time-slicing]\n"
                     "replicas = 10\n"
                     "rename-by-default = false\n"
                     "fail-requests-greater-than-one = true\n");
    const struct str one = STR("cdi-cri");
    const struct bottlerocket_settings plain = { .enabled = OPTION_TRUE,
                                                 .pass_device_specs = OPTION_FALSE,
                                                 .device_id_strategy = STR("a\"\\\n"),
                                                 .device_list_strategy = { &one, 1 } };
    ck_assert_str_eq(bottlerocket_settings_render(&arena, &plain).at,
                     "[settings.kubelet-device-plugins.nvidia]\n"
                     "enabled = true\n"
                     "pass-device-specs = false\n"
                     "device-id-strategy = \"a\\\"\\\\\\u000A\"\n"
                     "device-list-strategy = \"cdi-cri\"\n");
}
END_TEST

START_TEST(user_data_keeps_the_own_text_in_front)
{
    const struct bottlerocket_settings nothing = { 0 };
    ck_assert_str_eq(bottlerocket_user_data(&arena, STR("[settings.motd]\n\n"), &nothing).at,
                     "[settings.motd]\n\n[settings.kubelet-device-plugins.nvidia]\n");
    ck_assert_str_eq(bottlerocket_user_data(&arena, STR(" \n"), &nothing).at,
                     "[settings.kubelet-device-plugins.nvidia]\n");
    ck_assert(bottlerocket_user_data_has_table(STR("[settings]\nkubelet-device-plugins = {}")));
    ck_assert(!bottlerocket_user_data_has_table(STR("[settings.motd]")));
}
END_TEST

int main(void)
{
    SUITE_RUN("bottlerocket", numbers_of_shares, mig_profiles, mig_and_mps, words, rendering,
              user_data_keeps_the_own_text_in_front);
}
