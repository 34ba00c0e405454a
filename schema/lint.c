/* One function for each group of rules; none stops at the first mistake. */
#include "schema/lint.h"

#include <string.h>

#include "base/json.h"
#include "schema/api_path.h"
#include "schema/codec.h"

struct lint {
    struct buf *complaints;
    const struct attr *root; /* NULL where only a block's rows are known */
    const struct attr *rows; /* of the object */
    const char *who;         /* the object */
    bool is_root;
    bool in_elements; /* inside a list or map block */
    bool clean;
};

static void complain(struct lint *lint, const struct attr *row, const char *sentence)
{
    buf_print(lint->complaints, "%s.%s: %s\n", lint->who, row->name, sentence);
    lint->clean = false;
}

static void expect(struct lint *lint, const struct attr *row, bool holds, const char *sentence)
{
    if (!holds)
        complain(lint, row, sentence);
}

static bool is_snake_case(const char *name)
{
    if (name[0] < 'a' || name[0] > 'z')
        return false;
    for (const char *at = name; *at; at++) {
        bool is_letter = *at >= 'a' && *at <= 'z';
        bool is_digit = *at >= '0' && *at <= '9';
        if (!is_letter && !is_digit && (*at != '_' || at[1] == '_' || !at[1]))
            return false;
    }
    return true;
}

/* Terraform's own arguments of every resource. */
static bool is_reserved(const char *name)
{
    static const char *const reserved[] = { "connection", "count",    "depends_on", "for_each",
                                            "lifecycle",  "provider", "provisioner" };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return true;
    return false;
}

static void lint_name(struct lint *lint, const struct attr *row)
{
    expect(lint, row, is_snake_case(row->name), "the name is not snake_case.");
    expect(lint, row, !lint->is_root || !is_reserved(row->name),
           "the name is one of Terraform's own arguments.");
    for (const struct attr *other = lint->rows; other != row; other++)
        expect(lint, row, strcmp(other->name, row->name) != 0, "the name is there twice.");
}

static bool is_sentence(const char *text)
{
    return text && str_ends(str_of(text), ".") && !str_has(str_of(text), '\n');
}

static void lint_texts(struct lint *lint, const struct attr *row)
{
    expect(lint, row, is_sentence(row->doc), "doc is no text that ends with a full stop.");
    expect(lint, row, !row->deprecated || is_sentence(row->deprecated),
           "deprecated is no text that ends with a full stop.");
    expect(lint, row, !row->check || !row->check->doc || !str_ends(str_of(row->check->doc), "."),
           "the doc of its check ends with a full stop, but is a part of a sentence.");
}

static bool has(const struct attr *row, unsigned flag)
{
    return row->flags & flag;
}

static void lint_flags(struct lint *lint, const struct attr *row)
{
    expect(lint, row, has(row, REQUIRED) != (has(row, OPTIONAL) || has(row, COMPUTED)),
           "it is not either REQUIRED or OPTIONAL, COMPUTED or both.");
    expect(lint, row, !has(row, STABLE) || has(row, COMPUTED), "STABLE without COMPUTED.");
    expect(lint, row, !has(row, ONCE) || row->derive, "ONCE without derive.");
    expect(lint, row, !has(row, WRITE_ONLY) || !has(row, COMPUTED), "WRITE_ONLY and COMPUTED.");
    expect(lint, row, !has(row, READ_ONLY) || !has(row, UNSENT | UNREAD | REQUIRED),
           "READ_ONLY, but UNSENT, UNREAD or REQUIRED.");
    expect(lint, row, !has(row, UNSENT) || !has(row, UNREAD), "UNSENT and UNREAD.");
    expect(lint, row, !(has(row, SENSITIVE) && has(row, UNSENT)) || has(row, WRITE_ONLY),
           "SENSITIVE and UNSENT: a secret would be kept in state for nothing.");
    expect(lint, row, !has(row, UNORDERED) || (row->type && row->type->kind == TYPE_LIST),
           "UNORDERED, but no list.");
}

static void lint_attribute(struct lint *lint, const struct attr *row)
{
    lint_flags(lint, row);
    expect(lint, row, row->type, "an attribute without a type.");
    expect(lint, row,
           !row->rows && !row->min_items && !row->max_items && !row->key && !row->present,
           "rows, min_items, max_items, key and present are for blocks.");
    expect(lint, row, !row->api || row->api[0], "only a SINGLE block can do without an API path.");
    expect(lint, row, !row->key_check || (row->type && row->type->kind == TYPE_MAP),
           "key_check, but no map.");
    expect(lint, row, !row->foreign_keys || (row->type && row->type->kind == TYPE_MAP),
           "foreign_keys, but no map.");
}

static bool has_valid_counts(const struct attr *row)
{
    switch (row->nesting) {
    case BLOCK_SINGLE:
        return row->min_items == row->max_items && (row->min_items == 0 || row->min_items == 1);
    case BLOCK_MAP:
        return row->min_items == 0 && row->max_items == 0;
    default:
        return row->min_items >= 0 && row->max_items >= 0 &&
               (row->max_items == 0 || row->min_items <= row->max_items);
    }
}

static void lint_key(struct lint *lint, const struct attr *row)
{
    struct str names = str_of(row->key ? row->key : "");
    struct str name;
    expect(lint, row, !row->key || row->nesting == BLOCK_LIST, "key, but no LIST block.");
    while (row->rows && attr_next_name(&names, &name))
        expect(lint, row, attr_find(row->rows, name),
               "a member of its key is no row of the block.");
}

static void lint_block(struct lint *lint, const struct attr *row)
{
    bool is_transparent = row->api && !row->api[0];
    expect(lint, row, !row->type, "a block with a type.");
    expect(lint, row, row->rows, "a block without rows.");
    expect(lint, row, !(row->flags & ~(unsigned)(UNSENT | UNREAD | REPLACES)),
           "a flag that only attributes have.");
    expect(
        lint, row, has_valid_counts(row),
        "min_items and max_items do not fit: equal and 0 or 1 for SINGLE, 0 for MAP, min at most "
        "max for LIST.");
    expect(lint, row, !row->default_json && !row->derive && !row->derived_from && !row->check,
           "default_json, derive, derived_from and check are for attributes.");
    expect(lint, row, !row->parse || has(row, UNSENT), "a block with parse that is not UNSENT.");
    expect(lint, row, !row->key_check || row->nesting == BLOCK_MAP, "key_check, but no map.");
    expect(lint, row, !is_transparent || row->nesting == BLOCK_SINGLE,
           "only a SINGLE block can do without an API path.");
    expect(lint, row, !row->present || is_transparent,
           "present, but the block has a level of its own.");
    lint_key(lint, row);
}

static bool parses(struct arena *arena, const struct attr *row)
{
    struct call call = { .arena = arena };
    const struct value *v = value_from_json(&call, row->type, str_of(row->default_json),
                                            /* ignore_unknown_members */ false);
    return v && value_is_set(v);
}

static void lint_default(struct lint *lint, const struct attr *row)
{
    struct arena *arena = lint->complaints->arena;
    if (row->default_json && row->type) {
        expect(lint, row, has(row, OPTIONAL) && has(row, COMPUTED),
               "default_json without OPTIONAL | COMPUTED.");
        expect(lint, row, parses(arena, row), "default_json is no value of its type.");
        expect(lint, row, !row->derive && !row->derived_from, "both a default and a derivation.");
    }
    if (row->server_default)
        expect(lint, row, json_try_parse(arena, str_of(row->server_default)),
               "server_default is no JSON.");
}

static void lint_derivation(struct lint *lint, const struct attr *row)
{
    bool derives = row->derive || row->derived_from;
    expect(lint, row, lint->is_root || (!derives && !row->parse),
           "derive, derived_from and parse work for root rows only.");
    expect(lint, row, !derives || has(row, COMPUTED), "a derivation without COMPUTED.");
    expect(lint, row, !row->derived_equal || row->derive, "derived_equal without derive.");
    struct str names = str_of(row->derived_from ? row->derived_from : "");
    struct str name;
    while (lint->root && attr_next_name(&names, &name))
        expect(lint, row, attr_find(lint->root, name) && !str_is(name, row->name),
               "derived_from names something that is no other root row.");
}

static void lint_relations(struct lint *lint, const struct attr *row)
{
    expect(lint, row, !has(row, REPLACES) || !lint->in_elements,
           "REPLACES inside a list or map block, where a change is not looked for.");
    if (row->yields_to)
        expect(lint, row, attr_find(lint->rows, str_of(row->yields_to)), "yields_to names no row.");
    if (!row->foreign_when)
        return;
    struct str word = str_of(row->foreign_when);
    struct str name = { 0 };
    (void)str_split(&word, '=', &name);
    const struct attr *by = lint->root ? attr_find(lint->root, name) : NULL;
    expect(lint, row, word.len, "foreign_when has no word: attribute=word.");
    expect(lint, row, !lint->root || (by && by->type == &type_string),
           "foreign_when names no root attribute of type string.");
}

/* A place in the API's object, and what holds it. */
struct claim {
    const struct attr *row;
    struct str path;
    bool is_key; /* of a transparent block: may be a key of a map attribute */
};

struct claims {
    struct claim *items;
    size_t count;
};

static size_t count_claims(const struct attr *rows)
{
    size_t count = 0;
    FOR_EACH_ROW (row, rows) {
        count += 2;
        if (row->nesting == BLOCK_SINGLE && row->rows && row->api && !row->api[0])
            count += count_claims(row->rows);
    }
    return count;
}

static void collect_claims(struct arena *arena, struct claims *claims, const struct attr *rows,
                           bool is_key)
{
    FOR_EACH_ROW (row, rows) {
        bool is_transparent = row->nesting == BLOCK_SINGLE && row->api && !row->api[0];
        if (row->flags & (UNSENT | READ_ONLY))
            continue;
        if (!is_transparent) {
            struct str path = api_path_of(arena, STR(""), row);
            claims->items[claims->count++] = (struct claim){ row, path, is_key };
            continue;
        }
        if (row->present)
            claims->items[claims->count++] = (struct claim){ row, str_of(row->present), true };
        if (row->rows)
            collect_claims(arena, claims, row->rows, /* is_key */ true);
    }
}

/* Whether the place OUTER is one above INNER. */
static bool is_above(struct str outer, struct str inner)
{
    return inner.len > outer.len && str_equal(str_slice(inner, 0, outer.len), outer) &&
           (inner.at[outer.len] == '.' || inner.at[outer.len] == '[');
}

static bool may_hold(const struct claim *outer, const struct claim *inner)
{
    if (outer->row->nesting == BLOCK_SINGLE)
        return true;
    bool is_map = outer->row->type && outer->row->type->kind == TYPE_MAP;
    return is_map && inner->is_key && inner->path.at[outer->path.len] == '[';
}

static void lint_paths(struct lint *lint)
{
    struct arena *arena = lint->complaints->arena;
    struct claims claims = { ARENA_NEW_ARRAY(arena, struct claim, count_claims(lint->rows)), 0 };
    collect_claims(arena, &claims, lint->rows, /* is_key */ false);
    for (size_t i = 0; i < claims.count; i++)
        for (size_t j = 0; j < claims.count; j++) {
            const struct claim *a = &claims.items[i];
            const struct claim *b = &claims.items[j];
            if (i < j && str_equal(a->path, b->path))
                complain(lint, b->row, "its API path is another row's too.");
            if (is_above(a->path, b->path) && !may_hold(a, b))
                complain(lint, b->row, "its API path lies inside another row's value.");
        }
}

static void lint_object(struct lint *lint);

static void lint_row(struct lint *lint, const struct attr *row)
{
    lint_name(lint, row);
    lint_texts(lint, row);
    lint_default(lint, row);
    lint_derivation(lint, row);
    lint_relations(lint, row);
    if (row->nesting == NOT_A_BLOCK) {
        lint_attribute(lint, row);
        return;
    }
    lint_block(lint, row);
    if (!row->rows)
        return;
    struct lint inner = *lint;
    inner.who = str_print(lint->complaints->arena, "%s.%s", lint->who, row->name).at;
    inner.rows = row->rows;
    inner.is_root = false;
    inner.in_elements |= row->nesting != BLOCK_SINGLE;
    lint_object(&inner);
    lint->clean = inner.clean;
}

static void lint_object(struct lint *lint)
{
    FOR_EACH_ROW (row, lint->rows)
        lint_row(lint, row);
    lint_paths(lint);
}

bool attr_lint(struct buf *complaints, const char *who, const struct attr *rows, bool is_block)
{
    struct lint lint = {
        .complaints = complaints,
        .root = is_block ? NULL : rows,
        .rows = rows,
        .who = who,
        .is_root = !is_block,
        .clean = true,
    };
    lint_object(&lint);
    return lint.clean;
}
