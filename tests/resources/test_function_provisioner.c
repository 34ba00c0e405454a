/* node_pool_from_provisioner: what comes out is a configuration of this provider, and YAML. */
#include "tests/resources/functions.h"

static json_t *convert(const char *yaml)
{
    json_t *arguments = json_new_array(&arena);
    json_add(&arena, arguments, json_new_str(&arena, str_of(yaml)));
    return function_call("node_pool_from_provisioner", json_print(&arena, arguments).at);
}

#define PROVISIONER "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: gpu}\n"

START_TEST(a_provisioner)
{
    json_t *result = convert(
        PROVISIONER "spec:\n"
                    "  requirements: [{key: instance-type, operator: In, values: [p3.2xlarge]}]\n"
                    "  limits: {resources: {cpu: 1000}}\n"
                    "  taints: [{key: nvidia.com/gpu, effect: NoSchedule}]\n"
                    "  provider: {instanceProfile: p, subnetSelector: {a: b}, "
                    "securityGroupSelector: {a: b}}\n");
    struct str hcl = json_str_at(result, "hcl");
    ck_assert(json_is_true(json_at(result, "valid")));
    ck_assert_str_eq(data_text(result, "name"), "gpu");
    ck_assert(str_contains(hcl, "resource \"gpushare_karpenter_node_pool\" \"gpu\" {\n"));
    ck_assert(str_contains(hcl, "resource \"gpushare_karpenter_ec2_node_class\" \"gpu\" {\n"));
    ck_assert(str_contains(hcl, "  instance_profile = \"p\"\n"));
    ck_assert(str_contains(hcl, "    key      = \"node.kubernetes.io/instance-type\"\n"));
    ck_assert(str_contains(hcl, "    effect = \"NoSchedule\"\n"));
    ck_assert(str_contains(hcl, "  limits       = { cpu = \"1000\" }\n"));
    ck_assert(str_contains(json_str_at(result, "node_pool"), "kind: NodePool\n"));
    ck_assert(str_contains(json_str_at(result, "node_class"), "kind: EC2NodeClass\n"));
    ck_assert(function_has_problem(result, "restricts nothing"));
}
END_TEST

START_TEST(what_is_missing)
{
    json_t *result = convert(PROVISIONER "spec: {}\n");
    ck_assert(json_is_false(json_at(result, "valid")));
    ck_assert(json_is_null(json_at(result, "node_class")));
    ck_assert(str_contains(json_str_at(result, "node_pool"), "kind: NodePool\n"));
    result = convert("kind: Pod\napiVersion: v1\n");
    ck_assert(json_is_null(json_at(result, "node_pool")));
    ck_assert(json_is_null(json_at(result, "name")));
    ck_assert_str_eq(data_text(result, "hcl"), "");
}
END_TEST

/* The old API's values need not fit ours: no crash, but problems. */
START_TEST(values_of_other_kinds)
{
    json_t *result = convert(PROVISIONER "spec: {taints: [5], labels: [x], requirements: {a: b}, "
                                         "limits: 3, provider: {instanceProfile: 5, "
                                         "blockDeviceMappings: yes}}\n");
    ck_assert(json_is_false(json_at(result, "valid")));
}
END_TEST

int main(void)
{
    DATA_RUN("function_provisioner", a_provisioner, what_is_missing, values_of_other_kinds);
}
