/* Signed calls: what goes out, what comes back, and when it is tried again. */
#include "clients/aws_api.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/clients/aws_fixture.h"
#include "tests/clients/scripted_server.h"

static struct aws_config config;
static struct aws_client client;
static struct aws_reply reply;

static void begin(void)
{
    aws_begin();
    scripted_open();
    config = aws_resolve_static();
    ck_assert(aws_client_make(&aws_call, NULL, &config, (struct str){ 0 }, &client));
}

static void end(void)
{
    scripted_close();
    aws_end();
}

static bool send_get(void)
{
    const struct http_header query[] = { { "nodegroupName", STR("a b/c") }, { "x", STR("1") } };
    struct aws_operation operation = { .action = "eks:DescribeUpdate",
                                       .method = "GET",
                                       .path = STR("/clusters/c1/updates/u1"),
                                       .query = query,
                                       .query_count = 2 };
    return aws_send(&aws_call, &client, &operation, &reply);
}

static void expect_sent(size_t index, const char *words)
{
    ck_assert_msg(strstr(scripted_request(index), words), "%s lacks %s", scripted_request(index),
                  words);
}

static struct str header_sent(size_t index, const char *name)
{
    struct str start = str_print(&aws_arena, "\n%s: ", name);
    const char *at = strstr(scripted_request(index), start.at);
    if (!at)
        return (struct str){ 0 };
    struct str rest = str_of(at + start.len);
    return str_slice(rest, 0, str_find(rest, '\n', 0));
}

START_TEST(requests_are_signed)
{
    scripted_answer(200, "{\"update\":{\"id\":\"u1\"}}", "x-amzn-requestid", "id-9");
    client.user_agent = "agent/1";
    ck_assert(send_get());
    expect_sent(0, "GET https://eks.eu-west-1.amazonaws.com/clusters/c1/updates/u1"
                   "?nodegroupName=a%20b%2Fc&x=1\n");
    ck_assert(str_is(header_sent(0, "host"), "eks.eu-west-1.amazonaws.com"));
    ck_assert(str_starts(header_sent(0, "authorization"), "AWS4-HMAC-SHA256 Credential=AKIDTEST/"));
    ck_assert(str_contains(header_sent(0, "authorization"),
                           "/eu-west-1/eks/aws4_request, SignedHeaders=host;x-amz-date, "));
    ck_assert_uint_eq(header_sent(0, "x-amz-date").len, 16);
    ck_assert_uint_eq(header_sent(0, "amz-sdk-invocation-id").len, 36);
    ck_assert(str_is(header_sent(0, "amz-sdk-request"), "attempt=1; max=3"));
    ck_assert(str_is(header_sent(0, "user-agent"), "agent/1"));
    ck_assert_ptr_null(header_sent(0, "content-type").at);
    ck_assert_int_eq(reply.status, 200);
    ck_assert(str_is(reply.request_id, "id-9"));
    ck_assert(str_is(json_str_at(reply.body, "update.id"), "u1"));
}
END_TEST

START_TEST(bodies_are_json)
{
    json_t *body = json_new_object(&aws_arena);
    json_set(&aws_arena, body, "b", json_new_int(&aws_arena, 2));
    json_set(&aws_arena, body, "a", json_new_str(&aws_arena, STR("x")));
    struct aws_operation operation = { .action = "eks:CreateNodegroup",
                                       .method = "POST",
                                       .path = STR("/clusters/c1/node-groups"),
                                       .body = body };
    scripted_answer(200, "", NULL, NULL);
    ck_assert(aws_send(&aws_call, &client, &operation, &reply));
    expect_sent(0, "\n\n{\"a\":\"x\",\"b\":2}");
    ck_assert(str_is(header_sent(0, "content-type"), "application/json"));
    ck_assert(str_contains(header_sent(0, "authorization"),
                           "SignedHeaders=content-type;host;x-amz-date, "));
    ck_assert_ptr_null(reply.body);
}
END_TEST

START_TEST(endpoints_may_have_a_path)
{
    config.endpoints[AWS_EKS] = (struct aws_value){ STR("http://Local.test:80/base/"), STR("us") };
    scripted_answer(200, "{}", NULL, NULL);
    ck_assert(send_get());
    expect_sent(0, "GET http://Local.test:80/base/clusters/c1/updates/u1?");
    ck_assert(str_is(header_sent(0, "host"), "local.test"));
    config.endpoints[AWS_EKS].text = STR("http://127.0.0.1:4566");
    scripted_answer(200, "{}", NULL, NULL);
    ck_assert(send_get());
    ck_assert(str_is(header_sent(1, "host"), "127.0.0.1:4566"));
}
END_TEST

START_TEST(refusals_come_back_at_once)
{
    scripted_answer(409, "{\"message\":\"busy\"}", "x-amzn-errortype", "ResourceInUseException");
    ck_assert(!send_get());
    ck_assert_uint_eq(aws_call.errors, 0);
    ck_assert_int_eq(reply.failure, AWS_ANSWERED);
    ck_assert(aws_reply_is(&reply, "ResourceInUse"));
    ck_assert(str_is(reply.message, "busy"));
    ck_assert_uint_eq(reply.attempts, 1);
}
END_TEST

START_TEST(passing_failures_are_tried_again)
{
    scripted_answer(500, "oops", NULL, NULL);
    scripted_silence(HTTP_BROKEN, true);
    scripted_answer(200, "{}", NULL, NULL);
    ck_assert(send_get());
    ck_assert_uint_eq(reply.attempts, 3);
    ck_assert(str_is(reply.code, ""));
    ck_assert_uint_eq(reply.message.len, 0);
    ck_assert(str_is(header_sent(2, "amz-sdk-request"), "attempt=3; max=3"));
    ck_assert(str_equal(header_sent(0, "amz-sdk-invocation-id"),
                        header_sent(2, "amz-sdk-invocation-id")));
    ck_assert_int_eq(atomic_load(&config.quota->tokens), RETRY_QUOTA - RETRY_COST);
}
END_TEST

START_TEST(attempts_end)
{
    for (int i = 0; i < 3; i++)
        scripted_silence(HTTP_UNREACHED, false);
    ck_assert(!send_get());
    ck_assert_int_eq(reply.failure, AWS_NO_ANSWER);
    ck_assert_uint_eq(reply.attempts, 3);
    ck_assert_uint_eq(aws_call.errors, 0);
    scripted_silence(HTTP_UNRESOLVED, false);
    ck_assert(!send_get());
    ck_assert_uint_eq(reply.attempts, 1);
}
END_TEST

START_TEST(polling_is_patient)
{
    for (int i = 0; i < 4; i++)
        scripted_silence(HTTP_UNREACHED, false);
    scripted_answer(200, "{}", NULL, NULL);
    struct aws_operation operation = {
        .action = "eks:DescribeNodegroup", .method = "GET", .path = STR("/x"), .polling = true
    };
    ck_assert(aws_send(&aws_call, &client, &operation, &reply));
    ck_assert_uint_eq(reply.attempts, 5);
    ck_assert_int_eq(atomic_load(&config.quota->tokens), RETRY_QUOTA);
}
END_TEST

static atomic_bool cancelled;

static void cancel(void)
{
    atomic_store(&cancelled, true);
}

START_TEST(a_cancel_ends_the_attempts)
{
    atomic_store(&cancelled, false);
    aws_call.cancelled = &cancelled;
    scripted_on_request(cancel);
    scripted_answer(503, "", NULL, NULL);
    ck_assert(!send_get());
    ck_assert_uint_eq(reply.attempts, 1);
    ck_assert_uint_eq(aws_call.errors, 0);
}
END_TEST

START_TEST(no_pause_past_the_deadline)
{
    aws_call.deadline_ms = clock_monotonic_ms() + 200;
    scripted_answer(429, "", "x-amz-retry-after", "4000");
    ck_assert(!send_get());
    ck_assert_uint_eq(reply.attempts, 1);
    ck_assert_uint_eq(aws_call.errors, 0);
}
END_TEST

START_TEST(the_clock_is_corrected_once)
{
    /* The scripted answers took place at the epoch, so this server is an hour ahead. */
    scripted_answer(403, "{\"__type\":\"InvalidSignatureException\"}", "date",
                    "Thu, 01 Jan 1970 01:00:00 GMT");
    scripted_answer(403, "{\"__type\":\"InvalidSignatureException\"}", "date",
                    "Thu, 01 Jan 1970 09:00:00 GMT");
    ck_assert(!send_get());
    ck_assert_uint_eq(reply.attempts, 2);
    ck_assert_int_eq(atomic_load(config.skew_ms), 3600000);
    ck_assert_int_ge(aws_clock_ms(&config), clock_wall_ms() + 3599000);
    ck_assert(!str_equal(header_sent(0, "x-amz-date"), header_sent(1, "x-amz-date")));
}
END_TEST

START_TEST(the_clock_stays_without_reason)
{
    static const struct {
        const char *body, *date;
    } rows[] = {
        { "{\"__type\":\"InvalidSignatureException\"}", "Thu, 01 Jan 1970 00:03:00 GMT" },
        { "{\"__type\":\"InvalidSignatureException\"}", "gibberish" },
        { "{\"__type\":\"InvalidParameterException\"}", "Thu, 01 Jan 1970 09:00:00 GMT" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        scripted_answer(400, rows[i].body, "date", rows[i].date);
        ck_assert(!send_get());
        ck_assert_int_eq(atomic_load(config.skew_ms), 0);
    }
    config.skew_correction = false;
    scripted_answer(403, rows[0].body, "date", "Thu, 01 Jan 1970 09:00:00 GMT");
    ck_assert(!send_get());
    ck_assert_int_eq(atomic_load(config.skew_ms), 0);
}
END_TEST

static void renew(void)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDNEW", 1);
}

START_TEST(expired_credentials_are_looked_up_again)
{
    setenv("AWS_ACCESS_KEY_ID", "AKIDOLD", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    setenv("AWS_SESSION_TOKEN", "tok", 1);
    config = aws_resolve(&(struct aws_settings){ .region = STR("eu-west-1") });
    scripted_on_request(renew);
    scripted_answer(403, "{}", "x-amzn-errortype", "ExpiredTokenException");
    scripted_answer(200, "{}", NULL, NULL);
    ck_assert(send_get());
    expect_sent(0, "Credential=AKIDOLD/");
    expect_sent(1, "Credential=AKIDNEW/");
    ck_assert(str_is(header_sent(0, "x-amz-security-token"), "tok"));
    scripted_answer(403, "{}", "x-amzn-errortype", "ExpiredTokenException");
    ck_assert(!send_get());
    ck_assert_uint_eq(reply.attempts, 1);
}
END_TEST

START_TEST(nothing_is_sent_without_credentials_or_endpoint)
{
    config = aws_resolve(&(struct aws_settings){ .region = STR("eu-west-1") });
    ck_assert(!send_get());
    ck_assert_int_eq(reply.failure, AWS_NO_CREDENTIALS);
    ck_assert_uint_eq(aws_call.errors, 0);
    ck_assert(!aws_fail(&aws_call, NULL, "describing an update", &reply));
    aws_expect_error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    config.endpoints[AWS_EKS] = (struct aws_value){ STR("nonsense"), STR("the test") };
    ck_assert(!send_get());
    ck_assert_int_eq(reply.failure, AWS_NO_ENDPOINT);
}
END_TEST

START_TEST(clients_need_a_region)
{
    struct aws_client other;
    ck_assert(aws_client_make(&aws_call, NULL, &config, STR("us-east-1"), &other));
    ck_assert(str_is(other.region, "us-east-1"));
    ck_assert(!aws_client_make(&aws_call, NULL, &config, STR("US East"), &other));
    aws_expect_error("\"US East\" (from the argument region) is no AWS region");
    config = aws_resolve(&(struct aws_settings){ 0 });
    ck_assert(!aws_client_make(&aws_call, NULL, &config, (struct str){ 0 }, &other));
    aws_expect_error("The region is not set");
    setenv("AWS_REGION", "a b", 1);
    config = aws_resolve(&(struct aws_settings){ 0 });
    ck_assert(!aws_client_make(&aws_call, NULL, &config, (struct str){ 0 }, &other));
    aws_expect_error("(from the environment variable AWS_REGION)");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aws_api");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, requests_are_signed);
    tcase_add_test(tests, bodies_are_json);
    tcase_add_test(tests, endpoints_may_have_a_path);
    tcase_add_test(tests, refusals_come_back_at_once);
    tcase_add_test(tests, passing_failures_are_tried_again);
    tcase_add_test(tests, attempts_end);
    tcase_add_test(tests, polling_is_patient);
    tcase_add_test(tests, a_cancel_ends_the_attempts);
    tcase_add_test(tests, no_pause_past_the_deadline);
    tcase_add_test(tests, the_clock_is_corrected_once);
    tcase_add_test(tests, the_clock_stays_without_reason);
    tcase_add_test(tests, expired_credentials_are_looked_up_again);
    tcase_add_test(tests, nothing_is_sent_without_credentials_or_endpoint);
    tcase_add_test(tests, clients_need_a_region);
    Suite *suite = suite_create("aws_api");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
