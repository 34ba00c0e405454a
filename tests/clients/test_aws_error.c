/* Reading errors of AWS, and the words that users see. */
#include "clients/aws_error.h"

#include <check.h>
#include <string.h>

#include "tests/clients/aws_fixture.h"

static struct aws_reply reply;
static struct http_header headers[2];

static void begin(void)
{
    aws_begin();
    memset(headers, 0, sizeof headers);
}

static void end(void)
{
    aws_end();
}

static void answer(int status, const char *error_type, const char *body)
{
    size_t count = 0;
    if (error_type)
        headers[count++] = (struct http_header){ "x-amzn-errortype", str_of(error_type) };
    headers[count++] = (struct http_header){ "x-amzn-requestid", STR("id-1") };
    reply = (struct aws_reply){
        .failure = AWS_ANSWERED,
        .action = "eks:CreateNodegroup",
        .region = STR("eu-west-1"),
        .endpoint = { .url = STR("https://eks.eu-west-1.amazonaws.com") },
        .credentials_source = STR("the environment variables X"),
        .attempts = 1,
        .http = { .outcome = HTTP_ANSWERED,
                  .status = status,
                  .headers = headers,
                  .header_count = count,
                  .body = str_of(body) },
    };
    aws_error_read(&aws_call, &reply);
}

START_TEST(codes_from_all_places)
{
    static const struct {
        const char *header, *body, *code;
    } rows[] = {
        { "ResourceInUseException", "{\"code\":\"Other\"}", "ResourceInUseException" },
        { "AccessDenied:http://internal/x", "{}", "AccessDenied" },
        { "aws.api#InvalidParameterException:x", "{}", "InvalidParameterException" },
        { NULL, "{\"code\":\"A\",\"__type\":\"B\"}", "A" },
        { NULL, "{\"Code\":\"C\"}", "C" },
        { NULL, "{\"__type\":\"com.amazonaws#D\"}", "D" },
        { "", "{\"__type\":\"D\"}", "D" },
        { NULL, "{}", "" },
        { NULL, "[1]", "" },
        { NULL, "", "" },
        { NULL, "{\"code\":5}", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answer(400, rows[i].header, rows[i].body);
        ck_assert_msg(str_is(reply.code, rows[i].code), "row %zu: \"%.*s\"", i,
                      STR_ARG(reply.code));
        ck_assert(str_is(reply.request_id, "id-1"));
    }
}
END_TEST

START_TEST(messages_from_both_spellings)
{
    answer(400, NULL, "{\"message\":\"m\",\"Message\":\"M\"}");
    ck_assert(str_is(reply.message, "m"));
    answer(400, NULL, "{\"Message\":\"M\"}");
    ck_assert(str_is(reply.message, "M"));
    answer(200, NULL, "{\"message\":\"not an error\"}");
    ck_assert_uint_eq(reply.message.len, 0);
    ck_assert_ptr_nonnull(reply.body);
    answer(200, NULL, "");
    ck_assert_ptr_null(reply.body);
}
END_TEST

START_TEST(other_bodies_are_quoted_and_cut)
{
    answer(502, NULL, "<html>\n<body>Bad gateway</body></html>");
    ck_assert_ptr_null(reply.body);
    ck_assert(str_is(reply.message, "<html> ..."));
    struct str text = aws_error_excerpt(&aws_arena, STR("  a\x01"
                                                        "b\xff\xc3\xa9  "));
    ck_assert(str_is(text, "a?b?\xc3\xa9"));
    char long_text[1000];
    memset(long_text, 'x', sizeof long_text);
    text = aws_error_excerpt(&aws_arena, (struct str){ long_text, sizeof long_text });
    ck_assert_uint_eq(text.len, 204);
    ck_assert(str_ends(text, "x ..."));
    ck_assert_uint_eq(aws_error_excerpt(&aws_arena, STR("")).len, 0);
}
END_TEST

START_TEST(codes_match_with_their_suffix)
{
    answer(409, "ResourceInUseException", "{}");
    ck_assert(aws_reply_is(&reply, "ResourceInUse"));
    ck_assert(aws_reply_is(&reply, "ResourceInUseException"));
    ck_assert(!aws_reply_is(&reply, "Resource"));
    ck_assert(!aws_reply_is(&reply, "ResourceInUseExceptionX"));
    reply.failure = AWS_NO_ANSWER;
    ck_assert(!aws_reply_is(&reply, "ResourceInUse"));
}
END_TEST

static void expect_failure(const char *words)
{
    ck_assert(!aws_fail(&aws_call, NULL, "creating the node group gpu", &reply));
    ck_assert(str_contains(aws_call.last->summary, "creating the node group gpu") ||
              str_contains(aws_call.last->detail, "creating the node group gpu"));
    aws_expect_error(words);
}

START_TEST(refusals)
{
    answer(400, "InvalidParameterException", "{\"message\":\"Subnets are wrong\"}");
    expect_failure("eks:CreateNodegroup gave HTTP 400, InvalidParameterException, request id "
                   "id-1: Subnets are wrong.");
    answer(403, "AccessDeniedException", "{\"message\":\"User x is not authorized.\"}");
    expect_failure("User x is not authorized. The identity behind the credentials (from the "
                   "environment variables X) needs the IAM action eks:CreateNodegroup.");
    answer(403, "ExpiredTokenException", "{\"message\":\"expired\"}");
    expect_failure("The credentials came from the environment variables X; they have expired");
    answer(403, "UnrecognizedClientException", "{}");
    expect_failure("no message. The credentials came from the environment variables X; check");
    answer(502, NULL, "<html>proxy</html>");
    expect_failure("\"<html>proxy</html>\". A proxy may have answered.");
    reply.endpoint.source = STR("the environment variable AWS_ENDPOINT_URL");
    expect_failure("(set by the environment variable AWS_ENDPOINT_URL).");
    answer(503, NULL, "{}");
    reply.attempts = 3;
    expect_failure("It was tried 3 times.");
}
END_TEST

START_TEST(silence)
{
    answer(0, NULL, "");
    reply.failure = AWS_NO_ANSWER;
    reply.attempts = 3;
    reply.http = (struct http_reply){ .outcome = HTTP_UNRESOLVED, .failure = STR("No host.") };
    expect_failure("https://eks.eu-west-1.amazonaws.com (the endpoint of region eu-west-1). No "
                   "host. It was tried 3 times. Check the region's spelling");
    reply.endpoint.source = STR("the environment variable AWS_ENDPOINT_URL_EKS");
    reply.http.outcome = HTTP_UNREACHED;
    expect_failure("(set by the environment variable AWS_ENDPOINT_URL_EKS). No host.");
    reply.http.outcome = HTTP_TLS_REFUSED;
    expect_failure("custom_ca_bundle");
    reply.http.outcome = HTTP_CANCELLED;
    expect_failure("Cancelled");
}
END_TEST

START_TEST(problems_before_sending)
{
    answer(0, NULL, "");
    reply.failure = AWS_NO_CREDENTIALS;
    reply.problem = (struct aws_problem){ STR("No AWS credentials found"), STR("Tried x.") };
    expect_failure("Tried x.\nThey are needed for creating the node group gpu "
                   "(eks:CreateNodegroup).");
    reply.failure = AWS_NO_ENDPOINT;
    reply.problem.summary = STR("Malformed AWS endpoint");
    expect_failure("Malformed AWS endpoint");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aws_error");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, codes_from_all_places);
    tcase_add_test(tests, messages_from_both_spellings);
    tcase_add_test(tests, other_bodies_are_quoted_and_cut);
    tcase_add_test(tests, codes_match_with_their_suffix);
    tcase_add_test(tests, refusals);
    tcase_add_test(tests, silence);
    tcase_add_test(tests, problems_before_sending);
    Suite *suite = suite_create("aws_error");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
