/* HTTP as callers see it: answers, failures and their words, over a server of our own. */
#include "clients/http.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/loopback.h"

START_TEST(answers_are_whole)
{
    ck_assert(loopback_get(loopback.plain_url, "/a?b=1", NULL));
    ck_assert_int_eq(loopback.reply.outcome, HTTP_ANSWERED);
    ck_assert_int_eq(loopback.reply.status, 200);
    ck_assert(loopback.reply.maybe_sent);
    ck_assert_int_ge(loopback.reply.ended_ms, loopback.reply.started_ms);
    loopback_expect_str(loopback_echoed("method"), "GET");
    loopback_expect_str(loopback_echoed("target"), "/a?b=1");
    loopback_expect_str(http_header_of(&loopback.reply, "x-multi"), "a  b");
    ck_assert_ptr_null(http_header_of(&loopback.reply, "absent").at);
    ck_assert_ptr_null(loopback_echoed("headers.accept-encoding").at);
}
END_TEST

START_TEST(statuses_are_no_failures)
{
    ck_assert(loopback_get(loopback.plain_url, "/missing", NULL));
    ck_assert_int_eq(loopback.reply.status, 404);
    loopback_expect_str(loopback.reply.body, "nothing here");
    loopback_expect_str(http_header_of(&loopback.reply, "x-amzn-requestid"), "r-1");
    ck_assert(loopback_get(loopback.plain_url, "/moved", NULL));
    ck_assert_int_eq(loopback.reply.status, 302);
    ck_assert_uint_eq(loopback.reply.body.len, 0);
}
END_TEST

START_TEST(views_need_no_end)
{
    struct str url = loopback_url(loopback.plain_url, "/view?rest");
    url.len -= strlen("?rest");
    ck_assert(http_send(&loopback.call, &(struct http_request){ .method = "GET", .url = url },
                        &loopback.reply));
    loopback_expect_str(loopback_echoed("target"), "/view");
}
END_TEST

START_TEST(malformed_requests_are_not_sent)
{
    static const char *const urls[] = { "",
                                        "no url",
                                        "/path",
                                        "ftp://127.0.0.1/",
                                        "file:///etc/x",
                                        "http://a b/",
                                        "http://h\nost/",
                                        "http://127.0.0.1:99999/" };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct http_request request = { .method = "GET", .url = str_of(urls[i]) };
        ck_assert_msg(!http_send(&loopback.call, &request, &loopback.reply), "%s", urls[i]);
        loopback_expect(HTTP_MISUSED, "not sent");
        ck_assert(!loopback.reply.maybe_sent);
    }
    struct http_header bad[] = { { "X-A", STR("secret\r\nX-B: 2") }, { "X A", STR("1") } };
    for (size_t i = 0; i < 2; i++) {
        struct http_request request = { .method = "GET",
                                        .url = loopback_url(loopback.plain_url, "/"),
                                        .headers = &bad[i],
                                        .header_count = 1 };
        ck_assert(!http_send(&loopback.call, &request, &loopback.reply));
        loopback_expect(HTTP_MISUSED, bad[i].name);
        ck_assert(!str_contains(loopback.reply.failure, "secret"));
    }
}
END_TEST

START_TEST(failures_are_told_apart)
{
    ck_assert(!loopback_get("http://127.0.0.1:1", "/?token=secret", NULL));
    loopback_expect(HTTP_UNREACHED, "127.0.0.1:1");
    ck_assert(!str_contains(loopback.reply.failure, "secret"));
    ck_assert(!loopback.reply.maybe_sent);
    ck_assert(!loopback_get("http://nowhere.invalid", "/", NULL));
    loopback_expect(HTTP_UNRESOLVED, "nowhere.invalid");
    ck_assert(!loopback_get(loopback.plain_url, "/cut", NULL));
    loopback_expect(HTTP_BROKEN, "127.0.0.1");
    ck_assert(loopback.reply.maybe_sent);
    ck_assert_uint_eq(loopback.reply.body.len, 0);
    ck_assert(!loopback_get(loopback.plain_url, "/drop", NULL));
    loopback_expect(HTTP_BROKEN, "127.0.0.1");
    ck_assert(!loopback_get(loopback.plain_url, "/headers", NULL));
    loopback_expect(HTTP_TOO_LARGE, "larger");
}
END_TEST

static bool canned(struct call *caller, const struct http_request *request,
                   struct http_reply *answer)
{
    (void)caller;
    answer->status = 299;
    answer->body = request->url;
    return true;
}

START_TEST(tests_can_replace_it)
{
    http_replace(canned);
    ck_assert(loopback_get("any", "thing", NULL));
    ck_assert_int_eq(loopback.reply.status, 299);
    loopback_expect_str(loopback.reply.body, "anything");
    http_replace(NULL);
    ck_assert(!loopback_get("any", "thing", NULL));
    ck_assert_int_eq(loopback.reply.outcome, HTTP_MISUSED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("http");
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, loopback_start, loopback_stop);
    tcase_add_checked_fixture(tests, loopback_begin, loopback_end);
    tcase_add_test(tests, answers_are_whole);
    tcase_add_test(tests, statuses_are_no_failures);
    tcase_add_test(tests, views_need_no_end);
    tcase_add_test(tests, malformed_requests_are_not_sent);
    tcase_add_test(tests, failures_are_told_apart);
    tcase_add_test(tests, tests_can_replace_it);
    Suite *suite = suite_create("http");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
