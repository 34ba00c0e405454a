/* Node templates to EC2NodeClasses. */
#include "gpu/provisioner_class.h"

#include "base/yaml.h"
#include "tests/gpu/suite.h"

static json_t *made;

/* Makes the node class of a template with what every one needs and MORE. */
static void make(const char *more)
{
    struct str text = str_print(&arena,
                                "instanceProfile: p\nsubnetSelector: {a: b}\n"
                                "securityGroupSelector: {a: b}\n%s",
                                more);
    start_over();
    const struct node_template template = {
        .name = STR("n"),
        .spec = yaml_parse(&call, NULL, text, "test"),
        .spec_path = STR("spec"),
        .kubelet_path = STR("kubelet"),
    };
    ck_assert_ptr_nonnull(template.spec);
    made = provisioner_node_class(&arena, &template, &problems);
}

static struct str at(const char *path)
{
    return json_str_at(json_object_get(made, "spec"), path);
}

START_TEST(the_least)
{
    make("");
    ck_assert(str_is(json_str_at(made, "apiVersion"), "karpenter.k8s.aws/v1"));
    ck_assert(str_is(json_str_at(made, "kind"), "EC2NodeClass"));
    ck_assert(str_is(json_str_at(made, "metadata.name"), "n"));
    ck_assert(str_is(at("instanceProfile"), "p"));
    ck_assert(str_is(at("amiSelectorTerms.0.alias"), "al2023@latest"));
    ck_assert(str_is(at("subnetSelectorTerms.0.tags.a"), "b"));
    ck_assert(str_is(at("metadataOptions.httpTokens"), "required"));
    ck_assert_ptr_nonnull(problem_with("AL2's images ended"));
    ck_assert_ptr_nonnull(problem_with("hop limit was 2"));
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_FATAL), 0);
}
END_TEST

START_TEST(ami_families)
{
    make("amiFamily: Bottlerocket\n");
    ck_assert(str_is(at("amiSelectorTerms.0.alias"), "bottlerocket@latest"));
    make("amiFamily: Windows2022\n");
    ck_assert(str_is(at("amiSelectorTerms.0.alias"), "windows2022@latest"));
    make("amiFamily: Windows2019\n");
    ck_assert(str_is(at("amiSelectorTerms.0.alias"), "windows2019@latest"));
    make("amiFamily: Ubuntu\n");
    ck_assert(str_is(at("amiSelectorTerms.0.alias"), "al2023@latest"));
    ck_assert_ptr_nonnull(problem_with("Ubuntu's family was dropped"));
    make("amiFamily: Custom\n");
    ck_assert_ptr_nonnull(problem_with("Custom needs AMIs"));
    make("amiFamily: Custom\namiSelector: {aws-ids: \"ami-1, ami-2\"}\n");
    ck_assert(str_is(at("amiFamily"), "Custom"));
    ck_assert(str_is(at("amiSelectorTerms.0.id"), "ami-1"));
    ck_assert(str_is(at("amiSelectorTerms.1.id"), "ami-2"));
    ck_assert_ptr_null(at("amiSelectorTerms.0.alias").at);
}
END_TEST

START_TEST(selectors)
{
    make("amiSelector: {aws::name: x, Name: z, team: \"a,b\"}\n");
    ck_assert(str_is(at("amiSelectorTerms.0.tags.Name"), "z"));
    ck_assert_ptr_nonnull(problem_with("`aws::name` was left out"));
    ck_assert_ptr_nonnull(problem_with("values of `team` were alternatives"));
    make("amiSelector: {Name: y}\n");
    ck_assert_ptr_nonnull(problem_with("value of `Name` is no text"));
    make("amiSelector: {Name: \"a, b\"}\n");
    ck_assert(str_is(at("amiSelectorTerms.1.tags.Name"), "b"));
}
END_TEST

START_TEST(what_the_api_requires_must_be_there)
{
    start_over();
    const struct node_template template = { .name = STR("n"),
                                            .spec = json_new_object(&arena),
                                            .spec_path = STR("spec") };
    made = provisioner_node_class(&arena, &template, &problems);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_FATAL), 3);
    ck_assert_ptr_nonnull(problem_with("global default has no successor"));
    ck_assert_ptr_nonnull(problem_with("needs `subnetSelectorTerms`"));
    ck_assert_ptr_nonnull(problem_with("needs `securityGroupSelectorTerms`"));
}
END_TEST

START_TEST(the_rest_is_copied_or_named)
{
    make("userData: x\ntags: {a: b}\nlaunchTemplate: lt\nsomething: 1\n"
         "metadataOptions: {httpTokens: optional}\n"
         "blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 100Gi}}]\n");
    ck_assert(str_is(at("userData"), "x"));
    ck_assert(str_is(at("tags.a"), "b"));
    ck_assert(str_is(at("metadataOptions.httpTokens"), "optional"));
    ck_assert(str_is(at("blockDeviceMappings.0.ebs.volumeSize"), "100Gi"));
    ck_assert_ptr_nonnull(problem_with("makes launch templates itself"));
    ck_assert_ptr_nonnull(problem_with("`something` has no successor."));
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_IGNORED), 2);
}
END_TEST

START_TEST(kubelet_and_placeholders)
{
    start_over();
    const struct node_template template = {
        .name = STR("n"),
        .spec = yaml_parse(&call, NULL, STR("instanceProfile: <x>\ntags: {a: [<y>]}\n"), "test"),
        .kubelet = yaml_parse(&call, NULL,
                              STR("maxPods: 20\ncontainerRuntime: docker\nevictionHard: "
                                  "{memory.available: 5%}\n"),
                              "test"),
        .spec_path = STR("spec"),
        .kubelet_path = STR("kubelet"),
    };
    made = provisioner_node_class(&arena, &template, &problems);
    const json_t *kubelet = json_at(made, "spec.kubelet");
    ck_assert_uint_eq(json_object_size(kubelet), 2);
    const struct problem *problem = problem_with("`containerRuntime` has no successor");
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(problem->path.at, "kubelet.containerRuntime");
    ck_assert_str_eq(problem_with("`<y>`")->path.at, "spec.tags.a[0]");
    ck_assert_ptr_nonnull(problem_with("`<x>` is still to be filled in"));
}
END_TEST

int main(void)
{
    SUITE_RUN("provisioner_class", the_least, ami_families, selectors,
              what_the_api_requires_must_be_there, the_rest_is_copied_or_named,
              kubelet_and_placeholders);
}
