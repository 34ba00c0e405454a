/* The rules for typed device plugin configurations. */
#include "gpu/device_plugin_check.h"

#include "tests/gpu/suite.h"

static struct device_plugin_replicas entries[2];
static struct device_plugin_config config;

static void share(enum sharing_strategy strategy, const char *name, int64_t replicas)
{
    start_over();
    entries[0] = (struct device_plugin_replicas){ str_of(name), replicas };
    config = (struct device_plugin_config){
        .sharing = { .strategy = strategy, .resources = entries, .resource_count = 1 }
    };
}

/* Checks for nodes with the GPUs called FIRST and SECOND (NULL: none). */
static void check_on(const char *first, const char *second)
{
    const struct gpu_model *gpus[2] = { first ? gpu_model_find(str_of(first)) : NULL,
                                        second ? gpu_model_find(str_of(second)) : NULL };
    struct device_plugin_target target = { gpus, (first != NULL) + (size_t)(second != NULL) };
    device_plugin_config_check(&config, &target, &problems);
}

static bool found_at(const char *field, const char *key, const char *path)
{
    const struct problem *problem = problems.first;
    return str_is(problem->field, field) && str_is(problem->key, key) &&
           str_is(problem->path, path);
}

START_TEST(good_ones)
{
    device_plugin_config_check(&(struct device_plugin_config){ 0 }, NULL, &problems);
    ck_assert_uint_eq(problems.count, 0);
    share(SHARING_TIME_SLICING, "nvidia.com/gpu", 2);
    check_on(NULL, NULL);
    share(SHARING_TIME_SLICING, "gpu", 10);
    config.mig_strategy = STR("single");
    check_on("a100-40gb", NULL);
    share(SHARING_MPS, "nvidia.com/gpu", 48);
    check_on("t4", "l4");
    share(SHARING_TIME_SLICING, "nvidia.com/mig-1g.5gb", 3);
    config.mig_strategy = STR("mixed");
    check_on("a100-40gb", "h100");
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(replicas_have_limits)
{
    share(SHARING_TIME_SLICING, "nvidia.com/gpu", 1);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "refuses less than 2"));
    ck_assert(found_at("replicas", "nvidia.com/gpu", "sharing.timeSlicing.resources[0].replicas"));
    share(SHARING_TIME_SLICING, "nvidia.com/gpu", -3);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "-3 replicas"));
    share(SHARING_MPS, "nvidia.com/gpu", 49);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "at most 48."));
    share(SHARING_MPS, "nvidia.com/gpu", 17);
    check_on("t4", "v100");
    ck_assert(only_problem(PROBLEM_FATAL, "at most 16 on NVIDIA V100"));
    share(SHARING_MPS, "nvidia.com/gpu", 17);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "at most 16 on a V100"));
    share(SHARING_MPS, "nvidia.com/gpu", 16);
    check_on(NULL, NULL);
    ck_assert_uint_eq(problems.count, 0);
    share(SHARING_TIME_SLICING, "nvidia.com/gpu", 251);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "pods"));
}
END_TEST

START_TEST(resources_must_exist)
{
    share(SHARING_TIME_SLICING, "nvidia.com/GPU", 2);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "no resource name"));
    share(SHARING_TIME_SLICING, "amd.com/gpu", 2);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "no resource name"));
    share(SHARING_TIME_SLICING,
          "nvidia.com/a23456789012345678901234567890123456789012345678901234567890", 2);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "at most 63 characters"));
    share(SHARING_TIME_SLICING, "nvidia.com/gpus", 2);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "probably never used"));
    share(SHARING_TIME_SLICING, "nvidia.com/gpu.shared", 2);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_IGNORED, "without \".shared\""));
}
END_TEST

START_TEST(mig_resources_need_the_strategy_and_the_gpu)
{
    share(SHARING_TIME_SLICING, "nvidia.com/mig-1g.5gb", 3);
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_IGNORED, "the strategy is \"none\""));
    share(SHARING_TIME_SLICING, "nvidia.com/mig-1g.5gb", 3);
    config.mig_strategy = STR("single");
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_IGNORED, "called nvidia.com/gpu"));
    share(SHARING_TIME_SLICING, "nvidia.com/mig-1g.5gb", 3);
    config.mig_strategy = STR("mixed");
    check_on("h100", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "NVIDIA H100 80GB are 1g.10gb"));
    ck_assert(
        found_at("replicas", "nvidia.com/mig-1g.5gb", "sharing.timeSlicing.resources[0].name"));
    start_over();
    check_on("t4", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "NVIDIA T4 cannot be divided"));
    start_over();
    check_on("rtx-pro-4500", NULL);
    ck_assert_uint_eq(problems.count, 0);
    share(SHARING_TIME_SLICING, "nvidia.com/mig-1g.999gb", 3);
    config.mig_strategy = STR("mixed");
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "no MIG profile that this provider knows"));
}
END_TEST

START_TEST(names_stand_once)
{
    share(SHARING_TIME_SLICING, "nvidia.com/gpu", 3);
    entries[1] = (struct device_plugin_replicas){ STR("gpu"), 7 };
    config.sharing.resource_count = 2;
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_IGNORED, "shared twice, with 3 and with 7"));
    start_over();
    config.sharing.resource_count = 0;
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "At least one resource"));
}
END_TEST

START_TEST(mps_excludes_mig)
{
    share(SHARING_MPS, "nvidia.com/gpu", 3);
    config.mig_strategy = STR("mixed");
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "cannot be used with the MIG strategy \"mixed\""));
    ck_assert(str_is(problems.first->field, "strategy"));
    start_over();
    config.mig_strategy = STR("single");
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "not divided"));
}
END_TEST

START_TEST(values_are_among_the_known)
{
    const struct str lists[] = { STR("envvar"), STR("env-var") };
    config = (struct device_plugin_config){ .mig_strategy = STR("mixd") };
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "Did you mean \"mixed\"?"));
    ck_assert(str_is(problems.first->field, "mig_strategy"));
    ck_assert(str_is(problems.first->path, "flags.migStrategy"));
    start_over();
    config = (struct device_plugin_config){ .device_list_strategy = { lists, 2 } };
    check_on(NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "\"env-var\"; it can be \"envvar\", \"volume-mounts\""));
    static const char *const bad[] = { "soon", "0s", "-5s" };
    for (size_t i = 0; i < 3; i++) {
        start_over();
        config = (struct device_plugin_config){ .gfd_sleep_interval = str_of(bad[i]) };
        check_on(NULL, NULL);
        ck_assert(only_problem(i == 0 ? PROBLEM_FATAL : PROBLEM_SUSPICIOUS, "positive duration"));
    }
    start_over();
    config.gfd_sleep_interval = STR("infinite");
    check_on(NULL, NULL);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(keys_are_label_values)
{
    device_plugin_key_check(STR("slice-10"), "config", &problems);
    ck_assert_uint_eq(problems.count, 0);
    device_plugin_key_check(STR("slice 10"), "config", &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "becomes a node label's value"));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/device_plugin_check", good_ones, replicas_have_limits, resources_must_exist,
              mig_resources_need_the_strategy_and_the_gpu, names_stand_once, mps_excludes_mig,
              values_are_among_the_known, keys_are_label_values);
}
