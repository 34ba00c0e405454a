/* API JSON to values: what is ours, in the spelling it had. */
#include "schema/decode.h"

#include <string.h>

#include "base/json.h"
#include "schema/api_path.h"
#include "schema/codec.h"
#include "schema/encode.h"
#include "schema/same.h"

struct decoder {
    struct call *call;
    const struct attr *root_rows;
    const struct value *root_prior;
    const json_t *answer;
};

static const struct value *decode_object(const struct decoder *d, const struct attr *rows,
                                         const json_t *json, struct str up,
                                         const struct value *prior, bool whole);

static const struct value *decode_scalar(const struct decoder *d, const struct attr *row,
                                         const json_t *json)
{
    struct arena *arena = d->call->arena;
    if (row->codec && row->codec->from_api)
        return row->codec->from_api(arena, json);
    switch (json_typeof(json)) {
    case JSON_STRING:
        return value_string(arena, json_str(json));
    case JSON_INTEGER:
        return value_int(arena, json_integer_value(json));
    case JSON_REAL:
        return value_number(
            arena, number_canonical(arena, str_print(arena, "%.17g", json_real_value(json))));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(json));
    default:
        return &value_null;
    }
}

/* The API may answer 4 where a string is meant (quantities) and "4" where a number is. */
static const struct value *to_type(const struct decoder *d, const struct type *type,
                                   const struct value *v)
{
    struct arena *arena = d->call->arena;
    if (!value_is_set(v))
        return v;
    if (type->kind == TYPE_STRING && v->kind == VALUE_NUMBER)
        return value_string(arena, v->text);
    if (type->kind == TYPE_STRING && v->kind == VALUE_BOOL)
        return value_string(arena, v->flag ? STR("true") : STR("false"));
    if (type->kind == TYPE_NUMBER && v->kind == VALUE_STRING) {
        struct str number = number_canonical(arena, v->text);
        return number.at ? value_number(arena, number) : &value_null;
    }
    if (type->kind == TYPE_BOOL && v->kind == VALUE_STRING)
        return value_bool(str_is(v->text, "true"));
    bool fits = (type->kind == TYPE_STRING && v->kind == VALUE_STRING) ||
                (type->kind == TYPE_NUMBER && v->kind == VALUE_NUMBER) ||
                (type->kind == TYPE_BOOL && v->kind == VALUE_BOOL);
    return fits ? v : &value_null;
}

static const struct value *decode_sequence(const struct decoder *d, const struct attr *row,
                                           const json_t *json)
{
    size_t count = json_array_size(json);
    const struct value **items = ARENA_NEW_ARRAY(d->call->arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        items[i] = to_type(d, row->type->element, decode_scalar(d, row, json_array_get(json, i)));
    return row->type->kind == TYPE_SET ? value_set(d->call->arena, items, count)
                                       : value_sequence(d->call->arena, items, count);
}

/* Whether another row of the object puts KEY at PATH and is set: then it is that row's, not the
 * map's. */
static bool claimed_elsewhere(const struct decoder *d, const struct attr *rows, struct str up,
                              struct str path, const char *key, const json_t *json)
{
    struct arena *arena = d->call->arena;
    struct str wanted = str_print(arena, "%.*s[\"%s\"]", STR_ARG(path), key);
    FOR_EACH_ROW(row, rows)
    {
        if (row->nesting != BLOCK_SINGLE || !row->api || row->api[0])
            continue;
        bool is_import = value_is_null(d->root_prior);
        const struct value *block = value_at(d->root_prior, row->name);
        bool present = is_import ? row->present && api_path_get(json, str_of(row->present))
                                 : value_is_set(block);
        if (!present)
            continue;
        if (row->present && str_is(wanted, row->present))
            return true;
        FOR_EACH_ROW(inner, row->rows)
        {
            if (str_equal(api_path_of(arena, up, inner), wanted) &&
                (is_import || value_is_set(value_at(block, inner->name))))
                return true;
        }
    }
    return false;
}

static bool is_foreign_key(const struct attr *row, const char *key)
{
    struct str prefixes = str_of(row->foreign_keys ? row->foreign_keys : "");
    struct str prefix;
    while (attr_next_name(&prefixes, &prefix))
        if (strncmp(key, prefix.at, prefix.len) == 0)
            return true;
    return false;
}

static const struct value *decode_map(const struct decoder *d, const struct attr *row,
                                      struct str path, const json_t *json,
                                      const struct value *prior, bool whole)
{
    struct value_member *members =
        ARENA_NEW_ARRAY(d->call->arena, struct value_member, json_object_size(json));
    size_t count = 0;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)json, key, item)
    {
        const struct value *before = value_at(prior, key);
        if (!whole && !value_is_set(before))
            continue;
        if (!value_is_set(before) && is_foreign_key(row, key))
            continue;
        if (claimed_elsewhere(d, d->root_rows, STR(""), path, key, d->answer))
            continue;
        const struct value *v = to_type(d, row->type->element, decode_scalar(d, row, item));
        if (value_is_set(before) && value_is_set(v) && same_meaning(row, before, v))
            v = before;
        members[count++] = (struct value_member){ str_copy(d->call->arena, str_of(key)), v };
    }
    return value_members(d->call->arena, members, count);
}

static const struct value *decode_present(const struct decoder *d, const struct attr *row,
                                          struct str path, const json_t *json,
                                          const struct value *prior, bool whole)
{
    switch (row->type->kind) {
    case TYPE_LIST:
    case TYPE_SET:
        return json_is_array(json) ? decode_sequence(d, row, json) : &value_null;
    case TYPE_MAP:
        return json_is_object(json) ? decode_map(d, row, path, json, prior, whole) : &value_null;
    default:
        return to_type(d, row->type, decode_scalar(d, row, json));
    }
}

static bool is_server_default(const struct decoder *d, const struct attr *row, const json_t *json)
{
    if (!row->server_default)
        return false;
    json_t *filled_in = json_try_parse(d->call->arena, str_of(row->server_default));
    return filled_in && json_equal(filled_in, json);
}

static bool is_empty(const struct value *v)
{
    return (v->kind == VALUE_SEQUENCE || v->kind == VALUE_MEMBERS) && v->count == 0;
}

static const struct value *decode_attribute(const struct decoder *d, const struct attr *row,
                                            struct str path, const json_t *json,
                                            const struct value *prior, bool whole)
{
    if (row->flags & UNREAD)
        return prior;
    bool ours = whole || (row->flags & COMPUTED) || value_is_set(prior);
    if (!ours)
        return &value_null;
    if (!json || json_is_null(json))
        return is_empty(prior) ? prior : &value_null;
    if (value_is_null(prior) && !(row->flags & COMPUTED) && is_server_default(d, row, json))
        return &value_null;
    /* A computed map is read whole; one that the user writes only where it is his. */
    bool whole_map = whole || ((row->flags & COMPUTED) && !value_is_set(prior)) ||
                     ((row->flags & COMPUTED) && !(row->flags & OPTIONAL) && !row->derive);
    const struct value *v = decode_present(d, row, path, json, prior, whole_map);
    if (is_empty(v) && value_is_null(prior) && (row->flags & OPTIONAL))
        return &value_null;
    if (value_is_set(prior) && value_is_set(v) && same_meaning(row, prior, v))
        return prior;
    return v;
}

static bool all_null(const struct value *object)
{
    for (size_t i = 0; i < object->count; i++)
        if (!value_is_null(object->members[i].value) && !is_empty(object->members[i].value))
            return false;
    return true;
}

/* A block without a level of its own is there when its constant is. */
static const struct value *decode_transparent(const struct decoder *d, const struct attr *row,
                                              const json_t *json, struct str up,
                                              const struct value *prior, bool whole)
{
    if (!whole && !value_is_set(prior))
        return &value_null;
    if (row->present && !api_path_get(json, str_of(row->present)))
        return &value_null;
    const struct value *object = decode_object(d, row->rows, json, up, prior, whole);
    return whole && !row->present && all_null(object) ? &value_null : object;
}

static const struct value *decode_single(const struct decoder *d, const struct attr *row,
                                         const json_t *json, const struct value *prior, bool whole)
{
    if (!json_is_object(json) || (!whole && !value_is_set(prior)))
        return &value_null;
    if (!value_is_set(prior) && is_server_default(d, row, json))
        return &value_null;
    const struct value *object = decode_object(d, row->rows, json, STR(""), prior, whole);
    return !value_is_set(prior) && all_null(object) ? &value_null : object;
}

static const struct value *decode_list(const struct decoder *d, const struct attr *row,
                                       const json_t *json, const struct value *prior, bool whole)
{
    if (!json_is_array(json) || (!whole && !prior->count) ||
        (!prior->count && is_server_default(d, row, json)))
        return &value_empty_sequence;
    size_t count = json_array_size(json);
    const struct value **items = ARENA_NEW_ARRAY(d->call->arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_array_get(json, i);
        items[i] = decode_object(d, row->rows, element, STR(""), &value_null, true);
        const struct value *before = same_element(row, prior, items[i], i);
        if (before)
            items[i] = decode_object(d, row->rows, element, STR(""), before, true);
    }
    const struct value *list = value_sequence(d->call->arena, items, count);
    return value_is_set(prior) && same_elements(row, list, prior) ? prior : list;
}

static const struct value *decode_map_block(const struct decoder *d, const struct attr *row,
                                            const json_t *json, const struct value *prior,
                                            bool whole)
{
    if (!json_is_object(json))
        return &value_empty_members;
    struct value_member *members =
        ARENA_NEW_ARRAY(d->call->arena, struct value_member, json_object_size(json));
    size_t count = 0;
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)json, key, item)
    {
        const struct value *before = value_at(prior, key);
        if (whole || value_is_set(before))
            members[count++] =
                (struct value_member){ str_copy(d->call->arena, str_of(key)),
                                       decode_object(d, row->rows, item, STR(""), before, whole) };
    }
    return value_members(d->call->arena, members, count);
}

static const struct value *decode_row(const struct decoder *d, const struct attr *row,
                                      const json_t *json, struct str up, const struct value *prior,
                                      bool whole)
{
    if (row->parse && row->nesting != NOT_A_BLOCK)
        return prior;
    struct str path = api_path_of(d->call->arena, up, row);
    bool transparent = row->nesting == BLOCK_SINGLE && row->api && !row->api[0];
    if (transparent)
        return decode_transparent(d, row, json, up, prior, whole);
    const json_t *there = api_path_get(json, path);
    switch (row->nesting) {
    case BLOCK_SINGLE:
        return decode_single(d, row, there, prior, whole);
    case BLOCK_LIST:
        return decode_list(d, row, there, prior, whole);
    case BLOCK_MAP:
        return decode_map_block(d, row, there, prior, whole);
    case NOT_A_BLOCK:
        break;
    }
    return decode_attribute(d, row, path, there, prior, whole);
}

static const struct value *unsent_value(const struct decoder *d, const struct attr *row,
                                        const struct value *prior)
{
    if (value_is_set(prior) || value_is_set(d->root_prior) || !row->default_json)
        return prior;
    return attr_default(d->call, row);
}

static const struct value *decode_object(const struct decoder *d, const struct attr *rows,
                                         const json_t *json, struct str up,
                                         const struct value *prior, bool whole)
{
    struct arena *arena = d->call->arena;
    const struct value *empty = attr_empty(arena, rows);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, empty->count);
    size_t count = 0;
    FOR_EACH_ROW(row, rows)
    {
        const struct value *before = value_at(value_is_set(prior) ? prior : empty, row->name);
        const struct value *v;
        if (row->flags & UNSENT)
            v = unsent_value(d, row, before);
        else if (attr_is_foreign(row, d->root_prior) && value_is_set(before))
            v = before;
        else
            v = decode_row(d, row, json, up, before, whole);
        members[count++] = (struct value_member){ str_of(row->name), v };
    }
    return value_members(arena, members, count);
}

/* Rows made from others: texts parsed into blocks, and values that derive from what was just read.
 */
static const struct value *finish(struct call *call, const struct attr *rows,
                                  const struct value *decoded, const struct decode_options *options)
{
    for (int parsing = 1; parsing >= 0; parsing--) {
        FOR_EACH_ROW(row, rows)
        {
            const struct derivation from = { options->context, row, &value_null, options->prior,
                                             decoded };
            const struct value *v = NULL;
            if (parsing && row->parse) {
                v = row->parse(call, &from);
                if (!v)
                    return NULL;
            } else if (!parsing && row->derive && (row->flags & UNSENT) && !(row->flags & ONCE)) {
                v = row->derive(call, &from);
            }
            if (v && !value_is_unknown(v))
                decoded = value_with(call->arena, decoded, str_of(row->name), v);
        }
    }
    return decoded;
}

const struct value *decode_answer(struct call *call, const struct attr *rows, const json_t *answer,
                                  const struct decode_options *options)
{
    if (!json_is_object(answer))
        return fail_null(call, NULL, "Unexpected answer",
                         "The API answered something else than an object.");
    const struct decoder decoder = { call, rows, options->prior, answer };
    bool import = value_is_null(options->prior);
    const struct value *decoded =
        decode_object(&decoder, rows, answer, STR(""), options->prior, import);
    return finish(call, rows, decoded, options);
}
