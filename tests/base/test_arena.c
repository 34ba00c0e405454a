/* Tests of arenas: zeroed and aligned memory, limits, the jump when memory is used up, the order of
 * what was deferred. */
#include "base/arena.h"

#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

START_TEST(memory_is_zeroed_and_aligned)
{
    struct arena arena = arena_make(NULL);
    for (size_t size = 1; size < 200; size += 7) {
        unsigned char *memory = arena_alloc(&arena, size);
        ck_assert_uint_eq((uintptr_t)memory % _Alignof(max_align_t), 0);
        ck_assert(is_zero(memory, size));
        memset(memory, 0xff, size);
    }
    arena_release(&arena);
}
END_TEST

START_TEST(memory_is_zeroed_after_release_and_reuse)
{
    struct arena arena = arena_make(NULL);
    memset(arena_alloc(&arena, 4000), 0xff, 4000);
    arena_release(&arena);
    ck_assert_uint_eq(arena.held_bytes, 0);
    ck_assert_ptr_null(arena.blocks);
    ck_assert(is_zero(arena_alloc(&arena, 4000), 4000));
    arena_release(&arena);
}
END_TEST

START_TEST(allocations_do_not_overlap)
{
    struct arena arena = arena_make(NULL);
    enum { COUNT = 300, SIZE = 333 };
    unsigned char *pieces[COUNT];
    for (int i = 0; i < COUNT; i++) {
        pieces[i] = arena_alloc(&arena, SIZE);
        memset(pieces[i], i & 0xff, SIZE);
    }
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < SIZE; j++)
            ck_assert_int_eq(pieces[i][j], i & 0xff);
    arena_release(&arena);
}
END_TEST

START_TEST(an_allocation_of_nothing_is_a_place_of_its_own)
{
    struct arena arena = arena_make(NULL);
    void *first = arena_alloc(&arena, 0);
    void *second = arena_alloc(&arena, 0);
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_ne(first, second);
    arena_release(&arena);
}
END_TEST

START_TEST(a_block_holds_one_allocation_larger_than_any_step)
{
    struct arena arena = arena_make(NULL);
    size_t size = (size_t)5 * 1024 * 1024;
    unsigned char *memory = arena_alloc(&arena, size);
    memory[0] = memory[size - 1] = 1;
    ck_assert_uint_ge(arena.held_bytes, size);
    arena_release(&arena);
}
END_TEST

START_TEST(small_allocations_share_a_block)
{
    struct arena arena = arena_make(NULL);
    arena_alloc(&arena, 16);
    size_t held = arena.held_bytes;
    for (int i = 0; i < 100; i++)
        arena_alloc(&arena, 16);
    ck_assert_uint_eq(arena.held_bytes, held);
    arena_release(&arena);
}
END_TEST

START_TEST(try_alloc_stops_at_the_limit)
{
    struct arena arena = arena_make(NULL);
    arena.limit_bytes = (size_t)64 * 1024;
    size_t got = 0;
    while (arena_try_alloc(&arena, 1024))
        got += 1024;
    ck_assert_uint_gt(got, 0);
    ck_assert_uint_le(arena.held_bytes, arena.limit_bytes);
    ck_assert_ptr_null(arena_try_alloc(&arena, (size_t)1024 * 1024));
    arena_release(&arena);
}
END_TEST

START_TEST(small_requests_may_use_the_limit_up)
{
    struct arena arena = arena_make(NULL);
    arena.limit_bytes = (size_t)100 * 1024;
    size_t got = 0;
    while (arena_try_alloc(&arena, 1024))
        got += 1024;
    ck_assert_uint_ge(got, arena.limit_bytes / 2);
    arena_release(&arena);
}
END_TEST

START_TEST(a_limit_of_zero_is_none)
{
    struct arena arena = arena_make(NULL);
    arena.limit_bytes = 0;
    ck_assert_ptr_nonnull(arena_try_alloc(&arena, (size_t)8 * 1024 * 1024));
    arena_release(&arena);
}
END_TEST

START_TEST(sizes_near_the_largest_are_refused)
{
    struct arena arena = arena_make(NULL);
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX - 8));
    ck_assert_ptr_null(arena_try_alloc(&arena, SIZE_MAX / 2));
    arena_release(&arena);
}
END_TEST

enum request { ALLOC, ARRAY, ARRAY_OVERFLOW, RESERVE, DEFER };

static void ignore(void *argument)
{
    (void)argument;
}

static void ask(struct arena *arena, enum request request)
{
    switch (request) {
    case ALLOC:
        arena_alloc(arena, 4096);
        break;
    case ARRAY:
        arena_array(arena, 4096, 8);
        break;
    case ARRAY_OVERFLOW:
        arena_array(arena, SIZE_MAX / 4, 8);
        break;
    case RESERVE:
        arena_reserve(arena, 4096);
        break;
    case DEFER:
        arena_defer(arena, ignore, NULL);
        break;
    }
}

/* Whether REQUEST leaves through the jump, of an arena that may hold only LIMIT bytes. */
static bool jumps(enum request request, size_t limit)
{
    jmp_buf on_out_of_memory;
    struct arena arena = arena_make(&on_out_of_memory);
    arena.limit_bytes = limit;
    if (setjmp(on_out_of_memory)) {
        arena_release(&arena);
        return true;
    }
    ask(&arena, request);
    arena_release(&arena);
    return false;
}

START_TEST(out_of_memory_jumps)
{
    ck_assert(jumps(ALLOC, 64));
    ck_assert(jumps(ARRAY, 64));
    ck_assert(jumps(RESERVE, 64));
    ck_assert(jumps(DEFER, 8));
}
END_TEST

START_TEST(enough_memory_does_not_jump)
{
    for (enum request request = ALLOC; request <= DEFER; request++)
        ck_assert_int_eq(jumps(request, 0), request == ARRAY_OVERFLOW);
}
END_TEST

START_TEST(the_jump_leaves_what_was_deferred_to_release)
{
    jmp_buf on_out_of_memory;
    struct arena arena = arena_make(&on_out_of_memory);
    arena.limit_bytes = (size_t)64 * 1024;
    int *volatile freed = malloc(sizeof *freed);
    if (!setjmp(on_out_of_memory)) {
        arena_defer(&arena, free, freed);
        arena_alloc(&arena, (size_t)1024 * 1024);
        ck_abort_msg("the allocation passed the limit");
    }
    /* The leak checker of the test build sees it where this does not free. */
    arena_release(&arena);
    ck_assert_ptr_null(arena.deferred);
}
END_TEST

START_TEST(without_a_place_to_jump_to_the_process_ends)
{
    struct arena arena = arena_make(NULL);
    arena.limit_bytes = 64;
    arena_alloc(&arena, 4096);
}
END_TEST

START_TEST(reserved_memory_cannot_fail)
{
    struct arena arena = arena_make(NULL);
    size_t reserved = (size_t)200 * 1024;
    arena_reserve(&arena, reserved);
    arena.limit_bytes = arena.held_bytes;
    for (size_t got = 0; got < reserved; got += 1024)
        ck_assert_ptr_nonnull(arena_try_alloc(&arena, 1024));
    arena_release(&arena);
}
END_TEST

START_TEST(reserving_what_is_there_takes_nothing)
{
    struct arena arena = arena_make(NULL);
    arena_alloc(&arena, 16);
    size_t held = arena.held_bytes;
    arena_reserve(&arena, 1024);
    ck_assert_uint_eq(arena.held_bytes, held);
    arena_release(&arena);
}
END_TEST

static char order[8];

static void note(void *argument)
{
    size_t len = strlen(order);
    ck_assert_uint_lt(len, sizeof order - 1);
    order[len] = *(const char *)argument;
}

START_TEST(deferred_calls_run_newest_first_and_once)
{
    struct arena arena = arena_make(NULL);
    char names[] = "abc";
    order[0] = '\0';
    for (size_t i = 0; i < 3; i++)
        arena_defer(&arena, note, &names[i]);
    ck_assert_str_eq(order, "");
    arena_release(&arena);
    ck_assert_str_eq(order, "cba");
    arena_release(&arena);
    ck_assert_str_eq(order, "cba");
}
END_TEST

START_TEST(deferred_calls_may_read_the_arena)
{
    struct arena arena = arena_make(NULL);
    char *name = ARENA_NEW_ARRAY(&arena, char, 2);
    name[0] = 'x';
    memset(order, 0, sizeof order);
    arena_defer(&arena, note, name);
    arena_alloc(&arena, (size_t)4 * 1024 * 1024);
    arena_release(&arena);
    ck_assert_str_eq(order, "x");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, memory_is_zeroed_and_aligned);
    tcase_add_test(tests, memory_is_zeroed_after_release_and_reuse);
    tcase_add_test(tests, allocations_do_not_overlap);
    tcase_add_test(tests, an_allocation_of_nothing_is_a_place_of_its_own);
    tcase_add_test(tests, a_block_holds_one_allocation_larger_than_any_step);
    tcase_add_test(tests, small_allocations_share_a_block);
    tcase_add_test(tests, try_alloc_stops_at_the_limit);
    tcase_add_test(tests, small_requests_may_use_the_limit_up);
    tcase_add_test(tests, a_limit_of_zero_is_none);
    tcase_add_test(tests, sizes_near_the_largest_are_refused);
    tcase_add_test(tests, out_of_memory_jumps);
    tcase_add_test(tests, enough_memory_does_not_jump);
    tcase_add_test(tests, the_jump_leaves_what_was_deferred_to_release);
    tcase_add_test_raise_signal(tests, without_a_place_to_jump_to_the_process_ends, SIGABRT);
    tcase_add_test(tests, reserved_memory_cannot_fail);
    tcase_add_test(tests, reserving_what_is_there_takes_nothing);
    tcase_add_test(tests, deferred_calls_run_newest_first_and_once);
    tcase_add_test(tests, deferred_calls_may_read_the_arena);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
