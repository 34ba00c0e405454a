/* Values: building, reading, order, copies and text. */
#include "schema/value.h"

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

static const struct value *text(const char *s)
{
    return value_string(&arena, str_of(s));
}

static const struct value *number(const char *s)
{
    return value_number(&arena, str_of(s));
}

static const struct value *list(size_t count, const struct value *const *items)
{
    return value_sequence(&arena, items, count);
}

#define LIST(...)                                                                                  \
    list(sizeof((const struct value *const[]){ __VA_ARGS__ }) / sizeof(struct value *),            \
         ARENA_LIST(__VA_ARGS__))
#define ARENA_LIST(...)                                                                            \
    (const struct value *const *)str_copy_bytes(                                                   \
        &arena, (const struct value *const[]){ __VA_ARGS__ },                                      \
        sizeof((const struct value *const[]){ __VA_ARGS__ }))                                      \
        .at

static void expect_print(const struct value *v, const char *printed)
{
    ck_assert_str_eq(value_print(&arena, v).at, printed);
}

START_TEST(normalises_strings)
{
    ck_assert_str_eq(text("e\xCC\x81")->text.at, "\xC3\xA9");
    ck_assert_uint_eq(text("e\xCC\x81")->text.len, 2);
    ck_assert_str_eq(text("A\xCC\x8Angstr\xC3\xB6m")->text.at, "\xC3\x85ngstr\xC3\xB6m");
    ck_assert_str_eq(text("\xE2\x84\xAB")->text.at, "\xC3\x85");
    ck_assert_str_eq(text("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB")->text.at, "\xED\x95\x9C");
    ck_assert_str_eq(text("\xEF\xAC\x81")->text.at, "\xEF\xAC\x81");
    ck_assert_str_eq(text("plain")->text.at, "plain");
    const struct value *empty = value_string(&arena, (struct str){ 0 });
    ck_assert_ptr_nonnull(empty->text.at);
    ck_assert_uint_eq(empty->text.len, 0);
    ck_assert(str_equal(value_string(&arena, STR("a\0\xC3\xA9"))->text, STR("a\0\xC3\xA9")));
}
END_TEST

START_TEST(reads_scalars)
{
    int64_t out = 0;
    ck_assert(value_to_int(value_int(&arena, INT64_MIN), &out) && out == INT64_MIN);
    ck_assert(value_to_int(number("9223372036854775807"), &out) && out == INT64_MAX);
    ck_assert(!value_to_int(number("9223372036854775808"), &out));
    ck_assert(!value_to_int(number("1.5"), &out));
    ck_assert(!value_to_int(number("1e500"), &out));
    ck_assert(!value_to_int(text("5"), &out));
    ck_assert(!value_to_int(&value_null, &out));
    ck_assert(value_flag(value_bool(true), false) && !value_flag(value_bool(false), true));
    ck_assert(value_flag(&value_null, true) && !value_flag(&value_unknown, false));
    ck_assert(str_is(value_text(number("1.5")), "1.5") && str_is(value_text(text("x")), "x"));
    ck_assert_ptr_null(value_text(&value_true).at);
    ck_assert_ptr_null(value_text(&value_unknown).at);
    ck_assert(value_is_null(&value_null) && !value_is_set(&value_null));
    ck_assert(value_is_unknown(&value_unknown) && !value_is_set(&value_unknown));
    ck_assert(value_is_set(&value_false) && value_is_set(&value_empty_members));
}
END_TEST

START_TEST(sorts_sets_and_drops_duplicates)
{
    const struct value *const strings[] = { text("b"), text("a"), text("b"), text("B"), text("") };
    expect_print(value_set(&arena, strings, 5), "[\"\", \"B\", \"a\", \"b\"]");
    const struct value *const numbers[] = { number("10"), number("9"), number("-1"), number("9.5"),
                                            number("10") };
    expect_print(value_set(&arena, numbers, 5), "[-1, 9, 9.5, 10]");
    const struct value *const flags[] = { &value_null, &value_true, &value_false, &value_true };
    expect_print(value_set(&arena, flags, 4), "[false, true, null]");
    const struct value *const unknowns[] = { &value_unknown, text("a"), &value_unknown };
    ck_assert_uint_eq(value_set(&arena, unknowns, 3)->count, 3);
    ck_assert_ptr_eq(value_set(&arena, NULL, 0), &value_empty_sequence);
}
END_TEST

START_TEST(sorts_members_and_keeps_the_last)
{
    const struct value_member members[] = { { STR("b"), text("1") },
                                            { STR("a"), text("2") },
                                            { STR("b"), text("3") },
                                            { STR(""), text("4") },
                                            { STR("b"), text("5") } };
    const struct value *v = value_members(&arena, members, 5);
    expect_print(v, "{ \"\" = \"4\", a = \"2\", b = \"5\" }");
    ck_assert_str_eq(value_at(v, "b")->text.at, "5");
    ck_assert_ptr_eq(value_at(v, "c"), &value_null);
    ck_assert_ptr_eq(value_at(&value_null, "a"), &value_null);
    ck_assert_ptr_eq(value_at(&value_unknown, "a"), &value_unknown);
    ck_assert_ptr_eq(value_at(text("x"), "a"), &value_null);
    ck_assert_ptr_eq(value_members(&arena, NULL, 0), &value_empty_members);
}
END_TEST

START_TEST(replaces_members)
{
    const struct value *v = value_with(&arena, &value_null, STR("m"), text("1"));
    const struct value *more = value_with(&arena, v, STR("a"), text("2"));
    more = value_with(&arena, more, STR("z"), text("3"));
    const struct value *changed = value_with(&arena, more, STR("m"), &value_null);
    expect_print(v, "{ m = \"1\" }");
    expect_print(more, "{ a = \"2\", m = \"1\", z = \"3\" }");
    expect_print(changed, "{ a = \"2\", m = null, z = \"3\" }");
}
END_TEST

START_TEST(knows_what_is_unknown)
{
    const struct value *deep =
        value_with(&arena, &value_null, STR("a"), LIST(text("x"), &value_unknown));
    ck_assert(!value_is_wholly_known(&value_unknown));
    ck_assert(!value_is_wholly_known(deep));
    ck_assert(value_is_wholly_known(value_with(&arena, deep, STR("a"), &value_null)));
    ck_assert(value_is_wholly_known(LIST(text("x"), &value_null)));
}
END_TEST

/* Ascending; a total order must agree with their positions. */
START_TEST(orders_totally)
{
    const struct value *a = value_with(&arena, &value_null, STR("a"), text("1"));
    const struct value *b = value_with(&arena, &value_null, STR("b"), text("0"));
    struct value never_null = { .kind = VALUE_UNKNOWN, .never_null = true };
    struct value typed_list = *LIST(text("x"));
    struct value typed_set = typed_list;
    typed_list.type = &type_string_list;
    typed_set.type = &type_string_set;
    const struct value *const ascending[] = {
        text(""),
        text("a"),
        text("aa"),
        text("b"),
        number("-2"),
        number("10"),
        number("1e400"),
        &value_false,
        &value_true,
        &value_empty_sequence,
        LIST(text("a")),
        LIST(text("a"), text("a")),
        &typed_list,
        &typed_set,
        &value_empty_members,
        a,
        value_with(&arena, a, STR("b"), text("0")),
        value_with(&arena, a, STR("a"), text("2")),
        b,
        &value_null,
        &value_unknown,
        &never_null,
    };
    const int count = sizeof ascending / sizeof *ascending;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            int order = value_order(ascending[i], ascending[j]);
            ck_assert_msg((order > 0) - (order < 0) == (i > j) - (i < j), "%d, %d", i, j);
            ck_assert_int_eq(value_equal(ascending[i], ascending[j]), i == j);
        }
}
END_TEST

START_TEST(copies_deeply)
{
    struct arena other = arena_make(NULL);
    const struct type *type =
        type_parse(&call, STR("[\"object\",{\"a\":[\"tuple\",[\"string\",\"bool\"]]}]"));
    struct value v =
        *value_with(&arena, &value_null, STR("a"), LIST(text("x"), &value_true, number("1.5")));
    v.type = type;
    const struct value *copy = value_copy(&other, &v);
    arena_release(&arena);
    ck_assert_str_eq(value_print(&other, copy).at, "{ a = [\"x\", true, 1.5] }");
    struct buf out = buf_make(&other, BUF_LIMIT);
    type_print(&out, copy->type);
    ck_assert_str_eq(buf_str(&out).at, "[\"object\",{\"a\":[\"tuple\",[\"string\",\"bool\"]]}]");
    ck_assert_int_eq(value_copy(&other, &value_empty_members)->kind, VALUE_MEMBERS);
    arena_release(&other);
}
END_TEST

START_TEST(suggests_types)
{
    const struct value *v = value_with(&arena, &value_null, STR("a"),
                                       LIST(text("x"), number("1"), &value_true, &value_null));
    struct buf out = buf_make(&arena, BUF_LIMIT);
    type_print(&out, value_type(&arena, v));
    ck_assert_str_eq(
        buf_str(&out).at,
        "[\"object\",{\"a\":[\"tuple\",[\"string\",\"number\",\"bool\",\"dynamic\"]]}]");
    ck_assert_ptr_null(value_type(&arena, &value_null));
    ck_assert_ptr_null(value_type(&arena, &value_unknown));
    struct value typed = { .kind = VALUE_NULL, .type = &type_number };
    ck_assert_ptr_eq(value_type(&arena, &typed), &type_number);
}
END_TEST

START_TEST(prints_for_messages)
{
    expect_print(text("a\"\\\n\x01"), "\"a\\\"\\\\\\n\\u0001\"");
    expect_print(&value_unknown, "(known after apply)");
    expect_print(&value_empty_members, "{}");
    expect_print(&value_empty_sequence, "[]");
    const struct value *v = value_with(&arena, &value_null, STR("a.b"), &value_false);
    expect_print(value_with(&arena, v, STR("x-1"), &value_null), "{ \"a.b\" = false, x-1 = null }");
}
END_TEST

START_TEST(cuts_long_text_between_characters)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (int i = 0; i < 1000; i++)
        buf_add_text(&out, "\xE5\x90\x8D");
    struct str printed = value_print(&arena, value_string(&arena, buf_str(&out)));
    ck_assert_uint_le(printed.len, 203);
    ck_assert_uint_ge(printed.len, 198);
    ck_assert(str_ends(printed, "\xE5\x90\x8D..."));
    const struct value *deep = text("x");
    for (int i = 0; i < 500; i++)
        deep = LIST(deep, deep);
    ck_assert_uint_le(value_print(&arena, deep).len, 203);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/value");
    TCase *cases = tcase_create("value");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, normalises_strings);
    tcase_add_test(cases, reads_scalars);
    tcase_add_test(cases, sorts_sets_and_drops_duplicates);
    tcase_add_test(cases, sorts_members_and_keeps_the_last);
    tcase_add_test(cases, replaces_members);
    tcase_add_test(cases, knows_what_is_unknown);
    tcase_add_test(cases, orders_totally);
    tcase_add_test(cases, copies_deeply);
    tcase_add_test(cases, suggests_types);
    tcase_add_test(cases, prints_for_messages);
    tcase_add_test(cases, cuts_long_text_between_characters);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
