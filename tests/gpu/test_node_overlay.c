/* What Karpenter is told of shared GPUs, and which nodes an overlay is for. */
#include "gpu/node_overlay.h"

#include "tests/gpu/suite.h"

#include "gpu/karpenter.h"

static struct device_plugin_replicas entries[2];
static struct mig_device devices[2];
static struct overlay_sharing sharing;

static void share(const char *name, int64_t replicas)
{
    entries[0] = (struct device_plugin_replicas){ str_of(name), replicas };
    sharing = (struct overlay_sharing){
        .config = { .mig_strategy = STR("none"),
                    .sharing = { .strategy = SHARING_TIME_SLICING,
                                 .resources = entries,
                                 .resource_count = 1 } },
        .devices = devices,
    };
}

static void divide(const char *mig_strategy, const char *profile, int64_t count)
{
    sharing = (struct overlay_sharing){ .config = { .mig_strategy = str_of(mig_strategy) },
                                        .devices = devices,
                                        .device_count = 1 };
    devices[0] = (struct mig_device){ str_of(profile), count };
}

/* The overlays as "4: a b: resource=amount; 8: ...". */
static const char *told(const struct overlay_type *types, size_t count)
{
    struct overlay_list list = overlay_make(&arena, &sharing, types, count);
    struct buf out = buf_make(&arena, 4096);
    for (size_t i = 0; i < list.count; i++) {
        const struct overlay *row = &list.rows[i];
        buf_print(&out, "%s%lld:", i ? "; " : "", (long long)row->gpus);
        for (size_t j = 0; j < row->type_count; j++)
            buf_print(&out, " %.*s", STR_ARG(row->types[j]));
        for (size_t j = 0; j < row->capacity_count; j++)
            buf_print(&out, "%s %.*s=%lld", j ? "" : ":", STR_ARG(row->capacity[j].resource),
                      (long long)row->capacity[j].amount);
    }
    return buf_str(&out).at;
}

static const struct overlay_type one[] = { { { "a", 1 }, 8 } };

START_TEST(gpus_as_the_device_plugin_counts_them)
{
    ck_assert_int_eq(overlay_gpus(STR("p3.2xlarge")), 1);
    ck_assert_int_eq(overlay_gpus(STR("p3.8xlarge")), 4);
    ck_assert_int_eq(overlay_gpus(STR("g6f.large")), 1);
    ck_assert_int_eq(overlay_gpus(STR("gr6f.4xlarge")), 1);
    ck_assert_int_eq(overlay_gpus(STR("m5.large")), 0);
    ck_assert_int_eq(overlay_gpus(STR("g4ad.xlarge")), 0);
    ck_assert_int_eq(overlay_gpus(STR("")), 0);
}
END_TEST

START_TEST(one_overlay_for_each_number_of_gpus)
{
    const struct overlay_type types[] = {
        { STR("p3.8xlarge"), 4 },  { STR("p3.2xlarge"), 1 },  { STR("g5.12xlarge"), 4 },
        { STR("p3.16xlarge"), 8 }, { STR("g4dn.xlarge"), 1 },
    };
    share("nvidia.com/gpu", 10);
    ck_assert_str_eq(told(types, 5), "1: g4dn.xlarge p3.2xlarge: nvidia.com/gpu=10; "
                                     "4: g5.12xlarge p3.8xlarge: nvidia.com/gpu=40; "
                                     "8: p3.16xlarge: nvidia.com/gpu=80");
    ck_assert_str_eq(told(types, 0), "");
}
END_TEST

START_TEST(what_nobody_advertises_is_taken_back)
{
    share("nvidia.com/gpu", 10);
    sharing.config.sharing.rename_by_default = OPTION_TRUE;
    ck_assert_str_eq(told(one, 1), "8: a: nvidia.com/gpu.shared=80 nvidia.com/gpu=0");
    divide("mixed", "1g.10gb+me", 1);
    ck_assert_str_eq(told(one, 1), "8: a: nvidia.com/mig-1g.10gb.me=8 nvidia.com/gpu=0");
    divide("single", "1g.5gb", 7);
    ck_assert_str_eq(told(one, 1), "8: a: nvidia.com/gpu=56");
}
END_TEST

START_TEST(nothing_overflows)
{
    share("nvidia.com/gpu", INT64_MAX / 2);
    ck_assert_str_eq(told(one, 1), "8: a: nvidia.com/gpu=9223372036854775807");
}
END_TEST

static const struct gpu_model *model(enum gpu_model_id id)
{
    return &gpu_model_rows[id];
}

START_TEST(sharing_that_cannot_be)
{
    divide("mixed", "1g.5gb", 7);
    overlay_check(&sharing, STR("p4d.24xlarge"), model(GPU_A100_40GB), &problems);
    overlay_check(&sharing, STR("p9.48xlarge"), NULL, &problems);
    ck_assert_uint_eq(problems.count, 0);
    devices[0].count = 8;
    overlay_check(&sharing, STR("p4d.24xlarge"), model(GPU_A100_40GB), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "nearest layout that fits is 7 x 1g.5gb"));
    ck_assert(str_is(problems.first->field, "mig_devices"));
    start_over();
    overlay_check(&sharing, STR("p5.48xlarge"), model(GPU_H100), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "the nearest is \"1g.10gb\""));
    ck_assert(str_is(problems.first->key, "1g.5gb"));
    start_over();
    overlay_check(&sharing, STR("p3.2xlarge"), model(GPU_V100), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "MIG cannot divide"));
    start_over();
    share("nvidia.com/gpu", 1);
    overlay_check(&sharing, STR("p3.2xlarge"), model(GPU_V100), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "refuses less than 2"));
}
END_TEST

START_TEST(single_wants_one_profile)
{
    divide("single", "1g.5gb", 2);
    devices[1] = (struct mig_device){ STR("2g.10gb"), 1 };
    sharing.device_count = 2;
    overlay_check(&sharing, STR("p4d.24xlarge"), model(GPU_A100_40GB), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "advertises nothing"));
    ck_assert(str_is(problems.first->field, "mig_strategy"));
    start_over();
    devices[1].count = 0;
    overlay_check(&sharing, STR("p4d.24xlarge"), model(GPU_A100_40GB), &problems);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

/* What `overlay_make` makes of one GPU with what was parsed of "RESOURCE=AMOUNT" on GPUS of them.
 */
static const char *parsed(const char *resource, int64_t amount, int64_t gpus)
{
    const struct overlay_amount capacity[] = { { STR("nvidia.com/gpu"), 0 },
                                               { str_of(resource), amount } };
    const struct overlay_type type = { STR("a"), gpus };
    if (!overlay_parse(&arena, capacity, 2, gpus, &sharing))
        return "no";
    struct str made = str_of(told(&type, 1));
    return str_print(&arena, "%zu+%zu %.*s", sharing.device_count,
                     sharing.config.sharing.resource_count, STR_ARG(made))
        .at;
}

START_TEST(what_was_made_is_parsed)
{
    ck_assert_str_eq(parsed("nvidia.com/gpu", 40, 4), "0+1 4: a: nvidia.com/gpu=40");
    ck_assert_str_eq(parsed("nvidia.com/gpu", 1, 1), "0+0 1: a: nvidia.com/gpu=1");
    ck_assert_str_eq(parsed("nvidia.com/gpu.shared", 40, 4),
                     "0+1 4: a: nvidia.com/gpu.shared=40 nvidia.com/gpu=0");
    ck_assert_str_eq(parsed("nvidia.com/mig-1g.5gb", 56, 8),
                     "1+0 8: a: nvidia.com/mig-1g.5gb=56 nvidia.com/gpu=0");
    ck_assert_str_eq(parsed("nvidia.com/mig-1g.5gb", 168, 8),
                     "1+1 8: a: nvidia.com/mig-1g.5gb=168 nvidia.com/gpu=0");
    ck_assert_int_eq(sharing.devices[0].count, 7);
    ck_assert_int_eq(sharing.config.sharing.resources[0].replicas, 3);
}
END_TEST

START_TEST(what_nobody_made_is_not)
{
    ck_assert_str_eq(parsed("nvidia.com/gpu", 10, 4), "no");
    ck_assert_str_eq(parsed("example.com/x", 4, 4), "no");
    ck_assert_str_eq(parsed("nvidia.com/gpu", 10, 0), "no");
    ck_assert_str_eq(parsed("nvidia.com/mig-1g.5gb", INT64_MAX - INT64_MAX % 8, 8),
                     "1+0 8: a: nvidia.com/mig-1g.5gb=9223372036854775800 nvidia.com/gpu=0");
}
END_TEST

static const struct overlay_label labels[] = {
    { { KARPENTER_GPU_COUNT, sizeof KARPENTER_GPU_COUNT - 1 }, { "4", 1 } },
    { { "team", 4 }, { "ml", 2 } },
};

static enum overlay_match match(const char *key, const char *operation, const char *value)
{
    const struct str values[] = { str_of(value) };
    return overlay_requirement_match(str_of(key), str_of(operation), values, value ? 1 : 0, labels,
                                     2);
}

START_TEST(requirements_of_known_labels)
{
    static const struct {
        const char *operation, *value;
        bool matches;
    } rows[] = {
        { "In", "ml", true },     { "In", "web", false },   { "NotIn", "web", true },
        { "NotIn", "ml", false }, { "Exists", NULL, true }, { "DoesNotExist", NULL, false },
        { "Gt", "3", false },     { "Other", NULL, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(match("team", rows[i].operation, rows[i].value),
                         rows[i].matches ? OVERLAY_MATCHES : OVERLAY_MATCHES_NOT);
}
END_TEST

START_TEST(requirements_of_numbers)
{
    static const struct {
        const char *operation, *value;
        bool matches;
    } rows[] = {
        { "Gt", "3", true },  { "Gt", "4", false },  { "Lt", "5", true },  { "Lt", "4", false },
        { "Gte", "4", true }, { "Gte", "5", false }, { "Lte", "4", true }, { "Lte", "3", false },
        { "Gt", "x", false }, { "Gt", NULL, false },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(match(KARPENTER_GPU_COUNT, rows[i].operation, rows[i].value),
                         rows[i].matches ? OVERLAY_MATCHES : OVERLAY_MATCHES_NOT);
}
END_TEST

START_TEST(requirements_of_other_labels)
{
    ck_assert_int_eq(match("stage", "In", "x"), OVERLAY_MATCHES_NOT);
    ck_assert_int_eq(match("stage", "Exists", NULL), OVERLAY_MATCHES_NOT);
    ck_assert_int_eq(match("stage", "NotIn", "x"), OVERLAY_MATCHES);
    ck_assert_int_eq(match("example.com/stage", "DoesNotExist", NULL), OVERLAY_MATCHES);
    ck_assert_int_eq(match("karpenter.sh/capacity-type", "In", "spot"), OVERLAY_MAY_MATCH);
    ck_assert_int_eq(match("topology.kubernetes.io/zone", "In", "a"), OVERLAY_MAY_MATCH);
    ck_assert_int_eq(match("karpenter.k8s.aws/instance-category", "In", "g"), OVERLAY_MAY_MATCH);
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/node_overlay", gpus_as_the_device_plugin_counts_them,
              one_overlay_for_each_number_of_gpus, what_nobody_advertises_is_taken_back,
              nothing_overflows, sharing_that_cannot_be, single_wants_one_profile,
              what_was_made_is_parsed, what_nobody_made_is_not, requirements_of_known_labels,
              requirements_of_numbers, requirements_of_other_labels);
}
