/* Tests of string views: comparing, cutting, numbers, and the nearest word. */
#include "base/str.h"

#include <check.h>
#include <stdint.h>
#include <string.h>

static struct arena arena;

static void set_up(void)
{
    arena = arena_make(NULL);
}

static void tear_down(void)
{
    arena_release(&arena);
}

#define ASSERT_STR(s, text)                                                                        \
    do {                                                                                           \
        struct str checked_ = (s);                                                                 \
        ck_assert_uint_eq(checked_.len, strlen(text));                                             \
        ck_assert_mem_eq(checked_.at, (text), strlen(text));                                       \
    } while (0)

START_TEST(of_takes_null_as_absent)
{
    ck_assert_ptr_null(str_of(NULL).at);
    ck_assert_uint_eq(str_of(NULL).len, 0);
    ck_assert_ptr_nonnull(str_of("").at);
    ASSERT_STR(str_of("gpu"), "gpu");
}
END_TEST

START_TEST(literals_may_hold_nul)
{
    struct str s = STR("a\0b");
    ck_assert_uint_eq(s.len, 3);
    ck_assert(str_has(s, '\0'));
}
END_TEST

START_TEST(copies_are_terminated_and_their_own)
{
    char bytes[] = "gpu-node";
    struct str copy = str_copy_bytes(&arena, bytes, 3);
    bytes[0] = 'X';
    ck_assert_str_eq(copy.at, "gpu");
    ck_assert_str_eq(str_copy(&arena, copy).at, "gpu");
    struct str empty = str_copy(&arena, (struct str){ 0 });
    ck_assert_str_eq(empty.at, "");
    ck_assert_uint_eq(empty.len, 0);
}
END_TEST

START_TEST(print_measures_first)
{
    struct str s = str_print(&arena, "%s=%d", "replicas", 10);
    ck_assert_str_eq(s.at, "replicas=10");
    ck_assert_uint_eq(s.len, 11);
    ck_assert_uint_eq(str_print(&arena, "%5000d", 1).len, 5000);
    ck_assert_uint_eq(str_print(&arena, "%s", "").len, 0);
    ck_assert_str_eq(str_print(&arena, "<%.*s>", STR_ARG(str_slice(STR("abcd"), 1, 3))).at, "<bc>");
}
END_TEST

START_TEST(equality_looks_at_length_and_bytes)
{
    ck_assert(str_equal(STR("a"), STR("a")));
    ck_assert(!str_equal(STR("a"), STR("ab")));
    ck_assert(!str_equal(STR("a"), STR("b")));
    ck_assert(!str_equal(STR("a\0b"), STR("a\0c")));
    ck_assert(str_equal((struct str){ 0 }, STR("")));
    ck_assert(str_is(STR("any"), "any"));
    ck_assert(!str_is(STR("any"), "an"));
    ck_assert(!str_is((struct str){ 0 }, "x"));
}
END_TEST

static const struct {
    struct str a, b;
    int order;
} orders[] = {
    { { "", 0 }, { "", 0 }, 0 },      { { "", 0 }, { "a", 1 }, -1 },
    { { "a", 1 }, { "", 0 }, 1 },     { { "a", 1 }, { "b", 1 }, -1 },
    { { "ab", 2 }, { "a", 1 }, 1 },   { { "a", 1 }, { "ab", 2 }, -1 },
    { { "B", 1 }, { "a", 1 }, -1 },   { { "z", 1 }, { "\xc3\xa4", 2 }, -1 },
    { { "10", 2 }, { "9", 1 }, -1 },  { { "abc", 3 }, { "abc", 3 }, 0 },
    { { "a\0b", 3 }, { "a", 1 }, 1 },
};

START_TEST(order_is_bytewise)
{
    int order = str_order(orders[_i].a, orders[_i].b);
    ck_assert_int_eq((order > 0) - (order < 0), orders[_i].order);
}
END_TEST

START_TEST(starts_ends_contains)
{
    struct str s = STR("nvidia.com/gpu");
    ck_assert(str_starts(s, "nvidia.com/"));
    ck_assert(str_starts(s, ""));
    ck_assert(!str_starts(s, "nvidia.com/gpu.shared"));
    ck_assert(!str_starts(s, "amd"));
    ck_assert(str_ends(s, "/gpu"));
    ck_assert(str_ends(s, ""));
    ck_assert(!str_ends(s, "x"));
    ck_assert(!str_ends(STR("gpu"), "a-gpu"));
    ck_assert(str_contains(s, "com/g"));
    ck_assert(str_contains(s, "gpu"));
    ck_assert(str_contains(s, ""));
    ck_assert(!str_contains(s, "gpus"));
    ck_assert(!str_contains((struct str){ 0 }, "x"));
    ck_assert(str_starts((struct str){ 0 }, ""));
    ck_assert(str_ends((struct str){ 0 }, ""));
}
END_TEST

START_TEST(find_from_both_sides)
{
    struct str s = STR("a.b.c");
    ck_assert_uint_eq(str_find(s, '.', 0), 1);
    ck_assert_uint_eq(str_find(s, '.', 2), 3);
    ck_assert_uint_eq(str_find(s, '.', 4), 5);
    ck_assert_uint_eq(str_find(s, '.', 99), 5);
    ck_assert_uint_eq(str_find_last(s, '.'), 3);
    ck_assert_uint_eq(str_find_last(s, 'a'), 0);
    ck_assert_uint_eq(str_find_last(s, 'x'), 5);
    ck_assert(str_has(s, 'c'));
    ck_assert(!str_has(s, 'x'));
    ck_assert(!str_has((struct str){ 0 }, 'x'));
}
END_TEST

START_TEST(slices_stay_within)
{
    struct str s = STR("abcdef");
    ASSERT_STR(str_slice(s, 1, 3), "bc");
    ASSERT_STR(str_slice(s, 4, 99), "ef");
    ASSERT_STR(str_slice(s, 99, 99), "");
    ASSERT_STR(str_slice(s, 3, 1), "");
    ck_assert_ptr_null(str_slice((struct str){ 0 }, 0, 4).at);
}
END_TEST

START_TEST(trim_takes_blanks_at_both_sides)
{
    ASSERT_STR(str_trim(STR(" \t\r\n a b \n")), "a b");
    ASSERT_STR(str_trim(STR(" \n")), "");
    ASSERT_STR(str_trim(STR("a")), "a");
    ck_assert_uint_eq(str_trim((struct str){ 0 }).len, 0);
}
END_TEST

START_TEST(split_gives_every_part_once)
{
    struct str rest = STR("a,,b,");
    static const char *const parts[] = { "a", "", "b", "" };
    struct str part;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        ck_assert(str_split(&rest, ',', &part));
        ASSERT_STR(part, parts[i]);
    }
    ck_assert(!str_split(&rest, ',', &part));
    ck_assert_ptr_null(rest.at);
}
END_TEST

START_TEST(split_of_an_empty_string_is_one_empty_part)
{
    struct str rest = STR("");
    struct str part;
    ck_assert(str_split(&rest, ',', &part));
    ck_assert_uint_eq(part.len, 0);
    ck_assert(!str_split(&rest, ',', &part));
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    int64_t number;
} numbers[] = {
    { "0", true, 0 },
    { "-0", true, 0 },
    { "007", true, 7 },
    { "42", true, 42 },
    { "-42", true, -42 },
    { "9223372036854775807", true, INT64_MAX },
    { "-9223372036854775808", true, INT64_MIN },
    { "9223372036854775808", false, 0 },
    { "-9223372036854775809", false, 0 },
    { "99999999999999999999", false, 0 },
    { "", false, 0 },
    { "-", false, 0 },
    { "+1", false, 0 },
    { " 1", false, 0 },
    { "1 ", false, 0 },
    { "1.0", false, 0 },
    { "0x10", false, 0 },
    { "--1", false, 0 },
};

START_TEST(integers_are_read_whole)
{
    int64_t number = 77;
    ck_assert_int_eq(str_to_int(str_of(numbers[_i].text), &number), numbers[_i].ok);
    ck_assert_int_eq(number, numbers[_i].ok ? numbers[_i].number : 77);
}
END_TEST

static const struct {
    const char *a, *b;
    unsigned distance;
} distances[] = {
    { "", "", 0 },
    { "", "abc", 3 },
    { "abc", "", 3 },
    { "abc", "abc", 0 },
    { "abc", "abd", 1 },
    { "abc", "abcd", 1 },
    { "abc", "bc", 1 },
    { "ab", "ba", 1 },
    { "rename_by_defualt", "rename_by_default", 1 },
    { "kitten", "sitting", 3 },
    { "ca", "abc", 3 },
};

START_TEST(distance_counts_edits)
{
    struct str a = str_of(distances[_i].a), b = str_of(distances[_i].b);
    ck_assert_uint_eq(str_distance(a, b), distances[_i].distance);
    ck_assert_uint_eq(str_distance(b, a), distances[_i].distance);
}
END_TEST

START_TEST(distance_of_long_words_is_large_and_safe)
{
    char longer[65];
    memset(longer, 'a', sizeof longer);
    struct str at_limit = { longer, 64 }, past_limit = { longer, 65 };
    ck_assert_uint_eq(str_distance(at_limit, at_limit), 0);
    ck_assert_uint_eq(str_distance(past_limit, at_limit), 64);
    ck_assert_uint_eq(str_distance(at_limit, past_limit), 64);
}
END_TEST

START_TEST(nearest_offers_only_what_is_near)
{
    static const char *const words[] = { "time-slicing", "mps", "none" };
    ck_assert_str_eq(str_nearest(STR("timeslicing"), words, 3), "time-slicing");
    ck_assert_str_eq(str_nearest(STR("nune"), words, 3), "none");
    ck_assert_str_eq(str_nearest(STR("mps"), words, 3), "mps");
    ck_assert_ptr_null(str_nearest(STR("exclusive"), words, 3));
    ck_assert_ptr_null(str_nearest(STR("mps"), words, 0));
}
END_TEST

START_TEST(lower_changes_ascii_letters_only)
{
    struct str s = str_lower(&arena, STR("Content-TYPE [\xc3\x84] @Z"));
    ck_assert_str_eq(s.at, "content-type [\xc3\x84] @z");
    ck_assert_uint_eq(str_lower(&arena, (struct str){ 0 }).len, 0);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(void)
{
    Suite *suite = suite_create("base/str");
    TCase *tests = tcase_create("str");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, of_takes_null_as_absent);
    tcase_add_test(tests, literals_may_hold_nul);
    tcase_add_test(tests, copies_are_terminated_and_their_own);
    tcase_add_test(tests, print_measures_first);
    tcase_add_test(tests, equality_looks_at_length_and_bytes);
    tcase_add_loop_test(tests, order_is_bytewise, 0, COUNT(orders));
    tcase_add_test(tests, starts_ends_contains);
    tcase_add_test(tests, find_from_both_sides);
    tcase_add_test(tests, slices_stay_within);
    tcase_add_test(tests, trim_takes_blanks_at_both_sides);
    tcase_add_test(tests, split_gives_every_part_once);
    tcase_add_test(tests, split_of_an_empty_string_is_one_empty_part);
    tcase_add_loop_test(tests, integers_are_read_whole, 0, COUNT(numbers));
    tcase_add_loop_test(tests, distance_counts_edits, 0, COUNT(distances));
    tcase_add_test(tests, distance_of_long_words_is_large_and_safe);
    tcase_add_test(tests, nearest_offers_only_what_is_near);
    tcase_add_test(tests, lower_changes_ascii_letters_only);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
