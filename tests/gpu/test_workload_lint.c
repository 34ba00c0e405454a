/* Pods' mistakes, those of the guides among them. */
#include "gpu/workload_lint.h"

#include <string.h>

#include "tests/gpu/suite.h"

static const struct offered_resource shared[] = { { { "nvidia.com/gpu", 14 }, 10 } };
static const struct offered_resource whole[] = { { { "nvidia.com/gpu", 14 }, 1 } };
static const struct offered_resource renamed[] = { { { "nvidia.com/gpu.shared", 21 }, 4 },
                                                   { { "nvidia.com/mig-1g.5gb", 21 }, 1 } };

static void lint_text(const char *text, const struct offered_resource *rows, size_t count)
{
    const struct offered_resources offered = { rows, count };
    start_over();
    workload_lint(&call, str_of(text), &offered, &problems);
    ck_assert_uint_eq(call.errors, 0);
}

#define TOLERATES "  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]\n"

/* A pod that tolerates GPU nodes and asks for RESOURCES, on nodes with shared GPUs. */
static void lint_pod(const char *resources)
{
    lint_text(str_print(&arena,
                        "apiVersion: v1\nkind: Pod\nspec:\n" TOLERATES
                        "  containers:\n  - resources: %s\n",
                        resources)
                  .at,
              shared, 1);
}

START_TEST(a_pod_without_a_mistake)
{
    lint_pod("{limits: {nvidia.com/gpu: 1}}");
    ck_assert_uint_eq(problems.count, 0);
    lint_pod("{limits: {nvidia.com/gpu: \"1\", cpu: 0.5}, requests: {nvidia.com/gpu: 1000m, cpu: "
             "0.1}}");
    ck_assert_uint_eq(problems.count, 0);
    lint_pod("{limits: {cpu: 1}}");
    ck_assert_uint_eq(problems.count, 0);
    lint_pod("{limits: {nvidia.com/gpu: 0}}");
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(more_than_one_share)
{
    lint_pod("{limits: {nvidia.com/gpu: 7}}");
    ck_assert(only_problem(PROBLEM_IGNORED, "7 shares give no larger part"));
    ck_assert_str_eq(problems.first->path.at,
                     "spec.containers[0].resources.limits[\"nvidia.com/gpu\"]");
    static const char two[] = "apiVersion: v1\nkind: Pod\nspec:\n" TOLERATES
                              "  containers: [{resources: {limits: {nvidia.com/gpu: 2}}}]\n";
    lint_text(two, whole, 1);
    ck_assert_uint_eq(problems.count, 0);
    lint_text(two, NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Where GPUs are shared"));
}
END_TEST

START_TEST(amounts)
{
    lint_pod("{limits: {nvidia.com/gpu: 0.5}}");
    ck_assert(only_problem(PROBLEM_FATAL, "0.5 of nvidia.com/gpu cannot be asked for"));
    lint_pod("{limits: {nvidia.com/gpu: 500m}}");
    ck_assert(only_problem(PROBLEM_FATAL, "whole numbers"));
    lint_pod("{limits: {nvidia.com/gpu: -1}}");
    ck_assert(only_problem(PROBLEM_FATAL, "whole numbers"));
    lint_pod("{limits: {nvidia.com/gpu: one}}");
    ck_assert(only_problem(PROBLEM_FATAL, "one is no quantity"));
    lint_pod("{limits: {nvidia.com/gpu: [1]}}");
    ck_assert(only_problem(PROBLEM_FATAL, "is no quantity"));
}
END_TEST

START_TEST(requests_and_limits)
{
    lint_pod("{limits: {nvidia.com/gpu: 1}, requests: {nvidia.com/gpu: 2}}");
    ck_assert(only_problem(PROBLEM_FATAL, "The request (2) differs from the limit (1)"));
    lint_pod("{requests: {nvidia.com/gpu: 1}}");
    ck_assert(only_problem(PROBLEM_FATAL, "Devices need a limit"));
}
END_TEST

static const char unnamed[] = "apiVersion: v1\nkind: Pod\nspec:\n" TOLERATES
                              "  containers: [{resources: {limits: {nvidia.com/%s: 1}}}]\n";

/* As printf with UNNAMED, which the compiler wants to see as a literal. */
static const char *pod_of(const char *name)
{
    struct str before = str_of(unnamed);
    size_t at = str_find(before, '%', 0);
    return str_print(&arena, "%.*s%s%s", (int)at, unnamed, name, unnamed + at + 2).at;
}

START_TEST(resources_that_nobody_advertises)
{
    lint_text(pod_of("gpu"), renamed, 2);
    ck_assert(only_problem(PROBLEM_FATAL, "No node advertises nvidia.com/gpu"));
    ck_assert_ptr_nonnull(problem_with("Did you mean nvidia.com/gpu.shared?"));
    lint_text(pod_of("mig-1g.5gb"), renamed, 2);
    ck_assert_uint_eq(problems.count, 0);
    lint_text(pod_of("gpus"), NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Did you mean nvidia.com/gpu?"));
    lint_text(pod_of("gpu.shared"), NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
    lint_text(pod_of("mig-1g.5gb.shared"), NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(a_missing_toleration)
{
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n"
              "  containers: [{resources: {limits: {nvidia.com/gpu: 1}}}]\n",
              NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "EKS adds that toleration"));
    ck_assert_str_eq(problems.first->path.at, "spec.tolerations");
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n"
              "  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoExecute}]\n"
              "  containers: [{resources: {limits: {nvidia.com/gpu.shared: 1}}}]\n",
              NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "a taint called nvidia.com/gpu.shared only"));
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n  tolerations: [{operator: Exists}]\n"
              "  containers: [{resources: {limits: {nvidia.com/gpu.shared: 1}}}]\n",
              NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
    lint_text("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n", NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(labels_that_no_autoscaler_knows)
{
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n"
              "  nodeSelector: {nvidia.com/gpu.product: Tesla-T4-SHARED}\n",
              NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "nvidia.com/gpu.product=Tesla-T4-SHARED before"));
    ck_assert_ptr_nonnull(problem_with("suffix -SHARED"));
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n"
              "  nodeSelector: {nvidia.com/gpu.present: \"true\", "
              "nvidia.com/device-plugin.config: any, eks-node: gpu}\n",
              NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n  affinity:\n    nodeAffinity:\n"
              "      requiredDuringSchedulingIgnoredDuringExecution:\n"
              "        nodeSelectorTerms:\n"
              "        - matchExpressions:\n"
              "          - {key: a, operator: Exists}\n"
              "          - {key: nvidia.com/gpu.count, operator: Exists}\n",
              NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "nvidia.com/gpu.count before"));
    ck_assert(str_ends(problems.first->path, "nodeSelectorTerms[0].matchExpressions[1]"));
}
END_TEST

START_TEST(visible_devices)
{
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - env:\n"
              "    - {name: A, value: all}\n"
              "    - {name: NVIDIA_VISIBLE_DEVICES, value: all}\n"
              "    - {name: NVIDIA_VISIBLE_DEVICES, value: void}\n"
              "    - {name: NVIDIA_VISIBLE_DEVICES, valueFrom: {}}\n",
              NULL, 0);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "goes past the device plugin"));
    ck_assert_str_eq(problems.first->path.at, "spec.containers[0].env[1]");
}
END_TEST

START_TEST(every_kind_with_a_pod_template)
{
    static const struct {
        const char *kind, *before;
    } kinds[] = {
        { "Deployment", "spec: {template: " },
        { "StatefulSet", "spec: {template: " },
        { "DaemonSet", "spec: {template: " },
        { "ReplicaSet", "spec: {template: " },
        { "ReplicationController", "spec: {template: " },
        { "Job", "spec: {template: " },
        { "CronJob", "spec: {jobTemplate: {spec: {template: " },
        { "PodTemplate", "{template: " },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        bool deep = strstr(kinds[i].before, "jobTemplate") != NULL;
        bool flat = kinds[i].before[0] == '{';
        const char *text =
            str_print(&arena,
                      "apiVersion: x/v1\nkind: %s\n%s{spec: {initContainers: [{resources: "
                      "{limits: {nvidia.com/gpu: 7}}}], tolerations: [{operator: Exists}]}}%s\n",
                      kinds[i].kind, flat ? "template: " : kinds[i].before,
                      deep   ? "}}}"
                      : flat ? ""
                             : "}")
                .at;
        lint_text(text, shared, 1);
        ck_assert_msg(only_problem(PROBLEM_IGNORED, "7 shares"), "%s", kinds[i].kind);
        ck_assert(str_contains(problems.first->path, "template.spec.initContainers[0]"));
    }
}
END_TEST

START_TEST(others_are_skipped_and_broken_ones_named)
{
    lint_text("apiVersion: v1\nkind: Service\nspec: {nodeSelector: {nvidia.com/gpu.count: 1}}\n",
              NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
    lint_text("apiVersion: apps/v1\nkind: Deployment\nspec: {}\n", NULL, 0);
    ck_assert(only_problem(PROBLEM_FATAL, "`spec` is missing"));
    lint_text("apiVersion: v1\nkind: Pod\nspec: {containers: {a: b}, tolerations: 5, "
              "nodeSelector: [x], affinity: {nodeAffinity: x}}\n",
              NULL, 0);
    ck_assert_uint_eq(problems.count, 0);
    lint_text("apiVersion: v1\nkind: Pod\nspec: {}\n---\nkind: [\n", NULL, 0);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.first->path.at, "[1]");
}
END_TEST

START_TEST(instances_of_mig)
{
    lint_text("apiVersion: v1\nkind: Pod\nspec:\n" TOLERATES
              "  containers: [{resources: {limits: {nvidia.com/mig-1g.5gb: 2}}}]\n",
              renamed, 2);
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "one MIG instance only"));
}
END_TEST

int main(void)
{
    SUITE_RUN("workload_lint", a_pod_without_a_mistake, more_than_one_share, amounts,
              requests_and_limits, resources_that_nobody_advertises, a_missing_toleration,
              labels_that_no_autoscaler_knows, visible_devices, every_kind_with_a_pod_template,
              others_are_skipped_and_broken_ones_named, instances_of_mig);
}
