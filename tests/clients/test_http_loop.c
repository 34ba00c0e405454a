/* The loop: shared connections, limits in flight, deadlines, cancelling, closing. */
#include "clients/http_loop.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/json.h"
#include "tests/clients/loopback.h"

START_TEST(connections_are_kept)
{
    ck_assert(loopback_get(loopback.plain_url, "/1", NULL));
    int64_t first = loopback_connection();
    ck_assert(loopback_get(loopback.plain_url, "/2", NULL));
    ck_assert_int_eq(loopback_connection(), first);
}
END_TEST

START_TEST(time_outs_and_deadlines)
{
    struct http_request request = { .method = "GET",
                                    .url = loopback_url(loopback.plain_url, "/hang"),
                                    .timeout_ms = 100 };
    ck_assert(!http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect(HTTP_TIMED_OUT, "in time");
    ck_assert(loopback.reply.maybe_sent);
    ck_assert_int_ge(loopback.reply.ended_ms - loopback.reply.started_ms, 95);
    request.timeout_ms = 0;
    loopback.call.deadline_ms = clock_monotonic_ms() + 100;
    ck_assert(!http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect(HTTP_TIMED_OUT, "in time");
    ck_assert_int_lt(loopback.reply.ended_ms - loopback.reply.started_ms, 5000);
}
END_TEST

static atomic_bool cancelled;

static const char *awaited;

static void *cancel_after_request(void *unused)
{
    loopback_await(awaited);
    atomic_store(&cancelled, true);
    return unused;
}

static void send_and_cancel(const char *path, bool survives)
{
    pthread_t canceller;
    awaited = path;
    atomic_store(&cancelled, false);
    loopback.call.cancelled2 = &cancelled;
    ck_assert_int_eq(pthread_create(&canceller, NULL, cancel_after_request, NULL), 0);
    struct http_request request = { .method = "POST",
                                    .url = loopback_url(loopback.plain_url, path),
                                    .survives_cancel = survives };
    http_send(&loopback.call, &request, &loopback.reply);
    pthread_join(canceller, NULL);
}

START_TEST(a_cancel_cuts_a_read)
{
    send_and_cancel("/hang?cut", false);
    loopback_expect(HTTP_CANCELLED, "cancelled");
    ck_assert(loopback.reply.maybe_sent);
    ck_assert_int_lt(loopback.reply.ended_ms - loopback.reply.started_ms, 5000);
}
END_TEST

START_TEST(a_sent_write_survives_a_cancel)
{
    send_and_cancel("/slow?write", true);
    ck_assert_int_eq(loopback.reply.outcome, HTTP_ANSWERED);
    loopback_expect_str(loopback_echoed("method"), "POST");
    /* Cancelled before anything was sent: nothing is. */
    struct http_request request = { .method = "POST",
                                    .url = loopback_url(loopback.plain_url, "/x"),
                                    .survives_cancel = true };
    ck_assert(!http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect(HTTP_CANCELLED, "cancelled");
    ck_assert(!loopback.reply.maybe_sent);
}
END_TEST

#define PARALLEL 150

struct worker {
    pthread_t thread;
    const char *url;
    bool answered;
    int64_t connection;
    enum http_outcome outcome;
};

static void *send_one(void *argument)
{
    struct worker *worker = argument;
    struct arena own = arena_make(NULL);
    struct call mine = { .arena = &own };
    struct http_tls tls = { .ca_pem = loopback.right_ca };
    struct http_reply answer;
    worker->answered = http_send(
        &mine, &(struct http_request){ .method = "GET", .url = str_of(worker->url), .tls = &tls },
        &answer);
    worker->outcome = answer.outcome;
    if (worker->answered)
        worker->connection =
            json_integer_value(json_at(json_try_parse(&own, answer.body), "connection"));
    arena_release(&own);
    return NULL;
}

static void start_workers(struct worker *workers, size_t count, const char *url)
{
    for (size_t i = 0; i < count; i++) {
        workers[i] = (struct worker){ .url = url };
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, send_one, &workers[i]), 0);
    }
}

static void join_workers(struct worker *workers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
}

START_TEST(http2_shares_one_connection)
{
    struct worker workers[50];
    start_workers(workers, 50, loopback.h2_url);
    join_workers(workers, 50);
    for (size_t i = 0; i < 50; i++) {
        ck_assert_msg(workers[i].answered, "outcome %d", workers[i].outcome);
        ck_assert_int_eq(workers[i].connection, workers[0].connection);
    }
}
END_TEST

START_TEST(http1_requests_do_not_wait_for_each_other)
{
    const char *const bases[] = { loopback.plain_url, loopback.https_url };
    for (size_t base = 0; base < 2; base++) {
        struct worker workers[3];
        start_workers(workers, 3, loopback_url(bases[base], "/hang?beside").at);
        for (size_t i = 0; i < 3; i++)
            loopback_await("/hang?beside");
        http_close();
        join_workers(workers, 3);
        ck_assert(http_open());
    }
}
END_TEST

START_TEST(a_host_gets_a_hundred_at_most)
{
    struct worker workers[PARALLEL];
    start_workers(workers, PARALLEL, loopback_url(loopback.plain_url, "/count").at);
    join_workers(workers, PARALLEL);
    for (size_t i = 0; i < PARALLEL; i++)
        ck_assert_msg(workers[i].answered, "outcome %d", workers[i].outcome);
    ck_assert(loopback_get(loopback.plain_url, "/most", NULL));
    int64_t most = 0;
    ck_assert(str_to_int(loopback.reply.body, &most));
    ck_assert_int_le(most, HTTP_IN_FLIGHT_PER_HOST);
    ck_assert_int_gt(most, 1);
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    struct worker workers[3];
    start_workers(workers, 3, loopback_url(loopback.plain_url, "/hang?close").at);
    for (size_t i = 0; i < 3; i++)
        loopback_await("/hang?close");
    http_close();
    join_workers(workers, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(workers[i].outcome, HTTP_CANCELLED);
    ck_assert(!loopback_get(loopback.plain_url, "/", NULL));
    loopback_expect(HTTP_CANCELLED, "cancelled");
    ck_assert(http_open());
    ck_assert(loopback_get(loopback.plain_url, "/again", NULL));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("http_loop");
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, loopback_start, loopback_stop);
    tcase_add_checked_fixture(tests, loopback_begin, loopback_end);
    tcase_add_test(tests, connections_are_kept);
    tcase_add_test(tests, time_outs_and_deadlines);
    tcase_add_test(tests, a_cancel_cuts_a_read);
    tcase_add_test(tests, a_sent_write_survives_a_cancel);
    tcase_add_test(tests, http2_shares_one_connection);
    tcase_add_test(tests, http1_requests_do_not_wait_for_each_other);
    tcase_add_test(tests, a_host_gets_a_hundred_at_most);
    tcase_add_test(tests, closing_ends_what_waits);
    Suite *suite = suite_create("http_loop");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
