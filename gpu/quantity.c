/* Quantities as integers of 10^-SCALE in a fixed number of limbs, so that comparing is exact. */
#include "gpu/quantity.h"

#include <string.h>

#include "gpu/nearest.h"

/* Every power of ten that may be needed is positive once all is multiplied by 10^SCALE: the most
 * negative is QUANTITY_DIGITS decimals together with an exponent of -QUANTITY_EXPONENT. */
#define SCALE (QUANTITY_DIGITS + QUANTITY_EXPONENT + 1)

/* 40 digits, 10^(140 + 99) and 2^60 have at most 300 digits: 34 limbs of 9. */
#define LIMBS 40
#define LIMB_BASE 1000000000u

struct amount {
    bool negative;
    uint32_t limbs[LIMBS]; /* least significant first */
};

struct suffix {
    const char *name;
    int power_of_ten;
    int power_of_1024;
};

static const struct suffix suffixes[] = {
    { "", 0, 0 },   { "n", -9, 0 }, { "u", -6, 0 }, { "m", -3, 0 }, { "k", 3, 0 },  { "M", 6, 0 },
    { "G", 9, 0 },  { "T", 12, 0 }, { "P", 15, 0 }, { "E", 18, 0 }, { "Ki", 0, 1 }, { "Mi", 0, 2 },
    { "Gi", 0, 3 }, { "Ti", 0, 4 }, { "Pi", 0, 5 }, { "Ei", 0, 6 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void multiply_add(struct amount *amount, uint32_t factor, uint32_t add)
{
    uint64_t carry = add;
    for (size_t i = 0; i < LIMBS; i++) {
        uint64_t limb = (uint64_t)amount->limbs[i] * factor + carry;
        amount->limbs[i] = (uint32_t)(limb % LIMB_BASE);
        carry = limb / LIMB_BASE;
    }
}

static bool is_zero(const struct amount *amount)
{
    for (size_t i = 0; i < LIMBS; i++)
        if (amount->limbs[i] != 0)
            return false;
    return true;
}

/* Reads the digits of S from *AT on into AMOUNT; *DECIMALS is how many stood behind the point. */
static bool read_number(struct str s, size_t *at, struct amount *amount, int *decimals)
{
    int digits = 0;
    bool point = false;
    *decimals = 0;
    for (; *at < s.len && (is_digit(s.at[*at]) || s.at[*at] == '.'); ++*at) {
        if (s.at[*at] == '.') {
            if (point)
                return false;
            point = true;
            continue;
        }
        if (++digits > QUANTITY_DIGITS)
            return false;
        multiply_add(amount, 10, (uint32_t)(s.at[*at] - '0'));
        *decimals += point;
    }
    return digits > 0;
}

static bool read_suffix(struct str text, struct suffix *out)
{
    const struct suffix *known =
        named_row(text, suffixes, sizeof suffixes / sizeof *suffixes, sizeof *suffixes);
    if (known != NULL) {
        *out = *known;
        return true;
    }
    if (text.at[0] != 'e' && text.at[0] != 'E')
        return false;
    struct str digits = str_slice(text, 1, text.len);
    if (digits.len > 1 && digits.at[0] == '+' && is_digit(digits.at[1]))
        digits = str_slice(digits, 1, digits.len);
    int64_t exponent = 0;
    if (!str_to_int(digits, &exponent) || exponent > QUANTITY_EXPONENT ||
        exponent < -QUANTITY_EXPONENT)
        return false;
    *out = (struct suffix){ "", (int)exponent, 0 };
    return true;
}

static bool read_amount(struct str s, struct amount *out)
{
    *out = (struct amount){ 0 };
    size_t at = 0;
    int decimals = 0;
    struct suffix suffix = { 0 };
    if (s.len > 0 && (s.at[0] == '-' || s.at[0] == '+')) {
        out->negative = s.at[0] == '-';
        at = 1;
    }
    if (!read_number(s, &at, out, &decimals) || !read_suffix(str_slice(s, at, s.len), &suffix))
        return false;
    for (int power = SCALE + suffix.power_of_ten - decimals; power > 0; power--)
        multiply_add(out, 10, 0);
    for (int power = suffix.power_of_1024; power > 0; power--)
        multiply_add(out, 1024, 0);
    if (is_zero(out))
        out->negative = false;
    return true;
}

static int order(const struct amount *a, const struct amount *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    for (size_t i = LIMBS; i > 0; i--) {
        if (a->limbs[i - 1] != b->limbs[i - 1]) {
            bool less = a->limbs[i - 1] < b->limbs[i - 1];
            return less != a->negative ? -1 : 1;
        }
    }
    return 0;
}

bool quantity_valid(struct str s)
{
    struct amount amount;
    return read_amount(s, &amount);
}

bool quantity_order(struct str a, struct str b, int *result)
{
    struct amount first, second;
    if (!read_amount(a, &first) || !read_amount(b, &second))
        return false;
    *result = order(&first, &second);
    return true;
}

bool quantity_equal(struct str a, struct str b)
{
    int result = 0;
    return quantity_order(a, b, &result) ? result == 0 : str_equal(a, b);
}

/* Divides by ten; the remainder is the result. */
static uint32_t divide_by_ten(struct amount *amount)
{
    uint64_t rest = 0;
    for (size_t i = LIMBS; i > 0; i--) {
        uint64_t limb = rest * LIMB_BASE + amount->limbs[i - 1];
        amount->limbs[i - 1] = (uint32_t)(limb / 10);
        rest = limb % 10;
    }
    return (uint32_t)rest;
}

bool quantity_to_int(struct str s, int64_t *out)
{
    struct amount amount;
    if (!read_amount(s, &amount))
        return false;
    for (int power = 0; power < SCALE; power++)
        if (divide_by_ten(&amount) != 0)
            return false;
    int64_t number = 0;
    for (size_t i = LIMBS; i > 0; i--)
        if (__builtin_mul_overflow(number, (int64_t)LIMB_BASE, &number) ||
            __builtin_sub_overflow(number, (int64_t)amount.limbs[i - 1], &number))
            return false;
    /* Counted downwards, since INT64_MIN has no positive counterpart. */
    if (!amount.negative && __builtin_sub_overflow((int64_t)0, number, &number))
        return false;
    *out = number;
    return true;
}
