/* Durations, read digit by digit in integers. */
#include "gpu/duration.h"

#include "gpu/nearest.h"

struct unit {
    const char *name;
    int64_t nanoseconds;
};

static const struct unit units[] = {
    { "ns", 1 },       { "us", 1000 },      { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 },
    { "ms", 1000000 }, { "s", 1000000000 }, { "m", 60000000000 },  { "h", 3600000000000 },
};

/* Decimals beyond this are below a nanosecond for every unit. */
#define FRACTION_DIGITS 15

struct number {
    int64_t whole;
    int64_t fraction; /* in 1 / scale */
    int64_t scale;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_number(struct str s, size_t *at, struct number *out)
{
    size_t start = *at;
    bool any = false;
    *out = (struct number){ .scale = 1 };
    for (; *at < s.len && is_digit(s.at[*at]); ++*at) {
        any = true;
        if (__builtin_mul_overflow(out->whole, 10, &out->whole) ||
            __builtin_add_overflow(out->whole, s.at[*at] - '0', &out->whole))
            return false;
    }
    if (*at == s.len || s.at[*at] != '.')
        return *at > start;
    int digits = 0;
    for (++*at; *at < s.len && is_digit(s.at[*at]); ++*at) {
        any = true;
        if (digits++ < FRACTION_DIGITS) {
            out->fraction = out->fraction * 10 + (s.at[*at] - '0');
            out->scale *= 10;
        }
    }
    return any;
}

static const struct unit *read_unit(struct str s, size_t *at)
{
    size_t start = *at;
    while (*at < s.len && s.at[*at] != '.' && !is_digit(s.at[*at]))
        ++*at;
    return named_row(str_slice(s, start, *at), units, sizeof units / sizeof *units, sizeof *units);
}

/* An hour in nanoseconds times 15 decimals needs more than 64 bits. */
__extension__ typedef __int128 wide_int;

bool duration_parse(struct str s, int64_t *nanoseconds)
{
    size_t at = s.len > 0 && (s.at[0] == '-' || s.at[0] == '+');
    bool negative = at == 1 && s.at[0] == '-';
    int64_t total = 0;
    if (str_is(str_slice(s, at, s.len), "0")) {
        *nanoseconds = 0;
        return true;
    }
    if (at == s.len)
        return false;
    while (at < s.len) {
        struct number number;
        if (!read_number(s, &at, &number))
            return false;
        const struct unit *unit = read_unit(s, &at);
        int64_t part = 0;
        if (unit == NULL || __builtin_mul_overflow(number.whole, unit->nanoseconds, &part) ||
            __builtin_add_overflow(total, part, &total))
            return false;
        part = (int64_t)((wide_int)number.fraction * unit->nanoseconds / number.scale);
        if (__builtin_add_overflow(total, part, &total))
            return false;
    }
    *nanoseconds = negative ? -total : total;
    return true;
}

bool duration_valid(struct str s)
{
    int64_t nanoseconds;
    return duration_parse(s, &nanoseconds);
}

bool duration_equal(struct str a, struct str b)
{
    int64_t first, second;
    if (duration_parse(a, &first) && duration_parse(b, &second))
        return first == second;
    return str_equal(a, b);
}
