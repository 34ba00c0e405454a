/* Semantic equality, driven by rows. */
#include "schema/same.h"

#include "base/json.h"
#include "schema/encode.h"

static bool same_scalar(const struct attr *row, const struct value *a, const struct value *b)
{
    if (value_equal(a, b))
        return true;
    return row->codec && row->codec->equal && a->kind == VALUE_STRING && b->kind == VALUE_STRING &&
           row->codec->equal(a->text, b->text);
}

typedef bool (*same_fn)(const struct attr *row, const struct value *a, const struct value *b);

static bool same_block(const struct attr *row, const struct value *a, const struct value *b)
{
    return same_object(row->rows, a, b);
}

/* Each element comes as often in A as in B. */
static bool same_in_any_order(const struct attr *row, same_fn same, const struct value *a,
                              const struct value *b)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t in_a = 0;
        size_t in_b = 0;
        for (size_t j = 0; j < a->count; j++) {
            in_a += same(row, a->items[i], a->items[j]);
            in_b += same(row, a->items[i], b->items[j]);
        }
        if (in_a != in_b)
            return false;
    }
    return true;
}

static bool same_items(const struct attr *row, same_fn same, const struct value *a,
                       const struct value *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!same(row, a->items[i], b->items[i]))
            return false;
    return true;
}

static bool same_members(const struct attr *row, same_fn same, const struct value *a,
                         const struct value *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!str_equal(a->members[i].name, b->members[i].name) ||
            !same(row, a->members[i].value, b->members[i].value))
            return false;
    return true;
}

static bool has_no_order(const struct attr *row)
{
    if (row->nesting == BLOCK_LIST)
        return row->key;
    return (row->flags & UNORDERED) || (row->type && row->type->kind == TYPE_SET);
}

static bool same_collection(const struct attr *row, same_fn same, const struct value *a,
                            const struct value *b)
{
    if (a->count != b->count)
        return false;
    if (a->kind == VALUE_MEMBERS)
        return same_members(row, same, a, b);
    return has_no_order(row) ? same_in_any_order(row, same, a, b) : same_items(row, same, a, b);
}

bool same_meaning(const struct attr *row, const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_SEQUENCE || a->kind == VALUE_MEMBERS)
        return same_collection(row, same_scalar, a, b);
    return same_scalar(row, a, b);
}

static bool same_key(const struct attr *row, const struct value *a, const struct value *b)
{
    struct str names = str_of(row->key);
    struct str name;
    while (attr_next_name(&names, &name))
        if (!same_value(attr_find(row->rows, name), value_at_str(a, name), value_at_str(b, name)))
            return false;
    return true;
}

const struct value *same_element(const struct attr *row, const struct value *list,
                                 const struct value *element, size_t index)
{
    if (list->kind != VALUE_SEQUENCE)
        return NULL;
    const struct value *there = index < list->count ? list->items[index] : NULL;
    if (!row->key || (there && same_key(row, there, element)))
        return there;
    for (size_t i = 0; i < list->count; i++)
        if (same_key(row, list->items[i], element))
            return list->items[i];
    return NULL;
}

const struct value *same_order(struct arena *arena, const struct attr *row,
                               const struct value *list, const struct value *prior)
{
    bool is_set = row->type && row->type->kind == TYPE_SET; /* sorted by its own rule */
    if (!has_no_order(row) || is_set || list->kind != VALUE_SEQUENCE ||
        prior->kind != VALUE_SEQUENCE)
        return list;
    bool is_block = row->nesting == BLOCK_LIST;
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, list->count);
    bool *taken = ARENA_NEW_ARRAY(arena, bool, list->count);
    size_t count = 0;
    for (size_t p = 0; p < prior->count; p++)
        for (size_t i = 0; i < list->count; i++) {
            const struct value *before = prior->items[p];
            const struct value *item = list->items[i];
            if (taken[i] ||
                !(is_block ? same_key(row, item, before) : same_scalar(row, item, before)))
                continue;
            taken[i] = true;
            items[count++] = is_block ? item : before;
            break;
        }
    for (size_t i = 0; i < list->count; i++)
        if (!taken[i])
            items[count++] = list->items[i];
    return value_sequence(arena, items, count);
}

bool same_elements(const struct attr *row, const struct value *a, const struct value *b)
{
    return a->kind == VALUE_SEQUENCE && b->kind == VALUE_SEQUENCE &&
           same_collection(row, same_block, a, b);
}

bool same_value(const struct attr *row, const struct value *a, const struct value *b)
{
    if (value_equal(a, b))
        return true;
    if (!value_is_set(a) || a->kind != b->kind)
        return false;
    switch (row->nesting) {
    case NOT_A_BLOCK:
        return same_meaning(row, a, b);
    case BLOCK_SINGLE:
        return same_object(row->rows, a, b);
    case BLOCK_LIST:
    case BLOCK_MAP:
        return same_collection(row, same_block, a, b);
    }
    return false;
}

bool same_object(const struct attr *rows, const struct value *a, const struct value *b)
{
    if (!value_is_set(a) || !value_is_set(b))
        return value_equal(a, b);
    FOR_EACH_ROW (row, rows)
        if (!same_value(row, value_at(a, row->name), value_at(b, row->name)))
            return false;
    return true;
}

static bool is_filled_in(struct arena *arena, const struct attr *row, const struct value *v)
{
    json_t *filled_in =
        row->server_default ? json_try_parse(arena, str_of(row->server_default)) : NULL;
    return filled_in && json_equal(filled_in, encode_value(arena, row, v));
}

static bool same_rows_to_api(struct arena *arena, const struct attr *rows, const struct value *a,
                             const struct value *b)
{
    FOR_EACH_ROW (row, rows)
        if (!same_to_api(arena, row, value_at(a, row->name), value_at(b, row->name)))
            return false;
    return true;
}

bool same_to_api(struct arena *arena, const struct attr *row, const struct value *a,
                 const struct value *b)
{
    if (same_value(row, a, b))
        return true;
    if (row->nesting == NOT_A_BLOCK && value_is_null(a) != value_is_null(b)) {
        const struct value *set = value_is_null(a) ? b : a;
        return value_is_set(set) && is_filled_in(arena, row, set);
    }
    if (row->nesting == BLOCK_SINGLE && value_is_set(a) && value_is_set(b))
        return same_rows_to_api(arena, row->rows, a, b);
    if (row->nesting != BLOCK_LIST || a->kind != VALUE_SEQUENCE || b->kind != VALUE_SEQUENCE ||
        a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_rows_to_api(arena, row->rows, a->items[i], b->items[i]))
            return false;
    return true;
}
