/* Tests of buffers: growth, the limit, and that a failure sticks. */
#include "base/buf.h"

#include <check.h>
#include <stdio.h>
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

START_TEST(a_new_buffer_is_the_empty_string)
{
    struct buf buf = buf_make(&arena, BUF_LIMIT);
    ck_assert_str_eq(buf_str(&buf).at, "");
    ck_assert_uint_eq(buf_str(&buf).len, 0);
    ck_assert(!buf_failed(&buf));
}
END_TEST

START_TEST(every_way_to_add_appends)
{
    struct buf buf = buf_make(&arena, BUF_LIMIT);
    buf_add(&buf, "ab\0", 3);
    buf_add_str(&buf, STR("cd"));
    buf_add_text(&buf, "ef");
    buf_add_byte(&buf, 'g');
    buf_print(&buf, "%d%s", 1, "h");
    ck_assert(buf_try_add(&buf, "i", 1));
    struct str built = buf_str(&buf);
    ck_assert_uint_eq(built.len, 11);
    ck_assert_mem_eq(built.at, "ab\0cdefg1hi", 12);
}
END_TEST

START_TEST(adding_nothing_changes_nothing)
{
    struct buf buf = buf_make(&arena, BUF_LIMIT);
    buf_add(&buf, NULL, 0);
    buf_add_str(&buf, (struct str){ 0 });
    buf_add_text(&buf, "");
    buf_print(&buf, "%s", "");
    ck_assert(!buf_failed(&buf));
    ck_assert_str_eq(buf_str(&buf).at, "");
}
END_TEST

START_TEST(growth_keeps_what_was_there)
{
    struct buf buf = buf_make(&arena, BUF_LIMIT);
    enum { COUNT = 20000 };
    for (int i = 0; i < COUNT; i++)
        buf_print(&buf, "%05d", i);
    struct str built = buf_str(&buf);
    ck_assert_uint_eq(built.len, (size_t)COUNT * 5);
    for (int i = 0; i < COUNT; i += 997) {
        char expected[12];
        snprintf(expected, sizeof expected, "%05d", i);
        ck_assert_mem_eq(built.at + (size_t)i * 5, expected, 5);
    }
}
END_TEST

START_TEST(the_terminating_nul_has_room_at_every_length)
{
    for (size_t len = 250; len < 260; len++) {
        struct buf buf = buf_make(&arena, BUF_LIMIT);
        for (size_t i = 0; i < len; i++)
            buf_add_byte(&buf, 'x');
        ck_assert_uint_eq(strlen(buf_str(&buf).at), len);
        struct buf printed = buf_make(&arena, BUF_LIMIT);
        buf_print(&printed, "%*s", (int)len, "");
        ck_assert_uint_eq(strlen(buf_str(&printed).at), len);
    }
}
END_TEST

START_TEST(the_limit_itself_fits)
{
    struct buf buf = buf_make(&arena, 4);
    buf_add_text(&buf, "abcd");
    ck_assert(!buf_failed(&buf));
    ck_assert_str_eq(buf_str(&buf).at, "abcd");
}
END_TEST

START_TEST(one_byte_past_the_limit_fails_for_good)
{
    struct buf buf = buf_make(&arena, 4);
    buf_add_text(&buf, "abc");
    buf_add_text(&buf, "de");
    ck_assert(buf_failed(&buf));
    ck_assert_str_eq(buf_str(&buf).at, "");
    buf_add_byte(&buf, 'x');
    buf_print(&buf, "%d", 1);
    ck_assert(!buf_try_add(&buf, "y", 1));
    ck_assert(buf_failed(&buf));
    ck_assert_uint_eq(buf_str(&buf).len, 0);
}
END_TEST

START_TEST(printing_past_the_limit_fails)
{
    struct buf buf = buf_make(&arena, 4);
    buf_print(&buf, "%d", 12345);
    ck_assert(buf_failed(&buf));
    ck_assert_str_eq(buf_str(&buf).at, "");
}
END_TEST

START_TEST(try_add_fails_without_a_jump)
{
    jmp_buf on_out_of_memory;
    if (setjmp(on_out_of_memory))
        ck_abort_msg("jumped");
    struct arena small = arena_make(&on_out_of_memory);
    small.limit_bytes = (size_t)64 * 1024;
    struct buf buf = buf_make(&small, BUF_LIMIT);
    int added = 0;
    while (buf_try_add(&buf, "0123456789", 10))
        added++;
    ck_assert_int_gt(added, 0);
    ck_assert(buf_failed(&buf));
    ck_assert_uint_eq(buf_str(&buf).len, 0);
    arena_release(&small);
}
END_TEST

START_TEST(add_jumps_where_memory_is_used_up)
{
    jmp_buf on_out_of_memory;
    struct arena small = arena_make(&on_out_of_memory);
    small.limit_bytes = (size_t)64 * 1024;
    struct buf buf = buf_make(&small, BUF_LIMIT);
    if (!setjmp(on_out_of_memory)) {
        for (int i = 0; i < 100000; i++)
            buf_add_text(&buf, "0123456789");
        ck_abort_msg("the limit of the arena did not hold");
    }
    arena_release(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/buf");
    TCase *tests = tcase_create("buf");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_new_buffer_is_the_empty_string);
    tcase_add_test(tests, every_way_to_add_appends);
    tcase_add_test(tests, adding_nothing_changes_nothing);
    tcase_add_test(tests, growth_keeps_what_was_there);
    tcase_add_test(tests, the_terminating_nul_has_room_at_every_length);
    tcase_add_test(tests, the_limit_itself_fits);
    tcase_add_test(tests, one_byte_past_the_limit_fails_for_good);
    tcase_add_test(tests, printing_past_the_limit_fails);
    tcase_add_test(tests, try_add_fails_without_a_jump);
    tcase_add_test(tests, add_jumps_where_memory_is_used_up);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
