/* Looking through DaemonSets, Deployments and API groups. */
#include "resources/cluster_inventory.h"

#include <string.h>

#include "resources/kubernetes_list.h"

static const char *const plugin_images[] = { "k8s-device-plugin", "nvidia-device-plugin",
                                             "eks/nvidia-device-plugin" };

static const struct kubernetes_kind daemon_set_kind = {
    .group = "apps", .version = "v1", .kind = "DaemonSet", .plural = "daemonsets"
};
const struct kubernetes_kind cluster_inventory_deployments = {
    .group = "apps", .version = "v1", .kind = "Deployment", .plural = "deployments"
};
static const struct kubernetes_kind device_class_kind = {
    .group = "resource.k8s.io", .version = "v1", .kind = "DeviceClass", .plural = "deviceclasses"
};

const struct kubernetes_kind *const cluster_inventory_kinds[] = { &daemon_set_kind,
                                                                  &cluster_inventory_deployments,
                                                                  &device_class_kind, NULL };

static struct str annotation(const json_t *object, const char *name)
{
    return json_str(json_object_get(json_at(object, "metadata.annotations"), name));
}

static struct str label(const json_t *object, const char *name)
{
    return json_str(json_object_get(json_at(object, "metadata.labels"), name));
}

struct str cluster_inventory_owner(struct arena *arena, const json_t *object)
{
    struct str release = annotation(object, "meta.helm.sh/release-name");
    struct str tracked = annotation(object, "argocd.argoproj.io/tracking-id");
    struct str add_on = label(object, "eks.amazonaws.com/component");
    struct str manager = label(object, "app.kubernetes.io/managed-by");
    if (tracked.at)
        return str_print(arena, "Argo CD application %.*s",
                         STR_ARG(str_slice(tracked, 0, str_find(tracked, ':', 0))));
    if (release.at)
        return str_print(arena, "Helm release %.*s in %.*s", STR_ARG(release),
                         STR_ARG(annotation(object, "meta.helm.sh/release-namespace")));
    if (str_is(manager, "gpu-operator"))
        return STR("the GPU operator");
    if (add_on.at)
        return STR("an EKS add-on");
    if (manager.at)
        return str_copy(arena, manager);
    return STR("unknown");
}

static struct str image_of(const json_t *workload)
{
    return json_str_at(json_array_get(json_at(workload, "spec.template.spec.containers"), 0),
                       "image");
}

static bool list_everywhere(struct call *call, const struct kubernetes_client *client,
                            const struct kubernetes_kind *kind, const json_t **items)
{
    return kubernetes_list_kind(call, client, kind, (struct str){ 0 }, STR(""), items);
}

static struct str describe(struct arena *arena, const json_t *workload)
{
    return str_print(arena, "%.*s (%.*s)", STR_ARG(image_of(workload)),
                     STR_ARG(cluster_inventory_owner(arena, workload)));
}

static const struct value *device_plugins(struct arena *arena, const json_t *daemon_sets)
{
    size_t room = json_array_size(daemon_sets);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, room);
    size_t count = 0;
    for (size_t i = 0; i < room; i++) {
        const json_t *daemon_set = json_array_get(daemon_sets, i);
        bool is_plugin = false;
        for (size_t j = 0; j < sizeof plugin_images / sizeof *plugin_images; j++)
            is_plugin = is_plugin || str_contains(image_of(daemon_set), plugin_images[j]);
        if (is_plugin)
            members[count++] = (struct value_member){
                str_print(arena, "%.*s/%.*s",
                          STR_ARG(json_str_at(daemon_set, "metadata.namespace")),
                          STR_ARG(json_str_at(daemon_set, "metadata.name"))),
                value_string(arena, describe(arena, daemon_set))
            };
    }
    return value_members(arena, members, count);
}

static const json_t *find_deployment(const json_t *deployments, const char *image)
{
    for (size_t i = 0; i < json_array_size(deployments); i++)
        if (str_contains(image_of(json_array_get(deployments, i)), image))
            return json_array_get(deployments, i);
    return NULL;
}

const json_t *cluster_inventory_karpenter(const json_t *deployments)
{
    return find_deployment(deployments, "karpenter/controller");
}

const struct value *cluster_inventory_gates(struct arena *arena, const json_t *karpenter)
{
    const json_t *container =
        json_array_get(json_at(karpenter, "spec.template.spec.containers"), 0);
    const json_t *variables = json_object_get(container, "env");
    struct str rest = { 0 };
    for (size_t i = 0; i < json_array_size(variables); i++)
        if (str_is(json_str_at(json_array_get(variables, i), "name"), "FEATURE_GATES"))
            rest = json_str_at(json_array_get(variables, i), "value");
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, rest.len + 1);
    size_t count = 0;
    struct str gate;
    while (str_split(&rest, ',', &gate)) {
        struct str name;
        if (str_split(&gate, '=', &name) && gate.at)
            members[count++] = (struct value_member){ str_copy(arena, str_trim(name)),
                                                      value_string(arena, str_trim(gate)) };
    }
    return value_members(arena, members, count);
}

static const struct value *dra_drivers(struct arena *arena, const json_t *classes)
{
    size_t count = json_array_size(classes);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(arena, json_str_at(json_array_get(classes, i), "metadata.name"));
    return value_sequence(arena, items, count);
}

/* Group, version and kind of what GPU sharing may use; found by discovery, which everyone may read.
 */
static const struct value *custom_resources(struct call *call,
                                            const struct kubernetes_client *client)
{
    static const char *const groups[][2] = {
        { "karpenter.sh", "v1" }, { "karpenter.sh", "v1alpha1" }, { "karpenter.k8s.aws", "v1" },
        { "nvidia.com", "v1" },   { "nvidia.com", "v1alpha1" },   { "resource.k8s.io", "v1" },
    };
    const struct value *items[128];
    size_t count = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        struct kubernetes_reply reply;
        struct str path = str_print(call->arena, "/apis/%s/%s", groups[i][0], groups[i][1]);
        if (!kubernetes_get(call, client, path, &reply))
            return NULL;
        if (!kubernetes_ok(&reply))
            continue;
        const json_t *resources = json_object_get(reply.body, "resources");
        for (size_t j = 0; j < json_array_size(resources) && count < 128; j++) {
            const json_t *resource = json_array_get(resources, j);
            if (str_has(json_str_at(resource, "name"), '/'))
                continue;
            items[count++] = value_string(
                call->arena, str_print(call->arena, "%s/%s %.*s", groups[i][0], groups[i][1],
                                       STR_ARG(json_str_at(resource, "kind"))));
        }
    }
    const struct value **kept = ARENA_NEW_ARRAY(call->arena, const struct value *, count);
    memcpy(kept, items, count * sizeof *kept);
    return value_sequence(call->arena, kept, count);
}

const struct value *cluster_inventory_add(struct call *call, const struct kubernetes_client *client,
                                          const struct value *state)
{
    struct arena *arena = call->arena;
    const json_t *daemon_sets;
    const json_t *deployments;
    const json_t *classes;
    if (!list_everywhere(call, client, &daemon_set_kind, &daemon_sets) ||
        !list_everywhere(call, client, &cluster_inventory_deployments, &deployments) ||
        !list_everywhere(call, client, &device_class_kind, &classes))
        return NULL;
    const struct value *kinds = custom_resources(call, client);
    if (!kinds)
        return NULL;
    const json_t *gpu_operator = find_deployment(deployments, "gpu-operator");
    const json_t *karpenter = cluster_inventory_karpenter(deployments);
    const struct value_member members[] = {
        { STR("device_plugins"), device_plugins(arena, daemon_sets) },
        { STR("gpu_operator"),
          gpu_operator ? value_string(arena, describe(arena, gpu_operator)) : &value_null },
        { STR("karpenter"),
          karpenter ? value_string(arena, describe(arena, karpenter)) : &value_null },
        { STR("karpenter_feature_gates"), cluster_inventory_gates(arena, karpenter) },
        { STR("dra_drivers"), dra_drivers(arena, classes) },
        { STR("custom_resources"), kinds },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        state = value_with(arena, state, members[i].name, members[i].value);
    return state;
}
