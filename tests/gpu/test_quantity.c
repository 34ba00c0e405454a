/* Quantities: grammar, exact equality, order, whole numbers. */
#include "gpu/quantity.h"

#include "tests/gpu/suite.h"

static const char *const good[] = {
    "0",     "1",    "+1",    "-1",
    "1.5",   ".5",   "5.",    "100m",
    "1000u", "3n",   "2k",    "2M",
    "2G",    "2T",   "2P",    "2E",
    "1Ki",   "1Mi",  "1Gi",   "1Ti",
    "1Pi",   "1Ei",  "1e3",   "1E3",
    "1e-3",  "1e+3", "1E99",  "0.5Gi",
    "-1.5k", "007",  "1e-99", "1234567890123456789012345678901234567890",
};

static const char *const bad[] = {
    "",      " ",    "1 ",    " 1",     "k",
    ".",     "-",    "1.2.3", "1K",     "1ki",
    "1gb",   "1mi",  "1e",    "1ee",    "e3",
    "1e1.5", "--1",  "1e100", "1e-100", "0x10",
    "1_000", "1Gib", "1e++3", "1e3k",   "12345678901234567890123456789012345678901",
};

static const struct {
    const char *a, *b;
} equal[] = {
    { "2048Mi", "2Gi" },    { "1000m", "1" },  { "1e3", "1k" },         { "0.5", "500m" },
    { "1.0", "1" },         { "-0", "0" },     { "1024Ki", "1Mi" },     { "1E", "1e18" },
    { "1000Gi", "1000Gi" }, { "1n", "1e-9" },  { "0.5Gi", "512Mi" },    { "0e5", "0Ki" },
    { "1Ei", "1024Pi" },    { "+3", "3.000" }, { "1073741824", "1Gi" }, { "never", "never" },
};

static const struct {
    const char *a, *b;
} less[] = {
    { "1G", "1Gi" },
    { "999m", "1" },
    { "-2", "-1" },
    { "-1", "0" },
    { "1n", "2n" },
    { "0", "1e-99" },
    { "1Ei", "1e99" },
    { "9007199254740992", "9007199254740993" },
    { "0.1", "0.10000000000000000000000000000000000001" },
};

START_TEST(follows_the_grammar)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(quantity_valid(str_of(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!quantity_valid(str_of(bad[i])), "%s", bad[i]);
    ck_assert(!quantity_valid((struct str){ 0 }));
}
END_TEST

START_TEST(equality_is_of_the_amount)
{
    for (size_t i = 0; i < sizeof equal / sizeof *equal; i++) {
        ck_assert_msg(quantity_equal(str_of(equal[i].a), str_of(equal[i].b)), "%s", equal[i].a);
        ck_assert_msg(quantity_equal(str_of(equal[i].b), str_of(equal[i].a)), "%s", equal[i].a);
    }
    ck_assert(!quantity_equal(STR("never"), STR("1")));
    ck_assert(!quantity_equal(STR("never"), STR("Never")));
    ck_assert(!quantity_equal(STR("1"), STR("-1")));
}
END_TEST

START_TEST(order_is_exact)
{
    int order = 7;
    for (size_t i = 0; i < sizeof less / sizeof *less; i++) {
        struct str a = str_of(less[i].a), b = str_of(less[i].b);
        ck_assert(quantity_order(a, b, &order));
        ck_assert_msg(order == -1, "%s %s %d", a.at, b.at, order);
        ck_assert(quantity_order(b, a, &order));
        ck_assert_int_eq(order, 1);
        ck_assert(!quantity_equal(a, b));
    }
    ck_assert(quantity_order(STR("1"), STR("1000m"), &order));
    ck_assert_int_eq(order, 0);
    ck_assert(!quantity_order(STR("x"), STR("1"), &order));
    ck_assert(!quantity_order(STR("1"), STR("x"), &order));
}
END_TEST

START_TEST(whole_numbers)
{
    int64_t number = 5;
    ck_assert(quantity_to_int(STR("80"), &number) && number == 80);
    ck_assert(quantity_to_int(STR("1k"), &number) && number == 1000);
    ck_assert(quantity_to_int(STR("-2Ki"), &number) && number == -2048);
    ck_assert(quantity_to_int(STR("3000m"), &number) && number == 3);
    ck_assert(quantity_to_int(STR("9223372036854775807"), &number) && number == INT64_MAX);
    ck_assert(quantity_to_int(STR("-9223372036854775808"), &number) && number == INT64_MIN);
    ck_assert(!quantity_to_int(STR("9223372036854775808"), &number));
    ck_assert(!quantity_to_int(STR("1e99"), &number));
    ck_assert(!quantity_to_int(STR("1500m"), &number));
    ck_assert(!quantity_to_int(STR("many"), &number));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/quantity", follows_the_grammar, equality_is_of_the_amount, order_is_exact,
              whole_numbers);
}
