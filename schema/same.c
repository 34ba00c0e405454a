/* Semantic equality, driven by rows. */
#include "schema/same.h"

static bool same_scalar(const struct attr *row, const struct value *a, const struct value *b)
{
    if (value_equal(a, b))
        return true;
    return row->codec && row->codec->equal && a->kind == VALUE_STRING && b->kind == VALUE_STRING &&
           row->codec->equal(a->text, b->text);
}

static bool same_in_any_order(const struct attr *row, const struct value *a, const struct value *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        size_t in_a = 0;
        size_t in_b = 0;
        for (size_t j = 0; j < a->count; j++) {
            in_a += same_scalar(row, a->items[i], a->items[j]);
            in_b += same_scalar(row, a->items[i], b->items[j]);
        }
        if (in_a != in_b)
            return false;
    }
    return true;
}

bool same_meaning(const struct attr *row, const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == VALUE_SEQUENCE) {
        if ((row->flags & UNORDERED) || (row->type && row->type->kind == TYPE_SET))
            return same_in_any_order(row, a, b);
        if (a->count != b->count)
            return false;
        for (size_t i = 0; i < a->count; i++)
            if (!same_scalar(row, a->items[i], b->items[i]))
                return false;
        return true;
    }
    if (a->kind == VALUE_MEMBERS) {
        if (a->count != b->count)
            return false;
        for (size_t i = 0; i < a->count; i++)
            if (!str_equal(a->members[i].name, b->members[i].name) ||
                !same_scalar(row, a->members[i].value, b->members[i].value))
                return false;
        return true;
    }
    return same_scalar(row, a, b);
}

static bool same_key(const struct attr *row, const struct value *a, const struct value *b)
{
    struct str names = str_of(row->key);
    struct str name;
    while (attr_next_name(&names, &name)) {
        const struct value *left = value_at_str(a, name);
        const struct value *right = value_at_str(b, name);
        const struct attr *member = attr_find(row->rows, name);
        if (!value_equal(left, right) &&
            !(value_is_set(left) && value_is_set(right) && same_meaning(member, left, right)))
            return false;
    }
    return true;
}

const struct value *same_element(const struct attr *row, const struct value *list,
                                 const struct value *element, size_t index)
{
    if (list->kind != VALUE_SEQUENCE)
        return NULL;
    if (!row->key)
        return index < list->count ? list->items[index] : NULL;
    for (size_t i = 0; i < list->count; i++)
        if (same_key(row, list->items[i], element))
            return list->items[i];
    return NULL;
}

bool same_elements(const struct attr *row, const struct value *a, const struct value *b)
{
    if (a->kind != VALUE_SEQUENCE || b->kind != VALUE_SEQUENCE || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct value *other = same_element(row, b, a->items[i], i);
        if (!other || !same_object(row->rows, a->items[i], other))
            return false;
    }
    return true;
}

static bool same_row(const struct attr *row, const struct value *a, const struct value *b)
{
    if (value_equal(a, b))
        return true;
    if (!value_is_set(a) || !value_is_set(b))
        return false;
    switch (row->nesting) {
    case NOT_A_BLOCK:
        return same_meaning(row, a, b);
    case BLOCK_SINGLE:
        return same_object(row->rows, a, b);
    case BLOCK_LIST:
        return same_elements(row, a, b);
    case BLOCK_MAP:
        if (a->count != b->count)
            return false;
        for (size_t i = 0; i < a->count; i++)
            if (!str_equal(a->members[i].name, b->members[i].name) ||
                !same_object(row->rows, a->members[i].value, b->members[i].value))
                return false;
        return true;
    }
    return false;
}

bool same_object(const struct attr *rows, const struct value *a, const struct value *b)
{
    if (!value_is_set(a) || !value_is_set(b))
        return value_equal(a, b);
    FOR_EACH_ROW(row, rows)
    if (!same_row(row, value_at(a, row->name), value_at(b, row->name)))
        return false;
    return true;
}
