/* Types and their JSON form. */
#include "schema/type.h"

#include <stdlib.h>

#include "schema/json_text.h"

const struct type type_string = { .kind = TYPE_STRING };
const struct type type_number = { .kind = TYPE_NUMBER };
const struct type type_bool = { .kind = TYPE_BOOL };
const struct type type_dynamic = { .kind = TYPE_DYNAMIC };
const struct type type_string_list = { .kind = TYPE_LIST, .element = &type_string };
const struct type type_string_set = { .kind = TYPE_SET, .element = &type_string };
const struct type type_string_map = { .kind = TYPE_MAP, .element = &type_string };
const struct type type_number_list = { .kind = TYPE_LIST, .element = &type_number };
const struct type type_number_map = { .kind = TYPE_MAP, .element = &type_number };
const struct type type_string_map_map = { .kind = TYPE_MAP, .element = &type_string_map };
const struct type type_number_map_map = { .kind = TYPE_MAP, .element = &type_number_map };

static const char *const kind_names[] = {
    [TYPE_STRING] = "string",   [TYPE_NUMBER] = "number", [TYPE_BOOL] = "bool",
    [TYPE_DYNAMIC] = "dynamic", [TYPE_LIST] = "list",     [TYPE_SET] = "set",
    [TYPE_MAP] = "map",         [TYPE_TUPLE] = "tuple",   [TYPE_OBJECT] = "object",
};

bool type_equal(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->member_count != b->member_count)
        return false;
    if (a->element && !type_equal(a->element, b->element))
        return false;
    for (size_t i = 0; i < a->member_count; i++)
        if (!str_equal(a->members[i].name, b->members[i].name) ||
            !type_equal(a->members[i].type, b->members[i].type))
            return false;
    return true;
}

const struct type *type_member_find(const struct type *object, struct str name)
{
    size_t low = 0;
    size_t high = object->kind == TYPE_OBJECT ? object->member_count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_order(name, object->members[middle].name);
        if (order == 0)
            return object->members[middle].type;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

void type_print(struct buf *out, const struct type *type)
{
    if (type->kind < TYPE_LIST) {
        buf_print(out, "\"%s\"", kind_names[type->kind]);
        return;
    }
    buf_print(out, "[\"%s\",", kind_names[type->kind]);
    if (type->element)
        type_print(out, type->element);
    else
        buf_add_byte(out, type->kind == TYPE_OBJECT ? '{' : '[');
    for (size_t i = 0; i < type->member_count; i++) {
        if (i)
            buf_add_byte(out, ',');
        if (type->kind == TYPE_OBJECT) {
            json_text_add_string(out, type->members[i].name);
            buf_add_byte(out, ':');
        }
        type_print(out, type->members[i].type);
    }
    if (!type->element)
        buf_add_byte(out, type->kind == TYPE_OBJECT ? '}' : ']');
    buf_add_byte(out, ']');
}

static const struct type *parse(struct json_text *text, unsigned depth);

struct member_link {
    struct member_link *next;
    struct type_member member;
};

static int order_members(const void *a, const void *b)
{
    const struct type_member *left = a;
    const struct type_member *right = b;
    return str_order(left->name, right->name);
}

/* The members in LINKS, newest first, become the COUNT members of TYPE. */
static bool set_members(struct json_text *text, struct type *type, const struct member_link *links,
                        size_t count)
{
    struct type_member *members = ARENA_NEW_ARRAY(text->call->arena, struct type_member, count);
    for (size_t i = count; i > 0; i--, links = links->next)
        members[i - 1] = links->member;
    type->members = members;
    type->member_count = count;
    if (type->kind == TYPE_TUPLE)
        return true;
    qsort(members, count, sizeof *members, order_members);
    for (size_t i = 1; i < count; i++)
        if (str_equal(members[i - 1].name, members[i].name))
            return fail(text->call, NULL, "Invalid type",
                        "Expected each attribute of an object type once, found %.*s twice.",
                        STR_ARG(members[i].name));
    return true;
}

static bool parse_members(struct json_text *text, struct type *type, unsigned depth)
{
    bool is_object = type->kind == TYPE_OBJECT;
    struct member_link *links = NULL;
    size_t count = 0;
    bool more;
    if (!json_text_expect(text, NULL, is_object ? "{" : "["))
        return false;
    for (;; count++) {
        if (!json_text_next(text, NULL, is_object ? "}" : "]", count == 0, &more))
            return false;
        if (!more)
            return set_members(text, type, links, count);
        struct member_link *link = ARENA_NEW(text->call->arena, struct member_link);
        struct str name = { 0 };
        if (is_object && !json_text_name(text, NULL, &name))
            return false;
        link->member.name = str_copy(text->call->arena, name);
        link->member.type = parse(text, depth - 1);
        if (!link->member.type)
            return false;
        link->next = links;
        links = link;
    }
}

/* The names of optional attributes do not matter on the wire. */
static bool skip_optional_names(struct json_text *text)
{
    bool more;
    struct str name;
    if (!json_text_take(text, ","))
        return true;
    if (!json_text_expect(text, NULL, "["))
        return false;
    for (bool first = true;; first = false) {
        if (!json_text_next(text, NULL, "]", first, &more))
            return false;
        if (!more)
            return true;
        if (!json_text_string(text, NULL, &name))
            return false;
    }
}

static const struct type *parse_simple(struct json_text *text)
{
    static const struct type *const simple[] = { &type_string, &type_number, &type_bool,
                                                 &type_dynamic };
    struct str name;
    if (!json_text_string(text, NULL, &name))
        return NULL;
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        if (str_is(name, kind_names[simple[i]->kind]))
            return simple[i];
    return fail_null(text->call, NULL, "Invalid type",
                     "Expected string, number, bool or dynamic in %s, found another name.",
                     text->what);
}

/* After the opening bracket. */
static bool parse_kind(struct json_text *text, struct type *type)
{
    struct str name;
    if (!json_text_string(text, NULL, &name))
        return false;
    for (int kind = TYPE_LIST; kind <= TYPE_OBJECT; kind++) {
        if (str_is(name, kind_names[kind])) {
            type->kind = (enum type_kind)kind;
            return json_text_expect(text, NULL, ",");
        }
    }
    return fail(text->call, NULL, "Invalid type",
                "Expected list, set, map, tuple or object in %s, found another name.", text->what);
}

static const struct type *parse(struct json_text *text, unsigned depth)
{
    if (json_text_peek(text) == '"')
        return parse_simple(text);
    if (depth == 0)
        return fail_null(text->call, NULL, "Type nests too deep",
                         "Expected a type of at most %d levels, found more.", TYPE_DEPTH_LIMIT);
    struct type *type = ARENA_NEW(text->call->arena, struct type);
    if (!json_text_take(text, "[")) {
        json_text_fail(text, NULL, "a type");
        return NULL;
    }
    if (!parse_kind(text, type))
        return NULL;
    if (type->kind == TYPE_TUPLE || type->kind == TYPE_OBJECT) {
        if (!parse_members(text, type, depth))
            return NULL;
        if (type->kind == TYPE_OBJECT && !skip_optional_names(text))
            return NULL;
    } else {
        type->element = parse(text, depth - 1);
        if (!type->element)
            return NULL;
    }
    return json_text_expect(text, NULL, "]") ? type : NULL;
}

const struct type *type_parse(struct call *call, struct str json)
{
    struct json_text text = { .call = call, .text = json, .what = "the description of a type" };
    const struct type *type = parse(&text, TYPE_DEPTH_LIMIT);
    return type && json_text_end(&text, NULL) ? type : NULL;
}

struct str type_name(struct arena *arena, const struct type *type)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (; type->element; type = type->element)
        buf_print(&out, "%s of ", kind_names[type->kind]);
    buf_add_text(&out, type->kind == TYPE_DYNAMIC ? "any type" : kind_names[type->kind]);
    return buf_str(&out);
}
