/* Views of strings: comparing, cutting, printing, and the nearest word for messages. */
#include "base/str.h"

#include <stdio.h>
#include <string.h>

struct str str_of(const char *text)
{
    return (struct str){ text, text ? strlen(text) : 0 };
}

struct str str_copy_bytes(struct arena *arena, const void *at, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);
    if (len)
        memcpy(copy, at, len);
    return (struct str){ copy, len };
}

struct str str_copy(struct arena *arena, struct str s)
{
    return str_copy_bytes(arena, s.at, s.len);
}

struct str str_vprint(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    size_t len = length > 0 ? (size_t)length : 0;
    char *text = arena_alloc(arena, len + 1);
    vsnprintf(text, len + 1, format, again);
    va_end(again);
    return (struct str){ text, len };
}

struct str str_print(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str s = str_vprint(arena, format, arguments);
    va_end(arguments);
    return s;
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_is(struct str s, const char *text)
{
    return str_equal(s, str_of(text));
}

int str_order(struct str a, struct str b)
{
    size_t shared = a.len < b.len ? a.len : b.len;
    int order = shared ? memcmp(a.at, b.at, shared) : 0;
    if (order)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.at, prefix, len) == 0);
}

bool str_ends(struct str s, const char *suffix)
{
    size_t len = strlen(suffix);
    return s.len >= len && (len == 0 || memcmp(s.at + s.len - len, suffix, len) == 0);
}

size_t str_find(struct str s, char byte, size_t from)
{
    for (size_t i = from; i < s.len; i++)
        if (s.at[i] == byte)
            return i;
    return s.len;
}

size_t str_find_last(struct str s, char byte)
{
    for (size_t i = s.len; i > 0; i--)
        if (s.at[i - 1] == byte)
            return i - 1;
    return s.len;
}

bool str_has(struct str s, char byte)
{
    return str_find(s, byte, 0) < s.len;
}

bool str_contains(struct str s, const char *needle)
{
    size_t len = strlen(needle);
    for (size_t i = 0; len <= s.len && i <= s.len - len; i++)
        if (memcmp(s.at + i, needle, len) == 0)
            return true;
    return false;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct str){ s.at ? s.at + from : NULL, to - from };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    while (s.len && is_blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len && is_blank(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool str_split(struct str *rest, char byte, struct str *part)
{
    if (!rest->at)
        return false;
    size_t end = str_find(*rest, byte, 0);
    *part = str_slice(*rest, 0, end);
    *rest = end < rest->len ? str_slice(*rest, end + 1, rest->len) : (struct str){ 0 };
    return true;
}

bool str_to_int(struct str s, int64_t *out)
{
    bool negative = s.len && s.at[0] == '-';
    size_t i = negative;
    int64_t number = 0;
    if (i == s.len)
        return false;
    for (; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        int digit = s.at[i] - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number))
            return false;
    }
    /* Counted downwards, since INT64_MIN has no positive counterpart. */
    if (!negative && __builtin_sub_overflow((int64_t)0, number, &number))
        return false;
    *out = number;
    return true;
}

#define LONGEST_WORD 64

unsigned str_distance(struct str a, struct str b)
{
    unsigned rows[3][LONGEST_WORD + 1];
    if (a.len > LONGEST_WORD || b.len > LONGEST_WORD)
        return LONGEST_WORD;
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *now = rows[i % 3], *last = rows[(i - 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned best = last[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1] &&
                rows[(i - 2) % 3][j - 2] + 1 < best)
                best = rows[(i - 2) % 3][j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[a.len % 3][b.len];
}

const char *str_nearest(struct str s, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    unsigned least = (unsigned)s.len / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = str_distance(s, str_of(words[i]));
        if (distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

struct str str_lower(struct arena *arena, struct str s)
{
    char *copy = arena_alloc(arena, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        copy[i] = s.at[i] >= 'A' && s.at[i] <= 'Z' ? (char)(s.at[i] + 32) : s.at[i];
    return (struct str){ copy, s.len };
}
