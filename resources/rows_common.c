/* Shared rows, and the checks, codecs and derivations that rows point at. */
#include "resources/rows_common.h"

#include "base/json.h"
#include "gpu/duration.h"
#include "gpu/karpenter.h"
#include "gpu/kubernetes_names.h"
#include "gpu/quantity.h"
#include "gpu/taint_effect.h"
#include "resources/context.h"
#include "schema/check.h"

static bool positive_duration_valid(struct str s)
{
    int64_t nanoseconds;
    return duration_parse(s, &nanoseconds) && nanoseconds > 0;
}

const struct check check_positive_duration = { check_valid, .valid = positive_duration_valid,
                                               .doc = "a duration like `30s`, `10m` or `2h`" };

const struct attr timeout_rows[] = {
    { "create", &type_string, OPTIONAL, .check = &check_positive_duration,
      .doc = "How long creating may take." },
    { "read", &type_string, OPTIONAL, .check = &check_positive_duration,
      .doc = "How long reading may take." },
    { "update", &type_string, OPTIONAL, .check = &check_positive_duration,
      .doc = "How long an update may take." },
    { "delete", &type_string, OPTIONAL, .check = &check_positive_duration,
      .doc = "How long deleting may take." },
    { 0 },
};

static bool cluster_name_valid(struct str s)
{
    if (s.len < 1 || s.len > 100)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && (i == 0 || (c != '-' && c != '_')))
            return false;
    }
    return true;
}

const struct check check_cluster_name = {
    check_valid, .valid = cluster_name_valid,
    .doc = "1 to 100 letters, digits, `-` and `_`, starting with a letter or digit"
};
const struct check check_dns_subdomain = {
    check_valid, .valid = dns_subdomain_valid,
    .doc = "lower-case letters, digits, `-` and `.`, at most 253 characters"
};
const struct check check_dns_label = { check_valid, .valid = dns_label_valid,
                                       .doc = "lower-case letters, digits and `-`, at most 63 "
                                              "characters" };
const struct check check_label_key = { check_valid, .valid = label_key_valid,
                                       .doc = "a label key, like `team` or `example.com/team`" };
const struct check check_label_value = { check_valid, .valid = label_value_valid,
                                         .doc = "a label value: at most 63 letters, digits, `-`, "
                                                "`_` and `.`" };
const struct check check_config_key = {
    check_valid, .valid = config_key_valid,
    .doc = "a key that is a label value too: 1 to 63 letters, digits, `-`, `_` and `.`"
};
const struct check check_quantity = { check_valid, .valid = quantity_valid,
                                      .doc = "a quantity, like `80`, `500m` or `1000Gi`" };
const struct check check_taint_effect = {
    check_valid, .valid = taint_effect_valid,
    .doc = "`NoSchedule`, `PreferNoSchedule` or `NoExecute`, in this spelling or as `NO_SCHEDULE`, "
           "`PREFER_NO_SCHEDULE`, `NO_EXECUTE`"
};

const struct check check_duration_or_never = { check_valid,
                                               .valid = karpenter_duration_or_never_valid,
                                               .doc = "a duration like `720h` or `10m`, or "
                                                      "`Never`" };

const struct codec codec_duration = { .equal = duration_equal };
const struct codec codec_quantity = { .equal = quantity_equal };

static json_t *effect_to_kubernetes(struct arena *arena, const struct value *v)
{
    const char *effect = taint_effect_to_kubernetes(v->text);
    return json_new_str(arena, effect ? str_of(effect) : v->text);
}

static json_t *effect_to_eks(struct arena *arena, const struct value *v)
{
    const char *effect = taint_effect_to_eks(v->text);
    return json_new_str(arena, effect ? str_of(effect) : v->text);
}

const struct codec codec_kubernetes_taint_effect = { .equal = taint_effect_equal,
                                                     .to_api = effect_to_kubernetes };
const struct codec codec_eks_taint_effect = { .equal = taint_effect_equal,
                                              .to_api = effect_to_eks };

/* With kubernetes {} there are no cluster names.  An unknown default keeps what the state has:
 * whether it turns out different shows at apply. */
static const struct value *derive_name(struct call *call, const struct context *context,
                                       struct str known, bool unknown)
{
    if (!context || unknown)
        return NULL;
    if (context->has_kubernetes || !known.at)
        return &value_null;
    return value_string(call->arena, known);
}

const struct value *derive_cluster_name(struct call *call, const struct derivation *from)
{
    const struct context *context = from->context;
    return context
               ? derive_name(call, context, context->cluster_name, context->cluster_name_unknown)
               : NULL;
}

const struct value *derive_region(struct call *call, const struct derivation *from)
{
    const struct context *context = from->context;
    return context ? derive_name(call, context, context->region, context->region_unknown) : NULL;
}

bool taints_check(struct call *call, const char *name, const struct value *list)
{
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, str_of(name));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++)
        for (size_t j = 0; j < i; j++) {
            struct str key = value_text(value_at(list->items[i], "key"));
            struct str effect = value_text(value_at(list->items[i], "effect"));
            struct str other_effect = value_text(value_at(list->items[j], "effect"));
            if (key.at && str_equal(key, value_text(value_at(list->items[j], "key"))) &&
                effect.at && other_effect.at && taint_effect_equal(effect, other_effect))
                return fail(call, PATH_AT_INDEX(at, (int64_t)i), "Taint given twice",
                            "The taint `%.*s` with the effect `%.*s` stands in `%s[%zu]` already.",
                            STR_ARG(key), STR_ARG(effect), name, j);
        }
    return true;
}
