/* Row checks, rules across attributes, and the library of ready-made checks. */
#include "schema/check.h"

#include <inttypes.h>

static size_t count_words(const char *const *words)
{
    size_t count = 0;
    while (words[count])
        count++;
    return count;
}

static struct str join_words(struct arena *arena, const char *const *words)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; words[i]; i++)
        buf_print(&out, "%s`%s`", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return buf_str(&out);
}

static bool is_word(const struct check *self, struct str text)
{
    for (size_t i = 0; self->words[i]; i++)
        if (str_is(text, self->words[i]))
            return true;
    return false;
}

static struct str did_you_mean(struct call *call, const struct check *self, struct str text)
{
    const char *nearest = str_nearest(text, self->words, count_words(self->words));
    return nearest ? str_print(call->arena, " Did you mean `%s`?", nearest) : STR("");
}

bool check_words(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v)
{
    if (is_word(self, v->text))
        return true;
    return fail(call, at, "Unexpected value", "Expected %.*s, found `%.*s`.%.*s",
                STR_ARG(join_words(call->arena, self->words)), STR_ARG(v->text),
                STR_ARG(did_you_mean(call, self, v->text)));
}

bool check_known_words(struct call *call, const struct check *self, const struct path *at,
                       const struct value *v)
{
    if (!is_word(self, v->text))
        warn(
            call, at, "Unknown value",
            "`%.*s` is not among the values known to this version of the provider; it is passed on "
            "as it is.%.*s",
            STR_ARG(v->text), STR_ARG(did_you_mean(call, self, v->text)));
    return true;
}

static int64_t count_characters(struct str text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.at[i] & 0xC0) != 0x80;
    return count;
}

bool check_length(struct call *call, const struct check *self, const struct path *at,
                  const struct value *v)
{
    int64_t length = count_characters(v->text);
    if (length >= self->min && length <= self->max)
        return true;
    return fail(call, at, "Wrong length",
                "Expected %" PRId64 " to %" PRId64 " characters, found %" PRId64 ".", self->min,
                self->max, length);
}

bool check_range(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v)
{
    int64_t number;
    if (value_to_int(v, &number) && number >= self->min && number <= self->max)
        return true;
    if (self->max == INT64_MAX)
        return fail(call, at, "Number out of range",
                    "Expected a whole number of at least %" PRId64 ", found %.*s.", self->min,
                    STR_ARG(v->text));
    return fail(call, at, "Number out of range",
                "Expected a whole number from %" PRId64 " to %" PRId64 ", found %.*s.", self->min,
                self->max, STR_ARG(v->text));
}

bool check_valid(struct call *call, const struct check *self, const struct path *at,
                 const struct value *v)
{
    if (self->valid(v->text))
        return true;
    return fail(call, at, "Malformed value", "Expected %s, found `%.*s`.", self->doc,
                STR_ARG(v->text));
}

/* What a check says of a secret must not quote it. */
static bool run_check(struct call *call, const struct check *check, unsigned flags,
                      const struct path *at, const struct value *v)
{
    struct diagnostic *last = call->last;
    bool ok = check->run(call, check, at, v);
    if (!(flags & SENSITIVE))
        return ok;
    struct diagnostic *added = last ? last->next : call->first;
    for (; added; added = added->next)
        added->detail =
            str_print(call->arena, "Expected %s. What was found is secret and not shown.",
                      check->doc ? check->doc : "another value");
    return ok;
}

static bool check_elements(struct call *call, const struct attr *row, const struct path *at,
                           const struct value *v)
{
    bool ok = true;
    if (v->kind == VALUE_SEQUENCE) {
        for (size_t i = 0; i < v->count; i++)
            if (row->check && value_is_set(v->items[i]))
                ok &= run_check(call, row->check, row->flags, PATH_AT_INDEX(at, (int64_t)i),
                                v->items[i]);
        return ok;
    }
    for (size_t i = 0; i < v->count; i++) {
        const struct value_member *member = &v->members[i];
        const struct path *here = PATH_AT_KEY(at, member->name);
        const struct value key = { .kind = VALUE_STRING, .text = member->name };
        if (row->key_check)
            ok &= run_check(call, row->key_check, /* flags */ 0, here, &key);
        if (row->check && value_is_set(member->value))
            ok &= run_check(call, row->check, row->flags, here, member->value);
    }
    return ok;
}

static bool check_attribute(struct call *call, const struct attr *row, const struct path *at,
                            const struct value *v)
{
    if (!value_is_set(v))
        return true;
    if (v->kind == VALUE_SEQUENCE || v->kind == VALUE_MEMBERS)
        return check_elements(call, row, at, v);
    return !row->check || run_check(call, row->check, row->flags, at, v);
}

static bool check_object(struct call *call, const struct attr *rows, const struct path *at,
                         const struct value *object);

static bool check_block(struct call *call, const struct attr *row, const struct path *at,
                        const struct value *v)
{
    bool ok = true;
    if (row->nesting == BLOCK_SINGLE)
        return check_object(call, row->rows, at, v);
    for (size_t i = 0; value_is_set(v) && i < v->count; i++)
        ok &= row->nesting == BLOCK_LIST
                  ? check_object(call, row->rows, PATH_AT_INDEX(at, (int64_t)i), v->items[i])
                  : check_object(call, row->rows, PATH_AT_KEY(at, v->members[i].name),
                                 v->members[i].value);
    if (row->nesting == BLOCK_MAP && row->key_check)
        ok &= check_elements(call, &(const struct attr){ .key_check = row->key_check }, at, v);
    return ok;
}

static bool check_object(struct call *call, const struct attr *rows, const struct path *at,
                         const struct value *object)
{
    if (!value_is_set(object))
        return true;
    bool ok = true;
    FOR_EACH_ROW (row, rows) {
        const struct path *here = PATH_AT_ATTRIBUTE(at, str_of(row->name));
        const struct value *v = value_at(object, row->name);
        ok &= row->nesting == NOT_A_BLOCK ? check_attribute(call, row, here, v)
                                          : check_block(call, row, here, v);
    }
    return ok;
}

static bool check_rule(struct call *call, const struct rule *rule, const struct path *at,
                       const struct value *object)
{
    struct str names = str_of(rule->names);
    struct str name;
    struct buf list = buf_make(call->arena, BUF_LIMIT);
    unsigned total = 0;
    unsigned set = 0;
    unsigned unknown = 0;
    while (attr_next_name(&names, &name)) {
        const struct value *v = value_at_str(object, name);
        bool is_empty_block = (v->kind == VALUE_SEQUENCE || v->kind == VALUE_MEMBERS) && !v->count;
        buf_print(&list, "%s`%.*s`", total ? ", " : "", STR_ARG(name));
        total++;
        unknown += value_is_unknown(v);
        set += value_is_set(v) && !is_empty_block;
    }
    struct str words = buf_str(&list);
    if ((rule->kind == EXACTLY_ONE_OF || rule->kind == AT_MOST_ONE_OF) && set > 1)
        return fail(call, at, "Arguments exclude each other", "At most one of %.*s may be set.",
                    STR_ARG(words));
    if ((rule->kind == EXACTLY_ONE_OF || rule->kind == AT_LEAST_ONE_OF) && !set && !unknown)
        return fail(call, at, "Missing argument", "%s one of %.*s must be set.",
                    rule->kind == EXACTLY_ONE_OF ? "Exactly" : "At least", STR_ARG(words));
    if (rule->kind == ALL_OR_NONE_OF && set && set + unknown < total)
        return fail(call, at, "Missing argument", "%.*s belong together: set all or none.",
                    STR_ARG(words));
    return true;
}

/* RULE on each object of the block ROW. */
static bool check_block_rule(struct call *call, const struct rule *rule, const struct attr *row,
                             const struct value *block)
{
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, str_of(row->name));
    if (!value_is_set(block))
        return true;
    if (row->nesting == BLOCK_SINGLE)
        return check_rule(call, rule, at, block);
    bool ok = true;
    for (size_t i = 0; i < block->count; i++)
        ok &= row->nesting == BLOCK_LIST
                  ? check_rule(call, rule, PATH_AT_INDEX(at, (int64_t)i), block->items[i])
                  : check_rule(call, rule, PATH_AT_KEY(at, block->members[i].name),
                               block->members[i].value);
    return ok;
}

static bool check_rules(struct call *call, const struct attr *rows, const struct rule *rules,
                        const struct value *config)
{
    bool ok = true;
    for (const struct rule *rule = rules; rule && rule->kind != RULES_END; rule++) {
        const struct attr *row = rule->block ? attr_find(rows, str_of(rule->block)) : NULL;
        ok &= row ? check_block_rule(call, rule, row, value_at(config, row->name))
                  : check_rule(call, rule, NULL, config);
    }
    return ok;
}

bool check_config(struct call *call, const struct attr *rows, const struct rule *rules,
                  const struct value *config)
{
    if (!value_is_set(config))
        return true;
    bool ok = check_object(call, rows, NULL, config);
    return check_rules(call, rows, rules, config) && ok;
}
