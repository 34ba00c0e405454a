/* What follows from rows alone: their wire type, the empty object, defaults. */
#include "schema/attr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

const struct attr *attr_find(const struct attr *rows, struct str name)
{
    FOR_EACH_ROW (row, rows)
        if (str_is(name, row->name))
            return row;
    return NULL;
}

static int order_members(const void *a, const void *b)
{
    const struct type_member *left = a;
    const struct type_member *right = b;
    return str_order(left->name, right->name);
}

static const struct type *row_type(struct arena *arena, const struct attr *row)
{
    if (row->nesting == NOT_A_BLOCK)
        return row->type;
    const struct type *object = attr_type(arena, row->rows);
    if (row->nesting == BLOCK_SINGLE)
        return object;
    struct type *collection = ARENA_NEW(arena, struct type);
    collection->kind = row->nesting == BLOCK_LIST ? TYPE_LIST : TYPE_MAP;
    collection->element = object;
    return collection;
}

const struct type *attr_type(struct arena *arena, const struct attr *rows)
{
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        count++;
    struct type_member *members = ARENA_NEW_ARRAY(arena, struct type_member, count);
    count = 0;
    FOR_EACH_ROW (row, rows)
        members[count++] = (struct type_member){ str_of(row->name), row_type(arena, row) };
    qsort(members, count, sizeof *members, order_members);
    struct type *type = ARENA_NEW(arena, struct type);
    *type = (struct type){ .kind = TYPE_OBJECT, .members = members, .member_count = count };
    return type;
}

const struct value *attr_empty(struct arena *arena, const struct attr *rows)
{
    static const struct value *const empty[] = { [NOT_A_BLOCK] = &value_null,
                                                 [BLOCK_SINGLE] = &value_null,
                                                 [BLOCK_LIST] = &value_empty_sequence,
                                                 [BLOCK_MAP] = &value_empty_members };
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        count++;
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, count);
    count = 0;
    FOR_EACH_ROW (row, rows)
        members[count++] = (struct value_member){ str_of(row->name), empty[row->nesting] };
    return value_members(arena, members, count);
}

static const struct value *fill_row(struct arena *arena, const struct attr *row,
                                    const struct value *v)
{
    if (row->nesting == NOT_A_BLOCK || value_is_unknown(v))
        return v;
    if (row->nesting == BLOCK_SINGLE)
        return attr_fill_blocks(arena, row->rows, v);
    if (row->nesting == BLOCK_LIST) {
        const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, v->count);
        for (size_t i = 0; i < v->count; i++)
            items[i] = attr_fill_blocks(arena, row->rows, v->items[i]);
        return value_sequence(arena, items, v->count);
    }
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, v->count);
    for (size_t i = 0; i < v->count; i++)
        members[i] =
            (struct value_member){ v->members[i].name,
                                   attr_fill_blocks(arena, row->rows, v->members[i].value) };
    return value_members(arena, members, v->count);
}

const struct value *attr_fill_blocks(struct arena *arena, const struct attr *rows,
                                     const struct value *object)
{
    if (!value_is_set(object))
        return object;
    FOR_EACH_ROW (row, rows) {
        const struct value *before = value_at(object, row->name);
        const struct value *after = fill_row(arena, row, before);
        if (!value_equal(before, after))
            object = value_with(arena, object, str_of(row->name), after);
    }
    return object;
}

const struct value *attr_default(struct call *call, const struct attr *row)
{
    if (!row->default_json)
        return NULL;
    const struct value *value =
        value_from_json(call, row->type, str_of(row->default_json), /* ignore_unknown */ false);
    assert(value); /* the table lint reads every default */
    return value;
}

bool attr_next_name(struct str *names, struct str *name)
{
    while (str_split(names, ' ', name))
        if (name->len)
            return true;
    return false;
}

bool attr_is_foreign(const struct attr *row, const struct value *root)
{
    if (!row->foreign_when)
        return false;
    struct str rest = str_of(row->foreign_when);
    struct str name = { 0 };
    (void)str_split(&rest, '=', &name);
    return str_equal(value_text(value_at_str(root, name)), rest);
}
