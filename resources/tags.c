/* Merging and taking apart tags. */
#include "resources/tags.h"

#include "resources/context.h"
#include "schema/check.h"

static bool tag_key_valid(struct str s)
{
    return s.len >= 1 && s.len <= 128 && !str_starts(str_slice(s, 0, 4), "aws:");
}

const struct check check_tag_key = { check_valid, .valid = tag_key_valid,
                                     .doc = "1 to 128 characters that do not start with `aws:`" };
const struct check check_tag_value = { check_length, .min = 0, .max = 256,
                                       .doc = "at most 256 characters" };

const struct value *derive_tags_all(struct call *call, const struct derivation *from)
{
    const struct context *context = from->context;
    const struct value *own = value_at(from->planned, "tags");
    const struct value *defaults = context ? context->default_tags : &value_unknown;
    if (value_is_unknown(own) || value_is_unknown(defaults))
        return &value_unknown;
    size_t room =
        (value_is_set(own) ? own->count : 0) + (value_is_set(defaults) ? defaults->count : 0);
    struct value_member *members = ARENA_NEW_ARRAY(call->arena, struct value_member, room);
    size_t count = 0;
    for (size_t i = 0; value_is_set(defaults) && i < defaults->count; i++)
        members[count++] = defaults->members[i];
    for (size_t i = 0; value_is_set(own) && i < own->count; i++)
        members[count++] = own->members[i];
    return value_members(call->arena, members, count);
}

static bool is_listed(const struct value *list, struct str key, bool as_prefix)
{
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        struct str word = value_text(list->items[i]);
        if (word.at && (as_prefix ? str_starts(key, word.at) : str_equal(key, word)))
            return true;
    }
    return false;
}

const struct value *parse_tags_all(struct call *call, const struct derivation *from)
{
    const struct context *context = from->context;
    const struct value *all = value_at(from->planned, "tags_all");
    if (!context || !value_is_set(context->ignored_tags) || !value_is_set(all))
        return all;
    struct value_member *members = ARENA_NEW_ARRAY(call->arena, struct value_member, all->count);
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        struct str key = all->members[i].name;
        if (!is_listed(value_at(context->ignored_tags, "keys"), key, /* as_prefix */ false) &&
            !is_listed(value_at(context->ignored_tags, "key_prefixes"), key, /* as_prefix */ true))
            members[count++] = all->members[i];
    }
    return value_members(call->arena, members, count);
}

/* A default tag that stands as it should is the provider's, any other the resource's own. */
const struct value *parse_tags(struct call *call, const struct derivation *from)
{
    const struct context *context = from->context;
    const struct value *all = value_at(from->planned, "tags_all");
    const struct value *before = value_at(from->prior, "tags");
    const struct value *defaults = context ? context->default_tags : &value_null;
    size_t room = value_is_set(all) ? all->count : 0;
    struct value_member *members = ARENA_NEW_ARRAY(call->arena, struct value_member, room);
    size_t count = 0;
    for (size_t i = 0; i < room; i++) {
        struct str key = all->members[i].name;
        bool is_default = value_equal(value_at_str(defaults, key), all->members[i].value);
        bool is_own = value_is_set(value_at_str(before, key));
        if (is_own || !is_default)
            members[count++] = all->members[i];
    }
    if (!count && !value_is_set(before))
        return &value_null;
    return value_members(call->arena, members, count);
}
