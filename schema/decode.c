/* API JSON to values: what is ours, in the spelling it had. */
#include "schema/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "schema/api_path.h"
#include "schema/codec.h"
#include "schema/same.h"

struct decoder {
    struct call *call;
    const struct attr *root_rows;
    const struct value *root_prior;
    const json_t *answer;
};

/* Where in the answer the rows of one object start. */
struct place {
    const struct decoder *d;
    const json_t *json;
    struct str up; /* below JSON, for a block without a level of its own */
    bool whole;    /* take what the prior state does not have, too */
};

static const struct value *decode_object(const struct place *place, const struct attr *rows,
                                         const struct value *prior);

/* The shortest text that reads back as NUMBER: 0.1, not 0.10000000000000001. */
static const struct value *decode_real(struct arena *arena, double number)
{
    struct str text = { 0 };
    for (int digits = 15; digits <= 17; digits++) {
        text = str_print(arena, "%.*g", digits, number);
        if (strtod(text.at, NULL) == number)
            break;
    }
    return value_number(arena, number_canonical(arena, text));
}

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
        return decode_real(arena, json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_bool(json_is_true(json));
    default:
        return &value_null;
    }
}

static const struct value *to_number(struct arena *arena, struct str text)
{
    struct str number = number_canonical(arena, text);
    return number.at ? value_number(arena, number) : &value_null;
}

static const struct value *to_bool(struct str text)
{
    if (!str_is(text, "true") && !str_is(text, "false"))
        return &value_null;
    return value_bool(str_is(text, "true"));
}

/* The API may answer 4 where a string is meant (quantities) and "4" where a number is. */
static const struct value *to_type(const struct decoder *d, const struct type *type,
                                   const struct value *v)
{
    struct arena *arena = d->call->arena;
    if (type->kind == TYPE_STRING && v->kind == VALUE_NUMBER)
        return value_string(arena, v->text);
    if (type->kind == TYPE_STRING && v->kind == VALUE_BOOL)
        return value_string(arena, v->flag ? STR("true") : STR("false"));
    if (type->kind == TYPE_NUMBER && v->kind == VALUE_STRING)
        return to_number(arena, v->text);
    if (type->kind == TYPE_BOOL && v->kind == VALUE_STRING)
        return to_bool(v->text);
    bool fits = (type->kind == TYPE_STRING && v->kind == VALUE_STRING) ||
                (type->kind == TYPE_NUMBER && v->kind == VALUE_NUMBER) ||
                (type->kind == TYPE_BOOL && v->kind == VALUE_BOOL);
    return fits ? v : &value_null;
}

static const struct value *decode_sequence(const struct decoder *d, const struct attr *row,
                                           const json_t *json, const struct value *prior)
{
    struct arena *arena = d->call->arena;
    size_t count = json_array_size(json);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        items[i] = to_type(d, row->type->element, decode_scalar(d, row, json_array_get(json, i)));
    if (row->type->kind == TYPE_SET)
        return value_set(arena, items, count);
    return same_order(arena, row, value_sequence(arena, items, count), prior);
}

/* Whether the constant of the block ROW says that the block is there. */
static bool is_present(const struct attr *row, const json_t *json)
{
    const json_t *constant = api_path_get(json, str_of(row->present));
    return json_is_true(constant) || str_is(json_str(constant), "true");
}

static bool is_transparent(const struct attr *row)
{
    return row->nesting == BLOCK_SINGLE && row->api && !row->api[0];
}

/* Whether ROW, a block without a level of its own, owns the place WANTED. */
static bool claims(const struct decoder *d, const struct attr *row, struct str wanted)
{
    bool import = value_is_null(d->root_prior);
    const struct value *block = value_at(d->root_prior, row->name);
    if (import ? !row->present || !is_present(row, d->answer) : !value_is_set(block))
        return false;
    if (row->present && str_is(wanted, row->present))
        return true;
    FOR_EACH_ROW (inner, row->rows) {
        struct str path = api_path_of(d->call->arena, STR(""), inner);
        if (str_equal(path, wanted) && (import || value_is_set(value_at(block, inner->name))))
            return true;
    }
    return false;
}

/* Whether another row of the object puts KEY at PATH and is set: then it is that row's, not the
 * map's. */
static bool claimed_elsewhere(const struct place *place, struct str path, const char *key)
{
    const struct decoder *d = place->d;
    if (place->json != d->answer)
        return false;
    struct str wanted = str_print(d->call->arena, "%.*s[\"%s\"]", STR_ARG(path), key);
    FOR_EACH_ROW (row, d->root_rows)
        if (is_transparent(row) && claims(d, row, wanted))
            return true;
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

static const struct value *decode_map(const struct place *place, const struct attr *row,
                                      struct str path, const json_t *json,
                                      const struct value *prior, bool whole)
{
    struct arena *arena = place->d->call->arena;
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, json_object_size(json));
    size_t count = 0;
    const char *key;
    json_t *item;
    json_object_foreach ((json_t *)json, key, item) {
        const struct value *before = value_at(prior, key);
        if (!value_is_set(before) && (!whole || is_foreign_key(row, key)))
            continue;
        if (claimed_elsewhere(place, path, key))
            continue;
        const struct value *v =
            to_type(place->d, row->type->element, decode_scalar(place->d, row, item));
        if (value_is_set(before) && value_is_set(v) && same_meaning(row, before, v))
            v = before;
        if (value_is_set(v))
            members[count++] = (struct value_member){ str_copy(arena, str_of(key)), v };
    }
    return value_members(arena, members, count);
}

static const struct value *decode_present(const struct place *place, const struct attr *row,
                                          struct str path, const json_t *json,
                                          const struct value *prior)
{
    /* A computed map is read whole; one that the user writes only where it is his. */
    bool whole_map = place->whole || (row->flags & ATOMIC) ||
                     ((row->flags & COMPUTED) && !value_is_set(prior)) ||
                     ((row->flags & COMPUTED) && !(row->flags & OPTIONAL) && !row->derive);
    switch (row->type->kind) {
    case TYPE_LIST:
    case TYPE_SET:
        return json_is_array(json) ? decode_sequence(place->d, row, json, prior) : &value_null;
    case TYPE_MAP:
        return json_is_object(json) ? decode_map(place, row, path, json, prior, whole_map)
                                    : &value_null;
    default:
        return to_type(place->d, row->type, decode_scalar(place->d, row, json));
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

/* What APIs leave out of their answers where it was sent. */
static bool is_zero(const struct value *v)
{
    return is_empty(v) || (v->kind == VALUE_STRING && !v->text.len) ||
           (v->kind == VALUE_NUMBER && str_is(v->text, "0")) || (v->kind == VALUE_BOOL && !v->flag);
}

static bool all_zero(const struct value *object)
{
    for (size_t i = 0; i < object->count; i++)
        if (!value_is_null(object->members[i].value) && !is_zero(object->members[i].value))
            return false;
    return true;
}

static bool all_null(const struct value *object)
{
    for (size_t i = 0; i < object->count; i++)
        if (!value_is_null(object->members[i].value) && !is_empty(object->members[i].value))
            return false;
    return true;
}

/* Whether a set block without a level of its own keeps a key of the map at PATH. */
static bool shares_place(const struct place *place, struct str path)
{
    const struct decoder *d = place->d;
    struct str inside = str_print(d->call->arena, "%.*s[", STR_ARG(path));
    FOR_EACH_ROW (row, d->root_rows)
        if (is_transparent(row) && row->present && str_starts(str_of(row->present), inside.at) &&
            value_is_set(value_at(d->root_prior, row->name)))
            return true;
    return false;
}

static const struct value *decode_attribute(const struct place *place, const struct attr *row,
                                            struct str path, const struct value *prior)
{
    const json_t *json = api_path_get(place->json, path);
    bool ours = place->whole || (row->flags & COMPUTED) || value_is_set(prior) ||
                ((row->flags & ATOMIC) && shares_place(place, path));
    if (!ours)
        return &value_null;
    if (!json || json_is_null(json))
        return is_zero(prior) ? prior : &value_null;
    if (value_is_null(prior) && !(row->flags & COMPUTED) && is_server_default(place->d, row, json))
        return &value_null;
    const struct value *v = decode_present(place, row, path, json, prior);
    if (is_empty(v) && value_is_null(prior) && (row->flags & OPTIONAL))
        return &value_null;
    if (value_is_set(prior) && value_is_set(v) && same_meaning(row, prior, v))
        return prior;
    return v;
}

/* A block without a level of its own is there when its constant is. */
static const struct value *decode_transparent(const struct place *place, const struct attr *row,
                                              const struct value *prior)
{
    if (!place->whole && !value_is_set(prior))
        return &value_null;
    if (row->present && !is_present(row, place->json))
        return &value_null;
    const struct value *object = decode_object(place, row->rows, prior);
    bool nothing = !row->present && !value_is_set(prior) && all_null(object);
    return nothing ? &value_null : object;
}

static const struct value *decode_single(const struct place *place, const struct attr *row,
                                         const json_t *json, const struct value *prior)
{
    bool had = value_is_set(prior);
    if (!had && (!place->whole || is_server_default(place->d, row, json)))
        return &value_null;
    if (!json_is_object(json))
        return had && all_zero(prior) ? prior : &value_null;
    const struct place inner = { place->d, json, STR(""), place->whole };
    const struct value *object = decode_object(&inner, row->rows, prior);
    return !had && all_null(object) ? &value_null : object;
}

/* Elements are read whole, since a list is written whole; twice, since only the first reading tells
 * which prior element they are. */
static const struct value *decode_list(const struct place *place, const struct attr *row,
                                       const json_t *json, const struct value *prior)
{
    struct arena *arena = place->d->call->arena;
    if (!json_is_array(json) || (!prior->count && !place->whole) ||
        (!prior->count && is_server_default(place->d, row, json)))
        return &value_empty_sequence;
    size_t count = json_array_size(json);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        const struct place inner = { place->d, json_array_get(json, i), STR(""), true };
        items[i] = decode_object(&inner, row->rows, &value_null);
        const struct value *before = same_element(row, prior, items[i], i);
        if (before)
            items[i] = decode_object(&inner, row->rows, before);
    }
    const struct value *list = same_order(arena, row, value_sequence(arena, items, count), prior);
    return value_is_set(prior) && same_elements(row, list, prior) ? prior : list;
}

static const struct value *decode_map_block(const struct place *place, const struct attr *row,
                                            const json_t *json, const struct value *prior)
{
    struct arena *arena = place->d->call->arena;
    if (!json_is_object(json))
        return &value_empty_members;
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, json_object_size(json));
    size_t count = 0;
    const char *key;
    json_t *item;
    json_object_foreach ((json_t *)json, key, item) {
        const struct place inner = { place->d, item, STR(""), place->whole };
        const struct value *before = value_at(prior, key);
        if (place->whole || value_is_set(before))
            members[count++] = (struct value_member){ str_copy(arena, str_of(key)),
                                                      decode_object(&inner, row->rows, before) };
    }
    return value_members(arena, members, count);
}

static const struct value *decode_row(const struct place *place, const struct attr *row,
                                      const struct value *prior)
{
    if (is_transparent(row))
        return decode_transparent(place, row, prior);
    struct str path = api_path_of(place->d->call->arena, place->up, row);
    switch (row->nesting) {
    case BLOCK_SINGLE:
        return decode_single(place, row, api_path_get(place->json, path), prior);
    case BLOCK_LIST:
        return decode_list(place, row, api_path_get(place->json, path), prior);
    case BLOCK_MAP:
        return decode_map_block(place, row, api_path_get(place->json, path), prior);
    case NOT_A_BLOCK:
        break;
    }
    return decode_attribute(place, row, path, prior);
}

static const struct value *unsent_value(const struct decoder *d, const struct attr *row,
                                        const struct value *prior)
{
    if (value_is_set(prior) || value_is_set(d->root_prior) || !row->default_json)
        return prior;
    return attr_default(d->call, row);
}

static const struct value *decode_object(const struct place *place, const struct attr *rows,
                                         const struct value *prior)
{
    const struct decoder *d = place->d;
    const struct value *empty = attr_empty(d->call->arena, rows);
    struct value_member *members =
        ARENA_NEW_ARRAY(d->call->arena, struct value_member, empty->count);
    size_t count = 0;
    FOR_EACH_ROW (row, rows) {
        const struct value *before = value_at(value_is_set(prior) ? prior : empty, row->name);
        const struct value *v;
        if (row->flags & WRITE_ONLY)
            v = &value_null;
        else if (row->flags & UNSENT)
            v = unsent_value(d, row, before);
        else if ((row->flags & UNREAD) ||
                 (attr_is_foreign(row, d->root_prior) && value_is_set(before)))
            v = before;
        else
            v = decode_row(place, row, before);
        members[count++] = (struct value_member){ str_of(row->name), v };
    }
    return value_members(d->call->arena, members, count);
}

/* Whether ROW is made anew from what was read; what the user configured is not. */
static bool is_remade(const struct attr *row, const struct value *decoded)
{
    if (!row->derive || !(row->flags & UNSENT) || (row->flags & ONCE))
        return false;
    return !(row->flags & OPTIONAL) || !value_is_set(value_at(decoded, row->name));
}

/* Rows made from others: texts parsed into blocks, and values that derive from what was just read.
 */
static const struct value *finish(struct call *call, const struct attr *rows,
                                  const struct value *decoded, const struct decode_options *options)
{
    for (int parsing = 1; parsing >= 0; parsing--) {
        FOR_EACH_ROW (row, rows) {
            const struct derivation from = { options->context, row, &value_null, options->prior,
                                             decoded };
            const struct value *v = NULL;
            if (parsing && row->parse) {
                v = row->parse(call, &from);
                if (!v)
                    return NULL;
            } else if (!parsing && is_remade(row, decoded)) {
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
    const struct place root = { &decoder, answer, STR(""), import };
    const struct value *decoded = decode_object(&root, rows, options->prior);
    return finish(call, rows, decoded, options);
}
