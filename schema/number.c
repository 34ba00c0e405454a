/* Numbers as decimal text: canonical form and order, without arithmetic on the digits. */
#include "schema/codec.h"

#include <string.h>

/* A canonical text has no exponent while its digits (the sign apart) are at most this many. */
#define PLAIN_LIMIT 400
/* Beyond it a text is taken for no finite number, as Terraform's own numbers end there too. */
#define LARGEST_EXPONENT 600000000

/* 0.DIGITS * 10^point, where digits has a point somewhere that does not count. */
struct decimal {
    bool negative;
    struct str digits; /* from the first to the last digit that is not 0; empty: zero */
    int64_t point;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_exponent(struct str text, int64_t *out)
{
    bool negative = text.len && text.at[0] == '-';
    size_t i = text.len && (negative || text.at[0] == '+');
    int64_t exponent = 0;
    if (i == text.len)
        return false;
    for (; i < text.len; i++) {
        if (!is_digit(text.at[i]))
            return false;
        if (exponent <= LARGEST_EXPONENT)
            exponent = exponent * 10 + (text.at[i] - '0');
    }
    *out = negative ? -exponent : exponent;
    return true;
}

/* MANTISSA is digits with at most one point. */
static bool read_mantissa(struct str mantissa, struct decimal *out)
{
    size_t point = mantissa.len;
    size_t first = mantissa.len;
    size_t last = 0;
    size_t count = 0;
    for (size_t i = 0; i < mantissa.len; i++) {
        if (mantissa.at[i] == '.' && point == mantissa.len) {
            point = i;
            continue;
        }
        if (!is_digit(mantissa.at[i]))
            return false;
        count++;
        if (mantissa.at[i] != '0') {
            first = first == mantissa.len ? i : first;
            last = i;
        }
    }
    if (count == 0)
        return false;
    out->digits = str_slice(mantissa, first, first == mantissa.len ? first : last + 1);
    out->point = (int64_t)point - (int64_t)first + (first > point);
    return true;
}

static bool read_decimal(struct str text, struct decimal *out)
{
    *out = (struct decimal){ .negative = text.len && text.at[0] == '-' };
    if (text.len && (out->negative || text.at[0] == '+'))
        text = str_slice(text, 1, text.len);
    size_t mark = str_find(text, 'e', 0);
    if (mark == text.len)
        mark = str_find(text, 'E', 0);
    int64_t exponent = 0;
    if (!read_mantissa(str_slice(text, 0, mark), out))
        return false;
    if (mark < text.len && !read_exponent(str_slice(text, mark + 1, text.len), &exponent))
        return false;
    if (!out->digits.len) {
        *out = (struct decimal){ .digits = STR("") };
        return true;
    }
    out->point += exponent;
    return out->point <= LARGEST_EXPONENT && out->point >= -LARGEST_EXPONENT;
}

/* COUNT digits of DECIMAL from its digit FROM on; zeros where it has no more. */
static void add_digits(struct buf *out, struct str digits, int64_t from, int64_t count)
{
    int64_t position = 0;
    int64_t end = from + count;
    for (size_t i = 0; i < digits.len && position < end; i++) {
        if (digits.at[i] == '.')
            continue;
        if (position >= from)
            buf_add_byte(out, digits.at[i]);
        position++;
    }
    for (position = position > from ? position : from; position < end; position++)
        buf_add_byte(out, '0');
}

static void add_plain(struct buf *out, const struct decimal *decimal, int64_t significant)
{
    if (decimal->point <= 0) {
        buf_add_text(out, "0.");
        add_digits(out, STR(""), 0, -decimal->point);
        add_digits(out, decimal->digits, 0, significant);
        return;
    }
    add_digits(out, decimal->digits, 0, decimal->point);
    if (significant > decimal->point) {
        buf_add_byte(out, '.');
        add_digits(out, decimal->digits, decimal->point, significant - decimal->point);
    }
}

static void add_scientific(struct buf *out, const struct decimal *decimal, int64_t significant)
{
    add_digits(out, decimal->digits, 0, 1);
    if (significant > 1) {
        buf_add_byte(out, '.');
        add_digits(out, decimal->digits, 1, significant - 1);
    }
    buf_print(out, "e%lld", (long long)decimal->point - 1);
}

struct str number_canonical(struct arena *arena, struct str text)
{
    struct decimal decimal;
    if (!read_decimal(text, &decimal))
        return (struct str){ 0 };
    if (!decimal.digits.len)
        return STR("0");
    struct buf out = buf_make(arena, BUF_LIMIT);
    int64_t significant = (int64_t)decimal.digits.len - str_has(decimal.digits, '.');
    int64_t whole = decimal.point > 1 ? decimal.point : 1;
    int64_t fraction = significant > decimal.point ? significant - decimal.point : 0;
    if (decimal.negative)
        buf_add_byte(&out, '-');
    if (whole + fraction <= PLAIN_LIMIT)
        add_plain(&out, &decimal, significant);
    else
        add_scientific(&out, &decimal, significant);
    return buf_failed(&out) ? (struct str){ 0 } : buf_str(&out);
}

/* The next digit of DIGITS from *AT on, '0' after the last. */
static char next_digit(struct str digits, size_t *at)
{
    if (*at < digits.len && digits.at[*at] == '.')
        ++*at;
    return *at < digits.len ? digits.at[(*at)++] : '0';
}

static int order_digits(struct str a, struct str b)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a.len || j < b.len) {
        char left = next_digit(a, &i);
        char right = next_digit(b, &j);
        if (left != right)
            return left < right ? -1 : 1;
    }
    return 0;
}

static int sign_of(const struct decimal *decimal)
{
    return !decimal->digits.len ? 0 : decimal->negative ? -1 : 1;
}

int number_order(struct str a, struct str b)
{
    struct decimal left;
    struct decimal right;
    if (!read_decimal(a, &left) || !read_decimal(b, &right))
        return str_order(a, b);
    int sign = sign_of(&left);
    if (sign != sign_of(&right))
        return sign < sign_of(&right) ? -1 : 1;
    if (sign == 0)
        return 0;
    if (left.point != right.point)
        return left.point < right.point ? -sign : sign;
    return sign * order_digits(left.digits, right.digits);
}
