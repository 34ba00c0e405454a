/* Building, reading, comparing and printing of values. */
#include "schema/value.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "schema/codec.h"

#define PRINT_LIMIT 200

const struct value value_null = { .kind = VALUE_NULL };
const struct value value_unknown = { .kind = VALUE_UNKNOWN };
const struct value value_true = { .kind = VALUE_BOOL, .flag = true };
const struct value value_false = { .kind = VALUE_BOOL };
const struct value value_empty_sequence = { .kind = VALUE_SEQUENCE };
const struct value value_empty_members = { .kind = VALUE_MEMBERS };

const struct value *value_bool(bool flag)
{
    return flag ? &value_true : &value_false;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] >= 0x80)
            return false;
    return true;
}

/* The composed form, or TEXT itself where it has none.  utf8proc_map would return memory of its
 * own, so the two steps that it consists of work in the arena. */
static struct str normalise(struct arena *arena, struct str text)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.at;
    utf8proc_ssize_t len = (utf8proc_ssize_t)text.len;
    utf8proc_ssize_t count = utf8proc_decompose(bytes, len, NULL, 0, options);
    if (count < 0)
        return text;
    utf8proc_int32_t *codes = ARENA_NEW_ARRAY(arena, utf8proc_int32_t, (size_t)count + 1);
    count = utf8proc_decompose(bytes, len, codes, count, options);
    if (count >= 0)
        count = utf8proc_reencode(codes, count, options);
    return count < 0 ? text : (struct str){ (const char *)codes, (size_t)count };
}

static const struct value *new_text(struct arena *arena, enum value_kind kind, struct str text)
{
    struct value *v = ARENA_NEW(arena, struct value);
    *v = (struct value){ .kind = kind, .text = text };
    return v;
}

const struct value *value_string(struct arena *arena, struct str text)
{
    if (!is_ascii(text))
        text = normalise(arena, text);
    return new_text(arena, VALUE_STRING, str_copy(arena, text));
}

const struct value *value_number(struct arena *arena, struct str text)
{
    return new_text(arena, VALUE_NUMBER, str_copy(arena, text));
}

const struct value *value_int(struct arena *arena, int64_t number)
{
    return new_text(arena, VALUE_NUMBER, str_print(arena, "%lld", (long long)number));
}

const struct value *value_sequence(struct arena *arena, const struct value *const *items,
                                   size_t count)
{
    if (count == 0)
        return &value_empty_sequence;
    struct value *v = ARENA_NEW(arena, struct value);
    *v = (struct value){ .kind = VALUE_SEQUENCE, .items = items, .count = count };
    return v;
}

static int order_items(const void *a, const void *b)
{
    return value_order(*(const struct value *const *)a, *(const struct value *const *)b);
}

/* Two unknowns may turn out to differ, so neither is a duplicate of the other. */
const struct value *value_set(struct arena *arena, const struct value *const *items, size_t count)
{
    const struct value **sorted = ARENA_NEW_ARRAY(arena, const struct value *, count);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = items[i];
    qsort(sorted, count, sizeof *sorted, order_items);
    for (size_t i = 0; i < count; i++)
        if (!kept || value_order(sorted[kept - 1], sorted[i]) != 0 ||
            !value_is_wholly_known(sorted[i]))
            sorted[kept++] = sorted[i];
    return value_sequence(arena, sorted, kept);
}

/* Equal names stay in their order, which qsort alone does not promise. */
static int order_members(const void *a, const void *b)
{
    const struct value_member *left = *(const struct value_member *const *)a;
    const struct value_member *right = *(const struct value_member *const *)b;
    int order = str_order(left->name, right->name);
    return order ? order : left < right ? -1 : left > right;
}

const struct value *value_members(struct arena *arena, const struct value_member *members,
                                  size_t count)
{
    if (count == 0)
        return &value_empty_members;
    const struct value_member **sorted = ARENA_NEW_ARRAY(arena, const struct value_member *, count);
    struct value_member *copy = ARENA_NEW_ARRAY(arena, struct value_member, count);
    struct value *v = ARENA_NEW(arena, struct value);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &members[i];
    qsort(sorted, count, sizeof *sorted, order_members);
    *v = (struct value){ .kind = VALUE_MEMBERS, .members = copy };
    for (size_t i = 0; i < count; i++) {
        if (v->count && str_equal(copy[v->count - 1].name, sorted[i]->name))
            v->count--;
        copy[v->count++] = *sorted[i];
    }
    return v;
}

bool value_is_wholly_known(const struct value *v)
{
    if (v->kind == VALUE_UNKNOWN)
        return false;
    for (size_t i = 0; i < v->count; i++)
        if (!value_is_wholly_known(v->items ? v->items[i] : v->members[i].value))
            return false;
    return true;
}

/* The position of NAME in the members of V, or where it would be inserted. */
static size_t find_member(const struct value *v, struct str name)
{
    size_t low = 0;
    size_t high = v->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_order(v->members[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_member_at(const struct value *v, size_t i, struct str name)
{
    return i < v->count && str_equal(v->members[i].name, name);
}

const struct value *value_at_str(const struct value *v, struct str name)
{
    if (v->kind == VALUE_UNKNOWN)
        return &value_unknown;
    if (v->kind != VALUE_MEMBERS)
        return &value_null;
    size_t i = find_member(v, name);
    return has_member_at(v, i, name) ? v->members[i].value : &value_null;
}

const struct value *value_at(const struct value *v, const char *name)
{
    return value_at_str(v, str_of(name));
}

const struct value *value_with(struct arena *arena, const struct value *v, struct str name,
                               const struct value *value)
{
    const struct value *from = v->kind == VALUE_MEMBERS ? v : &value_empty_members;
    size_t at = find_member(from, name);
    bool replaces = has_member_at(from, at, name);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, from->count + 1);
    struct value *copy = ARENA_NEW(arena, struct value);
    for (size_t i = 0; i < at; i++)
        members[i] = from->members[i];
    members[at] = (struct value_member){ name, value };
    for (size_t i = at + replaces; i < from->count; i++)
        members[i + !replaces] = from->members[i];
    *copy = *from;
    copy->members = members;
    copy->count = from->count + !replaces;
    return copy;
}

struct str value_text(const struct value *v)
{
    return v->kind == VALUE_STRING || v->kind == VALUE_NUMBER ? v->text : (struct str){ 0 };
}

bool value_flag(const struct value *v, bool fallback)
{
    return v->kind == VALUE_BOOL ? v->flag : fallback;
}

bool value_to_int(const struct value *v, int64_t *out)
{
    return v->kind == VALUE_NUMBER && str_to_int(v->text, out);
}

bool value_equal(const struct value *a, const struct value *b)
{
    return a == b || value_order(a, b) == 0;
}

static int order_counts(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int order_parts(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order =
            a->kind == VALUE_MEMBERS ? str_order(a->members[i].name, b->members[i].name) : 0;
        if (!order)
            order = a->kind == VALUE_MEMBERS ? value_order(a->members[i].value, b->members[i].value)
                                             : value_order(a->items[i], b->items[i]);
        if (order)
            return order;
    }
    return order_counts(a->count, b->count);
}

static int order_types(const struct type *a, const struct type *b)
{
    if (!a || !b || a == b)
        return 0;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->element)
        return order_types(a->element, b->element);
    for (size_t i = 0; i < a->member_count && i < b->member_count; i++) {
        int order = str_order(a->members[i].name, b->members[i].name);
        if (!order)
            order = order_types(a->members[i].type, b->members[i].type);
        if (order)
            return order;
    }
    return order_counts(a->member_count, b->member_count);
}

/* go-cty's sets end with their nulls and unknowns. */
static int rank_of(const struct value *v)
{
    return v->kind <= VALUE_UNKNOWN ? VALUE_MEMBERS + 1 + (int)v->kind : (int)v->kind;
}

int value_order(const struct value *a, const struct value *b)
{
    int order = 0;
    if (a->kind != b->kind)
        return rank_of(a) < rank_of(b) ? -1 : 1;
    switch (a->kind) {
    case VALUE_NULL:
        break;
    case VALUE_UNKNOWN:
        order = a->never_null - b->never_null;
        break;
    case VALUE_STRING:
        order = str_order(a->text, b->text);
        break;
    case VALUE_NUMBER:
        order = number_order(a->text, b->text);
        break;
    case VALUE_BOOL:
        order = a->flag - b->flag;
        break;
    case VALUE_SEQUENCE:
    case VALUE_MEMBERS:
        order = order_parts(a, b);
        break;
    }
    return order ? order : order_types(a->type, b->type);
}

static const struct type *copy_type(struct arena *arena, const struct type *type)
{
    if (!type)
        return NULL;
    struct type *copy = ARENA_NEW(arena, struct type);
    struct type_member *members = ARENA_NEW_ARRAY(arena, struct type_member, type->member_count);
    *copy = *type;
    copy->element = copy_type(arena, type->element);
    copy->members = type->member_count ? members : NULL;
    for (size_t i = 0; i < type->member_count; i++) {
        members[i].name = str_copy(arena, type->members[i].name);
        members[i].type = copy_type(arena, type->members[i].type);
    }
    return copy;
}

const struct value *value_copy(struct arena *arena, const struct value *v)
{
    struct value *copy = ARENA_NEW(arena, struct value);
    *copy = *v;
    copy->type = copy_type(arena, v->type);
    if (v->text.at)
        copy->text = str_copy(arena, v->text);
    if (v->kind == VALUE_SEQUENCE && v->count) {
        const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, v->count);
        for (size_t i = 0; i < v->count; i++)
            items[i] = value_copy(arena, v->items[i]);
        copy->items = items;
    }
    if (v->kind == VALUE_MEMBERS && v->count) {
        struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, v->count);
        for (size_t i = 0; i < v->count; i++)
            members[i] = (struct value_member){ str_copy(arena, v->members[i].name),
                                                value_copy(arena, v->members[i].value) };
        copy->members = members;
    }
    return copy;
}

const struct type *value_type(struct arena *arena, const struct value *v)
{
    if (v->type || v->kind == VALUE_NULL || v->kind == VALUE_UNKNOWN)
        return v->type;
    if (v->kind == VALUE_STRING || v->kind == VALUE_NUMBER)
        return v->kind == VALUE_STRING ? &type_string : &type_number;
    if (v->kind == VALUE_BOOL)
        return &type_bool;
    struct type *type = ARENA_NEW(arena, struct type);
    struct type_member *members = ARENA_NEW_ARRAY(arena, struct type_member, v->count);
    for (size_t i = 0; i < v->count; i++) {
        bool is_object = v->kind == VALUE_MEMBERS;
        members[i].name = is_object ? v->members[i].name : (struct str){ 0 };
        members[i].type = value_type(arena, is_object ? v->members[i].value : v->items[i]);
        if (!members[i].type)
            members[i].type = &type_dynamic;
    }
    *type = (struct type){ .kind = v->kind == VALUE_MEMBERS ? TYPE_OBJECT : TYPE_TUPLE,
                           .members = members,
                           .member_count = v->count };
    return type;
}

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '-')))
            return false;
    }
    return s.len != 0;
}

static void print_quoted(struct buf *out, struct str s)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.len && out->len <= PRINT_LIMIT; i++) {
        if (s.at[i] == '\n')
            buf_add_text(out, "\\n");
        else if (s.at[i] == '"' || s.at[i] == '\\')
            buf_print(out, "\\%c", s.at[i]);
        else if ((unsigned char)s.at[i] < 0x20)
            buf_print(out, "\\u%04X", (unsigned)s.at[i]);
        else
            buf_add_byte(out, s.at[i]);
    }
    buf_add_byte(out, '"');
}

static void print(struct buf *out, const struct value *v);

static void print_parts(struct buf *out, const struct value *v)
{
    bool is_members = v->kind == VALUE_MEMBERS;
    buf_add_text(out, is_members ? "{" : "[");
    for (size_t i = 0; i < v->count && out->len <= PRINT_LIMIT; i++) {
        buf_add_text(out, i ? ", " : is_members ? " " : "");
        if (is_members && is_word(v->members[i].name))
            buf_add_str(out, v->members[i].name);
        else if (is_members)
            print_quoted(out, v->members[i].name);
        buf_add_text(out, is_members ? " = " : "");
        print(out, is_members ? v->members[i].value : v->items[i]);
    }
    buf_add_text(out, !is_members ? "]" : v->count ? " }" : "}");
}

static void print(struct buf *out, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        buf_add_text(out, "null");
        break;
    case VALUE_UNKNOWN:
        buf_add_text(out, "(known after apply)");
        break;
    case VALUE_STRING:
        print_quoted(out, v->text);
        break;
    case VALUE_NUMBER:
        buf_add_str(out, v->text);
        break;
    case VALUE_BOOL:
        buf_add_text(out, v->flag ? "true" : "false");
        break;
    case VALUE_SEQUENCE:
    case VALUE_MEMBERS:
        print_parts(out, v);
        break;
    }
}

struct str value_print(struct arena *arena, const struct value *v)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    print(&out, v);
    struct str text = buf_str(&out);
    if (text.len <= PRINT_LIMIT)
        return text;
    size_t end = PRINT_LIMIT;
    /* Not in the middle of a character. */
    while (end && ((unsigned char)text.at[end] & 0xC0) == 0x80)
        end--;
    return str_print(arena, "%.*s...", (int)end, text.at);
}
