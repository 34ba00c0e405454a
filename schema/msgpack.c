/* Values read from msgpack.
 *
 * The reader is our own: libmpack's tokenizer would leave lengths, depth and types to us anyway,
 * and its tree stops at depth 32. */
#include "schema/codec.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

/* go-cty's extension for an unknown with refinements, the most it may hold, and its key "is null".
 */
#define REFINED_EXTENSION 12
#define REFINED_LIMIT 1024
#define REFINED_NULLNESS 1

/* A float64 has at most this many digits before the point. */
#define FLOAT_WHOLE_DIGITS 309

enum head_kind {
    HEAD_INVALID,
    HEAD_NULL,
    HEAD_FALSE,
    HEAD_TRUE,
    HEAD_UNSIGNED,
    HEAD_SIGNED,
    HEAD_FLOAT,
    HEAD_TEXT,
    HEAD_BINARY,
    HEAD_EXTENSION,
    HEAD_ARRAY,
    HEAD_MAP,
};

static const char *const head_names[] = {
    [HEAD_INVALID] = "an invalid byte",
    [HEAD_NULL] = "null",
    [HEAD_FALSE] = "a bool",
    [HEAD_TRUE] = "a bool",
    [HEAD_UNSIGNED] = "an integer",
    [HEAD_SIGNED] = "an integer",
    [HEAD_FLOAT] = "a float",
    [HEAD_TEXT] = "a string",
    [HEAD_BINARY] = "bytes",
    [HEAD_EXTENSION] = "an unknown value",
    [HEAD_ARRAY] = "an array",
    [HEAD_MAP] = "a map",
};

struct head {
    enum head_kind kind;
    uint64_t number;    /* the bits of an integer or float; of others the length */
    struct str payload; /* of text, binary and extension */
    int extension;
};

/* The bytes 0xc0 to 0xdf: what they begin, how many bytes of number or length follow, and the
 * length where it is fixed. */
static const struct form {
    enum head_kind kind;
    unsigned char width;
    unsigned char length;
} forms[32] = {
    { HEAD_NULL, 0, 0 },       { HEAD_INVALID, 0, 0 },   { HEAD_FALSE, 0, 0 },
    { HEAD_TRUE, 0, 0 },       { HEAD_BINARY, 1, 0 },    { HEAD_BINARY, 2, 0 },
    { HEAD_BINARY, 4, 0 },     { HEAD_EXTENSION, 1, 0 }, { HEAD_EXTENSION, 2, 0 },
    { HEAD_EXTENSION, 4, 0 },  { HEAD_FLOAT, 4, 0 },     { HEAD_FLOAT, 8, 0 },
    { HEAD_UNSIGNED, 1, 0 },   { HEAD_UNSIGNED, 2, 0 },  { HEAD_UNSIGNED, 4, 0 },
    { HEAD_UNSIGNED, 8, 0 },   { HEAD_SIGNED, 1, 0 },    { HEAD_SIGNED, 2, 0 },
    { HEAD_SIGNED, 4, 0 },     { HEAD_SIGNED, 8, 0 },    { HEAD_EXTENSION, 0, 1 },
    { HEAD_EXTENSION, 0, 2 },  { HEAD_EXTENSION, 0, 4 }, { HEAD_EXTENSION, 0, 8 },
    { HEAD_EXTENSION, 0, 16 }, { HEAD_TEXT, 1, 0 },      { HEAD_TEXT, 2, 0 },
    { HEAD_TEXT, 4, 0 },       { HEAD_ARRAY, 2, 0 },     { HEAD_ARRAY, 4, 0 },
    { HEAD_MAP, 2, 0 },        { HEAD_MAP, 4, 0 },
};

struct reader {
    struct call *call;
    struct str bytes;
    size_t at;
};

static bool fail_at(const struct reader *reader, const struct path *at, const char *expected,
                    const char *found)
{
    return fail(reader->call, at, "Invalid value",
                "Expected %s in the message from Terraform before byte %zu, found %s.", expected,
                reader->at + 1, found);
}

#define fail_at_null(...) (fail_at(__VA_ARGS__) ? NULL : NULL)

static bool fail_short(const struct reader *reader, const struct path *at)
{
    return fail(reader->call, at, "Incomplete value",
                "Expected a whole value in the message from Terraform, found that it ends after "
                "%zu bytes.",
                reader->bytes.len);
}

static size_t left(const struct reader *reader)
{
    return reader->bytes.len - reader->at;
}

static unsigned char take_byte(struct reader *reader)
{
    return (unsigned char)reader->bytes.at[reader->at++];
}

static bool take_number(struct reader *reader, unsigned width, uint64_t *out)
{
    if (left(reader) < width)
        return false;
    *out = 0;
    for (unsigned i = 0; i < width; i++)
        *out = *out << 8 | take_byte(reader);
    return true;
}

static uint64_t sign_extend(uint64_t bits, unsigned width)
{
    unsigned unused = 64 - 8 * width;
    return (uint64_t)((int64_t)(bits << unused) >> unused);
}

/* The one-byte forms and what the others begin with. */
static struct form form_of(unsigned char byte, uint64_t *number)
{
    *number = 0;
    if (byte >= 0xc0 && byte <= 0xdf)
        return forms[byte - 0xc0];
    *number = byte;
    if (byte < 0x80)
        return (struct form){ HEAD_UNSIGNED, 0, 0 };
    if (byte >= 0xe0) {
        *number = sign_extend(byte, 1);
        return (struct form){ HEAD_SIGNED, 0, 0 };
    }
    *number = byte & (byte < 0xa0 ? 0x0f : 0x1f);
    return (struct form){ byte < 0x90 ? HEAD_MAP : byte < 0xa0 ? HEAD_ARRAY : HEAD_TEXT, 0, 0 };
}

static bool take_payload(struct reader *reader, struct head *head)
{
    if (head->kind == HEAD_EXTENSION) {
        if (left(reader) < 1)
            return false;
        head->extension = (signed char)take_byte(reader);
    }
    if (head->number > left(reader))
        return false;
    head->payload = str_slice(reader->bytes, reader->at, reader->at + (size_t)head->number);
    reader->at += (size_t)head->number;
    return true;
}

/* Takes everything of a value but the members of arrays and maps.  A length is compared with what
 * is left before anything is allocated for it. */
static bool take_head(struct reader *reader, const struct path *at, struct head *out)
{
    if (left(reader) == 0)
        return fail_short(reader, at);
    *out = (struct head){ 0 };
    struct form form = form_of(take_byte(reader), &out->number);
    out->kind = form.kind;
    if (form.length)
        out->number = form.length;
    if (form.width && !take_number(reader, form.width, &out->number))
        return fail_short(reader, at);
    switch (form.kind) {
    case HEAD_INVALID:
        return fail_at_null(reader, at, "a value", "a byte that begins none");
    case HEAD_SIGNED:
        if (form.width)
            out->number = sign_extend(out->number, form.width);
        return true;
    case HEAD_FLOAT:
        out->extension = form.width;
        return true;
    case HEAD_TEXT:
    case HEAD_BINARY:
    case HEAD_EXTENSION:
        return take_payload(reader, out) || fail_short(reader, at);
    case HEAD_ARRAY:
        return out->number <= left(reader) || fail_short(reader, at);
    case HEAD_MAP:
        return out->number <= left(reader) / 2 || fail_short(reader, at);
    default:
        return true;
    }
}

/* Takes one whole value, without recursion. */
static bool skip(struct reader *reader, const struct path *at)
{
    struct head head;
    for (uint64_t pending = 1; pending; pending--) {
        if (!take_head(reader, at, &head))
            return false;
        if (head.kind == HEAD_ARRAY)
            pending += head.number;
        if (head.kind == HEAD_MAP)
            pending += 2 * head.number;
    }
    return true;
}

static const struct value *decode(struct reader *reader, const struct path *at,
                                  const struct type *type, unsigned depth);

static const struct value *decode_refined(struct reader *reader, const struct path *at,
                                          struct str payload)
{
    static const struct value never_null = { .kind = VALUE_UNKNOWN, .never_null = true };
    const struct value *v = &value_unknown;
    struct reader inner = { .call = reader->call, .bytes = payload };
    struct head map;
    struct head key;
    if (!take_head(&inner, at, &map))
        return NULL;
    if (map.kind != HEAD_MAP)
        return fail_at_null(&inner, at, "a map of refinements", head_names[map.kind]);
    for (uint64_t i = 0; i < map.number; i++) {
        if (!take_head(&inner, at, &key))
            return NULL;
        if (key.kind != HEAD_UNSIGNED && key.kind != HEAD_SIGNED)
            return fail_at_null(&inner, at, "the number of a refinement", head_names[key.kind]);
        size_t from = inner.at;
        if (!skip(&inner, at))
            return NULL;
        unsigned char first = (unsigned char)payload.at[from];
        if (key.number == REFINED_NULLNESS && first != 0xc2 && first != 0xc3)
            return fail_at_null(&inner, at, "a bool", "another value");
        if (key.number == REFINED_NULLNESS)
            v = first == 0xc3 ? &value_null : &never_null;
    }
    return v;
}

static const struct value *decode_unknown(struct reader *reader, const struct path *at,
                                          const struct type *type, const struct head *head)
{
    if (head->payload.len <= 1)
        return &value_unknown;
    if (head->extension != REFINED_EXTENSION)
        return fail_at_null(reader, at, "an unknown value", "an extension of another kind");
    if (head->payload.len > REFINED_LIMIT)
        return fail_at_null(reader, at, "at most 1024 bytes of refinements", "more");
    const struct value *v = decode_refined(reader, at, head->payload);
    return v && type->kind == TYPE_DYNAMIC ? &value_unknown : v;
}

static const struct value *decode_string(struct reader *reader, const struct path *at,
                                         const struct head *head)
{
    if (head->kind != HEAD_TEXT && head->kind != HEAD_BINARY)
        return fail_at_null(reader, at, "a string", head_names[head->kind]);
    if (!utf8_is_valid(head->payload))
        return fail_at_null(reader, at, "a string of valid UTF-8", "other bytes");
    return value_string(reader->call->arena, head->payload);
}

/* The shortest decimal text that reads back as REAL; all digits of a whole number. */
static struct str float_text(struct arena *arena, double real)
{
    char text[FLOAT_WHOLE_DIGITS + 8];
    if (real == trunc(real)) {
        snprintf(text, sizeof text, "%.0f", real);
        return number_canonical(arena, str_of(text));
    }
    /* Fifteen digits always survive, but for numbers too small for their full precision. */
    int digits = fabs(real) < DBL_MIN ? 1 : DBL_DIG;
    do
        snprintf(text, sizeof text, "%.*e", digits - 1, real);
    while (strtod(text, NULL) != real && ++digits <= DBL_DECIMAL_DIG);
    return number_canonical(arena, str_of(text));
}

static double float_of(const struct head *head)
{
    if (head->extension == 4) {
        uint32_t bits = (uint32_t)head->number;
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        return (double)narrow;
    }
    double real;
    memcpy(&real, &head->number, sizeof real);
    return real;
}

static const struct value *decode_number(struct reader *reader, const struct path *at,
                                         const struct head *head)
{
    struct arena *arena = reader->call->arena;
    struct str text = { 0 };
    switch (head->kind) {
    case HEAD_UNSIGNED:
        text = str_print(arena, "%llu", (unsigned long long)head->number);
        break;
    case HEAD_SIGNED:
        text = str_print(arena, "%lld", (long long)head->number);
        break;
    case HEAD_FLOAT:
        if (isfinite(float_of(head)))
            text = float_text(arena, float_of(head));
        break;
    case HEAD_TEXT:
    case HEAD_BINARY:
        text = number_canonical(arena, head->payload);
        break;
    default:
        return fail_at_null(reader, at, "a number", head_names[head->kind]);
    }
    if (!text.at)
        return fail_at_null(reader, at, "a finite number", "another value");
    return value_number(arena, text);
}

static const struct value *decode_bool(struct reader *reader, const struct path *at,
                                       const struct head *head)
{
    if (head->kind == HEAD_TRUE || head->kind == HEAD_FALSE)
        return value_bool(head->kind == HEAD_TRUE);
    return fail_at_null(reader, at, "a bool", head_names[head->kind]);
}

static const struct value *decode_items(struct reader *reader, const struct path *at,
                                        const struct type *type, const struct head *head,
                                        unsigned depth)
{
    struct arena *arena = reader->call->arena;
    size_t count = (size_t)head->number;
    if (head->kind != HEAD_ARRAY)
        return fail_at_null(reader, at, "an array", head_names[head->kind]);
    if (type->kind == TYPE_TUPLE && count != type->member_count)
        return fail_null(reader->call, at, "Invalid value", "Expected %zu elements, found %zu.",
                         type->member_count, count);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        const struct type *element =
            type->kind == TYPE_TUPLE ? type->members[i].type : type->element;
        items[i] = decode(reader, PATH_AT_INDEX(at, (int64_t)i), element, depth - 1);
        if (!items[i])
            return NULL;
    }
    if (type->kind == TYPE_SET)
        return value_set(arena, items, count);
    return value_sequence(arena, items, count);
}

static bool decode_member(struct reader *reader, const struct path *at, const struct type *type,
                          struct value_member *out, unsigned depth)
{
    struct head head;
    if (!take_head(reader, at, &head))
        return false;
    const struct value *name = decode_string(reader, at, &head);
    if (!name)
        return false;
    out->name = name->text;
    const struct type *member = type->element ? type->element : type_member_find(type, name->text);
    if (!member)
        return fail(reader->call, at, "Invalid value",
                    "Expected only attributes of the schema, found \"%.*s\".", STR_ARG(name->text));
    const struct path step = { at, type->element ? PATH_KEY : PATH_ATTRIBUTE, name->text, 0 };
    out->value = decode(reader, &step, member, depth - 1);
    return out->value != NULL;
}

static const struct value *decode_members(struct reader *reader, const struct path *at,
                                          const struct type *type, const struct head *head,
                                          unsigned depth)
{
    struct arena *arena = reader->call->arena;
    size_t count = (size_t)head->number;
    if (head->kind != HEAD_MAP)
        return fail_at_null(reader, at, "a map", head_names[head->kind]);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, count);
    for (size_t i = 0; i < count; i++)
        if (!decode_member(reader, at, type, &members[i], depth))
            return NULL;
    const struct value *v = value_members(arena, members, count);
    if (type->kind == TYPE_OBJECT && (count != type->member_count || v->count != count))
        return fail_null(reader->call, at, "Invalid value",
                         "Expected each of the %zu attributes of the schema once, found %zu "
                         "different ones.",
                         type->member_count, v->count);
    return v;
}

static const struct value *decode_dynamic(struct reader *reader, const struct path *at,
                                          const struct head *head, unsigned depth)
{
    struct head description;
    if (head->kind != HEAD_ARRAY || head->number != 2)
        return fail_at_null(reader, at, "an array of a type and a value", head_names[head->kind]);
    if (!take_head(reader, at, &description))
        return NULL;
    if (description.kind != HEAD_TEXT && description.kind != HEAD_BINARY)
        return fail_at_null(reader, at, "a type", head_names[description.kind]);
    const struct type *type = type_parse(reader->call, description.payload);
    if (!type)
        return NULL;
    const struct value *v = decode(reader, at, type, depth - 1);
    if (!v || type->kind == TYPE_DYNAMIC)
        return v;
    struct value *typed = ARENA_NEW(reader->call->arena, struct value);
    *typed = *v;
    typed->type = type;
    return typed;
}

static const struct value *decode(struct reader *reader, const struct path *at,
                                  const struct type *type, unsigned depth)
{
    struct head head;
    if (!take_head(reader, at, &head))
        return NULL;
    if (head.kind == HEAD_NULL)
        return &value_null;
    if (head.kind == HEAD_EXTENSION)
        return decode_unknown(reader, at, type, &head);
    if (type->kind >= TYPE_DYNAMIC && depth == 0)
        return fail_null(reader->call, NULL, "Value nests too deep",
                         "Expected a value of at most %d levels, found more.", VALUE_DEPTH_LIMIT);
    switch (type->kind) {
    case TYPE_STRING:
        return decode_string(reader, at, &head);
    case TYPE_NUMBER:
        return decode_number(reader, at, &head);
    case TYPE_BOOL:
        return decode_bool(reader, at, &head);
    case TYPE_DYNAMIC:
        return decode_dynamic(reader, at, &head, depth);
    case TYPE_LIST:
    case TYPE_SET:
    case TYPE_TUPLE:
        return decode_items(reader, at, type, &head, depth);
    case TYPE_MAP:
    case TYPE_OBJECT:
        break;
    }
    return decode_members(reader, at, type, &head, depth);
}

const struct value *value_from_msgpack(struct call *call, const struct type *type, struct str bytes)
{
    struct reader reader = { .call = call, .bytes = bytes };
    return decode(&reader, NULL, type, VALUE_DEPTH_LIMIT);
}
