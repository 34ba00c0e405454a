/* Requests to a scripted API server: what is sent, what is repeated, how waits end. */
#include "clients/kubernetes.h"

#include "clients/kubernetes_status.h"
#include "tests/clients/scripted_server.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static struct call call;
static struct kubernetes_client client;
static struct kubernetes_reply reply;
static atomic_bool cancelled;
static int tokens_given, renewals;
static bool tokens_end;

/* The parentheses below keep out the macro `fail` of check.h. */
static bool give_token(struct call *for_call, void *context, bool renew, struct str *out)
{
    (void)context;
    renewals += renew;
    if (tokens_end && renew)
        return (fail)(for_call, NULL, "No token", "There is no other token.");
    *out = str_print(for_call->arena, "token-%d", renew ? ++tokens_given : tokens_given);
    return true;
}

static void setup(void)
{
    arena = arena_make(NULL);
    atomic_store(&cancelled, false);
    call = (struct call){ .arena = &arena, .cancelled = &cancelled };
    client = (struct kubernetes_client){ .server = STR("https://api.test"),
                                         .token = give_token,
                                         .name = STR("the test cluster"),
                                         .credential = STR("a test token") };
    tokens_given = renewals = 0;
    tokens_end = false;
    scripted_open();
}

static void teardown(void)
{
    scripted_close();
    arena_release(&arena);
}

static void expect_request(size_t index, const char *text)
{
    ck_assert_str_eq(scripted_request(index), text);
}

static void expect_part(size_t index, const char *part)
{
    ck_assert_msg(strstr(scripted_request(index), part) != NULL, "%s", scripted_request(index));
}

static void answer(int status, const char *body)
{
    scripted_answer(status, body, NULL, NULL);
}

static bool get(void)
{
    return kubernetes_get(&call, &client, STR("/p"), &reply);
}

START_TEST(makes_paths)
{
    ck_assert_str_eq(
        kubernetes_path(&arena, STR(""), STR("v1"), STR("configmaps"), STR("n"), STR("x")).at,
        "/api/v1/namespaces/n/configmaps/x");
    ck_assert_str_eq(
        kubernetes_path(&arena, STR("karpenter.sh"), STR("v1"), STR("nodepools"), STR(""), STR("x"))
            .at,
        "/apis/karpenter.sh/v1/nodepools/x");
    ck_assert_str_eq(
        kubernetes_path(&arena, STR("apps"), STR("v1"), STR("daemonsets"), STR("n"), STR("")).at,
        "/apis/apps/v1/namespaces/n/daemonsets");
    ck_assert_str_eq(
        kubernetes_path(&arena, STR(""), STR("v1"), STR("nodes"), STR(""), STR("../a?b/c")).at,
        "/api/v1/nodes/..%2Fa%3Fb%2Fc");
}
END_TEST

START_TEST(gets_with_the_token)
{
    answer(200, "{\"a\":1}");
    ck_assert(get());
    ck_assert(kubernetes_ok(&reply));
    expect_request(0, "GET https://api.test/p\naccept: application/json\n"
                      "authorization: Bearer token-0\n\n");
    client.token = NULL;
    answer(404, "{}");
    ck_assert(get());
    ck_assert(!kubernetes_ok(&reply));
    expect_request(1, "GET https://api.test/p\naccept: application/json\n\n");
}
END_TEST

START_TEST(takes_only_json_objects_for_success)
{
    static const char *const bodies[] = { "", "<html>", "[]", "1" };
    for (size_t i = 0; i < 4; i++) {
        answer(200, bodies[i]);
        ck_assert(get());
        ck_assert(!kubernetes_ok(&reply));
    }
}
END_TEST

START_TEST(renews_a_refused_token_once)
{
    answer(401, "{}");
    answer(200, "{}");
    ck_assert(get());
    ck_assert(kubernetes_ok(&reply));
    expect_part(1, "Bearer token-1");
    answer(401, "{}");
    answer(401, "{}");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 401);
    ck_assert_int_eq(renewals, 2);
}
END_TEST

static bool give_same(struct call *for_call, void *context, bool renew, struct str *out)
{
    (void)for_call;
    (void)context;
    renewals += renew;
    *out = STR("same");
    return true;
}

START_TEST(does_not_repeat_with_the_same_token)
{
    client.token = give_same;
    answer(401, "{}");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 401);
    ck_assert_int_eq(renewals, 1);
    client.token = NULL;
    answer(401, "{}");
    ck_assert(get());
}
END_TEST

START_TEST(stops_where_no_token_can_be_had)
{
    tokens_end = true;
    answer(401, "{}");
    ck_assert(!get());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_int_eq(reply.status, 401);
}
END_TEST

START_TEST(waits_as_the_server_asks)
{
    scripted_answer(429, "{}", "retry-after", "0");
    scripted_answer(503, "", "retry-after", "0");
    answer(200, "{}");
    ck_assert(get());
    ck_assert(kubernetes_ok(&reply));
    answer(503, "");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 503);
    scripted_answer(409, "{}", "retry-after", "0");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 409);
}
END_TEST

START_TEST(gives_up_after_ten_postponements)
{
    for (int i = 0; i < 11; i++)
        scripted_answer(429, "{}", "retry-after", "0");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 429);
    ck_assert_uint_eq(scripted_count(), 11);
}
END_TEST

START_TEST(does_not_wait_past_the_deadline)
{
    call.deadline_ms = clock_monotonic_ms() + 5000;
    scripted_answer(429, "{}", "retry-after", "30");
    ck_assert(get());
    ck_assert_int_eq(reply.status, 429);
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

static void cancel(void)
{
    atomic_store(&cancelled, true);
}

START_TEST(ends_a_pause_when_cancelled)
{
    scripted_on_request(cancel);
    scripted_answer(503, "{}", "retry-after", "99999999999");
    ck_assert(!get());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, "Cancelled");
    ck_assert(str_contains(call.first->detail, "GET /p"));
    ck_assert(reply.maybe_sent);
}
END_TEST

START_TEST(repeats_lost_connections)
{
    scripted_silence(HTTP_UNREACHED, false);
    answer(200, "{}");
    ck_assert(get());
    ck_assert(kubernetes_ok(&reply));
    ck_assert(!reply.repeated);
    scripted_silence(HTTP_BROKEN, true);
    scripted_silence(HTTP_UNREACHED, false);
    answer(409, "{}");
    ck_assert(get());
    ck_assert(reply.repeated);
}
END_TEST

START_TEST(gives_up_after_four_lost_connections)
{
    scripted_silence(HTTP_BROKEN, true);
    for (int i = 0; i < 4; i++)
        scripted_silence(HTTP_UNREACHED, false);
    ck_assert(get());
    ck_assert_int_eq(reply.outcome, HTTP_UNREACHED);
    ck_assert_int_eq(reply.status, 0);
    ck_assert(reply.maybe_sent);
}
END_TEST

START_TEST(repeats_nothing_else)
{
    static const enum http_outcome outcomes[] = {
        HTTP_TLS_REFUSED, HTTP_TIMED_OUT, HTTP_CANCELLED,
        HTTP_TOO_LARGE,   HTTP_MISUSED,   HTTP_NO_MEMORY
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        scripted_silence(outcomes[i], false);
        ck_assert(get());
        ck_assert_int_eq(reply.outcome, outcomes[i]);
        ck_assert_uint_eq(scripted_count(), i + 1);
    }
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

static bool list(const struct kubernetes_list_options *options)
{
    return kubernetes_list(&call, &client, STR("/api/v1/nodes"), options, &reply);
}

START_TEST(lists_in_pages)
{
    struct kubernetes_list_options options = { .label_selector = STR("a=b,c"),
                                               .field_selector = STR("x=y") };
    answer(200, "{\"items\":[1,2],\"metadata\":{\"continue\":\"c/1\"}}");
    answer(200, "{\"items\":[3],\"metadata\":{}}");
    ck_assert(list(&options));
    ck_assert(kubernetes_ok(&reply));
    ck_assert_str_eq(json_print(&arena, json_at(reply.body, "items")).at, "[1,2,3]");
    expect_part(0, "GET https://api.test/api/v1/nodes?labelSelector=a%3Db%2Cc&fieldSelector=x%3Dy"
                   "&limit=500\n");
    expect_part(1, "&limit=500&continue=c%2F1\n");
}
END_TEST

START_TEST(lists_anew_when_a_cursor_grew_old)
{
    answer(200, "{\"items\":[1],\"metadata\":{\"continue\":\"c\"}}");
    answer(410, "{\"kind\":\"Status\",\"reason\":\"Expired\"}");
    answer(200, "{\"items\":[7,8]}");
    ck_assert(list(NULL));
    ck_assert_str_eq(json_print(&arena, json_at(reply.body, "items")).at, "[7,8]");
    expect_part(2, "GET https://api.test/api/v1/nodes\n");
    answer(410, "{}");
    answer(410, "{}");
    ck_assert(list(NULL));
    ck_assert_int_eq(reply.status, 410);
}
END_TEST

START_TEST(ends_lists_that_do_not_go_on)
{
    answer(200, "{\"items\":[1],\"metadata\":{\"continue\":\"c\"}}");
    answer(200, "{\"items\":[2],\"metadata\":{\"continue\":\"c\"}}");
    ck_assert(list(NULL));
    ck_assert_str_eq(json_print(&arena, json_at(reply.body, "items")).at, "[1,2]");
    answer(200, "{}");
    ck_assert(list(NULL));
    ck_assert_str_eq(json_print(&arena, json_at(reply.body, "items")).at, "[]");
    answer(403, "{}");
    ck_assert(list(NULL));
    ck_assert_int_eq(reply.status, 403);
}
END_TEST

static json_t *body_of(const char *text)
{
    json_t *body = json_parse(&call, NULL, str_of(text), "the test");
    ck_assert_ptr_nonnull(body);
    return body;
}

START_TEST(applies)
{
    json_t *body = body_of("{\"metadata\":{\"name\":\"x\"},\"data\":{}}");
    struct kubernetes_apply_options options = { .manager = STR("gpushare") };
    answer(201, "{}");
    ck_assert(kubernetes_apply(&call, &client, STR("/p"), body, &options, &reply));
    expect_request(0, "PATCH https://api.test/p?fieldManager=gpushare&fieldValidation=Strict\n"
                      "accept: application/json\ncontent-type: application/apply-patch+yaml\n"
                      "authorization: Bearer token-0\n\n"
                      "{\"data\":{},\"metadata\":{\"name\":\"x\"}}");
    options = (struct kubernetes_apply_options){
        .manager = STR("a b"), .force = true, .dry_run = true, .resource_version = STR("1")
    };
    answer(200, "{}");
    ck_assert(kubernetes_apply(&call, &client, STR("/p"), body, &options, &reply));
    expect_part(1, "?fieldManager=a%20b&fieldValidation=Strict&force=true&dryRun=All\n");
    expect_part(1, "{\"data\":{},\"metadata\":{\"name\":\"x\",\"resourceVersion\":\"1\"}}");
    ck_assert_ptr_null(json_at(body, "metadata.resourceVersion"));
}
END_TEST

START_TEST(puts_a_version_where_no_metadata_is)
{
    struct kubernetes_apply_options options = { .manager = STR("m"), .resource_version = STR("5") };
    answer(200, "{}");
    ck_assert(kubernetes_apply(&call, &client, STR("/p"), body_of("{}"), &options, &reply));
    expect_part(0, "\n\n{\"metadata\":{\"resourceVersion\":\"5\"}}");
}
END_TEST

START_TEST(deletes)
{
    answer(200, "{}");
    ck_assert(kubernetes_delete(&call, &client, STR("/p"), STR("u-1"), "Foreground", &reply));
    expect_part(0, "DELETE https://api.test/p\n");
    expect_part(0, "content-type: application/json\n");
    expect_part(0,
                "\n\n{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"preconditions\":{\"uid\":"
                "\"u-1\"},\"propagationPolicy\":\"Foreground\"}");
    answer(404, "{}");
    ck_assert(kubernetes_delete(&call, &client, STR("/p"), STR(""), "Orphan", &reply));
    ck_assert_ptr_null(strstr(scripted_request(1), "preconditions"));
}
END_TEST

#define GONE "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"details\":{\"name\":\"x\"}}"
#define LEFT                                                                                       \
    "{\"metadata\":{\"uid\":\"u\",\"deletionTimestamp\":\"t\",\"finalizers\":[\"a/b\",\"c\"]}}"

static bool wait_gone(void)
{
    return kubernetes_wait_gone(&call, &client, STR("/p"), STR("u"), "the ConfigMap s/x");
}

START_TEST(waits_until_an_object_is_gone)
{
    answer(404, GONE);
    ck_assert(wait_gone());
    answer(200, LEFT);
    answer(404, GONE);
    ck_assert(wait_gone());
    answer(200, "{\"metadata\":{\"uid\":\"another\"}}");
    ck_assert(wait_gone());
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(names_the_finalizers_left)
{
    call.deadline_ms = clock_monotonic_ms() + 50;
    answer(200, LEFT);
    ck_assert(!wait_gone());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, "Timed out");
    ck_assert_msg(str_contains(call.first->detail, "a/b, c"), "%s", call.first->detail.at);
    ck_assert(!str_contains(call.first->detail, "not marked"));
}
END_TEST

START_TEST(says_when_nothing_was_deleted)
{
    call.deadline_ms = clock_monotonic_ms() + 50;
    answer(200, "{\"metadata\":{\"uid\":\"u\"}}");
    ck_assert(!wait_gone());
    ck_assert(str_contains(call.first->detail, "not marked for deletion"));
}
END_TEST

START_TEST(does_not_take_a_proxy_for_the_server)
{
    answer(404, "<html>no such host</html>");
    ck_assert(!wait_gone());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, "Waiting for the ConfigMap s/x to be gone failed");
    answer(403, "{}");
    ck_assert(!wait_gone());
    scripted_silence(HTTP_TLS_REFUSED, false);
    ck_assert(!wait_gone());
    ck_assert_uint_eq(call.errors, 3);
}
END_TEST

START_TEST(waits_through_passing_failures)
{
    answer(503, "");
    scripted_silence(HTTP_TIMED_OUT, true);
    answer(404, GONE);
    ck_assert(wait_gone());
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(ends_a_wait_when_the_server_stays_away)
{
    for (int i = 0; i < 5; i++)
        answer(500, "");
    ck_assert(!wait_gone());
    ck_assert_uint_eq(call.errors, 1);
    ck_assert(str_contains(call.first->detail, "answered 500"));
}
END_TEST

START_TEST(ends_a_wait_when_cancelled)
{
    scripted_on_request(cancel);
    answer(200, LEFT);
    ck_assert(!wait_gone());
    ck_assert_str_eq(call.first->summary.at, "Cancelled");
}
END_TEST

START_TEST(connects_to_endpoints)
{
    char path[] = "/tmp/test_kubernetes.XXXXXX";
    int fd = mkstemp(path);
    struct kubernetes_endpoint endpoint = { .server = STR("https://e.test"),
                                            .token = STR("fixed"),
                                            .name = STR("e"),
                                            .credential = STR("c") };
    client = kubernetes_connect(&endpoint);
    answer(401, "{}");
    ck_assert(get());
    expect_part(0, "GET https://e.test/p\n");
    expect_part(0, "Bearer fixed\n");
    endpoint.token_file = str_of(path);
    client = kubernetes_connect(&endpoint);
    ck_assert_int_eq(write(fd, "one\n", 4), 4);
    answer(200, "{}");
    ck_assert(get());
    expect_part(1, "Bearer one\n");
    ck_assert_int_eq(pwrite(fd, "two\n", 4, 0), 4);
    answer(200, "{}");
    ck_assert(get());
    expect_part(2, "Bearer two\n");
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(!get());
    ck_assert_uint_eq(call.errors, 1);
    endpoint = (struct kubernetes_endpoint){ .server = STR("https://e.test") };
    ck_assert(kubernetes_connect(&endpoint).token == NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubernetes");
    TCase *cases = tcase_create("kubernetes");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, makes_paths);
    tcase_add_test(cases, gets_with_the_token);
    tcase_add_test(cases, takes_only_json_objects_for_success);
    tcase_add_test(cases, renews_a_refused_token_once);
    tcase_add_test(cases, does_not_repeat_with_the_same_token);
    tcase_add_test(cases, stops_where_no_token_can_be_had);
    tcase_add_test(cases, waits_as_the_server_asks);
    tcase_add_test(cases, gives_up_after_ten_postponements);
    tcase_add_test(cases, does_not_wait_past_the_deadline);
    tcase_add_test(cases, ends_a_pause_when_cancelled);
    tcase_add_test(cases, repeats_lost_connections);
    tcase_add_test(cases, gives_up_after_four_lost_connections);
    tcase_add_test(cases, repeats_nothing_else);
    tcase_add_test(cases, lists_in_pages);
    tcase_add_test(cases, lists_anew_when_a_cursor_grew_old);
    tcase_add_test(cases, ends_lists_that_do_not_go_on);
    tcase_add_test(cases, applies);
    tcase_add_test(cases, puts_a_version_where_no_metadata_is);
    tcase_add_test(cases, deletes);
    tcase_add_test(cases, waits_until_an_object_is_gone);
    tcase_add_test(cases, names_the_finalizers_left);
    tcase_add_test(cases, says_when_nothing_was_deleted);
    tcase_add_test(cases, does_not_take_a_proxy_for_the_server);
    tcase_add_test(cases, waits_through_passing_failures);
    tcase_add_test(cases, ends_a_wait_when_the_server_stays_away);
    tcase_add_test(cases, ends_a_wait_when_cancelled);
    tcase_add_test(cases, connects_to_endpoints);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
