/* Status objects, warnings, conflicts and text that is safe to quote. */
#include "clients/kubernetes_status.h"

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

static struct kubernetes_reply decode(int status, const char *body, const char *header,
                                      const char *value)
{
    struct http_header headers[] = { { "audit-id", STR("a-1") }, { header, str_of(value) } };
    struct http_reply http = { .outcome = HTTP_ANSWERED,
                               .status = status,
                               .headers = headers,
                               .header_count = header ? 2 : 1,
                               .body = str_of(body) };
    struct kubernetes_reply reply;
    kubernetes_status_decode(&arena, &http, &reply);
    return reply;
}

START_TEST(decodes_a_status)
{
    struct kubernetes_reply reply = decode(
        422,
        "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"reason\":\"Invalid\",\"message\":\"m\","
        "\"details\":{\"name\":\"x\",\"kind\":\"NodePool\",\"causes\":[{\"reason\":"
        "\"FieldValueInvalid\",\"message\":\"bad\",\"field\":\"spec.weight\"},3,{}]}}",
        "retry-after", "7");
    ck_assert_int_eq(reply.status, 422);
    ck_assert(str_is(reply.reason, "Invalid"));
    ck_assert(str_is(reply.message, "m"));
    ck_assert(str_is(reply.kind, "NodePool"));
    ck_assert(str_is(reply.object, "x"));
    ck_assert_uint_eq(reply.cause_count, 2);
    ck_assert(str_is(reply.causes[0].field, "spec.weight"));
    ck_assert_ptr_null(reply.causes[1].field.at);
    ck_assert_int_eq(reply.retry_after_s, 7);
    ck_assert(str_is(reply.audit_id, "a-1"));
    ck_assert(reply.maybe_sent);
}
END_TEST

START_TEST(decodes_what_is_no_status)
{
    struct kubernetes_reply reply = decode(502, "<html>Bad", NULL, NULL);
    ck_assert_ptr_null(reply.body);
    ck_assert(str_is(reply.body_text, "<html>Bad"));
    ck_assert_ptr_null(reply.reason.at);
    reply = decode(200, "{\"kind\":\"ConfigMap\",\"reason\":\"no\"}", NULL, NULL);
    ck_assert_ptr_nonnull(reply.body);
    ck_assert_ptr_null(reply.reason.at);
    reply = decode(500, "{\"kind\":\"Status\",\"reason\":5,\"details\":[]}", NULL, NULL);
    ck_assert_ptr_null(reply.reason.at);
    ck_assert_uint_eq(reply.cause_count, 0);
    struct http_reply http = { .outcome = HTTP_BROKEN, .maybe_sent = true, .failure = STR("f") };
    kubernetes_status_decode(&arena, &http, &reply);
    ck_assert_int_eq(reply.status, 0);
    ck_assert_int_eq(reply.retry_after_s, -1);
    ck_assert(reply.maybe_sent && str_is(reply.failure, "f"));
}
END_TEST

START_TEST(reads_only_whole_seconds_of_retry_after)
{
    ck_assert_int_eq(decode(429, "", "retry-after", " 1 ").retry_after_s, 1);
    ck_assert_int_eq(decode(429, "", "retry-after", "0").retry_after_s, 0);
    ck_assert_int_eq(decode(429, "", "retry-after", "-3").retry_after_s, -1);
    ck_assert_int_eq(decode(429, "", "retry-after", "Wed, 21 Oct 2026").retry_after_s, -1);
    ck_assert_int_eq(decode(429, "", NULL, NULL).retry_after_s, -1);
}
END_TEST

static void expect_warnings(const char *header, const char *joined)
{
    struct kubernetes_reply reply = decode(200, "{}", "warning", header);
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < reply.warning_count; i++)
        buf_print(&out, "%s%.*s", i ? "|" : "", STR_ARG(reply.warnings[i]));
    ck_assert_msg(str_is(buf_str(&out), joined), "%s: %s", header, buf_str(&out).at);
}

START_TEST(parses_warning_headers)
{
    expect_warnings("299 - \"v1 is deprecated\"", "v1 is deprecated");
    expect_warnings("299 - \"a \\\"quoted\\\" \\\\ word\"", "a \"quoted\" \\ word");
    expect_warnings("299 agent \"one\", 299 - \"two\"", "one|two");
    expect_warnings("299 - \"one\" \"Wed, 21 Oct 2026 07:28:00 GMT\", 299 - \"two, three\"",
                    "one|two, three");
    expect_warnings("299 - \"same\",299 - \"same\"", "same");
    expect_warnings("110 - \"stale\", 299 - \"kept\"", "kept");
}
END_TEST

START_TEST(ignores_malformed_warnings)
{
    expect_warnings("", "");
    expect_warnings("299", "");
    expect_warnings("299 -", "");
    expect_warnings("299 - unquoted", "");
    expect_warnings("299 - \"open", "");
    expect_warnings("299 - \"open\\", "");
    expect_warnings("299 - \"\"", "");
    expect_warnings("299 - \"good\" , junk", "good");
    expect_warnings(",,,,", "");
}
END_TEST

START_TEST(warns_each_text_once)
{
    struct kubernetes_reply reply = decode(200, "{}", "warning", "299 - \"one\", 299 - \"t\two\"");
    kubernetes_warn(&call, NULL, &reply);
    kubernetes_warn(&call, NULL, &reply);
    ck_assert_uint_eq(call.errors, 0);
    ck_assert_str_eq(call.first->detail.at, "one");
    ck_assert_int_eq(call.first->severity, SEVERITY_WARNING);
    ck_assert_str_eq(call.first->next->detail.at, "t wo");
    ck_assert_ptr_null(call.first->next->next);
}
END_TEST

#define CAUSE(message, field)                                                                      \
    "{\"reason\":\"FieldManagerConflict\",\"message\":\"" message "\",\"field\":\"" field "\"}"
#define CONFLICT(causes)                                                                           \
    "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"message\":\"Apply failed\",\"details\":"       \
    "{\"causes\":[" causes "]}}"

START_TEST(reads_conflicts)
{
    struct kubernetes_conflict *conflicts;
    struct kubernetes_reply reply = decode(
        409,
        CONFLICT(CAUSE(
            "conflict with \\\"kubectl-edit\\\" using v1 at 2026-01-02T03:04:05Z",
            ".data.any") "," CAUSE("conflict with \\\"argo\\\"",
                                   ".data.b") "," CAUSE("conflict with \\\"k\\\" with subresource "
                                                        "\\\"status\\\" using v1",
                                                        ".z") "," CAUSE("something else", ".e")),
        NULL, NULL);
    ck_assert_uint_eq(kubernetes_status_conflicts(&arena, &reply, &conflicts), 4);
    ck_assert(str_is(conflicts[0].manager, "kubectl-edit"));
    ck_assert(str_is(conflicts[0].time, "2026-01-02T03:04:05Z"));
    ck_assert(str_is(conflicts[0].field, ".data.any"));
    ck_assert_ptr_null(conflicts[0].subresource.at);
    ck_assert(str_is(conflicts[1].manager, "argo"));
    ck_assert_ptr_null(conflicts[1].time.at);
    ck_assert(str_is(conflicts[3].subresource, "status"));
    ck_assert_ptr_null(conflicts[3].time.at);
    ck_assert(str_is(conflicts[2].manager, "something else"));
    ck_assert(!kubernetes_status_exists(&reply));
    reply.status = 422;
    ck_assert_uint_eq(kubernetes_status_conflicts(&arena, &reply, &conflicts), 0);
}
END_TEST

START_TEST(tells_what_exists_from_what_conflicts)
{
    struct kubernetes_reply reply = decode(409, CONFLICT(""), NULL, NULL);
    ck_assert(kubernetes_status_exists(&reply));
    reply = decode(409, "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\"}", NULL, NULL);
    ck_assert(kubernetes_status_exists(&reply));
    reply = decode(409, "<html>", NULL, NULL);
    ck_assert(!kubernetes_status_exists(&reply));
    reply = decode(404, CONFLICT(""), NULL, NULL);
    ck_assert(!kubernetes_status_exists(&reply));
}
END_TEST

START_TEST(tells_absence_from_a_proxy)
{
    struct kubernetes_reply reply =
        decode(404, "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":{\"name\":\"x\"}}",
               NULL, NULL);
    ck_assert(kubernetes_status_absent(&reply));
    ck_assert(!kubernetes_status_unknown_kind(&reply));
    reply = decode(404, "404 page not found\n", NULL, NULL);
    ck_assert(kubernetes_status_absent(&reply) && kubernetes_status_unknown_kind(&reply));
    reply = decode(404, "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":{}}", NULL, NULL);
    ck_assert(kubernetes_status_absent(&reply) && kubernetes_status_unknown_kind(&reply));
    reply = decode(404, "<html>not found</html>", NULL, NULL);
    ck_assert(!kubernetes_status_absent(&reply) && !kubernetes_status_unknown_kind(&reply));
    reply = decode(200, "404 page not found", NULL, NULL);
    ck_assert(!kubernetes_status_absent(&reply));
}
END_TEST

START_TEST(knows_tls_failures)
{
    struct kubernetes_reply reply = { .outcome = HTTP_TLS_REFUSED };
    ck_assert(kubernetes_status_is_tls(&reply));
    reply.outcome = HTTP_UNREACHED;
    ck_assert(!kubernetes_status_is_tls(&reply));
}
END_TEST

START_TEST(makes_text_printable)
{
    ck_assert_str_eq(kubernetes_status_printable(&arena, STR(" a\r\n\tb\x01\x7f"
                                                             "c "))
                         .at,
                     "a b c");
    ck_assert_str_eq(kubernetes_status_printable(&arena, STR("gr\xc3\xbc\xc3\x9f")).at,
                     "gr\xc3\xbc\xc3\x9f");
    ck_assert_str_eq(kubernetes_status_printable(&arena, STR("\xff\xc3|\xe2\x82")).at, "??|??");
    ck_assert_str_eq(kubernetes_status_printable(&arena, STR("")).at, "");
    size_t len = 2 * KUBERNETES_STATUS_PRINTED;
    char *long_text = arena_alloc(&arena, len);
    memset(long_text, 'x', len);
    struct str cut = kubernetes_status_printable(&arena, (struct str){ long_text, len });
    ck_assert_uint_eq(cut.len, KUBERNETES_STATUS_PRINTED + 3);
    ck_assert(str_ends(cut, "x..."));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubernetes_status");
    TCase *cases = tcase_create("kubernetes_status");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, decodes_a_status);
    tcase_add_test(cases, decodes_what_is_no_status);
    tcase_add_test(cases, reads_only_whole_seconds_of_retry_after);
    tcase_add_test(cases, parses_warning_headers);
    tcase_add_test(cases, ignores_malformed_warnings);
    tcase_add_test(cases, warns_each_text_once);
    tcase_add_test(cases, reads_conflicts);
    tcase_add_test(cases, tells_what_exists_from_what_conflicts);
    tcase_add_test(cases, tells_absence_from_a_proxy);
    tcase_add_test(cases, knows_tls_failures);
    tcase_add_test(cases, makes_text_printable);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
