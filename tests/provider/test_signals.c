/* Signals leave a note or nothing, and programs that are started inherit none of it. */
#include "provider/signals.h"

#include <check.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_noted(int fd)
{
    struct pollfd polled = { fd, POLLIN, 0 };
    return poll(&polled, 1, 0) == 1;
}

static const int enders[] = { SIGTERM, SIGHUP };

START_TEST(asked_to_end)
{
    int fd = signals_open(/* interrupt_ends */ false);
    ck_assert_int_ge(fd, 0);
    ck_assert(!is_noted(fd));
    raise(enders[_i]);
    ck_assert(is_noted(fd));
}
END_TEST

START_TEST(interrupt_is_cores_business)
{
    int fd = signals_open(/* interrupt_ends */ false);
    raise(SIGINT);
    raise(SIGPIPE);
    ck_assert(!is_noted(fd));
}
END_TEST

START_TEST(interrupt_ends_debugging)
{
    int fd = signals_open(/* interrupt_ends */ true);
    raise(SIGPIPE);
    ck_assert(!is_noted(fd));
    raise(SIGINT);
    ck_assert(is_noted(fd));
}
END_TEST

START_TEST(write_to_nobody_only_fails)
{
    int ends[2];
    ck_assert_int_ge(signals_open(false), 0);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(write(ends[1], "x", 1), -1);
    close(ends[1]);
}
END_TEST

START_TEST(nothing_is_ignored)
{
    static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
    ck_assert_int_ge(signals_open(false), 0);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct sigaction action;
        sigaction(all[i], NULL, &action);
        ck_assert(action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("signals");
    tcase_add_loop_test(tests, asked_to_end, 0, 2);
    tcase_add_test(tests, interrupt_is_cores_business);
    tcase_add_test(tests, interrupt_ends_debugging);
    tcase_add_test(tests, write_to_nobody_only_fails);
    tcase_add_test(tests, nothing_is_ignored);
    Suite *suite = suite_create("signals");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
