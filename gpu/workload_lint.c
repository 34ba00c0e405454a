/* Walking pod templates. */
#include "gpu/workload_lint.h"

#include <string.h>

#include "gpu/manifests.h"
#include "gpu/mig_profiles.h"
#include "gpu/quantity.h"
#include "gpu/replicas.h"

#define SHARED ".shared"

struct lint {
    struct arena *arena;
    const struct offered_resources *offered;
    struct problems *problems;
    struct str asked; /* a GPU resource that the pod asks for, or at == NULL */
};

/* Where the pod template of each kind stands. */
static const struct {
    const char *kind, *path;
} templates[] = {
    { "Pod", "" },
    { "Deployment", "spec.template" },
    { "StatefulSet", "spec.template" },
    { "DaemonSet", "spec.template" },
    { "ReplicaSet", "spec.template" },
    { "ReplicationController", "spec.template" },
    { "Job", "spec.template" },
    { "CronJob", "spec.jobTemplate.spec.template" },
    { "PodTemplate", "template" },
};

static bool is_gpu_resource(struct str name)
{
    return str_starts(name, NVIDIA_PREFIX) || str_is(name, "amd.com/gpu");
}

static const struct offered_resource *find_offer(const struct lint *lint, struct str name)
{
    for (size_t i = 0; i < lint->offered->count; i++)
        if (str_equal(name, lint->offered->rows[i].name))
            return &lint->offered->rows[i];
    return NULL;
}

/* Without knowing the nodes: a name that a plugin of NVIDIA's can advertise. */
static bool can_exist(struct str name)
{
    if (str_ends(name, SHARED))
        name = str_slice(name, 0, name.len - strlen(SHARED));
    return str_is(name, GPU_RESOURCE) || mig_resource_valid(name) || str_is(name, "amd.com/gpu");
}

static const char *nearest_offer(const struct lint *lint, struct str name)
{
    size_t count = lint->offered->count;
    const char **names = ARENA_NEW_ARRAY(lint->arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = str_copy(lint->arena, lint->offered->rows[i].name).at;
    const char *nearest = str_nearest(name, names, count);
    return nearest || !count ? nearest : names[0];
}

static void check_name(struct lint *lint, struct str name, struct str path)
{
    static const char *const usual[] = { GPU_RESOURCE, GPU_RESOURCE SHARED };
    if (lint->offered->count) {
        if (!find_offer(lint, name))
            problem_add(lint->problems, PROBLEM_FATAL, path,
                        "No node advertises %.*s, so the pod stays pending.  Did you mean %s?",
                        STR_ARG(name), nearest_offer(lint, name));
        return;
    }
    const char *nearest = str_nearest(name, usual, sizeof usual / sizeof *usual);
    if (!can_exist(name))
        problem_add(lint->problems, PROBLEM_SUSPICIOUS, path,
                    "NVIDIA's device plugin advertises no %.*s.%s%s%s", STR_ARG(name),
                    nearest ? "  Did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

static void check_shares(struct lint *lint, struct str name, int64_t count, struct str path)
{
    const struct offered_resource *offer = find_offer(lint, name);
    bool is_shared = str_ends(name, SHARED) || (offer && offer->per_gpu > 1);
    bool is_mig = str_starts(name, MIG_RESOURCE_PREFIX);
    if (count < 2)
        return;
    if (is_shared)
        problem_add(
            lint->problems, PROBLEM_IGNORED, path,
            "%lld shares give no larger part of a GPU than one does, and the plugin refuses "
            "the pod where it fails requests greater than one.  Ask for 1.",
            (long long)count);
    else if (is_mig)
        problem_add(lint->problems, PROBLEM_SUSPICIOUS, path,
                    "A process uses one MIG instance only; ask for 1 of a larger profile, or run "
                    "%lld pods.",
                    (long long)count);
    else if (!offer)
        problem_add(lint->problems, PROBLEM_SUSPICIOUS, path,
                    "Where GPUs are shared, %lld of them are shares that give no larger part of a "
                    "GPU; where they are not, it is %lld whole GPUs of one node for this pod.",
                    (long long)count, (long long)count);
}

static struct str text_of(struct arena *arena, const json_t *value)
{
    struct str s = json_str(value);
    return s.at ? s : json_print(arena, value);
}

/* One resource that a container asks for: WANTED in limits or, where that is missing, requests. */
static void check_amount(struct lint *lint, struct str name, const json_t *wanted, struct str path)
{
    struct str amount = text_of(lint->arena, wanted);
    int64_t count;
    check_name(lint, name, path);
    if (!quantity_valid(amount)) {
        problem_add(lint->problems, PROBLEM_FATAL, path, "%.*s is no quantity.", STR_ARG(amount));
    } else if (!quantity_to_int(amount, &count) || count < 0) {
        problem_add(lint->problems, PROBLEM_FATAL, path,
                    "%.*s of %.*s cannot be asked for: devices are counted in whole numbers.  To "
                    "share a GPU, give it replicas in the device plugin's configuration and ask "
                    "for 1.",
                    STR_ARG(amount), STR_ARG(name));
    } else {
        if (count > 0)
            lint->asked = name;
        check_shares(lint, name, count, path);
    }
}

static struct str key_path(struct arena *arena, struct str path, const char *part, const char *key)
{
    return str_print(arena, "%.*s.resources.%s[\"%s\"]", STR_ARG(path), part, key);
}

static void check_resources(struct lint *lint, const json_t *container, struct str path)
{
    const json_t *limits = json_at(container, "resources.limits");
    const json_t *requests = json_at(container, "resources.requests");
    const char *key;
    json_t *amount;
    json_object_foreach ((json_t *)limits, key, amount) {
        const json_t *request = json_object_get(requests, key);
        struct str limit = text_of(lint->arena, amount);
        if (!is_gpu_resource(str_of(key)))
            continue;
        check_amount(lint, str_of(key), amount, key_path(lint->arena, path, "limits", key));
        if (request && !quantity_equal(limit, text_of(lint->arena, request)))
            problem_add(lint->problems, PROBLEM_FATAL, key_path(lint->arena, path, "requests", key),
                        "The request (%.*s) differs from the limit (%.*s), which the API refuses "
                        "for devices.  Leave the request out.",
                        STR_ARG(text_of(lint->arena, request)), STR_ARG(limit));
    }
    json_object_foreach ((json_t *)requests, key, amount) {
        struct str at = key_path(lint->arena, path, "requests", key);
        if (!is_gpu_resource(str_of(key)) || json_object_get(limits, key))
            continue;
        check_amount(lint, str_of(key), amount, at);
        problem_add(
            lint->problems, PROBLEM_FATAL, at,
            "Devices need a limit, and the request must equal it.  Write it under `limits`; "
            "the request follows.");
    }
}

static void check_environment(struct lint *lint, const json_t *container, struct str path)
{
    size_t i;
    json_t *variable;
    json_array_foreach (json_object_get(container, "env"), i, variable) {
        struct str value = json_str_at(variable, "value");
        if (!str_is(json_str_at(variable, "name"), "NVIDIA_VISIBLE_DEVICES") || !value.at ||
            str_is(value, "void") || str_is(value, "none") || !value.len)
            continue;
        problem_add(lint->problems, PROBLEM_SUSPICIOUS,
                    str_print(lint->arena, "%.*s.env[%zu]", STR_ARG(path), i),
                    "NVIDIA_VISIBLE_DEVICES=%.*s goes past the device plugin: the container sees "
                    "GPUs of the node that it was not given.  Remove it.",
                    STR_ARG(value));
    }
}

static void check_containers(struct lint *lint, const json_t *spec, struct str path,
                             const char *kind)
{
    size_t i;
    json_t *container;
    json_array_foreach (json_object_get(spec, kind), i, container) {
        struct str at = str_print(lint->arena, "%.*s.%s[%zu]", STR_ARG(path), kind, i);
        check_resources(lint, container, at);
        check_environment(lint, container, at);
    }
}

/* Whether one of the pod's tolerations covers the taint KEY with NoSchedule. */
static bool tolerates(const json_t *spec, struct str taint)
{
    size_t i;
    json_t *toleration;
    json_array_foreach (json_object_get(spec, "tolerations"), i, toleration) {
        struct str key = json_str_at(toleration, "key");
        struct str effect = json_str_at(toleration, "effect");
        bool exists = str_is(json_str_at(toleration, "operator"), "Exists");
        if (effect.len && !str_is(effect, "NoSchedule"))
            continue;
        if ((!key.len && exists) || str_equal(key, taint))
            return true;
    }
    return false;
}

static void check_tolerations(struct lint *lint, const json_t *spec, struct str path)
{
    struct str at = str_print(lint->arena, "%.*s.tolerations", STR_ARG(path));
    if (!lint->asked.at || tolerates(spec, STR(GPU_RESOURCE)))
        return;
    if (str_is(lint->asked, GPU_RESOURCE))
        problem_add(
            lint->problems, PROBLEM_SUSPICIOUS, at,
            "Nothing tolerates the taint " GPU_RESOURCE " that GPU nodes usually have.  EKS "
            "adds that toleration to pods that ask for " GPU_RESOURCE "; other clusters may "
            "not.");
    else
        problem_add(lint->problems, PROBLEM_SUSPICIOUS, at,
                    "Nothing tolerates the taint " GPU_RESOURCE
                    " that GPU nodes usually have; what "
                    "EKS adds by itself tolerates a taint called %.*s only.",
                    STR_ARG(lint->asked));
}

/* Labels that GPU feature discovery writes once a node is there. */
static bool is_discovered(struct str key)
{
    static const char *const given[] = { "nvidia.com/gpu.present",
                                         "nvidia.com/device-plugin.config", "nvidia.com/mig.config",
                                         "nvidia.com/mps.capable" };
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (str_is(key, given[i]))
            return false;
    return str_starts(key, "nvidia.com/gpu.") || str_starts(key, "nvidia.com/mig") ||
           str_starts(key, "nvidia.com/cuda.");
}

static void check_label(struct lint *lint, struct str key, struct str value, struct str path)
{
    if (!is_discovered(key))
        return;
    problem_add(lint->problems, PROBLEM_SUSPICIOUS, path,
                "No autoscaler knows the label %.*s%s%.*s before a node exists%s, so the pod never "
                "makes it add one.  Select by a label of the node group's or the NodePool's "
                "template, such as nvidia.com/device-plugin.config.",
                STR_ARG(key), value.len ? "=" : "", STR_ARG(value),
                str_ends(value, "-SHARED")
                    ? ", and the suffix -SHARED is there only while shares are not renamed"
                    : "");
}

static void check_terms(struct lint *lint, const json_t *terms, struct str path)
{
    size_t i, k;
    json_t *term, *expression;
    json_array_foreach ((json_t *)terms, i, term)
        json_array_foreach (json_object_get(term, "matchExpressions"), k, expression) {
            struct str value = json_str_at(expression, "values.0");
            check_label(
                lint, json_str_at(expression, "key"), value.at ? value : STR(""),
                str_print(lint->arena, "%.*s[%zu].matchExpressions[%zu]", STR_ARG(path), i, k));
        }
}

static void check_selection(struct lint *lint, const json_t *spec, struct str path)
{
    static const char required[] =
        "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    const char *key;
    json_t *value;
    json_object_foreach (json_object_get(spec, "nodeSelector"), key, value)
        check_label(lint, str_of(key), text_of(lint->arena, value),
                    str_print(lint->arena, "%.*s.nodeSelector[\"%s\"]", STR_ARG(path), key));
    check_terms(lint, json_at(spec, required),
                str_print(lint->arena, "%.*s.%s", STR_ARG(path), required));
}

static void check_pod(struct lint *lint, const json_t *spec, struct str path)
{
    lint->asked = (struct str){ 0 };
    check_containers(lint, spec, path, "initContainers");
    check_containers(lint, spec, path, "containers");
    check_tolerations(lint, spec, path);
    check_selection(lint, spec, path);
}

static void check_object(struct lint *lint, const json_t *object, struct str path)
{
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const char *inner = templates[i].path;
        if (!str_is(json_str_at(object, "kind"), templates[i].kind))
            continue;
        const json_t *template = inner[0] ? json_at(object, inner) : object;
        struct str at = str_print(lint->arena, "%.*s%s%s%s", STR_ARG(path), path.len ? "." : "",
                                  inner, inner[0] ? ".spec" : "spec");
        const json_t *spec = json_object_get(template, "spec");
        if (json_is_object(spec))
            check_pod(lint, spec, at);
        else
            problem_add(lint->problems, PROBLEM_FATAL, at, "The pod's `spec` is missing.");
    }
}

void workload_lint(struct call *call, struct str text, const struct offered_resources *offered,
                   struct problems *problems)
{
    struct lint lint = { .arena = call->arena, .offered = offered, .problems = problems };
    struct manifests manifests;
    manifests_read(call, text, &manifests, problems);
    for (size_t i = 0; i < manifests.count; i++)
        check_object(&lint, manifests.objects[i], manifests.paths[i]);
}
