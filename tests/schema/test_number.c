/* The canonical form and the order of numbers. */
#include "schema/codec.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void teardown(void)
{
    arena_release(&arena);
}

static const struct {
    const char *text;
    const char *canonical;
} forms[] = {
    { "0", "0" },
    { "-0", "0" },
    { "-0.000", "0" },
    { "0e999999999999999999999", "0" },
    { "+7", "7" },
    { "007", "7" },
    { "-12", "-12" },
    { "1.50", "1.5" },
    { ".5", "0.5" },
    { "5.", "5" },
    { "-.5", "-0.5" },
    { "00.0500", "0.05" },
    { "1e3", "1000" },
    { "1E+3", "1000" },
    { "1.5e1", "15" },
    { "1.25e1", "12.5" },
    { "12500e-2", "125" },
    { "125e-2", "1.25" },
    { "125e-3", "0.125" },
    { "125e-5", "0.00125" },
    { "100e-5", "0.001" },
    { "0.00001e7", "100" },
    { "1000000000000000000000.0", "1000000000000000000000" },
    { "9223372036854775808", "9223372036854775808" },
    { "3.14159265358979323846264338327950288", "3.14159265358979323846264338327950288" },
    { "1e400", "1e400" },
    { "10e399", "1e400" },
    { "-1.25e500", "-1.25e500" },
    { "125e498", "1.25e500" },
    { "1e-500", "1e-500" },
    { "0.5e-400", "5e-401" },
    { "1e600000000", NULL },
    { "1e-600000001", "1e-600000001" },
    { "1e-600000002", NULL },
    { "1e99999999999999999999", NULL },
    { "1e-99999999999999999999", NULL },
    { "", NULL },
    { "-", NULL },
    { "+", NULL },
    { ".", NULL },
    { "e5", NULL },
    { "1e", NULL },
    { "1e+", NULL },
    { "1e5.5", NULL },
    { "1.2.3", NULL },
    { "--1", NULL },
    { "+-1", NULL },
    { "1 ", NULL },
    { " 1", NULL },
    { "0x10", NULL },
    { "1_000", NULL },
    { "inf", NULL },
    { "Infinity", NULL },
    { "nan", NULL },
    { "1e5e5", NULL },
};

START_TEST(makes_canonical)
{
    struct str text = number_canonical(&arena, str_of(forms[_i].text));
    if (!forms[_i].canonical) {
        ck_assert_msg(!text.at, "%s: %s", forms[_i].text, text.at);
        return;
    }
    ck_assert_msg(text.at != NULL, "%s", forms[_i].text);
    ck_assert_str_eq(text.at, forms[_i].canonical);
    ck_assert_str_eq(number_canonical(&arena, text).at, forms[_i].canonical);
    ck_assert_int_eq(number_order(text, str_of(forms[_i].text)), 0);
}
END_TEST

START_TEST(expands_up_to_400_digits)
{
    ck_assert_uint_eq(number_canonical(&arena, STR("1e399")).len, 400);
    ck_assert_uint_eq(number_canonical(&arena, STR("-1e399")).len, 401);
    ck_assert_uint_eq(number_canonical(&arena, STR("1e-399")).len, 401);
    ck_assert_str_eq(number_canonical(&arena, STR("1e-400")).at, "1e-400");
}
END_TEST

START_TEST(keeps_all_digits)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (int i = 0; i < 100000; i++)
        buf_add_text(&out, "1234567891");
    struct str canonical = number_canonical(&arena, buf_str(&out));
    ck_assert(str_starts(canonical, "1.2345678911234567891"));
    ck_assert(str_ends(canonical, "1234567891e999999"));
    ck_assert_uint_eq(canonical.len, 1000000 + 1 + strlen("e999999"));
    ck_assert_int_eq(number_order(canonical, buf_str(&out)), 0);
}
END_TEST

/* Each is smaller than the next. */
static const char *const ascending[] = {
    "-1e500",
    "-1000000000000000000000",
    "-100",
    "-99.5",
    "-2",
    "-1.5",
    "-1.25",
    "-1",
    "-0.5",
    "-0.05",
    "-1e-500",
    "0",
    "1e-500",
    "1.5e-500",
    "0.001",
    "0.0011",
    "0.05",
    "0.1",
    "0.5",
    "1",
    "1.000000000000000000000001",
    "1.25",
    "9",
    "10",
    "10.5",
    "99",
    "100",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775808",
    "1e400",
    "1.0000001e400",
    "9e400",
    "1e401",
};

START_TEST(orders_by_size)
{
    for (int i = 0; i < (int)(sizeof ascending / sizeof *ascending); i++) {
        int order = number_order(str_of(ascending[_i]), str_of(ascending[i]));
        ck_assert_msg((order > 0) - (order < 0) == (_i > i) - (_i < i), "%s and %s: %d",
                      ascending[_i], ascending[i], order);
    }
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/number");
    TCase *cases = tcase_create("number");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, makes_canonical, 0, sizeof forms / sizeof *forms);
    tcase_add_test(cases, expands_up_to_400_digits);
    tcase_add_test(cases, keeps_all_digits);
    tcase_add_loop_test(cases, orders_by_size, 0, sizeof ascending / sizeof *ascending);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
