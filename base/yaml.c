/* Builds JSON values from libyaml's events, without recursion, and types plain scalars. */
#include "base/yaml.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define TAG_PREFIX "tag:yaml.org,2002:"

struct level {
    json_t *container; /* borrowed from its parent, the outermost from the arena */
    struct str key;    /* in a mapping: the key whose value comes next; at == NULL: none yet */
};

struct reader {
    struct call *call;
    const struct path *at;
    const char *what;
    struct str text;
    yaml_parser_t parser;
    yaml_event_t event;
    json_t *root;
    unsigned documents;
    size_t depth;
    struct level levels[JSON_DEPTH_LIMIT];
};

enum scalar_kind { SCALAR_NULL, SCALAR_BOOL, SCALAR_INT, SCALAR_FLOAT, SCALAR_STRING };

struct scalar {
    enum scalar_kind kind;
    bool flag;
    bool too_large; /* an integer from 2^63 to 2^64 - 1 */
    int64_t integer;
    double real;
};

static void release_reader(void *argument)
{
    struct reader *reader = argument;
    yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
}

static bool fail_at(struct reader *reader, const char *summary, const char *problem)
{
    const yaml_mark_t *mark = &reader->event.start_mark;
    return fail(reader->call, reader->at, summary, "In %s, line %zu, column %zu: %s.", reader->what,
                mark->line + 1, mark->column + 1, problem);
}

/* The reader stage of libyaml knows only the offset of a bad byte. */
static bool fail_byte(struct reader *reader)
{
    size_t line = 1;
    size_t line_start = 0;
    size_t offset = reader->parser.problem_offset;
    for (size_t i = 0; i < offset && i < reader->text.len; i++) {
        if (reader->text.at[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    return fail(reader->call, reader->at, "Invalid YAML",
                "Expected text in %s, found a byte that YAML does not allow in line %zu, column "
                "%zu: %s.",
                reader->what, line, offset - line_start + 1, reader->parser.problem);
}

static bool fail_syntax(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return fail(reader->call, reader->at, "Out of memory",
                    "Expected enough memory to read %s, found none left.", reader->what);
    if (parser->error == YAML_READER_ERROR)
        return fail_byte(reader);
    return fail(reader->call, reader->at, "Invalid YAML",
                "Expected YAML in %s, found a fault in line %zu, column %zu: %s%s%s.", reader->what,
                parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                parser->context ? parser->context : "", parser->context ? ", " : "",
                parser->problem ? parser->problem : "unreadable");
}

static bool is_one_of(struct str text, const char *const *words)
{
    for (; *words; words++)
        if (str_is(text, *words))
            return true;
    return false;
}

/* The words of YAML 1.1 that stand for something else than themselves. */
static bool read_word(struct str text, struct scalar *out)
{
    static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
    static const char *const trues[] = { "y",    "Y",    "yes", "Yes", "YES", "true",
                                         "True", "TRUE", "on",  "On",  "ON",  NULL };
    static const char *const falses[] = { "n",     "N",     "no",  "No",  "NO",  "false",
                                          "False", "FALSE", "off", "Off", "OFF", NULL };
    static const char *const infinities[] = { ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf",
                                              "+.INF", "-.inf", "-.Inf", "-.INF", NULL };
    static const char *const nans[] = { ".nan", ".NaN", ".NAN", NULL };
    if (is_one_of(text, nulls))
        *out = (struct scalar){ .kind = SCALAR_NULL };
    else if (is_one_of(text, trues))
        *out = (struct scalar){ .kind = SCALAR_BOOL, .flag = true };
    else if (is_one_of(text, falses))
        *out = (struct scalar){ .kind = SCALAR_BOOL };
    else if (is_one_of(text, infinities))
        *out = (struct scalar){ .kind = SCALAR_FLOAT,
                                .real = text.at[0] == '-' ? -INFINITY : INFINITY };
    else if (is_one_of(text, nans))
        *out = (struct scalar){ .kind = SCALAR_FLOAT, .real = NAN };
    else
        return false;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int digit_of(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* The radix that a prefix gives, as Go reads integer literals: 0x, 0o, 0b and a leading 0. */
static int take_radix(struct str *digits)
{
    if (digits->len < 2 || digits->at[0] != '0')
        return 10;
    char mark = (char)(digits->at[1] | 0x20);
    int radix = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    *digits = str_slice(*digits, radix ? 2 : 1, digits->len);
    return radix ? radix : 8;
}

static bool read_integer(struct str plain, struct scalar *out)
{
    bool is_signed = plain.len && (plain.at[0] == '-' || plain.at[0] == '+');
    bool negative = is_signed && plain.at[0] == '-';
    struct str digits = str_slice(plain, is_signed, plain.len);
    int radix = take_radix(&digits);
    uint64_t magnitude = 0;
    if (!digits.len)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digit_of(digits.at[i]);
        if (digit >= radix || __builtin_mul_overflow(magnitude, (uint64_t)radix, &magnitude) ||
            __builtin_add_overflow(magnitude, (uint64_t)digit, &magnitude))
            return false;
    }
    struct scalar read = { .kind = SCALAR_INT };
    if (magnitude <= INT64_MAX)
        read.integer = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    else if (negative && magnitude == (uint64_t)INT64_MAX + 1)
        read.integer = INT64_MIN;
    else if (!is_signed)
        read.too_large = true;
    else
        return false;
    *out = read;
    return true;
}

static size_t skip_digits(const char *text, size_t from)
{
    while (is_digit(text[from]))
        from++;
    return from;
}

/* [-+]? ( .digits | digits [. digits*] ) ( [eE] [-+]? digits )? */
static bool has_float_form(const char *text)
{
    size_t i = *text == '-' || *text == '+';
    size_t whole = skip_digits(text, i) - i;
    i += whole;
    if (text[i] == '.') {
        size_t end = skip_digits(text, i + 1);
        if (!whole && end == i + 1)
            return false;
        i = end;
    } else if (!whole) {
        return false;
    }
    if (text[i] == 'e' || text[i] == 'E') {
        i++;
        i += text[i] == '-' || text[i] == '+';
        size_t end = skip_digits(text, i);
        if (end == i)
            return false;
        i = end;
    }
    return text[i] == '\0';
}

/* A float beyond the range of float64 stays a string, as in Go. */
static bool read_float(const char *text, struct scalar *out)
{
    if (!has_float_form(text))
        return false;
    double real = strtod(text, NULL);
    if (isinf(real))
        return false;
    *out = (struct scalar){ .kind = SCALAR_FLOAT, .real = real };
    return true;
}

/* What Go's float parser wants, to which a text that starts with a dot goes as it is. */
static bool underscores_separate_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '_' &&
            (i == 0 || i + 1 == text.len || !is_digit(text.at[i - 1]) || !is_digit(text.at[i + 1])))
            return false;
    return true;
}

static struct str without_underscores(struct arena *arena, struct str text)
{
    char *plain = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '_')
            plain[len++] = text.at[i];
    return (struct str){ plain, len };
}

/* What a plain scalar means: the rules of the goyaml.v2 fork inside sigs.k8s.io/yaml. */
static struct scalar resolve(struct arena *arena, struct str text)
{
    struct scalar scalar = { .kind = SCALAR_STRING };
    if (read_word(text, &scalar) || memchr(text.at, '\0', text.len))
        return scalar;
    char first = text.at[0];
    bool is_number = is_digit(first) || first == '-' || first == '+';
    if (!is_number && !(first == '.' && underscores_separate_digits(text)))
        return scalar;
    struct str plain = without_underscores(arena, text);
    if (!is_number || !read_integer(plain, &scalar))
        (void)read_float(plain.at, &scalar);
    return scalar;
}

/* Applies an explicit tag to what the text looks like. */
static bool apply_tag(struct reader *reader, const char *tag, struct scalar *scalar)
{
    static const struct {
        const char *tag;
        enum scalar_kind kind;
    } kinds[] = {
        { TAG_PREFIX "null", SCALAR_NULL },  { TAG_PREFIX "bool", SCALAR_BOOL },
        { TAG_PREFIX "int", SCALAR_INT },    { TAG_PREFIX "float", SCALAR_FLOAT },
        { TAG_PREFIX "str", SCALAR_STRING }, { "!", SCALAR_STRING },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(tag, kinds[i].tag) != 0)
            continue;
        if (kinds[i].kind == SCALAR_STRING)
            *scalar = (struct scalar){ .kind = SCALAR_STRING };
        else if (scalar->kind != kinds[i].kind &&
                 !(kinds[i].kind == SCALAR_FLOAT && scalar->kind == SCALAR_INT))
            return fail_at(reader, "Invalid YAML", "the value does not fit its tag");
        return true;
    }
    return fail_at(reader, "Unsupported YAML tag",
                   "expected no tag or one of !!str, !!int, !!float, !!bool and !!null, found "
                   "another one");
}

static bool read_scalar(struct reader *reader, struct str *text, struct scalar *scalar)
{
    const char *tag = (const char *)reader->event.data.scalar.tag;
    *text = (struct str){ (const char *)reader->event.data.scalar.value,
                          reader->event.data.scalar.length };
    *scalar = (struct scalar){ .kind = SCALAR_STRING };
    if (tag || reader->event.data.scalar.plain_implicit)
        *scalar = resolve(reader->call->arena, *text);
    if (tag && !apply_tag(reader, tag, scalar))
        return false;
    if (scalar->too_large)
        return fail_at(reader, "Number too large",
                       "expected an integer of at most 9223372036854775807, found a larger one; "
                       "put it in quotes where it is a string");
    return true;
}

/* The text that Go gives a float as a key: the shortest that reads back as the same float32. */
static struct str float_key(struct arena *arena, double real)
{
    float narrow = (float)real;
    char digits[32];
    int precision = 0;
    if (isnan(narrow))
        return STR(".nan");
    if (isinf(narrow))
        return narrow < 0 ? STR("-.inf") : STR(".inf");
    do
        snprintf(digits, sizeof digits, "%.*e", precision, (double)narrow);
    while (strtof(digits, NULL) != narrow && ++precision < 9);
    int exponent = (int)strtol(strchr(digits, 'e') + 1, NULL, 10);
    if (exponent < -4 || exponent >= 6)
        return str_copy(arena, str_of(digits));
    return str_print(arena, "%.*f", precision > exponent ? precision - exponent : 0,
                     (double)narrow);
}

static bool read_key(struct reader *reader)
{
    struct arena *arena = reader->call->arena;
    struct level *level = &reader->levels[reader->depth - 1];
    struct str text;
    struct scalar scalar;
    if (!read_scalar(reader, &text, &scalar))
        return false;
    if (str_is(text, "<<") && reader->event.data.scalar.plain_implicit)
        return fail_at(reader, "Unsupported YAML merge key",
                       "expected no merge key (<<), found one; write its members out");
    if (memchr(text.at, '\0', text.len))
        return fail_at(reader, "Invalid YAML", "expected a key without NUL, found one with it");
    switch (scalar.kind) {
    case SCALAR_NULL:
        return fail_at(reader, "Invalid YAML", "expected a key, found null");
    case SCALAR_BOOL:
        level->key = scalar.flag ? STR("true") : STR("false");
        break;
    case SCALAR_INT:
        level->key = str_print(arena, "%lld", (long long)scalar.integer);
        break;
    case SCALAR_FLOAT:
        level->key = float_key(arena, scalar.real);
        break;
    case SCALAR_STRING:
        level->key = str_copy(arena, text);
        break;
    }
    if (json_object_getn(level->container, level->key.at, level->key.len))
        return fail_at(reader, "Duplicate key in YAML",
                       "expected each key of a mapping once, found this one again");
    return true;
}

/* Hands VALUE, a new reference, to the innermost container at once, so that nothing can lose it. */
static bool attach(struct reader *reader, json_t *value)
{
    int outcome = 0;
    if (!reader->depth) {
        reader->root = json_keep(reader->call->arena, value);
        return true;
    }
    struct level *level = &reader->levels[reader->depth - 1];
    if (json_is_array(level->container))
        outcome = json_array_append_new(level->container, value);
    else
        outcome = json_object_set_new(level->container, level->key.at, value);
    level->key = (struct str){ 0 };
    if (outcome != 0)
        return fail_at(reader, "Out of memory", "expected enough memory, found none left");
    return true;
}

static bool wants_key(const struct reader *reader)
{
    return reader->depth && json_is_object(reader->levels[reader->depth - 1].container) &&
           !reader->levels[reader->depth - 1].key.at;
}

/* As Go's JSON encoder has it, a float without a fraction is an integer. */
static bool attach_float(struct reader *reader, double real)
{
    if (!isfinite(real))
        return fail_at(reader, "Invalid number in YAML",
                       "expected a finite number, found an infinity or no number at all");
    if (fabs(real) < 0x1p63 && real == trunc(real))
        return attach(reader, json_integer((json_int_t)real));
    return attach(reader, json_real(real));
}

static bool add_scalar(struct reader *reader)
{
    struct str text;
    struct scalar scalar;
    if (reader->event.data.scalar.anchor)
        return fail_at(reader, "Unsupported YAML anchor", "expected no anchor (&), found one");
    if (wants_key(reader))
        return read_key(reader);
    if (!read_scalar(reader, &text, &scalar))
        return false;
    switch (scalar.kind) {
    case SCALAR_NULL:
        return attach(reader, json_null());
    case SCALAR_BOOL:
        return attach(reader, json_boolean(scalar.flag));
    case SCALAR_INT:
        return attach(reader, json_integer(scalar.integer));
    case SCALAR_FLOAT:
        return attach_float(reader, scalar.real);
    case SCALAR_STRING:
        break;
    }
    return attach(reader, json_stringn(text.at, text.len));
}

static bool open_container(struct reader *reader, json_t *container, const yaml_char_t *tag,
                           const yaml_char_t *anchor)
{
    const char *expected = json_is_array(container) ? TAG_PREFIX "seq" : TAG_PREFIX "map";
    const char *problem = NULL;
    if (anchor)
        problem = "expected no anchor (&), found one";
    else if (wants_key(reader))
        problem = "expected a scalar as key, found a mapping or sequence";
    else if (tag && strcmp((const char *)tag, expected) != 0)
        problem = "expected no tag, found one";
    else if (reader->depth == JSON_DEPTH_LIMIT)
        problem = "expected at most 512 levels, found more";
    if (problem) {
        json_decref(container);
        return fail_at(reader, "Unsupported YAML", problem);
    }
    if (!attach(reader, container))
        return false;
    reader->levels[reader->depth++] = (struct level){ .container = container };
    return true;
}

static bool take_event(struct reader *reader)
{
    const yaml_event_t *event = &reader->event;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return ++reader->documents == 1 ||
               fail_at(reader, "Several YAML documents",
                       "expected one document, found the start of a second one");
    case YAML_ALIAS_EVENT:
        return fail_at(reader, "Unsupported YAML alias",
                       "expected no alias (*), found one; write its value out");
    case YAML_SCALAR_EVENT:
        return add_scalar(reader);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(reader, json_array(), event->data.sequence_start.tag,
                              event->data.sequence_start.anchor);
    case YAML_MAPPING_START_EVENT:
        return open_container(reader, json_object(), event->data.mapping_start.tag,
                              event->data.mapping_start.anchor);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        reader->depth--;
        return true;
    default:
        return true;
    }
}

json_t *yaml_parse(struct call *call, const struct path *at, struct str text, const char *what)
{
    struct reader *reader = ARENA_NEW(call->arena, struct reader);
    reader->call = call;
    reader->at = at;
    reader->what = what;
    reader->text = text;
    arena_defer(call->arena, release_reader, reader);
    if (!yaml_parser_initialize(&reader->parser)) {
        reader->parser.error = YAML_MEMORY_ERROR;
        fail_syntax(reader);
        return NULL;
    }
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)(text.len ? text.at : ""),
                                 text.len);
    yaml_event_type_t type;
    do {
        yaml_event_delete(&reader->event);
        if (!yaml_parser_parse(&reader->parser, &reader->event)) {
            fail_syntax(reader);
            return NULL;
        }
        type = reader->event.type;
        if (!take_event(reader))
            return NULL;
    } while (type != YAML_STREAM_END_EVENT);
    return reader->root ? reader->root : json_keep(call->arena, json_null());
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Narrower than YAML allows, so that parsers of any version agree that it is a string. */
static bool is_safe_plain(struct str text)
{
    struct scalar word;
    if (!text.len || !(is_letter(text.at[0]) || text.at[0] == '/') || read_word(text, &word))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_letter(text.at[i]) && !is_digit(text.at[i]) && !strchr("_./-", text.at[i]))
            return false;
    return true;
}

/* The code point at the start of REST where YAML wants it escaped, else 0; *LEN: its bytes. */
static unsigned escaped_code(struct str rest, size_t *len)
{
    const unsigned char *byte = (const unsigned char *)rest.at;
    *len = 1;
    if (byte[0] < 0x20 || byte[0] == 0x7F)
        return byte[0];
    *len = 2;
    if (rest.len >= 2 && byte[0] == 0xC2 && byte[1] < 0xA0)
        return byte[1];
    *len = 3;
    if (rest.len < 3 || byte[0] < 0xE2)
        return 0;
    unsigned code = (byte[0] & 0x0Fu) << 12 | (byte[1] & 0x3Fu) << 6 | (byte[2] & 0x3Fu);
    bool is_break = byte[0] == 0xE2 && (code == 0x2028 || code == 0x2029);
    return is_break || (byte[0] == 0xEF && (code == 0xFEFF || code >= 0xFFFE)) ? code : 0;
}

void yaml_add_string(struct buf *out, struct str text)
{
    if (is_safe_plain(text)) {
        buf_add_str(out, text);
        return;
    }
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len;) {
        struct str rest = str_slice(text, i, text.len);
        size_t len;
        unsigned code = escaped_code(rest, &len);
        if (rest.at[0] == '\n' || rest.at[0] == '\t')
            buf_add_text(out, rest.at[0] == '\n' ? "\\n" : "\\t");
        else if (code || rest.at[0] == '\0')
            buf_print(out, "\\u%04X", code);
        else if (rest.at[0] == '"' || rest.at[0] == '\\')
            buf_print(out, "\\%c", rest.at[0]);
        else
            buf_add_byte(out, rest.at[0]);
        i += code ? len : 1;
    }
    buf_add_byte(out, '"');
}
