/* Shares per GPU, checked against what the plugin advertised on a real H200. */
#include "gpu/replicas.h"

#include "tests/gpu/suite.h"

static struct device_plugin_replicas entries[3];
static struct device_plugin_config config;

/* A configuration that shares NAME (NULL: nothing) with REPLICAS under MIG_STRATEGY. */
static void share(const char *mig_strategy, const char *name, int64_t replicas)
{
    config = (struct device_plugin_config){ .mig_strategy = str_of(mig_strategy) };
    if (name == NULL)
        return;
    entries[0] = (struct device_plugin_replicas){ str_of(name), replicas };
    config.sharing = (struct device_plugin_sharing){ .strategy = SHARING_TIME_SLICING,
                                                     .resources = entries,
                                                     .resource_count = 1 };
}

/* What is advertised, as "resource=count resource=count/instance". */
static const char *told(enum mig_state mig, const struct mig_device *devices, size_t count)
{
    struct advertised_list list = advertised_per_gpu(&arena, &config, mig, devices, count);
    struct buf out = buf_make(&arena, 4096);
    for (size_t i = 0; i < list.count; i++)
        buf_print(&out, "%s%.*s=%lld%s", i > 0 ? " " : "", STR_ARG(list.rows[i].resource),
                  (long long)list.rows[i].count, list.rows[i].per_instance ? "/instance" : "");
    return buf_str(&out).at;
}

START_TEST(whole_gpus)
{
    share("none", "nvidia.com/gpu", 10);
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu=10");
    ck_assert_str_eq(told(MIG_NOT_KNOWN, NULL, 0), "nvidia.com/gpu=10");
    share("single", "nvidia.com/gpu", 10);
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu=10");
    share("none", "gpu", 4);
    config.sharing.rename_by_default = OPTION_TRUE;
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu.shared=4");
    share("mixed", "nvidia.com/mig-1g.18gb", 3);
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu=1");
    share(NULL, NULL, 0);
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu=1");
}
END_TEST

START_TEST(the_larger_of_two_entries_counts)
{
    share("none", "nvidia.com/gpu", 3);
    entries[1] = (struct device_plugin_replicas){ STR("nvidia.com/gpu"), 7 };
    config.sharing.resource_count = 2;
    ck_assert_str_eq(told(MIG_OFF, NULL, 0), "nvidia.com/gpu=7");
}
END_TEST

START_TEST(divided_gpus)
{
    struct mig_device two[] = { { STR("1g.5gb"), 2 }, { STR("3g.20gb"), 1 } };
    struct mig_device one[] = { { STR("1g.5gb"), 7 }, { STR("3g.20gb"), 0 } };
    share("mixed", "nvidia.com/mig-1g.5gb", 3);
    ck_assert_str_eq(told(MIG_ON, two, 2), "nvidia.com/mig-1g.5gb=6 nvidia.com/mig-3g.20gb=1");
    config.sharing.rename_by_default = OPTION_TRUE;
    ck_assert_str_eq(told(MIG_ON, two, 2),
                     "nvidia.com/mig-1g.5gb.shared=6 nvidia.com/mig-3g.20gb=1");
    share("single", "nvidia.com/gpu", 10);
    ck_assert_str_eq(told(MIG_ON, one, 2), "nvidia.com/gpu=70");
    ck_assert_str_eq(told(MIG_ON, two, 2), "");
    ck_assert_str_eq(told(MIG_ON, NULL, 0), "");
    share("single", NULL, 0);
    ck_assert_str_eq(told(MIG_ON, one, 1), "nvidia.com/gpu=7");
    share("none", "nvidia.com/gpu", 2);
    ck_assert_str_eq(told(MIG_ON, one, 1), "nvidia.com/gpu=2");
}
END_TEST

START_TEST(unknown_division)
{
    share("single", "nvidia.com/gpu", 10);
    ck_assert_str_eq(told(MIG_NOT_KNOWN, NULL, 0), "nvidia.com/gpu=10/instance");
    share("mixed", "nvidia.com/mig-1g.5gb", 3);
    entries[1] = (struct device_plugin_replicas){ STR("nvidia.com/gpu"), 2 };
    entries[2] = (struct device_plugin_replicas){ STR("nvidia.com/other"), 2 };
    config.sharing.resource_count = 3;
    ck_assert_str_eq(told(MIG_NOT_KNOWN, NULL, 0),
                     "nvidia.com/mig-1g.5gb=3/instance nvidia.com/gpu=2");
    share("mixed", NULL, 0);
    ck_assert_str_eq(told(MIG_NOT_KNOWN, NULL, 0), "");
}
END_TEST

START_TEST(does_not_overflow)
{
    struct mig_device many[] = { { STR("1g.5gb"), INT64_MAX }, { STR("1g.5gb"), INT64_MAX } };
    share("mixed", "nvidia.com/mig-1g.5gb", 3);
    ck_assert_str_eq(told(MIG_ON, many, 2), "nvidia.com/mig-1g.5gb=9223372036854775807");
    share("single", "nvidia.com/gpu", 3);
    ck_assert_str_eq(told(MIG_ON, many, 2), "nvidia.com/gpu=9223372036854775807");
}
END_TEST

START_TEST(limits_of_mps)
{
    ck_assert_uint_eq(replicas_mps_limit(&gpu_model_rows[GPU_V100]), 16);
    ck_assert_uint_eq(replicas_mps_limit(&gpu_model_rows[GPU_K80]), 16);
    ck_assert_uint_eq(replicas_mps_limit(&gpu_model_rows[GPU_T4]), 48);
    ck_assert_uint_eq(replicas_mps_limit(&gpu_model_rows[GPU_B300]), 48);
    ck_assert_uint_eq(replicas_mps_limit(&gpu_model_rows[GPU_RADEON_PRO_V520]), 0);
    ck_assert_uint_eq(replicas_mps_limit(NULL), 48);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(shared_resource_name(&arena, STR("nvidia.com/gpu"), true).at,
                     "nvidia.com/gpu.shared");
    ck_assert(str_is(shared_resource_name(&arena, STR("nvidia.com/gpu"), false), "nvidia.com/gpu"));
    ck_assert_str_eq(shared_resource_name(&arena, STR("mig-1g.5gb"), true).at,
                     "nvidia.com/mig-1g.5gb.shared");
    ck_assert_str_eq(full_resource_name(&arena, STR("gpu")).at, "nvidia.com/gpu");
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/replicas", whole_gpus, the_larger_of_two_entries_counts, divided_gpus,
              unknown_division, does_not_overflow, limits_of_mps, names);
}
