/* Terraform's values: immutable trees in an arena, null or unknown at every node.
 *
 * A value does not know its type, except inside TYPE_DYNAMIC; the codecs walk type and value side
 * by side.  Since nothing is ever changed in place, trees share subtrees freely within one call. */
#pragma once

#include "schema/type.h"

enum value_kind {
    VALUE_NULL,
    VALUE_UNKNOWN,
    VALUE_STRING,   /* text: NFC-normalised UTF-8 */
    VALUE_NUMBER,   /* text: canonical decimal, see `number_canonical` */
    VALUE_BOOL,     /* flag */
    VALUE_SEQUENCE, /* items: list, set (sorted, no duplicates) or tuple */
    VALUE_MEMBERS,  /* members sorted by name: map or object */
};

struct value;

struct value_member {
    struct str name;
    const struct value *value;
};

struct value {
    enum value_kind kind;
    bool flag;
    bool never_null; /* VALUE_UNKNOWN: refined as not null */
    struct str text;
    size_t count;
    const struct value *const *items;
    const struct value_member *members;
    const struct type *type; /* the concrete type where the wire type is dynamic, else NULL */
};

extern const struct value value_null, value_unknown, value_true, value_false;
extern const struct value value_empty_sequence, value_empty_members;

const struct value *value_bool(bool flag);
/* TEXT is NFC-normalised; it must be UTF-8. */
const struct value *value_string(struct arena *arena, struct str text);
const struct value *value_int(struct arena *arena, int64_t number);
/* TEXT as `number_canonical` makes it. */
const struct value *value_number(struct arena *arena, struct str text);
/* ITEMS are borrowed. */
const struct value *value_sequence(struct arena *arena, const struct value *const *items,
                                   size_t count);
/* Sorts (strings bytewise, numbers by size, others by `value_order`) and drops duplicates. */
const struct value *value_set(struct arena *arena, const struct value *const *items, size_t count);
/* Sorts MEMBERS by name into a copy; a name that comes twice keeps the last. */
const struct value *value_members(struct arena *arena, const struct value_member *members,
                                  size_t count);

static inline bool value_is_null(const struct value *v)
{
    return v->kind == VALUE_NULL;
}
static inline bool value_is_unknown(const struct value *v)
{
    return v->kind == VALUE_UNKNOWN;
}
/* Neither null nor unknown at the top; parts of it may be. */
static inline bool value_is_set(const struct value *v)
{
    return v->kind > VALUE_UNKNOWN;
}
/* No unknown anywhere inside. */
bool value_is_wholly_known(const struct value *v);

/* The member NAME, or &value_null where V has none or is null, or &value_unknown where V is
 * unknown. */
NEVER_NULL const struct value *value_at(const struct value *v, const char *name);
NEVER_NULL const struct value *value_at_str(const struct value *v, struct str name);

/* A copy of V (members, or null) in which NAME has VALUE. */
const struct value *value_with(struct arena *arena, const struct value *v, struct str name,
                               const struct value *value);

/* The text of a string or number, at == NULL for anything else. */
struct str value_text(const struct value *v);
/* FALLBACK unless V is a bool. */
bool value_flag(const struct value *v, bool fallback);
/* Reads a whole number; false where V is none or does not fit. */
bool value_to_int(const struct value *v, int64_t *out);

bool value_equal(const struct value *a, const struct value *b);
/* A total order, for sets. */
int value_order(const struct value *a, const struct value *b);

/* A deep copy that shares nothing with V. */
const struct value *value_copy(struct arena *arena, const struct value *v);

/* The type of V where it stands in a dynamic place: its own, else the one that its parts suggest (a
 * tuple, an object).  NULL for a null or unknown without a type. */
const struct type *value_type(struct arena *arena, const struct value *v);

/* For messages: HCL-like text, cut at about 200 bytes. */
struct str value_print(struct arena *arena, const struct value *v);
