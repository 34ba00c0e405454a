/* An AWSNodeTemplate, or a Provisioner's own provider, to an EC2NodeClass. */
#include "gpu/provisioner_class.h"

#include <string.h>

struct making {
    struct arena *arena;
    struct problems *problems;
    const struct node_template *template;
    json_t *spec; /* of the EC2NodeClass */
};

PRINTF_LIKE(4, 5)
static void say(struct making *making, enum problem_severity severity, const char *member,
                const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(making->arena, format, arguments);
    va_end(arguments);
    struct str path =
        str_print(making->arena, "%.*s.%s", STR_ARG(making->template->spec_path), member);
    problem_add(making->problems, severity, path, "%.*s", STR_ARG(sentence));
}

static void set_text(struct making *making, json_t *object, const char *key, struct str s)
{
    json_set(making->arena, object, key, json_new_str(making->arena, s));
}

static void add_term(struct making *making, json_t *terms, const char *key, json_t *value)
{
    json_t *term = json_new_object(making->arena);
    json_set(making->arena, term, key, value);
    json_add(making->arena, terms, term);
}

static bool is_ids(const char *key)
{
    return strcmp(key, "aws-ids") == 0 || strcmp(key, "aws::ids") == 0;
}

/* One term for each id of a list separated by commas. */
static void add_ids(struct making *making, json_t *terms, struct str list)
{
    struct str part;
    while (str_split(&list, ',', &part))
        if (str_trim(part).len)
            add_term(making, terms, "id", json_new_str(making->arena, str_trim(part)));
}

/* SELECTOR, a map of tags, as terms: those of one term hold together, terms beside each other.  A
 * tag alone may list several values. */
static json_t *terms_of(struct making *making, const char *member, const json_t *selector)
{
    json_t *terms = json_new_array(making->arena);
    json_t *tags = json_new_object(making->arena);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)selector, key, value) {
        struct str text = json_str(value);
        struct str part;
        if (is_ids(key)) {
            add_ids(making, terms, text);
        } else if (strncmp(key, "aws::", 5) == 0) {
            say(making, PROBLEM_IGNORED, member,
                "`%s` was left out: write `name` and `owner` of a selector term instead.", key);
        } else if (text.at && str_has(text, ',') && json_object_size(selector) == 1) {
            while (str_split(&text, ',', &part)) {
                json_t *one = json_new_object(making->arena);
                set_text(making, one, key, str_trim(part));
                add_term(making, terms, "tags", one);
            }
        } else {
            set_text(making, tags, key, text.at ? text : STR(""));
            if (!text.at)
                say(making, PROBLEM_FATAL, member, "The value of `%s` is no text; quote it.", key);
            if (text.at && str_has(text, ','))
                say(making, PROBLEM_SUSPICIOUS, member,
                    "The values of `%s` were alternatives; write one term for each.", key);
        }
    }
    if (json_object_size(tags))
        add_term(making, terms, "tags", tags);
    return terms;
}

static void add_selector(struct making *making, const char *old, const char *new)
{
    json_t *terms = terms_of(making, old, json_object_get(making->template->spec, old));
    if (!json_array_size(terms))
        say(making, PROBLEM_FATAL, old, "An EC2NodeClass needs `%s`, and there is no `%s`.", new,
            old);
    json_set(making->arena, making->spec, new, terms);
}

static void add_amis(struct making *making)
{
    const json_t *selector = json_object_get(making->template->spec, "amiSelector");
    struct str family = json_str_at(making->template->spec, "amiFamily");
    json_t *terms = terms_of(making, "amiSelector", selector);
    const char *alias = "al2023@latest";
    if (str_is(family, "Bottlerocket"))
        alias = "bottlerocket@latest";
    else if (str_is(family, "Windows2019"))
        alias = "windows2019@latest";
    else if (str_is(family, "Windows2022"))
        alias = "windows2022@latest";
    if (str_is(family, "Custom") || json_array_size(terms)) {
        bool known = family.at && !str_is(family, "Ubuntu");
        set_text(making, making->spec, "amiFamily", known ? family : STR("AL2"));
        if (!json_array_size(terms))
            say(making, PROBLEM_FATAL, "amiSelector",
                "The AMI family Custom needs AMIs, and there is no `amiSelector`.");
    } else {
        add_term(making, terms, "alias", json_new_str(making->arena, str_of(alias)));
        say(making, PROBLEM_SUSPICIOUS, "amiFamily",
            "%.*s became the alias %s, which v1 requires%s.",
            STR_ARG(family.at ? family : STR("AL2")), alias,
            !family.at || str_is(family, "AL2") ? "; AL2's images ended with Kubernetes 1.32"
            : str_is(family, "Ubuntu")          ? "; Ubuntu's family was dropped"
                                                : "");
    }
    json_set(making->arena, making->spec, "amiSelectorTerms", terms);
}

static void add_profile(struct making *making)
{
    struct str profile = json_str_at(making->template->spec, "instanceProfile");
    if (profile.at)
        set_text(making, making->spec, "instanceProfile", profile);
    else
        say(making, PROBLEM_FATAL, "instanceProfile",
            "The global default has no successor: an EC2NodeClass needs `role` or "
            "`instanceProfile`.");
}

/* v1alpha5's defaults differ from v1's by the hop limit. */
static void add_metadata_options(struct making *making)
{
    const json_t *given = json_object_get(making->template->spec, "metadataOptions");
    if (json_is_object(given)) {
        json_set(making->arena, making->spec, "metadataOptions", (json_t *)given);
        return;
    }
    json_t *options = json_new_object(making->arena);
    set_text(making, options, "httpEndpoint", STR("enabled"));
    set_text(making, options, "httpProtocolIPv6", STR("disabled"));
    json_set(making->arena, options, "httpPutResponseHopLimit", json_new_int(making->arena, 2));
    set_text(making, options, "httpTokens", STR("required"));
    json_set(making->arena, making->spec, "metadataOptions", options);
    say(making, PROBLEM_SUSPICIOUS, "metadataOptions",
        "v1alpha5's hop limit was 2 where nothing was said, v1's is 1, so the options were written "
        "out.");
}

static void add_kubelet(struct making *making)
{
    static const char *const known[] = { "clusterDNS",
                                         "maxPods",
                                         "podsPerCore",
                                         "systemReserved",
                                         "kubeReserved",
                                         "evictionHard",
                                         "evictionSoft",
                                         "evictionSoftGracePeriod",
                                         "evictionMaxPodGracePeriod",
                                         "imageGCHighThresholdPercent",
                                         "imageGCLowThresholdPercent",
                                         "cpuCFSQuota" };
    json_t *kubelet = json_new_object(making->arena);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)making->template->kubelet, key, value) {
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found = found || strcmp(key, known[i]) == 0;
        if (found)
            json_set(making->arena, kubelet, key, value);
        else
            problem_add(
                making->problems, PROBLEM_IGNORED,
                str_print(making->arena, "%.*s.%s", STR_ARG(making->template->kubelet_path), key),
                "`%s` has no successor.", key);
    }
    if (json_object_size(kubelet))
        json_set(making->arena, making->spec, "kubelet", kubelet);
}

static void add_rest(struct making *making)
{
    static const char *const copied[] = { "blockDeviceMappings", "context", "detailedMonitoring",
                                          "tags", "userData" };
    static const char *const done[] = { "amiFamily",      "amiSelector",
                                        "apiVersion",     "instanceProfile",
                                        "kind",           "metadataOptions",
                                        "subnetSelector", "securityGroupSelector" };
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)making->template->spec, key, value) {
        bool known = false;
        for (size_t i = 0; i < sizeof done / sizeof *done; i++)
            known = known || strcmp(key, done[i]) == 0;
        for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
            if (strcmp(key, copied[i]) != 0)
                continue;
            known = true;
            json_set(making->arena, making->spec, key, value);
        }
        if (!known)
            say(making, PROBLEM_IGNORED, key, "`%s` has no successor%s.", key,
                str_contains(str_of(key), "aunchTemplate")
                    ? ": Karpenter makes launch templates itself, from the EC2NodeClass"
                    : "");
    }
}

/* "<instance-profile>" is for the reader to fill in. */
static void find_placeholders(struct making *making, const json_t *value, struct str path)
{
    const char *key;
    json_t *inner;
    size_t i;
    struct str text = json_str(value);
    if (text.len > 2 && text.at[0] == '<' && text.at[text.len - 1] == '>')
        problem_add(making->problems, PROBLEM_SUSPICIOUS, path, "`%.*s` is still to be filled in.",
                    STR_ARG(text));
    json_object_foreach ((json_t *)value, key, inner)
        find_placeholders(making, inner, str_print(making->arena, "%.*s.%s", STR_ARG(path), key));
    json_array_foreach ((json_t *)value, i, inner)
        find_placeholders(making, inner, str_print(making->arena, "%.*s[%zu]", STR_ARG(path), i));
}

json_t *provisioner_node_class(struct arena *arena, const struct node_template *template,
                               struct problems *problems)
{
    struct making making = { arena, problems, template, json_new_object(arena) };
    json_t *object = json_new_object(arena);
    json_t *metadata = json_new_object(arena);
    json_set(arena, metadata, "name", json_new_str(arena, template->name));
    add_profile(&making);
    add_amis(&making);
    add_selector(&making, "subnetSelector", "subnetSelectorTerms");
    add_selector(&making, "securityGroupSelector", "securityGroupSelectorTerms");
    add_metadata_options(&making);
    add_kubelet(&making);
    add_rest(&making);
    find_placeholders(&making, template->spec, template->spec_path);
    set_text(&making, object, "apiVersion", STR("karpenter.k8s.aws/v1"));
    set_text(&making, object, "kind", STR("EC2NodeClass"));
    json_set(arena, object, "metadata", metadata);
    json_set(arena, object, "spec", making.spec);
    return object;
}
