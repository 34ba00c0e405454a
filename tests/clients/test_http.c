/* HTTP against a server of our own on loopback: answers, faults, TLS, sharing, cancelling. */
#include "clients/http.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

extern char **environ;

static struct arena arena;
static struct call call;
static struct http_reply reply;

static char folder[64];
static pid_t server;
static int server_in;
static FILE *server_out;
static char plain_url[64], https_url[64], h2_url[64], mutual_url[64];
static int https_port;

static struct str right_ca, wrong_ca;

static struct str slurp(struct arena *into, const char *name)
{
    char path[160], text[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return str_copy_bytes(into, text, len);
}

/* The script beside this source. */
static void find_script(char *room, size_t size)
{
    const char *slash = strrchr(__FILE__, '/');
    int folder_len = slash ? (int)(slash + 1 - __FILE__) : 0;
    snprintf(room, size, "%.*sloopback_server.py", folder_len, __FILE__);
}

static void start_server(void)
{
    snprintf(folder, sizeof folder, "/tmp/test_http.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    int in[2], out[2];
    ck_assert_int_eq(pipe(in), 0);
    ck_assert_int_eq(pipe(out), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    char script[512], python[] = "python3";
    find_script(script, sizeof script);
    char *arguments[] = { python, script, folder, NULL };
    ck_assert_int_eq(posix_spawnp(&server, "python3", &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_in = in[1];
    server_out = fdopen(out[0], "r");
    char line[128];
    int ports[4];
    ck_assert_ptr_nonnull(fgets(line, sizeof line, server_out));
    ck_assert_int_eq(sscanf(line, "%d %d %d %d", &ports[0], &ports[1], &ports[2], &ports[3]), 4);
    snprintf(plain_url, sizeof plain_url, "http://127.0.0.1:%d", ports[0]);
    snprintf(https_url, sizeof https_url, "https://127.0.0.1:%d", ports[1]);
    snprintf(h2_url, sizeof h2_url, "https://127.0.0.1:%d", ports[2]);
    snprintf(mutual_url, sizeof mutual_url, "https://127.0.0.1:%d", ports[3]);
    https_port = ports[1];
}

static void stop_server(void)
{
    close(server_in);
    fclose(server_out);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    char command[96];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

/* Blocks until the server has read a request for PATH. */
static void await_request(const char *path)
{
    char line[256];
    while (fgets(line, sizeof line, server_out)) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, path) == 0)
            return;
    }
    ck_abort_msg("the server ended");
}

static void begin(void)
{
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("SSL_CERT_FILE");
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    ck_assert(http_open());
    right_ca = slurp(&arena, "right.pem");
    wrong_ca = slurp(&arena, "wrong.pem");
}

static void end(void)
{
    http_close();
    ck_assert_uint_eq(call.errors, 0);
    arena_release(&arena);
}

static struct str url_of(const char *base, const char *path)
{
    return str_print(&arena, "%s%s", base, path);
}

static bool get(const char *base, const char *path, const struct http_tls *tls)
{
    return http_send(
        &call, &(struct http_request){ .method = "GET", .url = url_of(base, path), .tls = tls },
        &reply);
}

static struct str echoed(const char *path)
{
    return json_str_at(json_try_parse(&arena, reply.body), path);
}

static int64_t connection_number(void)
{
    return json_integer_value(json_at(json_try_parse(&arena, reply.body), "connection"));
}

static void expect_outcome(enum http_outcome outcome, const char *words)
{
    ck_assert_msg(reply.outcome == outcome, "outcome %d, %s", reply.outcome,
                  reply.failure.at ? reply.failure.at : "answered");
    ck_assert_msg(str_contains(reply.failure, words), "failure: %s", reply.failure.at);
}

static void expect_str(struct str found, const char *wanted)
{
    ck_assert_msg(str_is(found, wanted), "found \"%.*s\", wanted \"%s\"", STR_ARG(found), wanted);
}

START_TEST(answers_are_whole)
{
    ck_assert(get(plain_url, "/a?b=1", NULL));
    ck_assert_int_eq(reply.outcome, HTTP_ANSWERED);
    ck_assert_int_eq(reply.status, 200);
    ck_assert(reply.maybe_sent);
    ck_assert_int_ge(reply.ended_ms, reply.started_ms);
    expect_str(echoed("method"), "GET");
    expect_str(echoed("target"), "/a?b=1");
    expect_str(http_header_of(&reply, "x-multi"), "a  b");
    ck_assert_ptr_null(http_header_of(&reply, "absent").at);
    ck_assert_ptr_null(echoed("headers.accept-encoding").at);
}
END_TEST

START_TEST(statuses_are_no_failures)
{
    ck_assert(get(plain_url, "/missing", NULL));
    ck_assert_int_eq(reply.status, 404);
    expect_str(reply.body, "nothing here");
    expect_str(http_header_of(&reply, "x-amzn-requestid"), "r-1");
    ck_assert(get(plain_url, "/moved", NULL));
    ck_assert_int_eq(reply.status, 302);
    ck_assert_uint_eq(reply.body.len, 0);
}
END_TEST

START_TEST(interim_answers_leave_no_headers)
{
    ck_assert(get(plain_url, "/interim", NULL));
    expect_str(reply.body, "late");
    expect_str(http_header_of(&reply, "x-late"), "yes");
    ck_assert_ptr_null(http_header_of(&reply, "x-early").at);
}
END_TEST

START_TEST(methods_and_bodies)
{
    struct http_header headers[] = { { "X-Empty", STR("") }, { "X-One", STR("1") } };
    struct http_request request = { .method = "PATCH",
                                    .url = url_of(plain_url, "/x"),
                                    .headers = headers,
                                    .header_count = 2,
                                    .body = STR("{\"a\":1}") };
    ck_assert(http_send(&call, &request, &reply));
    expect_str(echoed("method"), "PATCH");
    expect_str(echoed("body"), "{\"a\":1}");
    expect_str(echoed("headers.x-empty"), "");
    expect_str(echoed("headers.x-one"), "1");
    ck_assert_ptr_null(echoed("headers.expect").at);
    ck_assert_ptr_null(echoed("headers.content-type").at);
    request = (struct http_request){ .method = "POST", .url = url_of(plain_url, "/x") };
    ck_assert(http_send(&call, &request, &reply));
    expect_str(echoed("method"), "POST");
    expect_str(echoed("headers.content-length"), "0");
    request.method = "DELETE";
    ck_assert(http_send(&call, &request, &reply));
    expect_str(echoed("method"), "DELETE");
    ck_assert_ptr_null(echoed("headers.content-length").at);
    request.method = "HEAD";
    ck_assert(http_send(&call, &request, &reply));
    ck_assert_uint_eq(reply.body.len, 0);
}
END_TEST

START_TEST(large_bodies_go_up_whole)
{
    struct buf body = buf_make(&arena, BUF_LIMIT);
    for (int i = 0; i < 300000; i++)
        buf_add_text(&body, "0123456789");
    struct http_header type = { "content-type", STR("text/plain") };
    struct http_request request = { .method = "PUT",
                                    .url = url_of(plain_url, "/x"),
                                    .headers = &type,
                                    .header_count = 1,
                                    .body = buf_str(&body) };
    ck_assert(http_send(&call, &request, &reply));
    ck_assert(str_equal(echoed("body"), request.body));
    expect_str(echoed("headers.content-type"), "text/plain");
}
END_TEST

START_TEST(paths_stay_as_given)
{
    ck_assert(get(plain_url, "/a/../b//%2Fc%3a", NULL));
    expect_str(echoed("target"), "/a/../b//%2Fc%3a");
}
END_TEST

START_TEST(views_need_no_end)
{
    struct str url = url_of(plain_url, "/view?rest");
    url.len -= strlen("?rest");
    ck_assert(http_send(&call, &(struct http_request){ .method = "GET", .url = url }, &reply));
    expect_str(echoed("target"), "/view");
}
END_TEST

START_TEST(connections_are_kept)
{
    ck_assert(get(plain_url, "/1", NULL));
    int64_t first = connection_number();
    ck_assert(get(plain_url, "/2", NULL));
    ck_assert_int_eq(connection_number(), first);
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
        ck_assert_msg(!http_send(&call, &request, &reply), "%s", urls[i]);
        expect_outcome(HTTP_MISUSED, "not sent");
        ck_assert(!reply.maybe_sent);
    }
    struct http_header bad[] = { { "X-A", STR("secret\r\nX-B: 2") }, { "X A", STR("1") } };
    for (size_t i = 0; i < 2; i++) {
        struct http_request request = {
            .method = "GET", .url = url_of(plain_url, "/"), .headers = &bad[i], .header_count = 1
        };
        ck_assert(!http_send(&call, &request, &reply));
        expect_outcome(HTTP_MISUSED, bad[i].name);
        ck_assert(!str_contains(reply.failure, "secret"));
    }
}
END_TEST

START_TEST(failures_are_told_apart)
{
    ck_assert(!get("http://127.0.0.1:1", "/?token=secret", NULL));
    expect_outcome(HTTP_UNREACHED, "127.0.0.1:1");
    ck_assert(!str_contains(reply.failure, "secret"));
    ck_assert(!reply.maybe_sent);
    ck_assert(!get("http://nowhere.invalid", "/", NULL));
    expect_outcome(HTTP_UNRESOLVED, "nowhere.invalid");
    ck_assert(!get(plain_url, "/cut", NULL));
    expect_outcome(HTTP_BROKEN, "127.0.0.1");
    ck_assert(reply.maybe_sent);
    ck_assert_uint_eq(reply.body.len, 0);
    ck_assert(!get(plain_url, "/drop", NULL));
    expect_outcome(HTTP_BROKEN, "127.0.0.1");
    ck_assert(!get(plain_url, "/headers", NULL));
    expect_outcome(HTTP_TOO_LARGE, "larger");
}
END_TEST

START_TEST(body_limit_is_exact)
{
    struct http_request request = { .method = "GET",
                                    .url = url_of(plain_url, "/big?70000"),
                                    .body_limit = 70000 };
    ck_assert(http_send(&call, &request, &reply));
    ck_assert_uint_eq(reply.body.len, 70000);
    request.body_limit = 69999;
    ck_assert(!http_send(&call, &request, &reply));
    expect_outcome(HTTP_TOO_LARGE, "larger");
}
END_TEST

START_TEST(time_outs_and_deadlines)
{
    struct http_request request = { .method = "GET",
                                    .url = url_of(plain_url, "/hang"),
                                    .timeout_ms = 100 };
    ck_assert(!http_send(&call, &request, &reply));
    expect_outcome(HTTP_TIMED_OUT, "in time");
    ck_assert(reply.maybe_sent);
    ck_assert_int_ge(reply.ended_ms - reply.started_ms, 95);
    request.timeout_ms = 0;
    call.deadline_ms = clock_monotonic_ms() + 100;
    ck_assert(!http_send(&call, &request, &reply));
    expect_outcome(HTTP_TIMED_OUT, "in time");
    ck_assert_int_lt(reply.ended_ms - reply.started_ms, 5000);
}
END_TEST

static atomic_bool cancelled;

static const char *awaited;

static void *cancel_after_request(void *unused)
{
    await_request(awaited);
    atomic_store(&cancelled, true);
    return unused;
}

static void send_and_cancel(const char *path, bool survives)
{
    pthread_t canceller;
    awaited = path;
    atomic_store(&cancelled, false);
    call.cancelled2 = &cancelled;
    ck_assert_int_eq(pthread_create(&canceller, NULL, cancel_after_request, NULL), 0);
    struct http_request request = { .method = "POST",
                                    .url = url_of(plain_url, path),
                                    .survives_cancel = survives };
    http_send(&call, &request, &reply);
    pthread_join(canceller, NULL);
}

START_TEST(a_cancel_cuts_a_read)
{
    send_and_cancel("/hang?cut", false);
    expect_outcome(HTTP_CANCELLED, "cancelled");
    ck_assert(reply.maybe_sent);
    ck_assert_int_lt(reply.ended_ms - reply.started_ms, 5000);
}
END_TEST

START_TEST(a_sent_write_survives_a_cancel)
{
    send_and_cancel("/slow?write", true);
    ck_assert_int_eq(reply.outcome, HTTP_ANSWERED);
    expect_str(echoed("method"), "POST");
    /* Cancelled before anything was sent: nothing is. */
    struct http_request request = { .method = "POST",
                                    .url = url_of(plain_url, "/x"),
                                    .survives_cancel = true };
    ck_assert(!http_send(&call, &request, &reply));
    expect_outcome(HTTP_CANCELLED, "cancelled");
    ck_assert(!reply.maybe_sent);
}
END_TEST

START_TEST(the_server_must_be_trusted)
{
    struct http_tls tls = { .ca_pem = right_ca };
    ck_assert(!get(https_url, "/", NULL));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    ck_assert(!reply.maybe_sent);
    ck_assert(get(https_url, "/", &tls));
    int64_t trusted = connection_number();
    ck_assert(get(https_url, "/", &tls));
    ck_assert_int_eq(connection_number(), trusted);
    /* The open connection is not lent to someone who trusts another authority. */
    tls.ca_pem = wrong_ca;
    ck_assert(!get(https_url, "/", &tls));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    tls.ca_pem = str_print(&arena, "%s%s", wrong_ca.at, right_ca.at);
    ck_assert(get(https_url, "/", &tls));
    tls = (struct http_tls){ .ca_file = str_print(&arena, "%s/right.pem", folder) };
    ck_assert(get(https_url, "/", &tls));
    tls = (struct http_tls){ .insecure = true };
    ck_assert(get(https_url, "/", &tls));
    tls = (struct http_tls){ .ca_pem = STR("no certificate") };
    ck_assert(!get(https_url, "/", &tls));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    setenv("SSL_CERT_FILE", url_of(folder, "/right.pem").at, 1);
    ck_assert(get(https_url, "/", NULL));
}
END_TEST

START_TEST(the_server_name_can_be_another)
{
    char host[32];
    snprintf(host, sizeof host, "127.0.0.1:%d", https_port);
    struct http_tls tls = { .ca_pem = right_ca, .server_name = STR("cluster.test") };
    ck_assert(get(https_url, "/named", &tls));
    expect_str(echoed("sni"), "cluster.test");
    expect_str(echoed("headers.host"), host);
    expect_str(echoed("target"), "/named");
    tls.server_name = STR("other.test");
    ck_assert(!get(https_url, "/", &tls));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    tls.server_name = STR("bad name\n");
    ck_assert(!get(https_url, "/", &tls));
    expect_outcome(HTTP_MISUSED, "server name");
}
END_TEST

START_TEST(client_certificates_keep_apart)
{
    struct http_tls alice = { .ca_pem = right_ca,
                              .client_cert_pem = slurp(&arena, "alice.pem"),
                              .client_key_pem = slurp(&arena, "alice.key") };
    struct http_tls bob = { .ca_pem = right_ca,
                            .client_cert_pem = slurp(&arena, "bob.pem"),
                            .client_key_pem = slurp(&arena, "bob.key") };
    struct http_tls nobody = { .ca_pem = right_ca };
    ck_assert(get(mutual_url, "/", &alice));
    expect_str(echoed("subject"), "alice");
    ck_assert(get(mutual_url, "/", &bob));
    expect_str(echoed("subject"), "bob");
    ck_assert(get(mutual_url, "/", &alice));
    expect_str(echoed("subject"), "alice");
    ck_assert(!get(mutual_url, "/", &nobody));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    struct http_tls mallory = { .ca_pem = right_ca,
                                .client_cert_pem = slurp(&arena, "mallory.pem"),
                                .client_key_pem = slurp(&arena, "mallory.key") };
    ck_assert(!get(mutual_url, "/", &mallory));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
    http_close(); /* libcurl tells connections apart by certificate, not by key */
    ck_assert(http_open());
    alice.client_key_pem = bob.client_key_pem;
    ck_assert(!get(mutual_url, "/", &alice));
    expect_outcome(HTTP_TLS_REFUSED, "127.0.0.1");
}
END_TEST

START_TEST(proxies_are_used)
{
    struct http_tls tls = { .proxy = str_of(plain_url) };
    ck_assert(get("http://behind.test", "/x", &tls));
    expect_str(echoed("target"), "http://behind.test/x");
    tls.no_proxy = STR("behind.test");
    ck_assert(!get("http://behind.test", "/x", &tls));
    expect_outcome(HTTP_UNRESOLVED, "behind.test");
    setenv("http_proxy", plain_url, 1);
    ck_assert(get("http://behind.test", "/y", NULL));
    expect_str(echoed("target"), "http://behind.test/y");
    tls = (struct http_tls){ .proxy = STR("") };
    ck_assert(!get("http://behind.test", "/y", &tls));
    expect_outcome(HTTP_UNRESOLVED, "behind.test");
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
    struct http_tls tls = { .ca_pem = right_ca };
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
    start_workers(workers, 50, h2_url);
    join_workers(workers, 50);
    for (size_t i = 0; i < 50; i++) {
        ck_assert_msg(workers[i].answered, "outcome %d", workers[i].outcome);
        ck_assert_int_eq(workers[i].connection, workers[0].connection);
    }
}
END_TEST

START_TEST(http1_requests_do_not_wait_for_each_other)
{
    const char *const bases[] = { plain_url, https_url };
    for (size_t base = 0; base < 2; base++) {
        struct worker workers[3];
        start_workers(workers, 3, url_of(bases[base], "/hang?beside").at);
        for (size_t i = 0; i < 3; i++)
            await_request("/hang?beside");
        http_close();
        join_workers(workers, 3);
        ck_assert(http_open());
    }
}
END_TEST

START_TEST(a_host_gets_a_hundred_at_most)
{
    struct worker workers[PARALLEL];
    start_workers(workers, PARALLEL, url_of(plain_url, "/count").at);
    join_workers(workers, PARALLEL);
    for (size_t i = 0; i < PARALLEL; i++)
        ck_assert_msg(workers[i].answered, "outcome %d", workers[i].outcome);
    ck_assert(get(plain_url, "/most", NULL));
    int64_t most = 0;
    ck_assert(str_to_int(reply.body, &most));
    ck_assert_int_le(most, HTTP_IN_FLIGHT_PER_HOST);
    ck_assert_int_gt(most, 1);
}
END_TEST

START_TEST(closing_ends_what_waits)
{
    struct worker workers[3];
    start_workers(workers, 3, url_of(plain_url, "/hang?close").at);
    for (size_t i = 0; i < 3; i++)
        await_request("/hang?close");
    http_close();
    join_workers(workers, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(workers[i].outcome, HTTP_CANCELLED);
    ck_assert(!get(plain_url, "/", NULL));
    expect_outcome(HTTP_CANCELLED, "cancelled");
    ck_assert(http_open());
    ck_assert(get(plain_url, "/again", NULL));
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
    ck_assert(get("any", "thing", NULL));
    ck_assert_int_eq(reply.status, 299);
    expect_str(reply.body, "anything");
    http_replace(NULL);
    ck_assert(!get("any", "thing", NULL));
    ck_assert_int_eq(reply.outcome, HTTP_MISUSED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("http");
    tcase_set_timeout(tests, 60);
    tcase_add_unchecked_fixture(tests, start_server, stop_server);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, answers_are_whole);
    tcase_add_test(tests, statuses_are_no_failures);
    tcase_add_test(tests, interim_answers_leave_no_headers);
    tcase_add_test(tests, methods_and_bodies);
    tcase_add_test(tests, large_bodies_go_up_whole);
    tcase_add_test(tests, paths_stay_as_given);
    tcase_add_test(tests, views_need_no_end);
    tcase_add_test(tests, connections_are_kept);
    tcase_add_test(tests, malformed_requests_are_not_sent);
    tcase_add_test(tests, failures_are_told_apart);
    tcase_add_test(tests, body_limit_is_exact);
    tcase_add_test(tests, time_outs_and_deadlines);
    tcase_add_test(tests, a_cancel_cuts_a_read);
    tcase_add_test(tests, a_sent_write_survives_a_cancel);
    tcase_add_test(tests, the_server_must_be_trusted);
    tcase_add_test(tests, the_server_name_can_be_another);
    tcase_add_test(tests, client_certificates_keep_apart);
    tcase_add_test(tests, proxies_are_used);
    tcase_add_test(tests, http2_shares_one_connection);
    tcase_add_test(tests, http1_requests_do_not_wait_for_each_other);
    tcase_add_test(tests, a_host_gets_a_hundred_at_most);
    tcase_add_test(tests, closing_ends_what_waits);
    tcase_add_test(tests, tests_can_replace_it);
    Suite *suite = suite_create("http");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
