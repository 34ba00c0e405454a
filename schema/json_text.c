/* A JSON tokenizer without a tree. */
#include "schema/json_text.h"

#include <string.h>

#include "base/encoding.h"

bool json_text_fail(const struct json_text *text, const struct path *at, const char *expected)
{
    if (text->at >= text->text.len)
        return fail(text->call, at, "Incomplete JSON",
                    "Expected %s in %s, found that it ends after %zu bytes.", expected, text->what,
                    text->text.len);
    return fail(text->call, at, "Invalid JSON",
                "Expected %s in %s at byte %zu, found something else.", expected, text->what,
                text->at + 1);
}

char json_text_peek(struct json_text *text)
{
    while (text->at < text->text.len) {
        char c = text->text.at[text->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return c;
        text->at++;
    }
    return '\0';
}

bool json_text_take(struct json_text *text, const char *token)
{
    json_text_peek(text);
    if (!str_starts(str_slice(text->text, text->at, text->text.len), token))
        return false;
    text->at += strlen(token);
    return true;
}

bool json_text_expect(struct json_text *text, const struct path *at, const char *token)
{
    if (json_text_take(text, token))
        return true;
    return json_text_fail(text, at, str_print(text->call->arena, "'%s'", token).at);
}

bool json_text_next(struct json_text *text, const struct path *at, const char *close, bool first,
                    bool *more)
{
    *more = !json_text_take(text, close);
    if (!*more || first || json_text_take(text, ","))
        return true;
    return json_text_fail(text, at, "a comma or the closing bracket");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code unit of the escape \uXXXX at the current offset, which is taken, or -1. */
static int take_code_unit(struct json_text *text)
{
    struct str escape = str_slice(text->text, text->at, text->at + 6);
    int unit = 0;
    if (escape.len < 6 || escape.at[0] != '\\' || escape.at[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int digit = hex_digit(escape.at[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    text->at += 6;
    return unit;
}

static void add_code_point(struct buf *out, unsigned code)
{
    if (code < 0x80) {
        buf_add_byte(out, (char)code);
        return;
    }
    if (code < 0x800) {
        buf_add_byte(out, (char)(0xC0 | code >> 6));
    } else if (code < 0x10000) {
        buf_add_byte(out, (char)(0xE0 | code >> 12));
        buf_add_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
    } else {
        buf_add_byte(out, (char)(0xF0 | code >> 18));
        buf_add_byte(out, (char)(0x80 | (code >> 12 & 0x3F)));
        buf_add_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    buf_add_byte(out, (char)(0x80 | (code & 0x3F)));
}

static bool take_unicode(struct json_text *text, struct buf *out)
{
    int high = take_code_unit(text);
    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return false;
    if (high < 0xD800 || high > 0xDBFF) {
        add_code_point(out, (unsigned)high);
        return true;
    }
    int low = take_code_unit(text);
    if (low < 0xDC00 || low > 0xDFFF)
        return false;
    add_code_point(out, 0x10000u + ((unsigned)(high - 0xD800) << 10) + (unsigned)(low - 0xDC00));
    return true;
}

/* At a backslash. */
static bool take_escape(struct json_text *text, struct buf *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char name = text->at + 1 < text->text.len ? text->text.at[text->at + 1] : '\0';
    const char *found = name ? strchr(names, name) : NULL;
    if (!found)
        return take_unicode(text, out);
    buf_add_byte(out, meanings[found - names]);
    text->at += 2;
    return true;
}

/* Moves to the next quote or backslash; false at a control character or the end. */
static bool pass_plain(struct json_text *text)
{
    for (; text->at < text->text.len; text->at++) {
        char c = text->text.at[text->at];
        if (c == '"' || c == '\\')
            return true;
        if ((unsigned char)c < 0x20)
            return false;
    }
    return false;
}

bool json_text_string(struct json_text *text, const struct path *at, struct str *out)
{
    if (!json_text_take(text, "\""))
        return json_text_fail(text, at, "a string");
    struct buf unescaped = buf_make(text->call->arena, BUF_LIMIT);
    bool has_escapes = false;
    for (;;) {
        size_t from = text->at;
        if (!pass_plain(text))
            return json_text_fail(text, at, "the rest of a string");
        struct str part = str_slice(text->text, from, text->at);
        bool ends = text->text.at[text->at] == '"';
        *out = part;
        if (has_escapes || !ends)
            buf_add_str(&unescaped, part);
        if (ends)
            break;
        has_escapes = true;
        if (!take_escape(text, &unescaped))
            return json_text_fail(text, at, "a valid escape sequence");
    }
    if (has_escapes)
        *out = buf_str(&unescaped);
    if (!utf8_is_valid(*out))
        return json_text_fail(text, at, "a string of valid UTF-8");
    text->at++;
    return true;
}

bool json_text_name(struct json_text *text, const struct path *at, struct str *out)
{
    return json_text_string(text, at, out) && json_text_expect(text, at, ":");
}

static size_t take_digits(struct json_text *text)
{
    size_t from = text->at;
    while (text->at < text->text.len && text->text.at[text->at] >= '0' &&
           text->text.at[text->at] <= '9')
        text->at++;
    return text->at - from;
}

static bool take_byte(struct json_text *text, const char *any_of)
{
    if (text->at >= text->text.len || !text->text.at[text->at] ||
        !strchr(any_of, text->text.at[text->at]))
        return false;
    text->at++;
    return true;
}

bool json_text_number(struct json_text *text, const struct path *at, struct str *out)
{
    json_text_peek(text);
    size_t from = text->at;
    take_byte(text, "-");
    bool valid = take_byte(text, "0") || take_digits(text);
    if (valid && take_byte(text, "."))
        valid = take_digits(text);
    if (valid && take_byte(text, "eE")) {
        take_byte(text, "+-");
        valid = take_digits(text);
    }
    if (!valid)
        return json_text_fail(text, at, "a number");
    *out = str_slice(text->text, from, text->at);
    return true;
}

static bool skip_members(struct json_text *text, const struct path *at, unsigned depth)
{
    bool is_object = json_text_take(text, "{");
    const char *close = is_object ? "}" : "]";
    bool more;
    struct str name;
    if (!is_object && !json_text_expect(text, at, "["))
        return false;
    for (bool first = true;; first = false) {
        if (!json_text_next(text, at, close, first, &more))
            return false;
        if (!more)
            return true;
        if (is_object && !json_text_name(text, at, &name))
            return false;
        if (!json_text_skip(text, at, depth - 1))
            return false;
    }
}

bool json_text_skip(struct json_text *text, const struct path *at, unsigned depth)
{
    struct str ignored;
    char c = json_text_peek(text);
    if (c == '"')
        return json_text_string(text, at, &ignored);
    if (c == '-' || (c >= '0' && c <= '9'))
        return json_text_number(text, at, &ignored);
    if (json_text_take(text, "null") || json_text_take(text, "true") ||
        json_text_take(text, "false"))
        return true;
    if (c != '[' && c != '{')
        return json_text_fail(text, at, "a value");
    if (depth == 0)
        return fail(text->call, at, "JSON nests too deep",
                    "Expected fewer levels in %s, found more at byte %zu.", text->what,
                    text->at + 1);
    return skip_members(text, at, depth);
}

bool json_text_end(struct json_text *text, const struct path *at)
{
    json_text_peek(text);
    return text->at == text->text.len || json_text_fail(text, at, "the end");
}

void json_text_add_string(struct buf *out, struct str s)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\')
            buf_print(out, "\\%c", c);
        else if (c < 0x20)
            buf_print(out, "\\u%04x", c);
        else
            buf_add_byte(out, (char)c);
    }
    buf_add_byte(out, '"');
}
