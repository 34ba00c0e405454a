/* Rules across the attributes of an EC2NodeClass, each at the attribute that is wrong. */
#include "resources/ec2_node_class_check.h"

#include <inttypes.h>

#include "gpu/ec2_node_class.h"
#include "resources/bottlerocket_block.h"

static bool exclude(struct call *call, const struct path *at, const struct value *term,
                    const char *name, const char *others)
{
    struct str other;
    struct str names = str_of(others);
    if (!value_is_set(value_at(term, name)))
        return true;
    while (attr_next_name(&names, &other))
        if (value_is_set(value_at_str(term, other)))
            return fail(call, PATH_AT_ATTRIBUTE(at, other), "Arguments exclude each other",
                        "With `%s` a term says everything, so `%.*s` would be ignored or refused. "
                        "Leave one out, or make a second term.",
                        name, STR_ARG(other));
    return true;
}

static bool check_alias(struct call *call, const struct path *at, const struct value *alias,
                        size_t terms)
{
    const struct path *here = PATH_AT_ATTRIBUTE(at, STR("alias"));
    struct str text = value_text(alias);
    if (!text.at || !ami_alias_valid(text))
        return true;
    if (terms > 1)
        return fail(call, here, "Arguments exclude each other",
                    "An `alias` must be the only `ami_selector_term`, found %zu. Name the others' "
                    "AMIs by `id`, or remove them.",
                    terms);
    if (ami_alias_pins_windows(text))
        return fail(call, here, "Unexpected value",
                    "Windows families take the version `latest` only, found `%.*s`.",
                    STR_ARG(text));
    const char *nearest = ami_alias_nearest(text);
    if (!ami_alias_family(text))
        warn(call, here, "Unknown value",
             "The family of `%.*s` is not among those known to this version of the provider (al2, "
             "al2023, bottlerocket, windows2019, windows2022, windows2025).%s%s%s",
             STR_ARG(text), nearest ? " Did you mean `" : "", nearest ? nearest : "",
             nearest ? "`?" : "");
    if (str_starts(text, "al2@"))
        warn(call, here, "No AMIs for newer clusters",
             "Amazon Linux 2 has AMIs up to Kubernetes 1.32 only; from 1.33 on Karpenter refuses "
             "this alias. Use `al2023@latest`.");
    return true;
}

static bool check_amis(struct call *call, const struct value *terms)
{
    bool ok = true;
    const struct path *list = PATH_AT_ATTRIBUTE(NULL, STR("ami_selector_term"));
    for (size_t i = 0; terms->kind == VALUE_SEQUENCE && i < terms->count; i++) {
        const struct value *term = terms->items[i];
        const struct path *at = PATH_AT_INDEX(list, (int64_t)i);
        ok &= exclude(call, at, term, "id", "alias name owner ssm_parameter tags");
        ok &= exclude(call, at, term, "alias", "name owner ssm_parameter tags");
        ok &= exclude(call, at, term, "ssm_parameter", "name owner tags");
        ok &= check_alias(call, at, value_at(term, "alias"), terms->count);
    }
    return ok;
}

static bool check_reservations(struct call *call, const struct value *terms)
{
    bool ok = true;
    const struct path *list = PATH_AT_ATTRIBUTE(NULL, STR("capacity_reservation_selector_term"));
    for (size_t i = 0; terms->kind == VALUE_SEQUENCE && i < terms->count; i++)
        ok &= exclude(call, PATH_AT_INDEX(list, (int64_t)i), terms->items[i], "id",
                      "owner_id instance_match_criteria tags");
    return ok;
}

/* The family that the AMIs have: from an alias, else as configured; at == NULL where it cannot be
 * told yet.  *OK is false where the two contradict each other or none is there. */
static struct str family_of(struct call *call, const struct value *config, bool *ok)
{
    const struct value *family = value_at(config, "ami_family");
    const struct value *terms = value_at(config, "ami_selector_term");
    if (terms->kind != VALUE_SEQUENCE)
        return value_text(family);
    bool may_have_alias = false;
    const char *of_alias = NULL;
    for (size_t i = 0; i < terms->count; i++) {
        const struct value *alias = value_at(terms->items[i], "alias");
        may_have_alias |= !value_is_null(alias);
        if (value_is_set(alias) && !of_alias)
            of_alias = ami_alias_family(value_text(alias));
    }
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("ami_family"));
    if (value_is_null(family) && !may_have_alias && terms->count)
        *ok = fail(call, at, "Missing argument",
                   "Without an `alias` in `ami_selector_term` nothing says which family the AMIs "
                   "have. Set `ami_family`, for example to `AL2023` or `Bottlerocket`.");
    struct str text = value_text(family);
    if (text.at && of_alias && !str_is(text, of_alias) && !str_is(text, "Custom"))
        *ok = fail(call, at, "Arguments contradict each other",
                   "The alias is of the family `%s`, so `ami_family` can be `%s` or `Custom`, "
                   "found `%.*s`. Leave it out.",
                   of_alias, of_alias, STR_ARG(text));
    return text.at ? text : str_of(of_alias);
}

static bool is_bottlerocket(struct str family)
{
    return str_is(family, "Bottlerocket") || str_is(family, "Custom");
}

static bool check_user_data(struct call *call, const struct value *config, struct str family)
{
    const struct value *block = value_at(config, "bottlerocket_settings");
    struct str own = value_text(value_at(config, "user_data"));
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("bottlerocket_settings"));
    const struct path *own_at = PATH_AT_ATTRIBUTE(NULL, STR("user_data"));
    bool ok = bottlerocket_block_check(call, at, block);
    if (value_is_set(block) && family.at && !is_bottlerocket(family))
        ok = fail(call, at, "Not for this AMI",
                  "These settings are Bottlerocket's, and the AMIs are of the family `%.*s`. There "
                  "the device plugin is a DaemonSet that follows a ConfigMap: use "
                  "gpushare_time_slicing_config and the NodePool's `sharing` block, or an alias "
                  "like `bottlerocket@latest`.",
                  STR_ARG(family));
    if (value_is_set(block) && own.at && bottlerocket_user_data_has_table(own))
        ok = fail(call, own_at, "Settings given twice",
                  "`bottlerocket_settings` writes the table `" BOTTLEROCKET_TABLE
                  "`, which stands in `user_data` already; TOML allows it once. Move its members "
                  "into the block.");
    bool is_toml = str_is(family, "Bottlerocket") || value_is_set(block);
    struct str start = own.at ? str_trim(own) : STR("");
    if (is_toml && (str_starts(start, "#!") || str_starts(start, "MIME-Version")))
        ok = fail(call, own_at, "Malformed value",
                  "Bottlerocket's user data is TOML (`[settings.kubernetes]`, ...), found a script "
                  "or a MIME document, which it would not start with.");
    return ok;
}

static bool check_ebs(struct call *call, const struct path *at, const struct value *ebs)
{
    bool ok = true;
    const struct value *type = value_at(ebs, "volume_type");
    if (!value_is_set(ebs))
        return true;
    if (value_is_null(value_at(ebs, "snapshot_id")) && value_is_null(value_at(ebs, "volume_size")))
        ok = fail(call, at, "Missing argument",
                  "A volume needs `volume_size`, `snapshot_id` or both.");
    if (!value_is_null(value_at(ebs, "volume_initialization_rate")) &&
        value_is_null(value_at(ebs, "snapshot_id")))
        ok =
            fail(call, PATH_AT_ATTRIBUTE(at, STR("volume_initialization_rate")), "Missing argument",
                 "Only a volume made of a snapshot is initialised: set `snapshot_id`, or leave "
                 "the rate out.");
    if (value_is_set(type) && !str_is(type->text, "gp3") &&
        !value_is_null(value_at(ebs, "throughput")))
        ok = fail(call, PATH_AT_ATTRIBUTE(at, STR("throughput")), "Arguments exclude each other",
                  "EC2 takes a throughput for `gp3` volumes only, found `%.*s`.",
                  STR_ARG(type->text));
    return ok;
}

static bool check_block_devices(struct call *call, const struct value *list)
{
    bool ok = true;
    bool has_root = false;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("block_device_mapping"));
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        const struct path *here = PATH_AT_INDEX(at, (int64_t)i);
        bool is_root = value_flag(value_at(list->items[i], "root_volume"), false);
        if (is_root && has_root)
            ok = fail(call, PATH_AT_ATTRIBUTE(here, STR("root_volume")), "Two root volumes",
                      "At most one volume holds kubelet's folder.");
        has_root |= is_root;
        ok &= check_ebs(call, PATH_AT_ATTRIBUTE(here, STR("ebs")), value_at(list->items[i], "ebs"));
    }
    return ok;
}

/* Each signal of NAME has its pair in OTHER. */
static bool check_pairs(struct call *call, const struct value *kubelet, const char *name,
                        const char *other)
{
    bool ok = true;
    const struct path *at =
        PATH_AT_ATTRIBUTE(PATH_AT_ATTRIBUTE(NULL, STR("kubelet")), str_of(name));
    const struct value *map = value_at(kubelet, name);
    const struct value *pairs = value_at(kubelet, other);
    for (size_t i = 0; map->kind == VALUE_MEMBERS && i < map->count; i++)
        if (value_is_null(value_at_str(pairs, map->members[i].name)))
            ok = fail(call, PATH_AT_KEY(at, map->members[i].name), "Missing argument",
                      "A soft threshold and its grace period belong together: `%.*s` is missing in "
                      "`%s`.",
                      STR_ARG(map->members[i].name), other);
    return ok;
}

static bool check_kubelet(struct call *call, const struct value *kubelet)
{
    int64_t high;
    int64_t low;
    if (!value_is_set(kubelet))
        return true;
    bool ok = check_pairs(call, kubelet, "eviction_soft", "eviction_soft_grace_period");
    ok &= check_pairs(call, kubelet, "eviction_soft_grace_period", "eviction_soft");
    if (value_to_int(value_at(kubelet, "image_gc_high_threshold_percent"), &high) &&
        value_to_int(value_at(kubelet, "image_gc_low_threshold_percent"), &low) && high <= low)
        ok = fail(call,
                  PATH_AT_ATTRIBUTE(PATH_AT_ATTRIBUTE(NULL, STR("kubelet")),
                                    STR("image_gc_high_threshold_percent")),
                  "Number out of range",
                  "Images are removed from the high threshold down to the low one, so it must be "
                  "greater than %" PRId64 ", found %" PRId64 ".",
                  low, high);
    return ok;
}

struct network_interface {
    int64_t card, device;
    bool is_efa;
};

/* Compares the interface at INDEX with those before it. */
static bool check_interface(struct call *call, const struct path *at,
                            const struct network_interface *all, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (all[i].card != all[index].card)
            continue;
        if (all[i].device == all[index].device)
            return fail(call, at, "Interface given twice",
                        "The card %" PRId64 " has its device %" PRId64
                        " in `network_interface[%zu]` already.",
                        all[index].card, all[index].device, i);
        if (all[i].is_efa && all[index].is_efa)
            return fail(call, at, "Interface given twice",
                        "The card %" PRId64 " has an `efa-only` interface in "
                        "`network_interface[%zu]` already; a card takes one.",
                        all[index].card, i);
    }
    return true;
}

static bool check_interfaces(struct call *call, const struct value *list)
{
    if (list->kind != VALUE_SEQUENCE || !list->count || !value_is_wholly_known(list))
        return true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("network_interface"));
    struct network_interface *all =
        ARENA_NEW_ARRAY(call->arena, struct network_interface, list->count);
    bool has_primary = false;
    bool ok = true;
    for (size_t i = 0; i < list->count; i++) {
        const struct value *item = list->items[i];
        (void)value_to_int(value_at(item, "network_card_index"), &all[i].card);
        (void)value_to_int(value_at(item, "device_index"), &all[i].device);
        all[i].is_efa = str_is(value_text(value_at(item, "interface_type")), "efa-only");
        has_primary |= !all[i].card && !all[i].device && !all[i].is_efa;
        ok &= check_interface(call, PATH_AT_INDEX(at, (int64_t)i), all, i);
    }
    return has_primary ? ok
                       : fail(call, at, "Missing argument",
                              "One interface must be the primary one: card 0, device 0, of the "
                              "type `interface`.");
}

static bool check_tags(struct call *call, const struct value *tags)
{
    bool ok = true;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("tags"));
    for (size_t i = 0; tags->kind == VALUE_MEMBERS && i < tags->count; i++) {
        struct str key = tags->members[i].name;
        const char *reason = restricted_tag_reason(key);
        if (reason)
            ok = fail(call, PATH_AT_KEY(at, key), "Restricted tag",
                      "The tag `%.*s` is refused: %s.", STR_ARG(key), reason);
    }
    return ok;
}

bool ec2_node_class_check(struct call *call, const struct value *config)
{
    bool ok = check_amis(call, value_at(config, "ami_selector_term"));
    struct str family = family_of(call, config, &ok);
    ok &= check_reservations(call, value_at(config, "capacity_reservation_selector_term"));
    ok &= check_user_data(call, config, family);
    ok &= check_block_devices(call, value_at(config, "block_device_mapping"));
    ok &= check_kubelet(call, value_at(config, "kubelet"));
    ok &= check_interfaces(call, value_at(config, "network_interface"));
    return check_tags(call, value_at(config, "tags")) && ok;
}
