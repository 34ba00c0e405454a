/* A Provisioner to a NodePool. */
#include "gpu/provisioner.h"

#include <string.h>

#include "gpu/karpenter.h"
#include "gpu/manifests.h"
#include "gpu/provisioner_class.h"

struct conversion {
    struct arena *arena;
    struct problems *problems;
    const json_t *spec; /* of the Provisioner */
};

static json_t *text(struct arena *arena, const char *s)
{
    return json_new_str(arena, str_of(s));
}

/* OBJECT[KEY], made where it is not there. */
static json_t *member(struct arena *arena, json_t *object, const char *key)
{
    json_t *found = json_object_get(object, key);
    if (!found) {
        found = json_new_object(arena);
        json_set(arena, object, key, found);
    }
    return found;
}

static void changed(struct conversion *conversion, const char *path, const char *sentence)
{
    problem_add(conversion->problems, PROBLEM_SUSPICIOUS, str_of(path), "%s", sentence);
}

/* Numbers become texts, as a map of strings wants them. */
static json_t *text_of(struct arena *arena, const json_t *value)
{
    struct str s = json_str(value);
    if (!value)
        s = STR("");
    return json_new_str(arena, s.at ? s : json_print(arena, value));
}

/* A requirement's values are texts in v1, whatever YAML made of them. */
static json_t *texts_of(struct arena *arena, const json_t *values)
{
    json_t *list = json_new_array(arena);
    size_t i;
    json_t *value;
    json_array_foreach ((json_t *)values, i, value)
        json_add(arena, list, text_of(arena, value));
    return list;
}

static struct requirement requirement_of(struct arena *arena, const json_t *json)
{
    const json_t *values = json_object_get(json, "values");
    size_t count = json_array_size(values);
    struct str *texts = ARENA_NEW_ARRAY(arena, struct str, count);
    for (size_t i = 0; i < count; i++)
        texts[i] = json_str(json_array_get(values, i));
    return (struct requirement){ json_str_at(json, "key"), json_str_at(json, "operator"), texts,
                                 count, 0 };
}

/* Copies what requirement_check finds, at PATH. */
static void check_requirement(struct conversion *conversion, const json_t *json, struct str path)
{
    struct problems found = problems_make(conversion->arena);
    struct requirement requirement = requirement_of(conversion->arena, json);
    requirement_check(&requirement, REQUIREMENT_OF_NODE_POOL, &found);
    for (const struct problem *problem = found.first; problem; problem = problem->next)
        problem_add(conversion->problems, problem->severity, path, "%.*s",
                    STR_ARG(problem->sentence));
}

/* The key that v1 knows; at == NULL where the requirement is to be dropped. */
static struct str successor_key(struct conversion *conversion, struct str key, struct str path)
{
    struct requirement_key verdict = requirement_key_check(key, REQUIREMENT_OF_NODE_POOL);
    if (str_is(key, "karpenter.sh/provisioner-name")) {
        problem_add(conversion->problems, PROBLEM_IGNORED, path,
                    "karpenter.sh/provisioner-name became karpenter.sh/nodepool, which Karpenter "
                    "sets itself, so this requirement is left out.");
        return (struct str){ 0 };
    }
    if (verdict.verdict != REQUIREMENT_WRONG)
        return key;
    problem_add(conversion->problems, PROBLEM_SUSPICIOUS, path,
                "The key \"%.*s\" restricts nothing: to Karpenter it is a label of the user's own. "
                " It was replaced by \"%s\".",
                STR_ARG(key), verdict.suggestion);
    return str_of(verdict.suggestion);
}

static bool requires(const json_t *requirements, const char *prefix)
{
    size_t i;
    json_t *requirement;
    json_array_foreach ((json_t *)requirements, i, requirement)
        if (str_starts(json_str_at(requirement, "key"), prefix))
            return true;
    return false;
}

static void require(struct conversion *conversion, json_t *requirements, const char *key,
                    const char *operation, const char *const *values)
{
    struct arena *arena = conversion->arena;
    json_t *requirement = json_new_object(arena);
    json_t *list = json_new_array(arena);
    json_set(arena, requirement, "key", text(arena, key));
    json_set(arena, requirement, "operator", text(arena, operation));
    for (; *values; values++)
        json_add(arena, list, text(arena, *values));
    json_set(arena, requirement, "values", list);
    json_add(arena, requirements, requirement);
    problem_add(conversion->problems, PROBLEM_SUSPICIOUS, STR("spec.requirements"),
                "v1alpha5 implied %s %s %s; v1 implies nothing, so it was written out.", key,
                operation, json_print(arena, list).at);
}

/* What v1alpha5 added to requirements by itself. */
static void add_implied(struct conversion *conversion, json_t *requirements)
{
    static const char *const on_demand[] = { "on-demand", NULL };
    static const char *const os[] = { "linux", NULL };
    static const char *const arch[] = { "amd64", NULL };
    static const char *const categories[] = { "c", "m", "r", NULL };
    static const char *const generation[] = { "2", NULL };
    if (!requires(requirements, "karpenter.sh/capacity-type"))
        require(conversion, requirements, "karpenter.sh/capacity-type", "In", on_demand);
    if (!requires(requirements, "kubernetes.io/os"))
        require(conversion, requirements, "kubernetes.io/os", "In", os);
    if (!requires(requirements, "kubernetes.io/arch"))
        require(conversion, requirements, "kubernetes.io/arch", "In", arch);
    if (requires(requirements, "node.kubernetes.io/instance-type") ||
        requires(requirements, "karpenter.k8s.aws/instance-"))
        return;
    require(conversion, requirements, "karpenter.k8s.aws/instance-category", "In", categories);
    require(conversion, requirements, "karpenter.k8s.aws/instance-generation", "Gt", generation);
}

static json_t *requirements_of(struct conversion *conversion)
{
    struct arena *arena = conversion->arena;
    json_t *list = json_new_array(arena);
    size_t i;
    json_t *old;
    json_array_foreach (json_object_get(conversion->spec, "requirements"), i, old) {
        struct str path = str_print(arena, "spec.requirements[%zu]", i);
        struct str key = json_str_at(old, "key");
        json_t *requirement = json_new_object(arena);
        if (!key.at || !json_str_at(old, "operator").at) {
            problem_add(conversion->problems, PROBLEM_FATAL, path,
                        "A requirement needs `key` and `operator`.");
            continue;
        }
        key = successor_key(conversion, key, path);
        if (!key.at)
            continue;
        json_set(arena, requirement, "key", json_new_str(arena, key));
        json_set(arena, requirement, "operator", text_of(arena, json_object_get(old, "operator")));
        if (json_is_array(json_object_get(old, "values")))
            json_set(arena, requirement, "values", texts_of(arena, json_object_get(old, "values")));
        check_requirement(conversion, requirement, path);
        json_add(arena, list, requirement);
    }
    add_implied(conversion, list);
    return list;
}

static const char *successor_name(const char *key)
{
    static const char *const changes[][2] = {
        { "karpenter.sh/do-not-evict", "karpenter.sh/do-not-disrupt" },
        { "karpenter.sh/do-not-consolidate", "karpenter.sh/do-not-disrupt" },
        { "karpenter.sh/provisioner-name", NULL },
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (strcmp(key, changes[i][0]) == 0)
            return changes[i][1];
    return key;
}

/* Labels or annotations of the nodes. */
static void add_metadata(struct conversion *conversion, json_t *metadata, const char *kind)
{
    struct arena *arena = conversion->arena;
    const char *key;
    json_t *value;
    json_object_foreach (json_object_get(conversion->spec, kind), key, value) {
        const char *name = successor_name(key);
        struct str path = str_print(arena, "spec.%s", kind);
        if (name)
            json_set(arena, member(arena, metadata, kind), name, text_of(arena, value));
        if (!name)
            problem_add(conversion->problems, PROBLEM_IGNORED, path,
                        "%s has no successor to be set: Karpenter labels nodes with "
                        "karpenter.sh/nodepool itself.",
                        key);
        else if (strcmp(name, key) != 0)
            problem_add(conversion->problems, PROBLEM_SUSPICIOUS, path, "%s became %s.", key, name);
    }
}

/* A number of seconds as the CRD wants durations. */
static struct str seconds(struct arena *arena, const json_t *value)
{
    return str_print(arena, "%llds", (long long)json_integer_value(value));
}

static json_t *disruption_of(struct conversion *conversion)
{
    struct arena *arena = conversion->arena;
    json_t *disruption = json_new_object(arena);
    const json_t *empty = json_object_get(conversion->spec, "ttlSecondsAfterEmpty");
    bool consolidates = json_is_true(json_at(conversion->spec, "consolidation.enabled"));
    struct str after = STR("Never");
    if (consolidates)
        after = STR("0s");
    else if (json_is_integer(empty))
        after = seconds(arena, empty);
    else
        changed(conversion, "spec.ttlSecondsAfterEmpty",
                "v1alpha5 removed no node unless `ttlSecondsAfterEmpty` or `consolidation` said "
                "so; v1 does by itself, so `consolidateAfter: Never` was written out.");
    if (consolidates && empty)
        changed(conversion, "spec.ttlSecondsAfterEmpty",
                "It excludes `consolidation.enabled`, which was kept.");
    json_set(arena, disruption, "consolidationPolicy",
             text(arena, consolidates ? "WhenEmptyOrUnderutilized" : "WhenEmpty"));
    json_set(arena, disruption, "consolidateAfter", json_new_str(arena, after));
    return disruption;
}

static void add_expiry(struct conversion *conversion, json_t *spec)
{
    const json_t *expiry = json_object_get(conversion->spec, "ttlSecondsUntilExpired");
    struct str after = STR("Never");
    if (json_is_integer(expiry))
        after = seconds(conversion->arena, expiry);
    else
        changed(conversion, "spec.ttlSecondsUntilExpired",
                "v1alpha5 let nodes live for ever where nothing was said, v1 for 720h, so "
                "`expireAfter: Never` was written out.");
    json_set(conversion->arena, spec, "expireAfter", json_new_str(conversion->arena, after));
}

static json_t *limits_of(struct conversion *conversion)
{
    json_t *limits = json_new_object(conversion->arena);
    const char *key;
    json_t *value;
    json_object_foreach (json_at(conversion->spec, "limits.resources"), key, value)
        json_set(conversion->arena, limits, key, text_of(conversion->arena, value));
    return limits;
}

static json_t *template_of(struct conversion *conversion, struct str class_name)
{
    struct arena *arena = conversion->arena;
    static const char *const taints[] = { "taints", "startupTaints" };
    json_t *template = json_new_object(arena);
    json_t *metadata = json_new_object(arena);
    json_t *spec = json_new_object(arena);
    json_t *reference = json_new_object(arena);
    add_metadata(conversion, metadata, "labels");
    add_metadata(conversion, metadata, "annotations");
    if (json_object_size(metadata))
        json_set(arena, template, "metadata", metadata);
    json_set(arena, reference, "group", text(arena, "karpenter.k8s.aws"));
    json_set(arena, reference, "kind", text(arena, "EC2NodeClass"));
    json_set(arena, reference, "name", json_new_str(arena, class_name));
    json_set(arena, spec, "nodeClassRef", reference);
    json_set(arena, spec, "requirements", requirements_of(conversion));
    for (size_t i = 0; i < sizeof taints / sizeof *taints; i++)
        if (json_array_size(json_object_get(conversion->spec, taints[i])))
            json_set(arena, spec, taints[i], json_object_get(conversion->spec, taints[i]));
    add_expiry(conversion, spec);
    json_set(arena, template, "spec", spec);
    return template;
}

static void find_unknown(struct conversion *conversion)
{
    static const char *const known[] = {
        "annotations",   "consolidation", "kubeletConfiguration", "labels",
        "limits",        "provider",      "providerRef",          "requirements",
        "startupTaints", "taints",        "ttlSecondsAfterEmpty", "ttlSecondsUntilExpired",
        "weight"
    };
    size_t count = sizeof known / sizeof *known;
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)conversion->spec, key, value) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found = found || strcmp(key, known[i]) == 0;
        const char *nearest = str_nearest(str_of(key), known, count);
        if (!found)
            problem_add(
                conversion->problems, PROBLEM_IGNORED, str_print(conversion->arena, "spec.%s", key),
                "v1alpha5 has no `%s`, and nothing took its place.%s%s%s", key,
                nearest ? "  Did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
    }
}

static json_t *object_of(struct arena *arena, const char *version, const char *kind,
                         struct str name, json_t *spec)
{
    json_t *object = json_new_object(arena);
    json_t *metadata = json_new_object(arena);
    json_set(arena, metadata, "name", json_new_str(arena, name));
    json_set(arena, object, "apiVersion", text(arena, version));
    json_set(arena, object, "kind", text(arena, kind));
    json_set(arena, object, "metadata", metadata);
    json_set(arena, object, "spec", spec);
    return object;
}

static json_t *node_pool_of(struct conversion *conversion, struct str name, struct str class_name)
{
    struct arena *arena = conversion->arena;
    json_t *spec = json_new_object(arena);
    json_t *limits = limits_of(conversion);
    const json_t *weight = json_object_get(conversion->spec, "weight");
    find_unknown(conversion);
    json_set(arena, spec, "template", template_of(conversion, class_name));
    json_set(arena, spec, "disruption", disruption_of(conversion));
    if (json_object_size(limits))
        json_set(arena, spec, "limits", limits);
    if (json_is_integer(weight))
        json_set(arena, spec, "weight", (json_t *)weight);
    return object_of(arena, "karpenter.sh/v1", "NodePool", name, spec);
}

/* The object of KIND, called NAME unless that has at == NULL. */
static json_t *find_object(const struct manifests *manifests, const char *kind, struct str name)
{
    for (size_t i = 0; i < manifests->count; i++) {
        json_t *object = manifests->objects[i];
        struct str other = json_str_at(object, "metadata.name");
        if (str_is(json_str_at(object, "kind"), kind) && (!name.at || str_equal(name, other)))
            return object;
    }
    return NULL;
}

static void explain_absence(const struct manifests *manifests, struct problems *problems)
{
    const json_t *pool = find_object(manifests, "NodePool", (struct str){ 0 });
    if (!pool) {
        if (manifests->count)
            problem_add(problems, PROBLEM_FATAL, STR(""), "The text holds no Provisioner.");
        return;
    }
    bool is_beta = str_is(json_str_at(pool, "apiVersion"), "karpenter.sh/v1beta1");
    problem_add(problems, PROBLEM_FATAL, STR(""), "%s",
                is_beta ? "This is a NodePool of v1beta1, which Karpenter 1.0 converts itself."
                        : "This is a NodePool already; import it instead.");
}

static void add_node_class(struct conversion *conversion, const struct manifests *manifests,
                           struct str name, struct provisioner *out)
{
    struct arena *arena = conversion->arena;
    const json_t *inner = json_object_get(conversion->spec, "provider");
    struct str reference = json_str_at(conversion->spec, "providerRef.name");
    const json_t *other =
        reference.at ? find_object(manifests, "AWSNodeTemplate", reference) : NULL;
    const struct node_template template = {
        .name = name,
        .spec = other ? json_object_get(other, "spec") : inner,
        .kubelet = json_object_get(conversion->spec, "kubeletConfiguration"),
        .spec_path = other ? STR("AWSNodeTemplate.spec") : STR("spec.provider"),
        .kubelet_path = STR("spec.kubeletConfiguration"),
    };
    if (json_is_object(template.spec)) {
        out->node_class = provisioner_node_class(arena, &template, conversion->problems);
        return;
    }
    if (reference.at)
        problem_add(conversion->problems, PROBLEM_SUSPICIOUS, STR("spec.providerRef"),
                    "The AWSNodeTemplate `%.*s` is not in the text, so no EC2NodeClass was made; "
                    "put it behind the Provisioner, or write one of that name.",
                    STR_ARG(reference));
    else
        problem_add(conversion->problems, PROBLEM_FATAL, STR("spec"),
                    "The Provisioner has neither `provider` nor `providerRef`, so nothing says how "
                    "nodes are launched; a NodePool needs an EC2NodeClass.");
    if (json_is_object(template.kubelet))
        problem_add(conversion->problems, PROBLEM_IGNORED, template.kubelet_path,
                    "It belongs to the EC2NodeClass (`spec.kubelet`) now.");
}

void provisioner_convert(struct call *call, struct str yaml, struct provisioner *out,
                         struct problems *problems)
{
    struct manifests manifests;
    *out = (struct provisioner){ 0 };
    manifests_read(call, yaml, &manifests, problems);
    const json_t *old = find_object(&manifests, "Provisioner", (struct str){ 0 });
    struct str version = json_str_at(old, "apiVersion");
    if (!old) {
        explain_absence(&manifests, problems);
        return;
    }
    if (!str_is(version, "karpenter.sh/v1alpha5"))
        problem_add(problems, PROBLEM_SUSPICIOUS, STR("apiVersion"),
                    "Expected karpenter.sh/v1alpha5, found %.*s; it is read as if it were that.",
                    STR_ARG(version));
    struct conversion conversion = { call->arena, problems, json_object_get(old, "spec") };
    struct str name = json_str_at(old, "metadata.name");
    struct str reference = json_str_at(conversion.spec, "providerRef.name");
    if (!name.at)
        problem_add(problems, PROBLEM_FATAL, STR("metadata.name"), "The Provisioner has no name.");
    out->name = name.at ? name : STR("default");
    struct str class_name = reference.at ? reference : out->name;
    out->node_pool = node_pool_of(&conversion, out->name, class_name);
    add_node_class(&conversion, &manifests, class_name, out);
}
