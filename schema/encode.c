/* Values to API JSON along the rows' paths. */
#include "schema/encode.h"

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "schema/api_path.h"

/* A number that JSON numbers cannot hold goes as text: the API's refusal says more than ours could.
 */
static json_t *encode_number(struct arena *arena, const struct value *v)
{
    int64_t number;
    if (value_to_int(v, &number))
        return json_new_int(arena, number);
    double real = strtod(str_copy(arena, v->text).at, NULL);
    return isfinite(real) ? json_keep(arena, json_real(real)) : json_new_str(arena, v->text);
}

static json_t *encode_scalar(struct arena *arena, const struct attr *row, const struct value *v)
{
    if (!value_is_set(v))
        return NULL;
    if (row->codec && row->codec->to_api)
        return row->codec->to_api(arena, v);
    switch (v->kind) {
    case VALUE_STRING:
        return json_new_str(arena, v->text);
    case VALUE_BOOL:
        return json_new_bool(arena, v->flag);
    case VALUE_NUMBER:
        return encode_number(arena, v);
    default:
        return NULL;
    }
}

json_t *encode_value(struct arena *arena, const struct attr *row, const struct value *v)
{
    if (v->kind == VALUE_SEQUENCE) {
        json_t *array = json_new_array(arena);
        for (size_t i = 0; i < v->count; i++) {
            json_t *item = encode_scalar(arena, row, v->items[i]);
            if (item)
                json_add(arena, array, item);
        }
        return array;
    }
    if (v->kind == VALUE_MEMBERS) {
        json_t *object = json_new_object(arena);
        for (size_t i = 0; i < v->count; i++) {
            json_t *item = encode_scalar(arena, row, v->members[i].value);
            if (item)
                json_set(arena, object, str_copy(arena, v->members[i].name).at, item);
        }
        return object;
    }
    return encode_scalar(arena, row, v);
}

static void encode_object(struct call *call, json_t *body, struct str up, const struct attr *rows,
                          const struct value *object);

static json_t *encode_element(struct call *call, const struct attr *row, const struct value *v)
{
    json_t *object = json_new_object(call->arena);
    encode_object(call, object, STR(""), row->rows, v);
    return object;
}

/* A map may share its place with rows that put single keys there (labels, and what sharing {}
 * adds), so its members are put one by one. */
static void put_members(struct call *call, json_t *body, struct str path, json_t *members)
{
    json_t *there = api_path_get(body, path);
    if (!json_is_object(there)) {
        api_path_put(call->arena, body, path, members);
        return;
    }
    const char *key;
    json_t *value;
    json_object_foreach (members, key, value)
        json_set(call->arena, there, key, value);
}

static void encode_block(struct call *call, json_t *body, struct str up, struct str path,
                         const struct attr *row, const struct value *v)
{
    struct arena *arena = call->arena;
    if (row->present && value_is_set(v)) {
        struct str present = str_of(row->present);
        if (up.len)
            present = str_print(arena, "%.*s%s%s", STR_ARG(up), present.at[0] == '[' ? "" : ".",
                                row->present);
        api_path_put(arena, body, present, json_new_str(arena, STR("true")));
    }
    if (row->nesting == BLOCK_SINGLE) {
        if (path.len && !str_equal(path, up))
            put_members(call, body, path, json_new_object(arena));
        encode_object(call, body, path, row->rows, v);
        return;
    }
    if (!v->count)
        return;
    json_t *all = row->nesting == BLOCK_LIST ? json_new_array(arena) : json_new_object(arena);
    for (size_t i = 0; i < v->count; i++) {
        if (row->nesting == BLOCK_LIST)
            json_add(arena, all, encode_element(call, row, v->items[i]));
        else
            json_set(arena, all, str_copy(arena, v->members[i].name).at,
                     encode_element(call, row, v->members[i].value));
    }
    api_path_put(arena, body, path, all);
}

static void encode_object(struct call *call, json_t *body, struct str up, const struct attr *rows,
                          const struct value *object)
{
    FOR_EACH_ROW (row, rows) {
        const struct value *v = value_at(object, row->name);
        if ((row->flags & (UNSENT | READ_ONLY)) || !value_is_set(v))
            continue;
        if (row->yields_to && value_is_set(value_at(object, row->yields_to)))
            continue;
        struct str path = api_path_of(call->arena, up, row);
        if (row->nesting != NOT_A_BLOCK) {
            encode_block(call, body, up, path, row, v);
            continue;
        }
        json_t *json = encode_value(call->arena, row, v);
        if (json_is_object(json))
            put_members(call, body, path, json);
        else if (json)
            api_path_put(call->arena, body, path, json);
    }
}

json_t *encode_body(struct call *call, const struct attr *rows, const struct value *object)
{
    json_t *body = json_new_object(call->arena);
    encode_object(call, body, STR(""), rows, object);
    return body;
}
