/* Tests of calls: printed paths, diagnostics that outlive the stack, deadlines and cancelling. */
#include "base/call.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

/* Check has a macro of that name, from before its ck_abort. */
#undef fail

static struct arena arena;
static struct call call;

static void set_up(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void tear_down(void)
{
    arena_release(&arena);
}

START_TEST(paths_print_as_a_user_writes_them)
{
    const struct path *config = PATH_AT_ATTRIBUTE(NULL, STR("config"));
    const struct path *any = PATH_AT_KEY(config, STR("any"));
    const struct path *replicas = PATH_AT_ATTRIBUTE(any, STR("replicas"));
    ck_assert_str_eq(path_print(&arena, replicas).at, "config[\"any\"].replicas");
    const struct path *taint = PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("taint")), 2);
    ck_assert_str_eq(path_print(&arena, PATH_AT_ATTRIBUTE(taint, STR("key"))).at, "taint[2].key");
    ck_assert_str_eq(path_print(&arena, NULL).at, "");
}
END_TEST

START_TEST(a_path_longer_than_any_message_prints_as_nothing)
{
    char name[70000];
    memset(name, 'x', sizeof name);
    const struct path *path = PATH_AT_ATTRIBUTE(NULL, ((struct str){ name, sizeof name }));
    ck_assert_str_eq(path_print(&arena, path).at, "");
}
END_TEST

static const struct path *copy_of_a_path_on_this_stack(void)
{
    char name[] = "labels", key[] = "a";
    const struct path *up = PATH_AT_ATTRIBUTE(NULL, str_of(name));
    const struct path *copy = path_copy(&arena, PATH_AT_KEY(up, str_of(key)));
    memset(name, '!', sizeof name);
    memset(key, '!', sizeof key);
    return copy;
}

START_TEST(a_copied_path_outlives_the_stack)
{
    ck_assert_str_eq(path_print(&arena, copy_of_a_path_on_this_stack()).at, "labels[\"a\"]");
    ck_assert_ptr_null(path_copy(&arena, NULL));
}
END_TEST

static bool fail_at_a_path_on_this_stack(int found)
{
    char name[] = "replicas", summary[] = "Too few replicas";
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, str_of(name));
    bool result = fail(&call, at, summary, "At least 2 were expected, %d found.", found);
    memset(name, '!', sizeof name);
    memset(summary, '!', sizeof summary);
    return result;
}

START_TEST(fail_adds_one_error_and_is_false)
{
    ck_assert(!fail_at_a_path_on_this_stack(1));
    ck_assert_uint_eq(call.errors, 1);
    const struct diagnostic *error = call.first;
    ck_assert_ptr_eq(error, call.last);
    ck_assert_int_eq(error->severity, SEVERITY_ERROR);
    ck_assert_str_eq(error->summary.at, "Too few replicas");
    ck_assert_str_eq(error->detail.at, "At least 2 were expected, 1 found.");
    ck_assert_str_eq(path_print(&arena, error->at).at, "replicas");
    ck_assert_ptr_null(error->next);
}
END_TEST

static const char *nothing_with_an_error(void)
{
    return fail_null(&call, NULL, "Nothing", "There is nothing.");
}

START_TEST(fail_null_adds_one_error_and_is_null)
{
    ck_assert_ptr_null(nothing_with_an_error());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_null(call.first->at);
}
END_TEST

START_TEST(diagnostics_keep_their_order_and_warnings_are_no_errors)
{
    warn(&call, NULL, "First", "A %s.", "warning");
    fail(&call, NULL, "Second", "An error.");
    warn(&call, NULL, "Third", "Another.");
    static const char *const summaries[] = { "First", "Second", "Third" };
    size_t count = 0;
    for (const struct diagnostic *d = call.first; d; d = d->next)
        ck_assert_str_eq(d->summary.at, summaries[count++]);
    ck_assert_uint_eq(count, 3);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_int_eq(call.first->severity, SEVERITY_WARNING);
    ck_assert_str_eq(call.first->detail.at, "A warning.");
}
END_TEST

START_TEST(either_source_cancels)
{
    atomic_bool stop = false, reset = false;
    ck_assert(!call_cancelled(&call));
    call.cancelled = &stop;
    call.cancelled2 = &reset;
    ck_assert(!call_cancelled(&call));
    atomic_store(&reset, true);
    ck_assert(call_cancelled(&call));
    atomic_store(&reset, false);
    atomic_store(&stop, true);
    ck_assert(call_cancelled(&call));
}
END_TEST

START_TEST(time_left_is_never_negative)
{
    ck_assert_int_eq(call_left_ms(&call), INT64_MAX);
    call.deadline_ms = clock_monotonic_ms() + 60000;
    ck_assert_int_gt(call_left_ms(&call), 50000);
    ck_assert_int_le(call_left_ms(&call), 60000);
    call.deadline_ms = 1;
    ck_assert_int_eq(call_left_ms(&call), 0);
}
END_TEST

START_TEST(sleep_lasts_as_long_as_asked)
{
    int64_t began = clock_monotonic_ms();
    ck_assert(call_sleep(&call, 45, "nothing"));
    ck_assert_int_ge(clock_monotonic_ms() - began, 44);
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(sleep_of_no_time_returns_at_once)
{
    ck_assert(call_sleep(&call, 0, "nothing"));
    ck_assert(call_sleep(&call, -5, "nothing"));
    ck_assert_ptr_null(call.first);
}
END_TEST

START_TEST(sleep_ends_at_the_deadline_with_an_error)
{
    call.deadline_ms = clock_monotonic_ms() + 30;
    ck_assert(!call_sleep(&call, 3600000, "the node group gpu to become ACTIVE"));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, "Timed out");
    ck_assert(str_contains(call.first->detail, "the node group gpu to become ACTIVE"));
    ck_assert(str_contains(call.first->detail, "timeouts"));
}
END_TEST

START_TEST(sleep_of_a_cancelled_call_ends_at_once)
{
    atomic_bool stop = true;
    call.cancelled = &stop;
    ck_assert(!call_sleep(&call, 3600000, "the node"));
    ck_assert_str_eq(call.first->summary.at, "Cancelled");
    ck_assert(str_contains(call.first->detail, "the node"));
}
END_TEST

static void *cancel(void *argument)
{
    atomic_store((atomic_bool *)argument, true);
    return NULL;
}

/* The sleep is an hour long, so that only the cancel of the other thread can end it. */
START_TEST(sleep_is_cut_short_by_a_cancel)
{
    atomic_bool reset = false;
    call.cancelled2 = &reset;
    pthread_t canceller;
    ck_assert_int_eq(pthread_create(&canceller, NULL, cancel, &reset), 0);
    ck_assert(!call_sleep(&call, 3600000, "the node"));
    ck_assert_int_eq(pthread_join(canceller, NULL), 0);
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

START_TEST(clocks_run)
{
    int64_t before = clock_monotonic_ms();
    ck_assert_int_ge(clock_monotonic_ms(), before);
    /* 2020-01-01: in milliseconds, not seconds. */
    ck_assert_int_gt(clock_wall_ms(), INT64_C(1577836800000));
    ck_assert_int_lt(clock_wall_ms(), INT64_C(1577836800000) * 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/call");
    TCase *tests = tcase_create("call");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, paths_print_as_a_user_writes_them);
    tcase_add_test(tests, a_path_longer_than_any_message_prints_as_nothing);
    tcase_add_test(tests, a_copied_path_outlives_the_stack);
    tcase_add_test(tests, fail_adds_one_error_and_is_false);
    tcase_add_test(tests, fail_null_adds_one_error_and_is_null);
    tcase_add_test(tests, diagnostics_keep_their_order_and_warnings_are_no_errors);
    tcase_add_test(tests, either_source_cancels);
    tcase_add_test(tests, time_left_is_never_negative);
    tcase_add_test(tests, sleep_lasts_as_long_as_asked);
    tcase_add_test(tests, sleep_of_no_time_returns_at_once);
    tcase_add_test(tests, sleep_ends_at_the_deadline_with_an_error);
    tcase_add_test(tests, sleep_of_a_cancelled_call_ends_at_once);
    tcase_add_test(tests, sleep_is_cut_short_by_a_cancel);
    tcase_add_test(tests, clocks_run);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
