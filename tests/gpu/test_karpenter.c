/* Karpenter's keys, operators and patterns. */
#include "gpu/karpenter.h"

#include "tests/gpu/suite.h"

static struct requirement_key judged(const char *key)
{
    return requirement_key_check(str_of(key), REQUIREMENT_OF_NODE_POOL);
}

START_TEST(known_and_custom_keys)
{
    static const char *const known[] = {
        "karpenter.k8s.aws/instance-family",
        "karpenter.k8s.aws/instance-gpu-count",
        "karpenter.k8s.aws/ec2nodeclass",
        "karpenter.sh/capacity-type",
        "node.kubernetes.io/instance-type",
        "topology.kubernetes.io/zone",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "karpenter.k8s.aws/instance-tenancy",
        "karpenter.k8s.aws/placement-group-partition",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_int_eq(judged(known[i]).verdict, REQUIREMENT_KNOWN);
    ck_assert_int_eq(judged("nvidia.com/device-plugin.config").verdict, REQUIREMENT_CUSTOM);
    ck_assert_int_eq(judged("team").verdict, REQUIREMENT_CUSTOM);
    ck_assert_int_eq(judged("example.com/instance-family").verdict, REQUIREMENT_CUSTOM);
}
END_TEST

START_TEST(wrong_keys_get_the_right_one)
{
    static const char *const pairs[][2] = {
        { "instance-type", "node.kubernetes.io/instance-type" },
        { "instance-family", "karpenter.k8s.aws/instance-family" },
        { "capacity-type", "karpenter.sh/capacity-type" },
        { "zone", "topology.kubernetes.io/zone" },
        { "arch", "kubernetes.io/arch" },
        { "os", "kubernetes.io/os" },
        { "gpu-count", "karpenter.k8s.aws/instance-gpu-count" },
        { "beta.kubernetes.io/arch", "kubernetes.io/arch" },
        { "eks.amazonaws.com/instance-family", "karpenter.k8s.aws/instance-family" },
        { "eks.amazonaws.com/instance-gpu-name", "karpenter.k8s.aws/instance-gpu-name" },
        { "node.kubernetes.io/instance-typ", "node.kubernetes.io/instance-type" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ck_assert_int_eq(judged(pairs[i][0]).verdict, REQUIREMENT_WRONG);
        ck_assert_str_eq(judged(pairs[i][0]).suggestion, pairs[i][1]);
    }
}
END_TEST

START_TEST(refused_keys)
{
    ck_assert_int_eq(judged("kubernetes.io/hostname").verdict, REQUIREMENT_REFUSED);
    ck_assert_int_eq(judged("karpenter.sh/nodepool").verdict, REQUIREMENT_REFUSED);
    ck_assert_int_eq(judged("karpenter.sh/anything").verdict, REQUIREMENT_REFUSED);
    ck_assert_int_eq(judged("bad key").verdict, REQUIREMENT_REFUSED);
    ck_assert_int_eq(judged("").verdict, REQUIREMENT_REFUSED);
    struct requirement_key key = judged("karpenter.k8s.aws/instance-famly");
    ck_assert_int_eq(key.verdict, REQUIREMENT_REFUSED);
    ck_assert_str_eq(key.suggestion, "karpenter.k8s.aws/instance-family");
    key = judged("karpenter.k8s.aws/instance-type");
    ck_assert_int_eq(key.verdict, REQUIREMENT_REFUSED);
    ck_assert_str_eq(key.suggestion, "node.kubernetes.io/instance-type");
    key = requirement_key_check(STR("karpenter.sh/nodepool"), REQUIREMENT_OF_NODE_OVERLAY);
    ck_assert_int_eq(key.verdict, REQUIREMENT_KNOWN);
}
END_TEST

static void require(const char *key, const char *operation, const char *first, const char *second)
{
    struct str values[] = { str_of(first), str_of(second) };
    struct requirement requirement = { .key = str_of(key),
                                       .operation = str_of(operation),
                                       .values = values,
                                       .value_count = (first != NULL) + (size_t)(second != NULL) };
    start_over();
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
}

#define COUNT "karpenter.k8s.aws/instance-gpu-count"

START_TEST(operators)
{
    require("karpenter.k8s.aws/instance-family", "In", "p3", NULL);
    require(COUNT, "Gt", "0", NULL);
    ck_assert_uint_eq(problems.count, 0);
    require("team", "Exists", NULL, NULL);
    ck_assert_uint_eq(problems.count, 0);
    require("team", "NotIn", NULL, NULL);
    ck_assert_uint_eq(problems.count, 0);
    require(COUNT, "Gtt", "0", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "Did you mean \"Gt\"?") ||
              only_problem(PROBLEM_FATAL, "Did you mean \"Gte\"?"));
    require(COUNT, "In", NULL, NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "In needs at least one value"));
    static const char *const numbers[] = { "Gt", "Lt", "Gte", "Lte" };
    for (size_t i = 0; i < 4; i++) {
        require(COUNT, numbers[i], NULL, NULL);
        ck_assert(only_problem(PROBLEM_FATAL, "exactly one whole number"));
        require(COUNT, numbers[i], "1", "2");
        ck_assert(only_problem(PROBLEM_FATAL, "exactly one whole number"));
        require(COUNT, numbers[i], "-1", NULL);
        ck_assert(only_problem(PROBLEM_FATAL, "exactly one whole number"));
        require(COUNT, numbers[i], "many", NULL);
        ck_assert(only_problem(PROBLEM_FATAL, "exactly one whole number"));
    }
    require("team", "DoesNotExist", "x", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "takes no values"));
}
END_TEST

START_TEST(keys_in_requirements)
{
    require("instance-type", "In", "p4d.24xlarge", NULL);
    ck_assert(only_problem(PROBLEM_IGNORED, "restricts nothing.  Use \"node.kubernetes.io"));
    ck_assert(str_is(problems.first->field, "key"));
    require("karpenter.sh/nodepool", "In", "gpu", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "is refused"));
}
END_TEST

START_TEST(known_values)
{
    require("karpenter.sh/capacity-type", "In", "spot", "on-demand");
    ck_assert_uint_eq(problems.count, 0);
    require("karpenter.sh/capacity-type", "In", "SPOT", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "there are \"on-demand\", \"spot\", \"reserved\""));
    require("kubernetes.io/arch", "In", "x86_64", NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "\"amd64\", \"arm64\""));
    require(KARPENTER_GPU_NAME, "In", "a100", "t4");
    ck_assert_uint_eq(problems.count, 0);
    require(KARPENTER_GPU_NAME, "In", "h1000", NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Did you mean \"h100\"?"));
    require(KARPENTER_GPU_NAME, "In", "a100-40gb", NULL);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Did you mean \"a100\"?"));
    require("team", "In", "a b", NULL);
    ck_assert(only_problem(PROBLEM_FATAL, "is no label value"));
}
END_TEST

START_TEST(least_numbers_of_values)
{
    const struct str values[] = { STR("p3"), STR("p4d") };
    struct requirement requirement = { STR("karpenter.k8s.aws/instance-family"), STR("In"), values,
                                       2, 2 };
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
    ck_assert_uint_eq(problems.count, 0);
    requirement.min_values = 3;
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "more values than"));
    start_over();
    requirement.min_values = 51;
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "1 to 50"));
    start_over();
    requirement.min_values = -1;
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "1 to 50"));
    start_over();
    requirement.min_values = 1;
    requirement_check(&requirement, REQUIREMENT_OF_NODE_OVERLAY, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "NodeOverlay has no min_values"));
}
END_TEST

START_TEST(durations)
{
    static const char *const good[] = { "720h", "1h30m", "0s", "30m1h", "5s5s" };
    static const char *const bad[] = { "", "1", "h", "1.5h", "-1h", "1d", "1h ", "never", "1ms" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(karpenter_duration_valid(str_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!karpenter_duration_or_never_valid(str_of(bad[i])), "%s", bad[i]);
    ck_assert(karpenter_duration_or_never_valid(STR("Never")));
    ck_assert(!karpenter_duration_valid(STR("Never")));
}
END_TEST

START_TEST(budget_patterns)
{
    static const char *const good[] = { "8h", "30m", "1h30m", "8h0s", "30m0s", "1h30m0s" };
    static const char *const bad[] = { "",       "0s", "8h5s", "30m1h", "1h1h",
                                       "1h0m1h", "s",  "8",    "8h00s" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(budget_duration_valid(str_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!budget_duration_valid(str_of(bad[i])), "%s", bad[i]);
    static const char *const nodes[] = { "0", "5", "0%", "7%", "10%", "99%", "100%", "1000" };
    static const char *const no_nodes[] = { "",   "%",   "101%", "200%", "05%",
                                            "-1", "1.5", "5 %",  "5%%" };
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        ck_assert_msg(budget_nodes_valid(str_of(nodes[i])), "%s", nodes[i]);
    for (size_t i = 0; i < sizeof no_nodes / sizeof *no_nodes; i++)
        ck_assert_msg(!budget_nodes_valid(str_of(no_nodes[i])), "%s", no_nodes[i]);
}
END_TEST

START_TEST(budgets)
{
    const struct str reasons[] = { STR("Empty"), STR("Drifted") }, odd[] = { STR("Empti") };
    struct budget budget = { STR("10%"), STR("0 9 * * mon-fri"), STR("8h"), reasons, 2 };
    budget_check(&budget, &problems);
    budget_check(&(struct budget){ .nodes = STR("0") }, &problems);
    ck_assert_uint_eq(problems.count, 0);
    budget.duration = (struct str){ 0 };
    budget_check(&budget, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "must be given together"));
    start_over();
    budget_check(&(struct budget){ .nodes = STR("1"), .duration = STR("8h") }, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "must be given together"));
    start_over();
    budget_check(&(struct budget){ STR("x"), STR("whenever"), STR("8d"), odd, 1 }, &problems);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_FATAL), 3);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_SUSPICIOUS), 1);
    ck_assert_ptr_nonnull(problem_with("Did you mean \"Empty\"?"));
    ck_assert_ptr_nonnull(problem_with("from \"0%\" to \"100%\""));
}
END_TEST

START_TEST(template_labels)
{
    template_label_check(STR("nvidia.com/gpu.present"), "labels", &problems);
    template_label_check(STR("karpenter.k8s.aws/instance-family"), "labels", &problems);
    ck_assert_uint_eq(problems.count, 0);
    template_label_check(STR("karpenter.sh/nodepool"), "labels", &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "sets \"karpenter.sh/nodepool\" itself"));
    ck_assert(str_is(problems.first->key, "karpenter.sh/nodepool"));
    start_over();
    template_label_check(STR("karpenter.k8s.aws/own"), "labels", &problems);
    ck_assert_uint_eq(problems.count, 1);
    start_over();
    template_label_check(STR("kubernetes.io/hostname"), "labels", &problems);
    ck_assert_uint_eq(problems.count, 1);
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/karpenter", known_and_custom_keys, wrong_keys_get_the_right_one, refused_keys,
              operators, keys_in_requirements, known_values, least_numbers_of_values, durations,
              budget_patterns, budgets, template_labels);
}
