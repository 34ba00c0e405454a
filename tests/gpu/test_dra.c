/* Selectors, attributes, limits and sharing of DRA. */
#include "gpu/dra.h"

#include "tests/gpu/suite.h"

static bool selector(const char *expression, const char *words)
{
    start_over();
    dra_selector_check(str_of(expression), &problems);
    return words ? problems.count == 1 && problem_with(words) : !problems.count;
}

START_TEST(right_selectors)
{
    static const char *const right[] = {
        "true",
        "device.attributes['gpu.nvidia.com'].profile == '1g.5gb'",
        "device.attributes[\"gpu.nvidia.com\"].profile   ==\n\"7g.40gb\"",
        "device.attributes['gpu.nvidia.com'].profile in ['x', 'y']",
        "device.attributes['gpu.nvidia.com'].profile == other",
        "device.driver == 'a=b([{' && 1 <= 2 && 2 >= 1 && 1 != 2",
        "device.driver == 'it\\'s'",
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_msg(selector(right[i], NULL), "%s", right[i]);
}
END_TEST

START_TEST(wrong_selectors)
{
    ck_assert(selector("device.driver = 'x'", "single `=`"));
    ck_assert(selector("device.driver =", "single `=`"));
    ck_assert(selector("=", "single `=`"));
    ck_assert(selector("(a", "not closed"));
    ck_assert(selector("a)", "not opened"));
    ck_assert(selector("(a]", "not opened"));
    ck_assert(selector("'a", "quotation mark"));
    ck_assert(selector("'a\\", "quotation mark"));
    char deep[80];
    for (size_t i = 0; i < sizeof deep - 1; i++)
        deep[i] = '(';
    deep[sizeof deep - 1] = 0;
    ck_assert(selector(deep, "too deeply"));
    ck_assert_int_eq(problems.first->severity, PROBLEM_FATAL);
    ck_assert(str_is(problems.first->field, "expression"));
}
END_TEST

START_TEST(profiles_that_no_gpu_has)
{
    ck_assert(selector("x.profile == '1g.7gb'", "`1g.7gb`"));
    ck_assert_int_eq(problems.first->severity, PROBLEM_SUSPICIOUS);
    ck_assert_ptr_nonnull(problem_with("Did you mean"));
    ck_assert(selector("x.profile == 'whole'", "`whole`"));
    ck_assert_ptr_null(problem_with("Did you mean"));
    ck_assert(selector("x.profile == '1g.5gb' || x.profile == '8g.1gb'", "`8g.1gb`"));
}
END_TEST

START_TEST(names_and_limits)
{
    ck_assert(dra_attribute_valid(STR("gpu.nvidia.com/parentUUID")));
    ck_assert(dra_attribute_valid(STR("a.b/_c1")));
    ck_assert(!dra_attribute_valid(STR("parentUUID")));
    ck_assert(!dra_attribute_valid(STR("a.b/")));
    ck_assert(!dra_attribute_valid(STR("/a")));
    ck_assert(!dra_attribute_valid(STR("a.b/1c")));
    ck_assert(!dra_attribute_valid(STR("a.b/c-d")));
    ck_assert(!dra_attribute_valid(STR("a.b/abcdefghijklmnopqrstuvwxyzabcdefg")));
    ck_assert(dra_device_valid(STR("0")));
    ck_assert(dra_device_valid(STR("GPU-1")));
    ck_assert(dra_device_valid(STR("MIG-1")));
    ck_assert(!dra_device_valid(STR("")));
    ck_assert(!dra_device_valid(STR("GPU-")));
    ck_assert(!dra_device_valid(STR("gpu0")));
    ck_assert(!dra_device_valid(STR("-1")));
    ck_assert(dra_memory_limit_valid(STR("1Mi")));
    ck_assert(dra_memory_limit_valid(STR("10G")));
    ck_assert(!dra_memory_limit_valid(STR("1M")));
    ck_assert(!dra_memory_limit_valid(STR("x")));
    ck_assert(!dra_memory_limit_valid(STR("-1Gi")));
}
END_TEST

static bool sharing_problem(const char *kind, const char *strategy, bool has_time_slicing,
                            bool has_mps, const char *field)
{
    const struct dra_sharing sharing = { str_of(kind), str_of(strategy), has_time_slicing,
                                         has_mps };
    start_over();
    dra_sharing_check(&sharing, &problems);
    return field ? problems.count == 1 && str_is(problems.first->field, field) : !problems.count;
}

START_TEST(sharing)
{
    ck_assert(sharing_problem("GpuConfig", "TimeSlicing", true, false, NULL));
    ck_assert(sharing_problem("GpuConfig", "MPS", false, true, NULL));
    ck_assert(sharing_problem("GpuConfig", "MPS", false, false, NULL));
    ck_assert(sharing_problem("MigDeviceConfig", "TimeSlicing", false, false, NULL));
    ck_assert(sharing_problem("MigDeviceConfig", "MPS", false, true, NULL));
    ck_assert(
        sharing_problem("MigDeviceConfig", "TimeSlicing", true, false, "time_slicing_config"));
    ck_assert(sharing_problem("GpuConfig", "MPS", true, false, "time_slicing_config"));
    ck_assert(sharing_problem("GpuConfig", "TimeSlicing", false, true, "mps_config"));
    ck_assert(sharing_problem("GpuConfig", NULL, true, true, NULL));
}
END_TEST

int main(void)
{
    SUITE_RUN("dra", right_selectors, wrong_selectors, profiles_that_no_gpu_has, names_and_limits,
              sharing);
}
