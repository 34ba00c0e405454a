/* Values in the JSON form of state files. */
#include "schema/codec.h"
#include "schema/json_text.h"

struct reader {
    struct json_text text;
    bool ignore_unknown_members;
};

static const struct value *decode(struct reader *reader, const struct path *at,
                                  const struct type *type, unsigned depth);

static const struct value *fail_type(struct reader *reader, const struct path *at,
                                     const char *expected)
{
    json_text_fail(&reader->text, at, expected);
    return NULL;
}

static const struct value *decode_string(struct reader *reader, const struct path *at)
{
    struct str text;
    if (!json_text_string(&reader->text, at, &text))
        return NULL;
    return value_string(reader->text.call->arena, text);
}

static const struct value *decode_number(struct reader *reader, const struct path *at)
{
    struct arena *arena = reader->text.call->arena;
    struct str text;
    if (!json_text_number(&reader->text, at, &text))
        return NULL;
    struct str number = number_canonical(arena, text);
    if (!number.at)
        return fail_null(reader->text.call, at, "Invalid JSON",
                         "Expected a number that Terraform can hold in %s, found one with too "
                         "large an exponent.",
                         reader->text.what);
    return value_number(arena, number);
}

static const struct value *decode_bool(struct reader *reader, const struct path *at)
{
    if (json_text_take(&reader->text, "true"))
        return &value_true;
    if (json_text_take(&reader->text, "false"))
        return &value_false;
    return fail_type(reader, at, "true or false");
}

struct item_link {
    struct item_link *next;
    struct value_member member;
};

/* The COUNT members of LINKS, newest first, in the order of the text. */
static struct value_member *unlink_members(struct arena *arena, const struct item_link *links,
                                           size_t count)
{
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, count);
    for (size_t i = count; i > 0; i--, links = links->next)
        members[i - 1] = links->member;
    return members;
}

static const struct value *make_items(struct reader *reader, const struct path *at,
                                      const struct type *type, const struct item_link *links,
                                      size_t count)
{
    struct arena *arena = reader->text.call->arena;
    if (type->kind == TYPE_TUPLE && count != type->member_count)
        return fail_null(reader->text.call, at, "Invalid value",
                         "Expected %zu elements in %s, found %zu.", type->member_count,
                         reader->text.what, count);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = count; i > 0; i--, links = links->next)
        items[i - 1] = links->member.value;
    return type->kind == TYPE_SET ? value_set(arena, items, count)
                                  : value_sequence(arena, items, count);
}

static const struct type *item_type(const struct type *type, size_t i)
{
    if (type->element)
        return type->element;
    return i < type->member_count ? type->members[i].type : NULL;
}

static const struct value *decode_items(struct reader *reader, const struct path *at,
                                        const struct type *type, unsigned depth)
{
    struct item_link *links = NULL;
    bool more;
    if (!json_text_expect(&reader->text, at, "["))
        return NULL;
    for (size_t count = 0;; count++) {
        if (!json_text_next(&reader->text, at, "]", count == 0, &more))
            return NULL;
        if (!more)
            return make_items(reader, at, type, links, count);
        const struct type *element = item_type(type, count);
        if (!element)
            return fail_type(reader, at, "the end of the elements");
        struct item_link *link = ARENA_NEW(reader->text.call->arena, struct item_link);
        link->member.value = decode(reader, PATH_AT_INDEX(at, (int64_t)count), element, depth - 1);
        if (!link->member.value)
            return NULL;
        link->next = links;
        links = link;
    }
}

/* Fills in what a state of another version lacks; each member was found once. */
static const struct value *make_members(struct reader *reader, const struct path *at,
                                        const struct type *type, const struct item_link *links,
                                        size_t count)
{
    struct arena *arena = reader->text.call->arena;
    const struct value *v = value_members(arena, unlink_members(arena, links, count), count);
    if (v->count != count)
        return fail_null(reader->text.call, at, "Invalid JSON",
                         "Expected each name in an object of %s once, found one twice.",
                         reader->text.what);
    if (type->kind != TYPE_OBJECT || count == type->member_count)
        return v;
    if (!reader->ignore_unknown_members)
        return fail_null(reader->text.call, at, "Invalid value",
                         "Expected all %zu attributes of the schema in %s, found %zu.",
                         type->member_count, reader->text.what, count);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, type->member_count);
    for (size_t i = 0; i < type->member_count; i++)
        members[i] =
            (struct value_member){ type->members[i].name, value_at_str(v, type->members[i].name) };
    return value_members(arena, members, type->member_count);
}

/* Takes one member; *LINK stays NULL where it is one to ignore. */
static bool decode_member(struct reader *reader, const struct path *at, const struct type *type,
                          unsigned depth, struct item_link **link)
{
    struct arena *arena = reader->text.call->arena;
    struct str text;
    if (!json_text_name(&reader->text, at, &text))
        return false;
    struct str name = value_string(arena, text)->text;
    const struct type *member = type->element ? type->element : type_member_find(type, name);
    if (!member && reader->ignore_unknown_members)
        return json_text_skip(&reader->text, at, depth - 1);
    if (!member)
        return fail(reader->text.call, at, "Invalid value",
                    "Expected only attributes of the schema in %s, found \"%.*s\".",
                    reader->text.what, STR_ARG(name));
    const struct path step = { at, type->element ? PATH_KEY : PATH_ATTRIBUTE, name, 0 };
    const struct value *v = decode(reader, &step, member, depth - 1);
    if (!v)
        return false;
    *link = ARENA_NEW(arena, struct item_link);
    (*link)->member = (struct value_member){ name, v };
    return true;
}

static const struct value *decode_members(struct reader *reader, const struct path *at,
                                          const struct type *type, unsigned depth)
{
    struct item_link *links = NULL;
    size_t count = 0;
    bool more;
    if (!json_text_expect(&reader->text, at, "{"))
        return NULL;
    for (bool first = true;; first = false) {
        struct item_link *link = NULL;
        if (!json_text_next(&reader->text, at, "}", first, &more))
            return NULL;
        if (!more)
            return make_members(reader, at, type, links, count);
        if (!decode_member(reader, at, type, depth, &link))
            return NULL;
        if (link) {
            link->next = links;
            links = link;
            count++;
        }
    }
}

/* The offsets in the text where the members "type" and "value" of a dynamic value begin; they may
 * come in either order, and the value cannot be read before the type. */
struct dynamic_offsets {
    size_t type, type_end;
    size_t value;
};

static bool find_dynamic(struct reader *reader, const struct path *at, unsigned depth,
                         struct dynamic_offsets *out)
{
    struct str name;
    bool more;
    *out = (struct dynamic_offsets){ 0 };
    if (!json_text_expect(&reader->text, at, "{"))
        return false;
    for (bool first = true;; first = false) {
        if (!json_text_next(&reader->text, at, "}", first, &more))
            return false;
        if (!more)
            return (out->type && out->value) ||
                   json_text_fail(&reader->text, at, "an object of type and value");
        if (!json_text_name(&reader->text, at, &name))
            return false;
        bool is_type = str_is(name, "type");
        size_t *offset = is_type ? &out->type : &out->value;
        if (*offset || (!is_type && !str_is(name, "value")))
            return json_text_fail(&reader->text, at, "type and value once and nothing else");
        *offset = reader->text.at;
        /* A type of N levels is JSON of up to twice as many. */
        if (!json_text_skip(&reader->text, at, is_type ? 2 * TYPE_DEPTH_LIMIT : depth - 1))
            return false;
        if (is_type)
            out->type_end = reader->text.at;
    }
}

static const struct value *decode_dynamic(struct reader *reader, const struct path *at,
                                          unsigned depth)
{
    struct dynamic_offsets offsets;
    if (!find_dynamic(reader, at, depth, &offsets))
        return NULL;
    size_t end = reader->text.at;
    const struct type *type =
        type_parse(reader->text.call, str_slice(reader->text.text, offsets.type, offsets.type_end));
    if (!type)
        return NULL;
    reader->text.at = offsets.value;
    const struct value *v = decode(reader, at, type, depth - 1);
    reader->text.at = end;
    if (!v || type->kind == TYPE_DYNAMIC)
        return v;
    struct value *typed = ARENA_NEW(reader->text.call->arena, struct value);
    *typed = *v;
    typed->type = type;
    return typed;
}

static const struct value *decode(struct reader *reader, const struct path *at,
                                  const struct type *type, unsigned depth)
{
    if (json_text_take(&reader->text, "null"))
        return &value_null;
    if (type->kind >= TYPE_DYNAMIC && depth == 0)
        return fail_null(reader->text.call, NULL, "Value nests too deep",
                         "Expected a value of at most %d levels, found more.", VALUE_DEPTH_LIMIT);
    switch (type->kind) {
    case TYPE_STRING:
        return decode_string(reader, at);
    case TYPE_NUMBER:
        return decode_number(reader, at);
    case TYPE_BOOL:
        return decode_bool(reader, at);
    case TYPE_DYNAMIC:
        return decode_dynamic(reader, at, depth);
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TUPLE:
        return decode_items(reader, at, type, depth);
    case TYPE_MAP:
    case TYPE_OBJECT:
        break;
    }
    return decode_members(reader, at, type, depth);
}

const struct value *value_from_json(struct call *call, const struct type *type, struct str text,
                                    bool ignore_unknown_members)
{
    struct reader reader = {
        .text = { .call = call, .text = text, .what = "the JSON form of a value" },
        .ignore_unknown_members = ignore_unknown_members,
    };
    const struct value *v = decode(&reader, NULL, type, VALUE_DEPTH_LIMIT);
    return v && json_text_end(&reader.text, NULL) ? v : NULL;
}

static void add_items(struct buf *out, const struct type *type, const struct value *v)
{
    if (type->kind == TYPE_SET)
        v = value_set(out->arena, v->items, v->count);
    size_t count = type->kind == TYPE_TUPLE ? type->member_count : v->count;
    buf_add_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_byte(out, ',');
        value_to_json(out, type->element ? type->element : type->members[i].type,
                      i < v->count ? v->items[i] : &value_null);
    }
    buf_add_byte(out, ']');
}

static void add_members(struct buf *out, const struct type *type, const struct value *v)
{
    size_t count = type->kind == TYPE_OBJECT ? type->member_count : v->count;
    buf_add_byte(out, '{');
    for (size_t i = 0; i < count; i++) {
        struct str name = type->kind == TYPE_OBJECT ? type->members[i].name : v->members[i].name;
        if (i)
            buf_add_byte(out, ',');
        json_text_add_string(out, name);
        buf_add_byte(out, ':');
        value_to_json(out, type->element ? type->element : type->members[i].type,
                      value_at_str(v, name));
    }
    buf_add_byte(out, '}');
}

static void add_dynamic(struct buf *out, const struct type *type, const struct value *v)
{
    buf_add_text(out, "{\"value\":");
    value_to_json(out, type, v);
    buf_add_text(out, ",\"type\":");
    type_print(out, type);
    buf_add_byte(out, '}');
}

void value_to_json(struct buf *out, const struct type *type, const struct value *v)
{
    const struct type *own = type->kind == TYPE_DYNAMIC ? value_type(out->arena, v) : NULL;
    if (own) {
        add_dynamic(out, own, v);
        return;
    }
    switch (v->kind) {
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        buf_add_text(out, "null");
        break;
    case VALUE_STRING:
        json_text_add_string(out, v->text);
        break;
    case VALUE_NUMBER:
        buf_add_str(out, v->text);
        break;
    case VALUE_BOOL:
        buf_add_text(out, v->flag ? "true" : "false");
        break;
    case VALUE_SEQUENCE:
        add_items(out, type, v);
        break;
    case VALUE_MEMBERS:
        add_members(out, type, v);
        break;
    }
}
