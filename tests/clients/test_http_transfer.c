/* What libcurl is told: methods, bodies, paths, limits, TLS, proxies. */
#include "clients/http_transfer.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/loopback.h"

START_TEST(interim_answers_leave_no_headers)
{
    ck_assert(loopback_get(loopback.plain_url, "/interim", NULL));
    loopback_expect_str(loopback.reply.body, "late");
    loopback_expect_str(http_header_of(&loopback.reply, "x-late"), "yes");
    ck_assert_ptr_null(http_header_of(&loopback.reply, "x-early").at);
}
END_TEST

START_TEST(methods_and_bodies)
{
    struct http_header headers[] = { { "X-Empty", STR("") }, { "X-One", STR("1") } };
    struct http_request request = { .method = "PATCH",
                                    .url = loopback_url(loopback.plain_url, "/x"),
                                    .headers = headers,
                                    .header_count = 2,
                                    .body = STR("{\"a\":1}") };
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect_str(loopback_echoed("method"), "PATCH");
    loopback_expect_str(loopback_echoed("body"), "{\"a\":1}");
    loopback_expect_str(loopback_echoed("headers.x-empty"), "");
    loopback_expect_str(loopback_echoed("headers.x-one"), "1");
    ck_assert_ptr_null(loopback_echoed("headers.expect").at);
    ck_assert_ptr_null(loopback_echoed("headers.content-type").at);
    request =
        (struct http_request){ .method = "POST", .url = loopback_url(loopback.plain_url, "/x") };
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect_str(loopback_echoed("method"), "POST");
    loopback_expect_str(loopback_echoed("headers.content-length"), "0");
    request.method = "DELETE";
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect_str(loopback_echoed("method"), "DELETE");
    ck_assert_ptr_null(loopback_echoed("headers.content-length").at);
    request.method = "HEAD";
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    ck_assert_uint_eq(loopback.reply.body.len, 0);
}
END_TEST

START_TEST(large_bodies_go_up_whole)
{
    struct buf body = buf_make(&loopback.arena, BUF_LIMIT);
    for (int i = 0; i < 300000; i++)
        buf_add_text(&body, "0123456789");
    struct http_header type = { "content-type", STR("text/plain") };
    struct http_request request = { .method = "PUT",
                                    .url = loopback_url(loopback.plain_url, "/x"),
                                    .headers = &type,
                                    .header_count = 1,
                                    .body = buf_str(&body) };
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    ck_assert(str_equal(loopback_echoed("body"), request.body));
    loopback_expect_str(loopback_echoed("headers.content-type"), "text/plain");
}
END_TEST

START_TEST(paths_stay_as_given)
{
    ck_assert(loopback_get(loopback.plain_url, "/a/../b//%2Fc%3a", NULL));
    loopback_expect_str(loopback_echoed("target"), "/a/../b//%2Fc%3a");
}
END_TEST

START_TEST(body_limit_is_exact)
{
    struct http_request request = { .method = "GET",
                                    .url = loopback_url(loopback.plain_url, "/big?70000"),
                                    .body_limit = 70000 };
    ck_assert(http_send(&loopback.call, &request, &loopback.reply));
    ck_assert_uint_eq(loopback.reply.body.len, 70000);
    request.body_limit = 69999;
    ck_assert(!http_send(&loopback.call, &request, &loopback.reply));
    loopback_expect(HTTP_TOO_LARGE, "larger");
}
END_TEST

START_TEST(the_server_must_be_trusted)
{
    struct http_tls tls = { .ca_pem = loopback.right_ca };
    ck_assert(!loopback_get(loopback.https_url, "/", NULL));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    ck_assert(!loopback.reply.maybe_sent);
    ck_assert(loopback_get(loopback.https_url, "/", &tls));
    int64_t trusted = loopback_connection();
    ck_assert(loopback_get(loopback.https_url, "/", &tls));
    ck_assert_int_eq(loopback_connection(), trusted);
    /* The open connection is not lent to someone who trusts another authority. */
    tls.ca_pem = loopback.wrong_ca;
    ck_assert(!loopback_get(loopback.https_url, "/", &tls));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    tls.ca_pem = str_print(&loopback.arena, "%s%s", loopback.wrong_ca.at, loopback.right_ca.at);
    ck_assert(loopback_get(loopback.https_url, "/", &tls));
    tls =
        (struct http_tls){ .ca_file = str_print(&loopback.arena, "%s/right.pem", loopback.folder) };
    ck_assert(loopback_get(loopback.https_url, "/", &tls));
    tls = (struct http_tls){ .insecure = true };
    ck_assert(loopback_get(loopback.https_url, "/", &tls));
    tls = (struct http_tls){ .ca_pem = STR("no certificate") };
    ck_assert(!loopback_get(loopback.https_url, "/", &tls));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    setenv("SSL_CERT_FILE", loopback_url(loopback.folder, "/right.pem").at, 1);
    ck_assert(loopback_get(loopback.https_url, "/", NULL));
}
END_TEST

START_TEST(the_server_name_can_be_another)
{
    char host[32];
    snprintf(host, sizeof host, "127.0.0.1:%d", loopback.https_port);
    struct http_tls tls = { .ca_pem = loopback.right_ca, .server_name = STR("cluster.test") };
    ck_assert(loopback_get(loopback.https_url, "/named", &tls));
    loopback_expect_str(loopback_echoed("sni"), "cluster.test");
    loopback_expect_str(loopback_echoed("headers.host"), host);
    loopback_expect_str(loopback_echoed("target"), "/named");
    tls.server_name = STR("other.test");
    ck_assert(!loopback_get(loopback.https_url, "/", &tls));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    tls.server_name = STR("bad name\n");
    ck_assert(!loopback_get(loopback.https_url, "/", &tls));
    loopback_expect(HTTP_MISUSED, "server name");
}
END_TEST

START_TEST(client_certificates_keep_apart)
{
    struct http_tls alice = { .ca_pem = loopback.right_ca,
                              .client_cert_pem = loopback_read("alice.pem"),
                              .client_key_pem = loopback_read("alice.key") };
    struct http_tls bob = { .ca_pem = loopback.right_ca,
                            .client_cert_pem = loopback_read("bob.pem"),
                            .client_key_pem = loopback_read("bob.key") };
    struct http_tls nobody = { .ca_pem = loopback.right_ca };
    ck_assert(loopback_get(loopback.mutual_url, "/", &alice));
    loopback_expect_str(loopback_echoed("subject"), "alice");
    ck_assert(loopback_get(loopback.mutual_url, "/", &bob));
    loopback_expect_str(loopback_echoed("subject"), "bob");
    ck_assert(loopback_get(loopback.mutual_url, "/", &alice));
    loopback_expect_str(loopback_echoed("subject"), "alice");
    ck_assert(!loopback_get(loopback.mutual_url, "/", &nobody));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    struct http_tls mallory = { .ca_pem = loopback.right_ca,
                                .client_cert_pem = loopback_read("mallory.pem"),
                                .client_key_pem = loopback_read("mallory.key") };
    ck_assert(!loopback_get(loopback.mutual_url, "/", &mallory));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
    http_close(); /* libcurl tells connections apart by certificate, not by key */
    ck_assert(http_open());
    alice.client_key_pem = bob.client_key_pem;
    ck_assert(!loopback_get(loopback.mutual_url, "/", &alice));
    loopback_expect(HTTP_TLS_REFUSED, "127.0.0.1");
}
END_TEST

START_TEST(proxies_are_used)
{
    struct http_tls tls = { .proxy = str_of(loopback.plain_url) };
    ck_assert(loopback_get("http://behind.test", "/x", &tls));
    loopback_expect_str(loopback_echoed("target"), "http://behind.test/x");
    tls.no_proxy = STR("behind.test");
    ck_assert(!loopback_get("http://behind.test", "/x", &tls));
    loopback_expect(HTTP_UNRESOLVED, "behind.test");
    setenv("http_proxy", loopback.plain_url, 1);
    ck_assert(loopback_get("http://behind.test", "/y", NULL));
    loopback_expect_str(loopback_echoed("target"), "http://behind.test/y");
    tls = (struct http_tls){ .proxy = STR("") };
    ck_assert(!loopback_get("http://behind.test", "/y", &tls));
    loopback_expect(HTTP_UNRESOLVED, "behind.test");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("http_transfer");
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, loopback_start, loopback_stop);
    tcase_add_checked_fixture(tests, loopback_begin, loopback_end);
    tcase_add_test(tests, interim_answers_leave_no_headers);
    tcase_add_test(tests, methods_and_bodies);
    tcase_add_test(tests, large_bodies_go_up_whole);
    tcase_add_test(tests, paths_stay_as_given);
    tcase_add_test(tests, body_limit_is_exact);
    tcase_add_test(tests, the_server_must_be_trusted);
    tcase_add_test(tests, the_server_name_can_be_another);
    tcase_add_test(tests, client_certificates_keep_apart);
    tcase_add_test(tests, proxies_are_used);
    Suite *suite = suite_create("http_transfer");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
