/* Values written as msgpack, as go-cty writes them but for numbers. */
#include "schema/codec.h"

static void add_marked(struct buf *out, unsigned mark, uint64_t number, unsigned width)
{
    buf_add_byte(out, (char)mark);
    for (unsigned i = width; i > 0; i--)
        buf_add_byte(out, (char)(number >> (8 * (i - 1))));
}

/* A length in 8, 16 or 32 bits, whose marks follow each other from MARK on. */
static void add_length(struct buf *out, unsigned mark, size_t len)
{
    unsigned step = 0u + (len > UINT8_MAX) + (len > UINT16_MAX);
    add_marked(out, mark + step, len, 1u << step);
}

static void add_text(struct buf *out, struct str text)
{
    if (text.len < 32)
        buf_add_byte(out, (char)(0xa0 | text.len));
    else
        add_length(out, 0xd9, text.len);
    buf_add_str(out, text);
}

/* Arrays and maps have no length of 8 bits. */
static void add_count(struct buf *out, unsigned short_mark, unsigned mark, size_t count)
{
    if (count < 16)
        buf_add_byte(out, (char)(short_mark | count));
    else
        add_marked(out, mark + (count > UINT16_MAX), count, count > UINT16_MAX ? 4 : 2);
}

static void add_array(struct buf *out, size_t count)
{
    add_count(out, 0x90, 0xdc, count);
}

static void add_map(struct buf *out, size_t count)
{
    add_count(out, 0x80, 0xde, count);
}

/* As text, which cores read with all its digits, as they read numbers of their state files.  They
 * tell an integer from the same one with more precision when they compare states by their bits, so
 * an integer would make `plan -refresh-only -detailed-exitcode` say 2 where nothing differs. */
static void add_number(struct buf *out, const struct value *v)
{
    add_text(out, v->text);
}

static void add_items(struct buf *out, const struct type *type, const struct value *v)
{
    if (type->kind == TYPE_SET)
        v = value_set(out->arena, v->items, v->count);
    size_t count = type->kind == TYPE_TUPLE ? type->member_count : v->count;
    add_array(out, count);
    for (size_t i = 0; i < count; i++)
        value_to_msgpack(out, type->element ? type->element : type->members[i].type,
                         i < v->count ? v->items[i] : &value_null);
}

static void add_members(struct buf *out, const struct type *type, const struct value *v)
{
    size_t count = type->kind == TYPE_OBJECT ? type->member_count : v->count;
    add_map(out, count);
    for (size_t i = 0; i < count; i++) {
        struct str name = type->kind == TYPE_OBJECT ? type->members[i].name : v->members[i].name;
        add_text(out, name);
        value_to_msgpack(out, type->element ? type->element : type->members[i].type,
                         value_at_str(v, name));
    }
}

/* False where V has no type of its own, a null or an unknown, and goes bare. */
static bool add_dynamic(struct buf *out, const struct value *v)
{
    const struct type *type = value_type(out->arena, v);
    if (!type)
        return false;
    struct buf description = buf_make(out->arena, BUF_LIMIT);
    type_print(&description, type);
    struct str json = buf_str(&description);
    add_array(out, 2);
    add_length(out, 0xc4, json.len);
    buf_add_str(out, json);
    value_to_msgpack(out, type, v);
    return true;
}

void value_to_msgpack(struct buf *out, const struct type *type, const struct value *v)
{
    if (type->kind == TYPE_DYNAMIC && add_dynamic(out, v))
        return;
    switch (v->kind) {
    case VALUE_NULL:
        buf_add_byte(out, '\xc0');
        break;
    case VALUE_UNKNOWN:
        buf_add(out, "\xd4\0\0", 3);
        break;
    case VALUE_STRING:
        add_text(out, v->text);
        break;
    case VALUE_NUMBER:
        add_number(out, v);
        break;
    case VALUE_BOOL:
        buf_add_byte(out, v->flag ? '\xc3' : '\xc2');
        break;
    case VALUE_SEQUENCE:
        add_items(out, type, v);
        break;
    case VALUE_MEMBERS:
        add_members(out, type, v);
        break;
    }
}
