/* The keys, operators and patterns of Karpenter's API. */
#include "gpu/karpenter.h"

#include "gpu/cron.h"
#include "gpu/gpu_models.h"
#include "gpu/kubernetes_names.h"

#define AWS "karpenter.k8s.aws/"

static const char *const known_keys[] = {
    AWS "instance-category",
    AWS "instance-family",
    AWS "instance-generation",
    AWS "instance-size",
    AWS "instance-cpu",
    AWS "instance-cpu-manufacturer",
    AWS "instance-cpu-sustained-clock-speed-mhz",
    AWS "instance-memory",
    AWS "instance-ebs-bandwidth",
    AWS "instance-network-bandwidth",
    AWS "instance-local-nvme",
    AWS "instance-hypervisor",
    AWS "instance-encryption-in-transit-supported",
    AWS "instance-gpu-name",
    AWS "instance-gpu-manufacturer",
    AWS "instance-gpu-count",
    AWS "instance-gpu-memory",
    AWS "instance-accelerator-name",
    AWS "instance-accelerator-manufacturer",
    AWS "instance-accelerator-count",
    AWS "instance-capability-flex",
    AWS "instance-tenancy",
    AWS "ec2nodeclass",
    AWS "capacity-reservation-type",
    AWS "capacity-reservation-id",
    AWS "capacity-reservation-interruptible",
    AWS "placement-group-id",
    AWS "placement-group-partition",
    "karpenter.sh/capacity-type",
    "kubernetes.io/arch",
    "kubernetes.io/os",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.k8s.aws/zone-id",
};

#define KNOWN_KEYS (sizeof known_keys / sizeof *known_keys)

/* Names without their domain that people write, and old spellings. */
static const struct {
    const char *wrong;
    const char *right;
} wrong_keys[] = {
    { "instance-type", "node.kubernetes.io/instance-type" },
    { "instanceType", "node.kubernetes.io/instance-type" },
    { "karpenter.k8s.aws/instance-type", "node.kubernetes.io/instance-type" },
    { "kubernetes.io/instance-type", "node.kubernetes.io/instance-type" },
    { "beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type" },
    { "family", AWS "instance-family" },
    { "node.kubernetes.io/instance-family", AWS "instance-family" },
    { "karpenter.k8s.aws/capacity-type", "karpenter.sh/capacity-type" },
    { "eks.amazonaws.com/capacityType", "karpenter.sh/capacity-type" },
    { "node.kubernetes.io/capacity-type", "karpenter.sh/capacity-type" },
    { "architecture", "kubernetes.io/arch" },
    { "beta.kubernetes.io/arch", "kubernetes.io/arch" },
    { "beta.kubernetes.io/os", "kubernetes.io/os" },
    { "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone" },
    { "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region" },
    { "availability-zone", "topology.kubernetes.io/zone" },
    { "karpenter.sh/provisioner-name", "karpenter.sh/nodepool" },
    { "karpenter.k8s.aws/nodepool", "karpenter.sh/nodepool" },
    { "gpu-name", AWS "instance-gpu-name" },
    { "gpu-count", AWS "instance-gpu-count" },
};

/* EKS Auto Mode's labels say the same under another domain. */
#define AUTO_MODE "eks.amazonaws.com/instance-"

static bool is_known(struct str key)
{
    for (size_t i = 0; i < KNOWN_KEYS; i++)
        if (str_is(key, known_keys[i]))
            return true;
    return false;
}

/* The known key that is KEY behind its domain ("zone", "instance-family"), or NULL. */
static const char *complete(struct str key)
{
    for (size_t i = 0; i < KNOWN_KEYS; i++) {
        struct str known = str_of(known_keys[i]);
        if (str_equal(key, str_slice(known, str_find(known, '/', 0) + 1, known.len)))
            return known_keys[i];
    }
    return NULL;
}

static const char *corrected(struct str key)
{
    for (size_t i = 0; i < sizeof wrong_keys / sizeof *wrong_keys; i++)
        if (str_is(key, wrong_keys[i].wrong))
            return wrong_keys[i].right;
    if (str_starts(key, AUTO_MODE))
        return complete(str_slice(key, sizeof AUTO_MODE - sizeof "instance-", key.len));
    return str_has(key, '/') ? NULL : complete(key);
}

static bool domain_is(struct str key, const char *domain)
{
    return str_is(str_slice(key, 0, str_find(key, '/', 0)), domain) && str_has(key, '/');
}

/* Domains in which the CRD takes a fixed list of keys. */
static struct requirement_key check_domain(struct str key)
{
    const char *nearest = str_nearest(key, known_keys, KNOWN_KEYS);
    if (str_is(key, "kubernetes.io/hostname"))
        return (
            struct requirement_key){ REQUIREMENT_REFUSED, NULL,
                                     "Karpenter refuses kubernetes.io/hostname: a node's name is "
                                     "not known before it exists." };
    if (domain_is(key, "karpenter.sh"))
        return (struct requirement_key){
            REQUIREMENT_REFUSED, "karpenter.sh/capacity-type",
            "In the domain karpenter.sh only karpenter.sh/capacity-type can be required."
        };
    if (domain_is(key, "karpenter.k8s.aws"))
        return (struct requirement_key){
            REQUIREMENT_REFUSED, nearest,
            "Karpenter accepts a fixed list of keys in the domain karpenter.k8s.aws."
        };
    if (!label_key_valid(key))
        return (struct requirement_key){ REQUIREMENT_REFUSED, nearest,
                                         "It is no label key: one " LABEL_KEY_RULE "." };
    /* A single slip in a key of a foreign domain is a slip; two may be another word. */
    if (nearest != NULL && str_has(key, '/') && str_distance(key, str_of(nearest)) <= 2)
        return (struct requirement_key){ REQUIREMENT_WRONG, nearest, NULL };
    return (struct requirement_key){ REQUIREMENT_CUSTOM, NULL, NULL };
}

struct requirement_key requirement_key_check(struct str key, enum requirement_place place)
{
    if (is_known(key) || (place == REQUIREMENT_OF_NODE_OVERLAY && str_is(key, KARPENTER_NODE_POOL)))
        return (struct requirement_key){ REQUIREMENT_KNOWN, NULL, NULL };
    const char *right = corrected(key);
    if (right != NULL && !domain_is(key, "karpenter.sh") && !domain_is(key, "karpenter.k8s.aws"))
        return (struct requirement_key){ REQUIREMENT_WRONG, right, NULL };
    struct requirement_key result = check_domain(key);
    if (right != NULL)
        result.suggestion = right;
    return result;
}

static void add(struct problems *problems, enum problem_severity severity, const char *field,
                struct str sentence)
{
    problem_add_field(problems, severity, field, (struct str){ 0 }, "%.*s", STR_ARG(sentence));
}

static void check_key(struct str key, enum requirement_place place, struct problems *problems)
{
    struct arena *arena = problems->arena;
    struct requirement_key result = requirement_key_check(key, place);
    const char *suggestion = result.suggestion;
    switch (result.verdict) {
    case REQUIREMENT_KNOWN:
    case REQUIREMENT_CUSTOM:
        return;
    case REQUIREMENT_WRONG:
        add(problems, PROBLEM_IGNORED, "key",
            str_print(arena,
                      "Karpenter does not know the key \"%.*s\" and would only put it on the nodes "
                      "as a label, so it restricts nothing.  Use \"%s\".",
                      STR_ARG(key), suggestion));
        return;
    case REQUIREMENT_REFUSED:
        add(problems, PROBLEM_FATAL, "key",
            str_print(arena, "The key \"%.*s\" is refused.  %s%s%s%s", STR_ARG(key), result.reason,
                      suggestion ? "  Did you mean \"" : "", suggestion ? suggestion : "",
                      suggestion ? "\"?" : ""));
        return;
    }
}

static const char *const operators[] = { "In", "NotIn", "Exists", "DoesNotExist",
                                         "Gt", "Lt",    "Gte",    "Lte" };

static bool is_one_of(struct str s, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(s, words[i]))
            return true;
    return false;
}

static bool is_comparison(struct str operation)
{
    return is_one_of(operation, operators + 4, 4);
}

static void check_operator(const struct requirement *requirement, struct problems *problems)
{
    struct arena *arena = problems->arena;
    struct str operation = requirement->operation;
    size_t count = requirement->value_count;
    int64_t number = 0;
    if (!is_one_of(operation, operators, sizeof operators / sizeof *operators)) {
        const char *nearest =
            str_nearest(operation, operators, sizeof operators / sizeof *operators);
        add(problems, PROBLEM_FATAL, "operator",
            str_print(arena,
                      "\"%.*s\" is no operator; there are In, NotIn, Exists, DoesNotExist, Gt, Lt, "
                      "Gte and Lte%s%s%s",
                      STR_ARG(operation), nearest ? ".  Did you mean \"" : ".",
                      nearest ? nearest : "", nearest ? "\"?" : ""));
    } else if (str_is(operation, "In") && count == 0) {
        add(problems, PROBLEM_FATAL, "values", STR("The operator In needs at least one value."));
    } else if (is_comparison(operation) &&
               (count != 1 || !str_to_int(requirement->values[0], &number) || number < 0)) {
        add(problems, PROBLEM_FATAL, "values",
            str_print(arena, "The operator %.*s needs exactly one whole number of at least 0.",
                      STR_ARG(operation)));
    } else if (count > 0 && (str_is(operation, "Exists") || str_is(operation, "DoesNotExist"))) {
        add(problems, PROBLEM_FATAL, "values",
            str_print(arena, "The operator %.*s takes no values.", STR_ARG(operation)));
    }
}

static void check_min_values(const struct requirement *requirement, enum requirement_place place,
                             struct problems *problems)
{
    int64_t least = requirement->min_values;
    if (least == 0)
        return;
    if (place == REQUIREMENT_OF_NODE_OVERLAY)
        add(problems, PROBLEM_FATAL, "min_values", STR("A NodeOverlay has no min_values."));
    else if (least < 1 || least > 50)
        add(problems, PROBLEM_FATAL, "min_values", STR("min_values must be 1 to 50."));
    else if (str_is(requirement->operation, "In") && (int64_t)requirement->value_count < least)
        add(problems, PROBLEM_FATAL, "min_values",
            STR("min_values asks for more values than the operator In lists."));
}

/* Keys whose values are a short list.  A value that is not in it matches no node today. */
static const struct {
    const char *key;
    const char *values[5];
    enum problem_severity severity;
} value_lists[] = {
    { "karpenter.sh/capacity-type", { "on-demand", "spot", "reserved" }, PROBLEM_FATAL },
    { "kubernetes.io/arch", { "amd64", "arm64" }, PROBLEM_SUSPICIOUS },
    { "kubernetes.io/os", { "linux", "windows" }, PROBLEM_SUSPICIOUS },
    { AWS "instance-hypervisor", { "nitro", "xen", "" }, PROBLEM_SUSPICIOUS },
    { AWS "instance-gpu-manufacturer", { "nvidia", "amd", "aws", "habana" }, PROBLEM_SUSPICIOUS },
};

static void check_value(const struct requirement *requirement, size_t row, struct str value,
                        struct problems *problems)
{
    const char *const *values = value_lists[row].values;
    size_t count = 0;
    struct buf list = buf_make(problems->arena, 4096);
    for (; count < 5 && values[count] != NULL; count++)
        buf_print(&list, "%s\"%s\"", count > 0 ? ", " : "", values[count]);
    if (!is_one_of(value, values, count))
        add(problems, value_lists[row].severity, "values",
            str_print(problems->arena, "\"%.*s\" is no value of %.*s; there are %.*s.",
                      STR_ARG(value), STR_ARG(requirement->key), STR_ARG(buf_str(&list))));
}

static void check_gpu_name(struct str value, struct problems *problems)
{
    const char *nearest = gpu_model_nearest(value);
    const struct gpu_model *model = gpu_model_find(nearest ? str_of(nearest) : value);
    if (!gpu_label_known(value))
        add(problems, PROBLEM_SUSPICIOUS, "values",
            str_print(problems->arena,
                      "No GPU is called \"%.*s\" by Karpenter as far as known%s%s%s",
                      STR_ARG(value), model ? ".  Did you mean \"" : ".", model ? model->label : "",
                      model ? "\"?" : ""));
}

static void check_values(const struct requirement *requirement, struct problems *problems)
{
    bool is_list = str_is(requirement->operation, "In") || str_is(requirement->operation, "NotIn");
    for (size_t i = 0; is_list && i < requirement->value_count; i++) {
        struct str value = requirement->values[i];
        if (!label_value_valid(value))
            add(problems, PROBLEM_FATAL, "values",
                str_print(problems->arena, "\"%.*s\" is no label value: one %s.", STR_ARG(value),
                          LABEL_VALUE_RULE));
        else if (str_is(requirement->key, KARPENTER_GPU_NAME))
            check_gpu_name(value, problems);
        for (size_t k = 0; k < sizeof value_lists / sizeof *value_lists; k++)
            if (str_is(requirement->key, value_lists[k].key))
                check_value(requirement, k, value, problems);
    }
}

void requirement_check(const struct requirement *requirement, enum requirement_place place,
                       struct problems *problems)
{
    check_key(requirement->key, place, problems);
    check_operator(requirement, problems);
    check_values(requirement, problems);
    check_min_values(requirement, place, problems);
}

/* Takes digits off the front of *S; how many there were. */
static size_t skip_digits(struct str *s)
{
    size_t count = 0;
    while (count < s->len && s->at[count] >= '0' && s->at[count] <= '9')
        count++;
    *s = str_slice(*s, count, s->len);
    return count;
}

/* One or more groups of digits and a unit of UNITS. */
static bool groups_valid(struct str s, const char *units)
{
    if (s.len == 0)
        return false;
    while (s.len > 0) {
        if (skip_digits(&s) == 0 || s.len == 0 || !str_has(str_of(units), s.at[0]))
            return false;
        s = str_slice(s, 1, s.len);
    }
    return true;
}

bool karpenter_duration_valid(struct str s)
{
    return groups_valid(s, "smh");
}

bool karpenter_duration_or_never_valid(struct str s)
{
    return str_is(s, "Never") || karpenter_duration_valid(s);
}

bool budget_duration_valid(struct str s)
{
    size_t m = str_find(s, 'm', 0), h = str_find(s, 'h', 0);
    if (str_ends(s, "0s") && s.len > 2 && (s.at[s.len - 3] == 'm' || s.at[s.len - 3] == 'h'))
        s = str_slice(s, 0, s.len - 2);
    if (!groups_valid(s, "hm"))
        return false;
    /* Nh, Nm or NhNm: each unit once, hours first. */
    bool one_h = h >= s.len || str_find(s, 'h', h + 1) >= s.len;
    bool one_m = m >= s.len || str_find(s, 'm', m + 1) >= s.len;
    return one_h && one_m && (h >= s.len || m >= s.len || h < m);
}

bool budget_nodes_valid(struct str s)
{
    struct str rest = s;
    size_t digits = skip_digits(&rest);
    if (digits == 0)
        return false;
    if (rest.len == 0)
        return true;
    return str_is(rest, "%") &&
           (str_is(s, "100%") || digits == 1 || (digits == 2 && s.at[0] != '0'));
}

static const char *const reasons[] = { "Underutilized", "Empty", "Drifted", "Unhealthy" };

static void check_reasons(const struct budget *budget, struct problems *problems)
{
    for (size_t i = 0; i < budget->reason_count; i++) {
        struct str reason = budget->reasons[i];
        const char *nearest = str_nearest(reason, reasons, sizeof reasons / sizeof *reasons);
        if (!is_one_of(reason, reasons, sizeof reasons / sizeof *reasons))
            add(problems, PROBLEM_SUSPICIOUS, "reasons",
                str_print(problems->arena,
                          "\"%.*s\" is no reason for a disruption that this provider knows%s%s%s",
                          STR_ARG(reason), nearest ? ".  Did you mean \"" : ".",
                          nearest ? nearest : "", nearest ? "\"?" : ""));
    }
}

void budget_check(const struct budget *budget, struct problems *problems)
{
    struct arena *arena = problems->arena;
    if (!budget_nodes_valid(budget->nodes))
        add(problems, PROBLEM_FATAL, "nodes",
            str_print(arena,
                      "nodes is \"%.*s\"; it must be a number such as \"5\", or a percentage from "
                      "\"0%%\" to \"100%%\".",
                      STR_ARG(budget->nodes)));
    if (budget->schedule.at != NULL && !cron_valid(budget->schedule))
        add(problems, PROBLEM_FATAL, "schedule",
            str_print(
                arena,
                "\"%.*s\" is no schedule: it needs the five fields minute, hour, day, month "
                "and weekday, such as \"0 9 * * mon-fri\", or one of @hourly, @daily, @weekly, "
                "@monthly, @yearly; times are UTC.",
                STR_ARG(budget->schedule)));
    if (budget->duration.at != NULL && !budget_duration_valid(budget->duration))
        add(problems, PROBLEM_FATAL, "duration",
            str_print(arena, "\"%.*s\" must be hours and minutes, such as \"8h\" or \"1h30m\".",
                      STR_ARG(budget->duration)));
    if ((budget->schedule.at == NULL) != (budget->duration.at == NULL))
        add(problems, PROBLEM_FATAL, budget->schedule.at == NULL ? "duration" : "schedule",
            STR("schedule and duration must be given together, or neither of them."));
    check_reasons(budget, problems);
}

void template_label_check(struct str key, const char *field, struct problems *problems)
{
    bool reserved = domain_is(key, "karpenter.sh") || str_is(key, "kubernetes.io/hostname");
    if (!reserved && !(domain_is(key, "karpenter.k8s.aws") && !is_known(key)))
        return;
    problem_add_field(problems, PROBLEM_FATAL, field, key,
                      "Karpenter sets \"%.*s\" itself and refuses it as a label of the template.",
                      STR_ARG(key));
}
