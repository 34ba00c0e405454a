/* Terraform's types (cty): what a value on the wire must conform to. */
#pragma once

#include "base/buf.h"
#include "base/call.h"

enum type_kind {
    TYPE_STRING,
    TYPE_NUMBER,
    TYPE_BOOL,
    TYPE_DYNAMIC,
    TYPE_LIST,
    TYPE_SET,
    TYPE_MAP,
    TYPE_TUPLE,
    TYPE_OBJECT,
};

struct type_member;

struct type {
    enum type_kind kind;
    const struct type *element;        /* list, set, map */
    const struct type_member *members; /* object: sorted by name; tuple: in order, unnamed */
    size_t member_count;
};

struct type_member {
    struct str name;
    const struct type *type;
};

/* The types that rows use, so that tables can point at them. */
extern const struct type type_string, type_number, type_bool, type_dynamic;
extern const struct type type_string_list, type_string_set, type_string_map;
extern const struct type type_number_list, type_number_map;
extern const struct type type_string_map_map; /* map of map of string */
extern const struct type type_number_map_map; /* map of map of number */

bool type_equal(const struct type *a, const struct type *b);

/* The member NAME of an object type, or NULL. */
const struct type *type_member_find(const struct type *object, struct str name);

/* The JSON form that the protocol uses ("string", ["map","number"], ...). */
void type_print(struct buf *out, const struct type *type);

/* Parses that form (facts: go-cty's json.go; optional object attributes are accepted and dropped).
 * Nesting is limited to TYPE_DEPTH_LIMIT.  NULL with an error added where it is anything else. */
MUST_CHECK const struct type *type_parse(struct call *call, struct str json);

/* As a user writes it: "map of string", for messages. */
struct str type_name(struct arena *arena, const struct type *type);

#define TYPE_DEPTH_LIMIT 512
