/* Gate, overlaps and limits. */
#include "resources/node_overlay_check.h"

#include "gpu/karpenter.h"
#include "gpu/node_overlay.h"
#include "gpu/quantity.h"
#include "resources/cluster_inventory.h"
#include "resources/kubernetes_list.h"

static const struct kubernetes_kind node_pool_kind = {
    .group = "karpenter.sh", .version = "v1", .kind = "NodePool", .plural = "nodepools"
};

const struct kubernetes_kind *const node_overlay_check_kinds[] = { &node_pool_kind,
                                                                   &cluster_inventory_deployments,
                                                                   NULL };

/* Of one planned overlay. */
struct planned {
    struct str name;
    json_t *body;
};

/* A Karpenter that is no Deployment with its usual image is judged by the conditions that it sets.
 */
static bool check_gate(struct call *call, const struct kubernetes_client *client)
{
    const json_t *deployments;
    if (!kubernetes_list_kind(call, client, &cluster_inventory_deployments, (struct str){ 0 },
                              STR(""), &deployments))
        return false;
    const json_t *karpenter = cluster_inventory_karpenter(deployments);
    struct str gate =
        value_text(value_at(cluster_inventory_gates(call->arena, karpenter), "NodeOverlay"));
    if (!karpenter || str_is(gate, "true"))
        return true;
    return fail(
        call, NULL, "Karpenter's feature gate NodeOverlay is off",
        "The Deployment %.*s/%.*s has %s in FEATURE_GATES, so Karpenter would not look at "
        "NodeOverlays and would go on counting whole GPUs. Set "
        "`settings.featureGates.nodeOverlay=true` in its Helm chart (1.7 or newer). Nothing "
        "was written.",
        STR_ARG(json_str_at(karpenter, "metadata.namespace")),
        STR_ARG(json_str_at(karpenter, "metadata.name")),
        gate.at ? "NodeOverlay=false" : "no NodeOverlay=true");
}

static void add_label(struct overlay_label *labels, size_t *count, const char *key,
                      struct str value)
{
    if (value.len)
        labels[(*count)++] = (struct overlay_label){ str_of(key), value };
}

/* What is known of nodes of the type NAME in POOL (NULL: not there), which is called POOL_NAME. */
static const struct overlay_label *labels_of(struct arena *arena, const json_t *pool,
                                             struct str pool_name, struct str name, size_t *count)
{
    const json_t *own = json_at(pool, "spec.template.metadata.labels");
    struct overlay_label *labels =
        ARENA_NEW_ARRAY(arena, struct overlay_label, json_object_size(own) + 8);
    const struct instance_type *row = instance_type_find(name);
    const char *key;
    json_t *value;
    *count = 0;
    add_label(labels, count, KARPENTER_NODE_POOL, pool_name);
    add_label(labels, count, "node.kubernetes.io/instance-type", name);
    add_label(labels, count, "karpenter.k8s.aws/instance-family",
              str_slice(name, 0, str_find(name, '.', 0)));
    if (row) {
        add_label(labels, count, KARPENTER_GPU_COUNT, str_print(arena, "%u", row->gpus));
        add_label(labels, count, KARPENTER_GPU_NAME, str_of(row->gpu->label));
        add_label(labels, count, "kubernetes.io/arch", str_of(row->arch));
    }
    json_object_foreach ((json_t *)(uintptr_t)own, key, value)
        add_label(labels, count, key, json_str(value));
    return labels;
}

static bool requirement_may_match(struct arena *arena, const json_t *requirement,
                                  const struct overlay_label *labels, size_t count)
{
    const json_t *list = json_object_get(requirement, "values");
    size_t value_count = json_array_size(list);
    struct str *values = ARENA_NEW_ARRAY(arena, struct str, value_count);
    for (size_t i = 0; i < value_count; i++)
        values[i] = json_str(json_array_get(list, i));
    return overlay_requirement_match(json_str_at(requirement, "key"),
                                     json_str_at(requirement, "operator"), values, value_count,
                                     labels, count) != OVERLAY_MATCHES_NOT;
}

static bool may_apply(struct arena *arena, const json_t *overlay,
                      const struct overlay_label *labels, size_t count)
{
    const json_t *requirements = json_at(overlay, "spec.requirements");
    for (size_t i = 0; i < json_array_size(requirements); i++)
        if (!requirement_may_match(arena, json_array_get(requirements, i), labels, count))
            return false;
    return true;
}

/* The first resource that both set, or NULL. */
static const char *common_resource(const json_t *a, const json_t *b)
{
    const json_t *left = json_at(a, "spec.capacity");
    const json_t *right = json_at(b, "spec.capacity");
    const char *key;
    json_t *amount;
    json_object_foreach ((json_t *)(uintptr_t)left, key, amount)
        if (json_object_get(right, key))
            return key;
    return NULL;
}

static json_int_t weight_of(const json_t *overlay)
{
    return json_integer_value(json_at(overlay, "spec.weight"));
}

/* The types of a planned overlay: the values of its second requirement, as karpenter_node_overlay.c
 * writes it. */
static const json_t *types_of(const json_t *body)
{
    return json_object_get(json_array_get(json_at(body, "spec.requirements"), 1), "values");
}

static bool check_pair(struct call *call, const struct planned *planned, const json_t *other,
                       struct str type)
{
    const char *resource = common_resource(planned->body, other);
    struct str name = json_str_at(other, "metadata.name");
    json_int_t own = weight_of(planned->body);
    json_int_t theirs = weight_of(other);
    if (!resource || theirs < own)
        return true;
    if (theirs > own) {
        warn(call, NULL, "Another NodeOverlay wins",
             "The NodeOverlay `%.*s` sets %s for %.*s too, with the weight %lld; that is more than "
             "%lld, so Karpenter believes it and not `%.*s`.",
             STR_ARG(name), resource, STR_ARG(type), (long long)theirs, (long long)own,
             STR_ARG(planned->name));
        return true;
    }
    return fail(
        call, PATH_AT_ATTRIBUTE(NULL, STR("weight")), "NodeOverlays overlap",
        "The NodeOverlay `%.*s` sets %s for %.*s of the same pool too, with the same weight "
        "(%lld) as `%.*s` would have. Karpenter refuses one of two such overlays. Remove the "
        "other one, give each its own instance types, or set `weight` to another number: the "
        "higher one wins. Nothing was written.",
        STR_ARG(name), resource, STR_ARG(type), (long long)own, STR_ARG(planned->name));
}

static bool check_overlaps(const struct operation *operation, const struct planned *planned,
                           const json_t *pool, const json_t *others)
{
    struct call *call = operation->call;
    struct str pool_name = value_text(value_at(operation->planned, "node_pool"));
    const json_t *types = types_of(planned->body);
    for (size_t i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);
        for (size_t j = 0; j < json_array_size(types); j++) {
            struct str type = json_str(json_array_get(types, j));
            size_t count;
            const struct overlay_label *labels =
                labels_of(call->arena, pool, pool_name, type, &count);
            if (!may_apply(call->arena, other, labels, count))
                continue;
            if (!check_pair(call, planned, other, type))
                return false;
            break;
        }
    }
    return true;
}

/* Of one resource: the least and the most that a node of the set has. */
struct span {
    int64_t least, most;
};

static struct span span_of(const struct planned *planned, size_t count, const char *resource)
{
    struct span span = { INT64_MAX, 0 };
    for (size_t i = 0; i < count; i++) {
        int64_t amount;
        if (!quantity_to_int(
                json_str(json_object_get(json_at(planned[i].body, "spec.capacity"), resource)),
                &amount))
            continue;
        span.least = amount < span.least ? amount : span.least;
        span.most = amount > span.most ? amount : span.most;
    }
    return span;
}

static bool check_limit(struct call *call, struct str pool, const char *resource, struct str limit,
                        struct span span)
{
    int64_t most;
    if (!span.most || !quantity_to_int(limit, &most) || span.most <= most)
        return true;
    if (span.least <= most) {
        warn(
            call, NULL, "The pool's limit holds not every node",
            "The NodePool `%.*s` may have %.*s %s in all, and its largest node has %lld shares: "
            "Karpenter will launch only smaller ones. Limits count shares once an overlay applies.",
            STR_ARG(pool), STR_ARG(limit), resource, (long long)span.most);
        return true;
    }
    return fail(
        call, PATH_AT_ATTRIBUTE(NULL, STR("node_pool")), "The pool's limit holds no node",
        "The NodePool `%.*s` may have %.*s %s in all, but even its smallest node would have "
        "%lld: with these overlays Karpenter could launch none. Limits count shares once an "
        "overlay applies; raise `limits[\"%s\"]` of the pool to at least %lld. Nothing was "
        "written.",
        STR_ARG(pool), STR_ARG(limit), resource, (long long)span.least, resource,
        (long long)span.least);
}

static bool check_limits(struct call *call, const json_t *pool, struct str name,
                         const struct planned *planned, size_t count)
{
    const json_t *limits = json_at(pool, "spec.limits");
    const char *resource;
    json_t *limit;
    json_object_foreach ((json_t *)(uintptr_t)limits, resource, limit) {
        struct str text = json_is_integer(limit)
                              ? str_print(call->arena, "%lld", (long long)json_integer_value(limit))
                              : json_str(limit);
        if (!check_limit(call, name, resource, text, span_of(planned, count, resource)))
            return false;
    }
    return true;
}

static struct planned *planned_of(const struct operation *operation, size_t *count)
{
    struct arena *arena = operation->call->arena;
    const struct value *texts = value_at(operation->planned, "rendered");
    struct planned *all = ARENA_NEW_ARRAY(arena, struct planned, texts->count);
    *count = texts->kind == VALUE_MEMBERS ? texts->count : 0;
    for (size_t i = 0; i < *count; i++)
        all[i] = (struct planned){ texts->members[i].name,
                                   json_try_parse(arena, value_text(texts->members[i].value)) };
    return all;
}

bool node_overlay_check(const struct operation *operation, const struct kubernetes_client *client,
                        const json_t *others)
{
    struct call *call = operation->call;
    struct str name = value_text(value_at(operation->planned, "node_pool"));
    const json_t *pools;
    size_t count;
    struct planned *planned = planned_of(operation, &count);
    if (!check_gate(call, client) ||
        !kubernetes_list_kind(call, client, &node_pool_kind, (struct str){ 0 }, STR(""), &pools))
        return false;
    const json_t *pool = kubernetes_list_find(pools, name);
    if (!pool)
        warn(call, PATH_AT_ATTRIBUTE(NULL, STR("node_pool")), "No such NodePool",
             "The cluster has no NodePool `%.*s`, so the overlays apply to nothing until there is "
             "one. Take the name from the pool's resource, so that it is created first.",
             STR_ARG(name));
    for (size_t i = 0; i < count; i++)
        if (!check_overlaps(operation, &planned[i], pool, others))
            return false;
    return check_limits(call, pool, name, planned, count);
}
