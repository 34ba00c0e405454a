/* JSON to values along rows, and back. */
#include "tests/resources/case_value.h"

#include "schema/codec.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail

static bool is_unknown(const json_t *json)
{
    return str_is(json_str(json), CASE_UNKNOWN);
}

static const struct value *read_typed(struct arena *arena, const struct type *type,
                                      const json_t *json);

static const struct value *read_items(struct arena *arena, const struct type *type,
                                      const json_t *json)
{
    ck_assert_msg(json_is_array(json), "no list: %s", json_print(arena, json).at);
    size_t count = json_array_size(json);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        items[i] = read_typed(arena, type->element, json_array_get(json, i));
    return type->kind == TYPE_SET ? value_set(arena, items, count)
                                  : value_sequence(arena, items, count);
}

static const struct value *read_members(struct arena *arena, const struct type *type,
                                        const json_t *json)
{
    ck_assert_msg(json_is_object(json), "no object: %s", json_print(arena, json).at);
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, json_object_size(json) + type->member_count);
    size_t count = 0;
    const char *name;
    json_t *member;
    json_object_foreach ((json_t *)json, name, member) {
        const struct type *inner =
            type->kind == TYPE_MAP ? type->element : type_member_find(type, str_of(name));
        ck_assert_msg(inner != NULL, "there is no attribute %s", name);
        members[count++] = (struct value_member){ str_copy(arena, str_of(name)),
                                                  read_typed(arena, inner, member) };
    }
    for (size_t i = 0; i < type->member_count; i++)
        if (!json_object_get(json, str_copy(arena, type->members[i].name).at))
            members[count++] = (struct value_member){ type->members[i].name, &value_null };
    return value_members(arena, members, count);
}

static const struct value *read_number(struct arena *arena, const json_t *json)
{
    struct str text = json_is_string(json) ? json_str(json) : json_print(arena, json);
    struct str canonical = number_canonical(arena, text);
    ck_assert_msg(canonical.at != NULL, "no number: %s", text.at);
    return value_number(arena, canonical);
}

static const struct value *read_typed(struct arena *arena, const struct type *type,
                                      const json_t *json)
{
    if (!json || json_is_null(json))
        return &value_null;
    if (is_unknown(json))
        return &value_unknown;
    switch (type->kind) {
    case TYPE_STRING:
        ck_assert_msg(json_is_string(json), "no string: %s", json_print(arena, json).at);
        return value_string(arena, json_str(json));
    case TYPE_NUMBER:
        return read_number(arena, json);
    case TYPE_BOOL:
        ck_assert_msg(json_is_boolean(json), "no boolean: %s", json_print(arena, json).at);
        return value_bool(json_is_true(json));
    case TYPE_LIST:
    case TYPE_SET:
        return read_items(arena, type, json);
    case TYPE_MAP:
    case TYPE_OBJECT:
        return read_members(arena, type, json);
    case TYPE_DYNAMIC:
    case TYPE_TUPLE:
        break;
    }
    ck_abort_msg("rows have no such type");
}

const struct value *case_value_read(struct call *call, const struct attr *rows, const json_t *json)
{
    const struct value *object = read_typed(call->arena, attr_type(call->arena, rows), json);
    return attr_fill_blocks(call->arena, rows, object);
}

static json_t *write_number(struct arena *arena, const struct value *v)
{
    int64_t number;
    return value_to_int(v, &number) ? json_new_int(arena, number) : json_new_str(arena, v->text);
}

static json_t *write_plain(struct arena *arena, const struct value *v)
{
    json_t *json = NULL;
    switch (v->kind) {
    case VALUE_NULL:
        return json_keep(arena, json_null());
    case VALUE_UNKNOWN:
        return json_new_str(arena, STR(CASE_UNKNOWN));
    case VALUE_STRING:
        return json_new_str(arena, v->text);
    case VALUE_NUMBER:
        return write_number(arena, v);
    case VALUE_BOOL:
        return json_new_bool(arena, v->flag);
    case VALUE_SEQUENCE:
        json = json_new_array(arena);
        for (size_t i = 0; i < v->count; i++)
            json_add(arena, json, write_plain(arena, v->items[i]));
        return json;
    case VALUE_MEMBERS:
        break;
    }
    json = json_new_object(arena);
    for (size_t i = 0; i < v->count; i++)
        json_set(arena, json, str_copy(arena, v->members[i].name).at,
                 write_plain(arena, v->members[i].value));
    return json;
}

static json_t *write_block(struct arena *arena, const struct attr *row, const struct value *v)
{
    if (!value_is_set(v) || row->nesting == NOT_A_BLOCK)
        return write_plain(arena, v);
    if (row->nesting == BLOCK_SINGLE)
        return case_value_write(arena, row->rows, v);
    json_t *all = row->nesting == BLOCK_LIST ? json_new_array(arena) : json_new_object(arena);
    for (size_t i = 0; i < v->count; i++) {
        if (row->nesting == BLOCK_LIST)
            json_add(arena, all, case_value_write(arena, row->rows, v->items[i]));
        else
            json_set(arena, all, str_copy(arena, v->members[i].name).at,
                     case_value_write(arena, row->rows, v->members[i].value));
    }
    return all;
}

json_t *case_value_write(struct arena *arena, const struct attr *rows, const struct value *v)
{
    if (!value_is_set(v))
        return write_plain(arena, v);
    json_t *object = json_new_object(arena);
    FOR_EACH_ROW (row, rows) {
        const struct value *member = value_at(v, row->name);
        bool is_list = row->nesting == BLOCK_LIST || row->nesting == BLOCK_MAP;
        if (!value_is_null(member) && !(is_list && value_is_set(member) && !member->count))
            json_set(arena, object, row->name, write_block(arena, row, member));
    }
    return object;
}
