/* Provisioners to NodePools: a guide's own, every member, what is refused. */
#include "gpu/provisioner.h"

#include "base/yaml.h"
#include "tests/gpu/suite.h"

static struct provisioner out;

static void convert(const char *text)
{
    start_over();
    provisioner_convert(&call, str_of(text), &out, &problems);
    ck_assert_uint_eq(call.errors, 0);
}

/* The Provisioner `a` with SPEC behind its provider. */
static void convert_spec(const char *spec)
{
    convert(str_print(&arena,
                      "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\n"
                      "metadata: {name: a}\nspec:\n"
                      "  provider: {instanceProfile: p, subnetSelector: {a: b}, "
                      "securityGroupSelector: {a: b}}\n%s",
                      spec)
                .at);
}

static struct str pool_text(const char *path)
{
    return json_str_at(out.node_pool, path);
}

/* The NodePool's requirement for KEY, or NULL. */
static json_t *requirement(const char *key)
{
    size_t i;
    json_t *found;
    json_array_foreach (json_at(out.node_pool, "spec.template.spec.requirements"), i, found)
        if (str_is(json_str_at(found, "key"), key))
            return found;
    return NULL;
}

static const char guide[] = "apiVersion: karpenter.sh/v1alpha5\n"
                            "kind: Provisioner\n"
                            "metadata:\n"
                            "  name: gpu-provisioner\n"
                            "spec:\n"
                            "  requirements:\n"
                            "    - key: \"instance-type\"\n"
                            "      operator: In\n"
                            "      values:\n"
                            "        - \"p3.2xlarge\"\n"
                            "        - \"p4d.24xlarge\"\n"
                            "        - \"g4dn.xlarge\"\n"
                            "    - key: \"kubernetes.io/arch\"\n"
                            "      operator: In\n"
                            "      values:\n"
                            "        - \"amd64\"\n"
                            "  limits:\n"
                            "    resources:\n"
                            "      cpu: \"1000\"\n"
                            "      memory: \"1000Gi\"\n"
                            "  provider:\n"
                            "    instanceProfile: <instance-profile>\n"
                            "    subnetSelector:\n"
                            "      karpenter.sh/discovery: <cluster-name>\n"
                            "    securityGroupSelector:\n"
                            "      karpenter.sh/discovery: <cluster-name>\n";

START_TEST(the_guides_provisioner)
{
    convert(guide);
    ck_assert(str_is(out.name, "gpu-provisioner"));
    ck_assert(str_is(pool_text("apiVersion"), "karpenter.sh/v1"));
    ck_assert(str_is(pool_text("spec.limits.cpu"), "1000"));
    ck_assert(str_is(pool_text("spec.template.spec.nodeClassRef.name"), "gpu-provisioner"));
    ck_assert_ptr_nonnull(requirement("node.kubernetes.io/instance-type"));
    ck_assert_ptr_null(requirement("instance-type"));
    ck_assert_ptr_nonnull(requirement("karpenter.sh/capacity-type"));
    ck_assert_ptr_nonnull(requirement("kubernetes.io/os"));
    /* Types are named, so the implied families do not apply. */
    ck_assert_ptr_null(requirement("karpenter.k8s.aws/instance-category"));
    ck_assert_ptr_nonnull(problem_with("\"instance-type\" restricts nothing"));
    ck_assert_ptr_nonnull(problem_with("`<cluster-name>` is still to be filled in"));
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_FATAL), 0);
    ck_assert_ptr_nonnull(out.node_class);
}
END_TEST

START_TEST(what_v1alpha5_implied_is_written_out)
{
    convert_spec("");
    ck_assert(str_is(pool_text("spec.template.spec.expireAfter"), "Never"));
    ck_assert(str_is(pool_text("spec.disruption.consolidateAfter"), "Never"));
    ck_assert(str_is(pool_text("spec.disruption.consolidationPolicy"), "WhenEmpty"));
    const json_t *categories = requirement("karpenter.k8s.aws/instance-category");
    ck_assert_uint_eq(json_array_size(json_at(categories, "values")), 3);
    ck_assert(str_is(json_str_at(requirement("karpenter.k8s.aws/instance-generation"), "operator"),
                     "Gt"));
    ck_assert_ptr_null(json_at(out.node_pool, "spec.limits"));
    ck_assert_ptr_null(json_at(out.node_pool, "spec.template.metadata"));
}
END_TEST

START_TEST(lifetimes)
{
    convert_spec("  ttlSecondsAfterEmpty: 30\n  ttlSecondsUntilExpired: 2592000\n");
    ck_assert(str_is(pool_text("spec.disruption.consolidateAfter"), "30s"));
    ck_assert(str_is(pool_text("spec.disruption.consolidationPolicy"), "WhenEmpty"));
    ck_assert(str_is(pool_text("spec.template.spec.expireAfter"), "2592000s"));
    convert_spec("  consolidation: {enabled: true}\n  ttlSecondsAfterEmpty: 30\n");
    ck_assert(str_is(pool_text("spec.disruption.consolidateAfter"), "0s"));
    ck_assert(str_is(pool_text("spec.disruption.consolidationPolicy"), "WhenEmptyOrUnderutilized"));
    ck_assert_ptr_nonnull(problem_with("excludes `consolidation.enabled`"));
}
END_TEST

START_TEST(labels_taints_and_weight)
{
    convert_spec("  weight: 10\n"
                 "  labels: {team: ml, number: 5, karpenter.sh/provisioner-name: a}\n"
                 "  annotations: {karpenter.sh/do-not-evict: \"true\"}\n"
                 "  taints: [{key: nvidia.com/gpu, value: \"true\", effect: NoSchedule}]\n"
                 "  startupTaints: [{key: x, effect: NoExecute}]\n"
                 "  limits: {resources: {cpu: 1000}}\n");
    const json_t *labels = json_at(out.node_pool, "spec.template.metadata.labels");
    ck_assert_uint_eq(json_object_size(labels), 2);
    ck_assert_str_eq(json_string_value(json_object_get(labels, "number")), "5");
    const json_t *annotations = json_at(out.node_pool, "spec.template.metadata.annotations");
    ck_assert_ptr_nonnull(json_object_get(annotations, "karpenter.sh/do-not-disrupt"));
    ck_assert(str_is(pool_text("spec.template.spec.taints.0.key"), "nvidia.com/gpu"));
    ck_assert(str_is(pool_text("spec.template.spec.startupTaints.0.key"), "x"));
    ck_assert_int_eq(json_integer_value(json_at(out.node_pool, "spec.weight")), 10);
    ck_assert(str_is(pool_text("spec.limits.cpu"), "1000"));
    ck_assert_ptr_nonnull(problem_with("karpenter.sh/do-not-evict became"));
    ck_assert_ptr_nonnull(problem_with("has no successor to be set"));
}
END_TEST

START_TEST(requirements_are_checked)
{
    convert_spec("  requirements:\n"
                 "  - {key: karpenter.sh/provisioner-name, operator: In, values: [a]}\n"
                 "  - {key: karpenter.k8s.aws/instance-family, operator: In, values: []}\n"
                 "  - {key: karpenter.k8s.aws/instance-gpu-count, operator: Gt, values: [0]}\n"
                 "  - {operator: In}\n");
    ck_assert_ptr_null(requirement("karpenter.sh/provisioner-name"));
    ck_assert_uint_ge(problems_count(&problems, PROBLEM_FATAL), 2);
    ck_assert_ptr_nonnull(problem_with("needs `key` and `operator`"));
    /* A number is a text to the API. */
    const json_t *count = requirement("karpenter.k8s.aws/instance-gpu-count");
    ck_assert(str_is(json_str_at(count, "values.0"), "0"));
}
END_TEST

START_TEST(what_is_unknown_has_no_successor)
{
    convert_spec("  ttlSecondsAfterEmty: 30\n");
    const struct problem *problem = problem_with("v1alpha5 has no `ttlSecondsAfterEmty`");
    ck_assert_ptr_nonnull(problem);
    ck_assert_int_eq(problem->severity, PROBLEM_IGNORED);
    ck_assert(str_contains(problem->sentence, "Did you mean `ttlSecondsAfterEmpty`?"));
}
END_TEST

#define REFERS                                                                                     \
    "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: a}\n"                  \
    "spec: {providerRef: {name: b}, kubeletConfiguration: {maxPods: 20}}\n"

START_TEST(a_node_template_stands_behind_it)
{
    convert(REFERS "---\napiVersion: karpenter.k8s.aws/v1alpha1\nkind: AWSNodeTemplate\n"
                   "metadata: {name: b}\nspec: {instanceProfile: p, subnetSelector: {a: b}, "
                   "securityGroupSelector: {a: b}}\n");
    ck_assert(str_is(pool_text("spec.template.spec.nodeClassRef.name"), "b"));
    ck_assert(str_is(json_str_at(out.node_class, "metadata.name"), "b"));
    ck_assert_int_eq(json_integer_value(json_at(out.node_class, "spec.kubelet.maxPods")), 20);
    convert(REFERS);
    ck_assert_ptr_null(out.node_class);
    ck_assert_ptr_nonnull(problem_with("AWSNodeTemplate `b` is not in the text"));
    ck_assert_ptr_nonnull(problem_with("belongs to the EC2NodeClass"));
}
END_TEST

START_TEST(what_is_no_provisioner)
{
    convert("apiVersion: karpenter.sh/v1\nkind: NodePool\n");
    ck_assert_ptr_null(out.node_pool);
    ck_assert(only_problem(PROBLEM_FATAL, "NodePool already"));
    convert("apiVersion: karpenter.sh/v1beta1\nkind: NodePool\n");
    ck_assert(only_problem(PROBLEM_FATAL, "converts itself"));
    convert("apiVersion: v1\nkind: Pod\n");
    ck_assert(only_problem(PROBLEM_FATAL, "holds no Provisioner"));
    convert("");
    ck_assert(only_problem(PROBLEM_FATAL, "empty"));
    convert("kind: {\n");
    ck_assert_uint_eq(problems.count, 1);
    convert("apiVersion: karpenter.sh/v1alpha4\nkind: Provisioner\nspec: [1]\n");
    ck_assert_ptr_nonnull(problem_with("Expected karpenter.sh/v1alpha5"));
    ck_assert_ptr_nonnull(problem_with("has no name"));
    ck_assert_ptr_nonnull(problem_with("neither `provider` nor `providerRef`"));
}
END_TEST

int main(void)
{
    SUITE_RUN("provisioner", the_guides_provisioner, what_v1alpha5_implied_is_written_out,
              lifetimes, labels_taints_and_weight, requirements_are_checked,
              what_is_unknown_has_no_successor, a_node_template_stands_behind_it,
              what_is_no_provisioner);
}
