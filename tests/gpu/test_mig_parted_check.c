/* The rules for MIG layouts. */
#include "gpu/mig_parted_check.h"

#include "tests/gpu/suite.h"

static struct mig_device devices[3];
static struct mig_parted_group groups[2];
static struct mig_parted_layout layout;

/* One group of all GPUs with COUNT of PROFILE; a NULL profile: no instances. */
static void ask(const char *profile, int64_t count)
{
    start_over();
    devices[0] = (struct mig_device){ str_of(profile), count };
    groups[0] = (struct mig_parted_group){ .all_devices = true,
                                           .mig_enabled = true,
                                           .mig_devices = devices,
                                           .mig_device_count = profile ? 1 : 0 };
    layout = (struct mig_parted_layout){ STR("layout"), groups, 1 };
}

static void check_on(const char *gpu, unsigned gpus)
{
    struct mig_parted_target target = { gpu ? gpu_model_find(str_of(gpu)) : NULL, gpus };
    mig_parted_layout_check(&layout, &target, gpu ? 1 : 0, &problems);
}

static bool found_at(int64_t group, const char *field, const char *key)
{
    const struct problem *problem = problems.first;
    return str_is(problem->block, "device_group") && problem->index == group &&
           str_is(problem->field, field) && str_is(problem->key, key ? key : "");
}

START_TEST(good_ones)
{
    ask("1g.5gb", 7);
    check_on("a100-40gb", 8);
    check_on(NULL, 0);
    ask(NULL, 0);
    check_on("h100", 8);
    groups[0].mig_enabled = false;
    check_on("t4", 1);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(instances_must_fit)
{
    ask("1g.5gb", 8);
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "The nearest layout that fits is 7 x 1g.5gb."));
    ck_assert(found_at(0, "mig_devices", NULL));
    ck_assert(str_is(problems.first->path, "mig-configs[\"layout\"][0]"));
    ask("3g.20gb", 2);
    devices[1] = (struct mig_device){ STR("1g.5gb"), 1 };
    groups[0].mig_device_count = 2;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "fits is 2 x 3g.20gb."));
    start_over();
    check_on(NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(profiles_must_exist)
{
    ask("1g.5gb", 7);
    check_on("h100", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "did you mean \"1g.10gb\"?"));
    ck_assert(problem_with("belongs to NVIDIA A100 40GB.") != NULL);
    ck_assert(found_at(0, "mig_devices", "1g.5gb"));
    ask("1g.5g", 7);
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "is no MIG profile"));
    ask("1g.77gb", 7);
    check_on(NULL, 0);
    ck_assert(only_problem(PROBLEM_FATAL, "No GPU that this provider knows"));
}
END_TEST

START_TEST(gpus_must_be_capable)
{
    ask("1g.5gb", 7);
    check_on("t4", 1);
    ck_assert(only_problem(PROBLEM_FATAL, "NVIDIA T4 cannot be divided"));
    ck_assert(found_at(0, "mig_enabled", NULL));
    ask("1g.16gb", 2);
    check_on("rtx-pro-4500", 1);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "at most 2 instances"));
}
END_TEST

START_TEST(each_gpu_is_checked_once)
{
    struct mig_parted_target targets[] = {
        { gpu_model_find(STR("h100")), 1 },
        { gpu_model_find(STR("h100")), 8 },
        { gpu_model_find(STR("a100-40gb")), 8 },
    };
    ask("1g.5gb", 8);
    mig_parted_layout_check(&layout, targets, 3, &problems);
    ck_assert_uint_eq(problems.count, 2);
    ck_assert_ptr_nonnull(problem_with("The NVIDIA H100 80GB has no MIG profile"));
    ck_assert_ptr_nonnull(problem_with("does not fit on one NVIDIA A100 40GB"));
}
END_TEST

START_TEST(counts)
{
    ask("1g.5gb", -1);
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "at least 0"));
    ck_assert(found_at(0, "mig_devices", "1g.5gb"));
    ask("1g.5gb", 0);
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "All counts of mig_devices are 0"));
    ask("1g.5gb", 7);
    groups[0].mig_enabled = false;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "must be left out where mig_enabled is false"));
}
END_TEST

START_TEST(indexes)
{
    const int64_t listed[] = { 0, 8 }, twice[] = { 1, 1 }, negative[] = { -1 };
    ask("1g.5gb", 7);
    groups[0].all_devices = false;
    groups[0].devices = listed;
    groups[0].device_count = 2;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "no GPU 8 on a node with 8 NVIDIA A100 40GB"));
    ck_assert(found_at(0, "devices", NULL));
    start_over();
    check_on("a100-40gb", 0);
    check_on("a100-40gb", 9);
    ck_assert_uint_eq(problems.count, 0);
    groups[0].devices = twice;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "GPU 1 is named twice"));
    start_over();
    groups[0].devices = negative;
    groups[0].device_count = 1;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "-1 is no index"));
    start_over();
    groups[0].device_count = 0;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "must be \"all\" or name"));
}
END_TEST

START_TEST(groups_do_not_overlap)
{
    const int64_t listed[] = { 0, 3 }, other[] = { 2, 3 }, apart[] = { 1 };
    ask("1g.5gb", 7);
    groups[1] = groups[0];
    layout.group_count = 2;
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "both cover every GPU"));
    ck_assert(found_at(1, "devices", NULL));
    groups[1].all_devices = false;
    groups[1].devices = listed;
    groups[1].device_count = 2;
    start_over();
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "both cover GPU 0"));
    groups[0] = groups[1];
    groups[0].devices = other;
    start_over();
    check_on("a100-40gb", 8);
    ck_assert(only_problem(PROBLEM_FATAL, "both cover GPU 3"));
    groups[0].devices = apart;
    groups[0].device_count = 1;
    start_over();
    check_on("a100-40gb", 8);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(filters_keep_groups_apart)
{
    const struct str a100[] = { STR("0x20B010DE") }, h100[] = { STR("0x233010DE") };
    ask("1g.5gb", 7);
    devices[1] = (struct mig_device){ STR("1g.10gb"), 7 };
    groups[1] = groups[0];
    groups[1].mig_devices = devices + 1;
    groups[0].device_filter = (struct str_list){ a100, 1 };
    groups[1].device_filter = (struct str_list){ h100, 1 };
    layout.group_count = 2;
    struct mig_parted_target targets[] = { { gpu_model_find(STR("h100")), 8 },
                                           { gpu_model_find(STR("a100-40gb")), 8 } };
    mig_parted_layout_check(&layout, targets, 2, &problems);
    ck_assert_uint_eq(problems.count, 0);
    mig_parted_layout_check(&layout, targets, 1, &problems);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "never applies"));
    const struct str odd[] = { STR("A100") };
    groups[1].device_filter = (struct str_list){ odd, 1 };
    start_over();
    mig_parted_layout_check(&layout, NULL, 0, &problems);
    ck_assert(only_problem(PROBLEM_IGNORED, "\"A100\" never matches"));
}
END_TEST

START_TEST(names)
{
    ask("1g.5gb", 7);
    struct mig_parted_layout both[] = { layout, layout };
    mig_parted_config_check(&(struct mig_parted_config){ both, 2 }, NULL, 0, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "\"layout\" is given twice"));
    start_over();
    layout.name = STR("all 1g");
    check_on(NULL, 0);
    ck_assert(only_problem(PROBLEM_FATAL, "\"all 1g\" becomes a node label's value"));
    start_over();
    layout.name = STR("none");
    layout.group_count = 0;
    check_on(NULL, 0);
    ck_assert(only_problem(PROBLEM_FATAL, "has no group of devices"));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/mig_parted_check", good_ones, instances_must_fit, profiles_must_exist,
              gpus_must_be_capable, each_gpu_is_checked_once, counts, indexes,
              groups_do_not_overlap, filters_keep_groups_apart, names);
}
