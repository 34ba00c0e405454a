/* Parcels grow, keep their bytes, and can be released by another thread. */
#include "provider/parcel.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

START_TEST(grows_and_keeps_its_bytes)
{
    struct parcel *parcel = parcel_make(4);
    ck_assert_ptr_nonnull(parcel);
    parcel->next = (struct parcel *)&parcel;
    parcel_add(parcel, "abcd", 4);
    ck_assert(parcel_grow(&parcel, 3));
    ck_assert(parcel_grow(&parcel, 1 << 20));
    ck_assert_uint_ge(parcel->room, 1 << 20);
    ck_assert_ptr_eq(parcel->next, (struct parcel *)&parcel);
    char *rest = calloc(1, (1 << 20) - 4);
    parcel_add(parcel, rest, (1 << 20) - 4);
    free(rest);
    ck_assert_uint_eq(parcel->len, 1 << 20);
    ck_assert_int_eq(memcmp(parcel->bytes, "abcd\0", 5), 0);
    parcel_release(parcel);
}
END_TEST

START_TEST(may_be_empty)
{
    struct parcel *parcel = parcel_make(0);
    ck_assert_ptr_nonnull(parcel);
    parcel_add(parcel, NULL, 0);
    ck_assert_uint_eq(parcel->len, 0);
    parcel_release(parcel);
    parcel_release(NULL);
}
END_TEST

START_TEST(refuses_what_no_arena_holds)
{
    ck_assert_ptr_null(parcel_make(ARENA_LIMIT_BYTES));
    ck_assert_ptr_null(parcel_make(SIZE_MAX));
    struct parcel *parcel = parcel_make(8), *same = parcel;
    parcel_add(parcel, "stay", 4);
    ck_assert(!parcel_grow(&parcel, SIZE_MAX));
    ck_assert_ptr_eq(parcel, same);
    ck_assert_uint_eq(parcel->len, 4);
    parcel_release(parcel);
}
END_TEST

static void *release(void *parcel)
{
    parcel_release(parcel);
    return NULL;
}

START_TEST(passes_to_another_thread)
{
    pthread_t thread;
    struct parcel *parcel = parcel_make(100000);
    ck_assert_int_eq(pthread_create(&thread, NULL, release, parcel), 0);
    pthread_join(thread, NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("parcel");
    tcase_add_test(tests, grows_and_keeps_its_bytes);
    tcase_add_test(tests, may_be_empty);
    tcase_add_test(tests, refuses_what_no_arena_holds);
    tcase_add_test(tests, passes_to_another_thread);
    Suite *suite = suite_create("parcel");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
