/* karpenter_node_pool: a pool of nodes that Karpenter launches as pods need them. */
#include "gpu/karpenter.h"
#include "resources/kubernetes_object.h"
#include "resources/rows_sharing.h"
#include "schema/check.h"

static const char *const operators[] = { "In",  "NotIn", "Exists", "DoesNotExist", "Gt", "Lt",
                                         "Gte", "Lte",   NULL };
static const char *const policies[] = { "WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced", NULL };
static const char *const reasons[] = { "Underutilized", "Empty", "Drifted", "Unhealthy", NULL };

static const struct check check_operator = { check_words, .words = operators };
static const struct check check_budget_duration = { check_valid, .valid = budget_duration_valid,
                                                    .doc = "hours and minutes, like `1h30m`" };
static const struct check check_budget_nodes = { check_valid, .valid = budget_nodes_valid,
                                                 .doc = "a number, or `0%` to `100%`" };
static const struct check check_policy = { check_known_words, .words = policies };
static const struct check check_reason = { check_known_words, .words = reasons };
static const struct check check_min_values = { check_range, .min = 1, .max = 50, .doc = "1 to 50" };
static const struct check check_weight = { check_range, .min = 1, .max = 100, .doc = "1 to 100" };
static const struct check check_replicas = { check_range, .min = 0, .max = INT64_MAX };
static const struct check check_not_empty = { check_length, .min = 1, .max = 253 };

static const struct attr node_class_ref_rows[] = {
    { "group", &type_string, OPTIONAL | COMPUTED | REPLACES, .check = &check_not_empty,
      .default_json = "\"karpenter.k8s.aws\"", .doc = "API group of the node class." },
    { "kind", &type_string, OPTIONAL | COMPUTED | REPLACES, .check = &check_not_empty,
      .default_json = "\"EC2NodeClass\"", .doc = "Kind of the node class." },
    { "name", &type_string, REQUIRED, .check = &check_dns_subdomain,
      .doc = "Name of the node class." },
    { 0 },
};

static const struct attr requirement_rows[] = {
    { "key", &type_string, REQUIRED, .check = &check_label_key,
      .doc = "Label of the node, for example `karpenter.k8s.aws/instance-gpu-name`." },
    { "operator", &type_string, REQUIRED, .check = &check_operator,
      .doc = "How the label is compared: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`, "
             "`Gte` or `Lte`." },
    { "values", &type_string_list, OPTIONAL, .doc = "What it is compared with." },
    { "min_values", &type_number, OPTIONAL, .check = &check_min_values,
      .doc = "How many different values the nodes to choose from must offer." },
    { 0 },
};

static const struct attr taint_rows[] = {
    { "key", &type_string, REQUIRED, .check = &check_label_key, .doc = "Key of the taint." },
    { "value", &type_string, OPTIONAL, .check = &check_label_value, .doc = "Value of the taint." },
    { "effect", &type_string, REQUIRED, .check = &check_taint_effect,
      .codec = &codec_kubernetes_taint_effect, .doc = "What it does to pods." },
    { 0 },
};

static const struct attr budget_rows[] = {
    { "nodes", &type_string, OPTIONAL, .check = &check_budget_nodes, .server_default = "\"10%\"",
      .doc = "How many nodes may be disrupted at a time, as a number or a percentage." },
    { "reasons", &type_string_list, OPTIONAL | UNORDERED, .check = &check_reason,
      .doc =
          "The reasons that the budget is for: `Underutilized`, `Empty`, `Drifted`. All when left "
          "out." },
    { "schedule", &type_string, OPTIONAL,
      .doc = "When the budget begins to hold, as a cron line in UTC." },
    { "duration", &type_string, OPTIONAL, .check = &check_budget_duration, .codec = &codec_duration,
      .doc = "How long it holds from then on, in hours and minutes." },
    { 0 },
};

static const struct attr disruption_rows[] = {
    { "consolidate_after", &type_string, REQUIRED, .check = &check_duration_or_never,
      .codec = &codec_duration,
      .doc = "How long after a pod came or went a node may be consolidated." },
    { "consolidation_policy", &type_string, OPTIONAL, .check = &check_policy,
      .server_default = "\"WhenEmptyOrUnderutilized\"",
      .doc = "Which nodes may be consolidated: `WhenEmpty`, `WhenEmptyOrUnderutilized` or "
             "`Balanced`." },
    { "budget", NULL, .nesting = BLOCK_LIST, .rows = budget_rows, .api = "budgets",
      .server_default = "[{\"nodes\":\"10%\"}]", .max_items = 50,
      .doc = "How much may be disrupted at a time." },
    { 0 },
};

#define TEMPLATE_LABELS "spec.template.metadata.labels"

static const struct attr sharing_rows[] = SHARING_ROWS(TEMPLATE_LABELS, 0);

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain, .doc = "Name of the NodePool." },
    { "labels", &type_string_map, OPTIONAL | ATOMIC, .api = TEMPLATE_LABELS,
      .check = &check_label_value, .key_check = &check_label_key,
      .doc = "Labels of the pool's nodes." },
    { "annotations", &type_string_map, OPTIONAL, .api = "spec.template.metadata.annotations",
      .key_check = &check_label_key, .doc = "Annotations of the pool's nodes." },
    { "node_class_ref", NULL, .nesting = BLOCK_SINGLE, .rows = node_class_ref_rows,
      .api = "spec.template.spec.nodeClassRef", .min_items = 1, .max_items = 1,
      .doc = "The node class that says how nodes are launched." },
    { "requirement", NULL, .nesting = BLOCK_LIST, .rows = requirement_rows,
      .api = "spec.template.spec.requirements", .min_items = 1, .max_items = 100,
      .doc = "Which nodes the pool may launch." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .api = "spec.template.spec.taints",
      .doc = "Taints of the pool's nodes." },
    { "startup_taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows,
      .api = "spec.template.spec.startupTaints",
      .doc = "Taints that something removes once a node is ready." },
    { "expire_after", &type_string, OPTIONAL, .api = "spec.template.spec.expireAfter",
      .check = &check_duration_or_never, .codec = &codec_duration, .server_default = "\"720h\"",
      .doc = "How long a node lives at most. Karpenter's default is `720h`." },
    { "termination_grace_period", &type_string, OPTIONAL,
      .api = "spec.template.spec.terminationGracePeriod", .check = &check_positive_duration,
      .codec = &codec_duration,
      .doc = "How long a node may drain before it is terminated all the same." },
    { "limits", &type_string_map, OPTIONAL, .api = "spec.limits", .check = &check_quantity,
      .codec = &codec_quantity,
      .doc = "The most that all nodes of the pool together may have, by resource. `nvidia.com/gpu` "
             "counts shares once an overlay applies." },
    { "disruption", NULL, .nesting = BLOCK_SINGLE, .rows = disruption_rows,
      .api = "spec.disruption",
      .server_default = "{\"consolidateAfter\":\"0s\",\"consolidationPolicy\":"
                        "\"WhenEmptyOrUnderutilized\",\"budgets\":[{\"nodes\":\"10%\"}]}",
      .doc = "When and how fast Karpenter may replace nodes." },
    { "weight", &type_number, OPTIONAL, .api = "spec.weight", .check = &check_weight,
      .doc = "Pools with a higher weight are tried first." },
    { "replicas", &type_number, OPTIONAL, .api = "spec.replicas", .check = &check_replicas,
      .doc = "Keeps this many nodes whatever the pods need (a static pool; Karpenter's gate "
             "`StaticCapacity`)." },
    ROW_SHARING(TEMPLATE_LABELS, sharing_rows, ),
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

/* The strings of a list of strings, those that are known; their number into *COUNT. */
static const struct str *texts_of(struct arena *arena, const struct value *list, size_t *count)
{
    *count = 0;
    if (list->kind != VALUE_SEQUENCE)
        return NULL;
    struct str *texts = ARENA_NEW_ARRAY(arena, struct str, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (value_is_set(list->items[i]))
            texts[(*count)++] = value_text(list->items[i]);
    return texts;
}

static bool check_requirements(struct call *call, const struct value *list)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("requirement"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct value *item = list->items[i];
        if (!value_is_wholly_known(item))
            continue;
        struct problems problems = problems_make(call->arena);
        struct requirement requirement = { .key = value_text(value_at(item, "key")),
                                           .operation = value_text(value_at(item, "operator")) };
        requirement.values =
            texts_of(call->arena, value_at(item, "values"), &requirement.value_count);
        (void)value_to_int(value_at(item, "min_values"), &requirement.min_values);
        requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &problems);
        ok &= problems_report(call, PATH_AT_INDEX(at, (int64_t)i), "Wrong requirement", &problems);
    }
    return ok;
}

static bool check_budgets(struct call *call, const struct value *disruption)
{
    bool ok = true;
    const struct value *list = value_at(disruption, "budget");
    const struct path *at =
        PATH_AT_ATTRIBUTE(PATH_AT_ATTRIBUTE(NULL, STR("disruption")), STR("budget"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct value *item = list->items[i];
        if (!value_is_wholly_known(item))
            continue;
        struct problems problems = problems_make(call->arena);
        struct budget budget = { .nodes = value_text(value_at(item, "nodes")),
                                 .schedule = value_text(value_at(item, "schedule")),
                                 .duration = value_text(value_at(item, "duration")) };
        if (!budget.nodes.at)
            budget.nodes = STR("10%");
        budget.reasons = texts_of(call->arena, value_at(item, "reasons"), &budget.reason_count);
        budget_check(&budget, &problems);
        ok &= problems_report(call, PATH_AT_INDEX(at, (int64_t)i), "Wrong budget", &problems);
    }
    return ok;
}

static bool check_labels(struct call *call, const struct value *labels)
{
    struct problems problems = problems_make(call->arena);
    for (size_t i = 0; labels->kind == VALUE_MEMBERS && i < labels->count; i++)
        template_label_check(labels->members[i].name, "labels", &problems);
    return problems_report(call, NULL, "Label that Karpenter sets itself", &problems);
}

/* A static pool keeps a number of nodes: weights and limits on resources mean nothing there. */
static bool check_static(struct call *call, const struct value *config)
{
    if (!value_is_set(value_at(config, "replicas")))
        return true;
    if (value_is_set(value_at(config, "weight")))
        return fail(call, PATH_AT_ATTRIBUTE(NULL, STR("weight")), "Arguments exclude each other",
                    "A pool with `replicas` has no `weight`: it is not chosen from.");
    const struct value *limits = value_at(config, "limits");
    for (size_t i = 0; limits->kind == VALUE_MEMBERS && i < limits->count; i++)
        if (!str_is(limits->members[i].name, "nodes"))
            return fail(
                call, PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("limits")), limits->members[i].name),
                "Arguments exclude each other",
                "A pool with `replicas` can be limited by `nodes` only.");
    return true;
}

/* EKS Auto Mode brings its own driver and plugin, and lets nobody set them up. */
static bool check_auto_mode(struct call *call, const struct value *config)
{
    struct str group = value_text(value_at(value_at(config, "node_class_ref"), "group"));
    if (!value_is_set(value_at(config, "sharing")) || !str_is(group, "eks.amazonaws.com"))
        return true;
    return fail(call, PATH_AT_ATTRIBUTE(NULL, STR("sharing")), "Not on EKS Auto Mode",
                "The node class is one of EKS Auto Mode (`eks.amazonaws.com`), whose nodes run a "
                "device plugin of their own that nothing can configure: they share no GPUs. Use a "
                "pool of Karpenter's own with an EC2NodeClass (`karpenter.k8s.aws`), or a node "
                "group.");
}

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    bool ok = check_requirements(call, value_at(config, "requirement"));
    ok &= check_budgets(call, value_at(config, "disruption"));
    ok &= check_labels(call, value_at(config, "labels"));
    ok &= taints_check(call, "taint", value_at(config, "taint"));
    ok &= taints_check(call, "startup_taint", value_at(config, "startup_taint"));
    ok &= check_static(call, config);
    ok &= check_auto_mode(call, config);
    return sharing_check_labels(call, config) && ok;
}

/* Karpenter cannot turn a static pool into a dynamic one or back. */
static bool plan(struct call *call, const struct context *context, struct plan *plan)
{
    (void)context;
    bool was_static = value_is_set(value_at(plan->prior, "replicas"));
    bool is_static = !value_is_null(value_at(plan->planned, "replicas"));
    if (!value_is_set(plan->prior) || !value_is_set(plan->planned) || was_static == is_static)
        return true;
    return fail(call, PATH_AT_ATTRIBUTE(NULL, STR("replicas")), "Cannot be changed",
                "Karpenter cannot switch a NodePool between static (with `replicas`) and dynamic. "
                "Make a pool of "
                "another name.");
}

static const struct kubernetes_kind node_claim_kind = {
    .group = "karpenter.sh", .version = "v1", .kind = "NodeClaim", .plural = "nodeclaims"
};
static const struct kubernetes_kind node_pool_kind = { .group = "karpenter.sh",
                                                       .version = "v1",
                                                       .kind = "NodePool",
                                                       .plural = "nodepools",
                                                       .dependents = &node_claim_kind,
                                                       .dependents_label =
                                                           "karpenter.sh/nodepool" };

const struct resource karpenter_node_pool = {
    .name = "karpenter_node_pool",
    .doc = "A Karpenter NodePool (`karpenter.sh/v1`): nodes that are launched as pods need them. "
           "The rules "
           "of its CRD are checked at plan; deleting it waits for its NodeClaims.",
    .rows = rows,
    .driver = &kubernetes_object_driver,
    .kubernetes = &node_pool_kind,
    .identity = "name",
    .timeouts = { .create_s = 60, .read_s = 60, .update_s = 60, .delete_s = 1800 },
    .validate = validate,
    .plan = plan,
};
