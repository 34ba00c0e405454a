/* The whole server over its socket: concurrency, cancelling, large messages, and every way it ends.
 */
#include "provider/grpc.h"

#include "tests/provider/client.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define STOP "/tfplugin6.Provider/StopProvider"
#define SHUTDOWN "/plugin.GRPCController/Shutdown"
#define STDIO "/plugin.GRPCStdio/StreamStdio"
#define BROKER "/plugin.GRPCBroker/StartStream"
#define HEALTH "/grpc.health.v1.Health/Check"

static atomic_int begun, ended_by_cancel, sent_before_blocking;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int meeting_wanted, meeting_present;

static enum grpc_status echo(struct call *call, struct grpc_stream *stream, struct str request)
{
    struct str copy = str_copy(call->arena, request);
    return grpc_send(stream, copy) ? GRPC_OK : GRPC_CANCELLED;
}

/* Answers once meeting_wanted calls are inside at the same time. */
static enum grpc_status meet(struct call *call, struct grpc_stream *stream, struct str request)
{
    pthread_mutex_lock(&mutex);
    meeting_present++;
    pthread_cond_broadcast(&changed);
    while (meeting_present < meeting_wanted)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    return echo(call, stream, request);
}

static enum grpc_status wait_for_cancel(struct call *call, struct grpc_stream *stream,
                                        struct str request)
{
    (void)request;
    atomic_fetch_add(&begun, 1);
    bool slept = call_sleep(call, 60000, "the test to cancel");
    ck_assert(!slept);
    atomic_fetch_add(&ended_by_cancel, 1);
    grpc_send(stream, STR("cancelled"));
    return GRPC_OK;
}

static enum grpc_status ignore_cancel(struct call *call, struct grpc_stream *stream,
                                      struct str request)
{
    (void)call;
    (void)stream;
    (void)request;
    atomic_fetch_add(&begun, 1);
    while (atomic_load(&begun) > 0)
        pause();
    return GRPC_OK;
}

static enum grpc_status send_10_mib(struct call *call, struct grpc_stream *stream,
                                    struct str request)
{
    (void)request;
    char *bytes = arena_alloc(call->arena, 10 << 20);
    memset(bytes, 'm', 10 << 20);
    return grpc_send(stream, (struct str){ bytes, 10 << 20 }) ? GRPC_OK : GRPC_CANCELLED;
}

/* 64 messages of 1 MiB, many more than may be queued. */
static enum grpc_status send_stream(struct call *call, struct grpc_stream *stream,
                                    struct str request)
{
    (void)request;
    struct str message = { arena_alloc(call->arena, 1 << 20), 1 << 20 };
    for (int i = 0; i < 64; i++) {
        if (!grpc_send(stream, message))
            return GRPC_CANCELLED;
        atomic_fetch_add(&sent_before_blocking, 1);
    }
    return GRPC_OK;
}

static enum grpc_status use_up_memory(struct call *call, struct grpc_stream *stream,
                                      struct str request)
{
    (void)stream;
    (void)request;
    call->arena->limit_bytes = 1 << 20;
    for (int i = 0; i < 1000; i++)
        (void)arena_alloc(call->arena, 4096);
    return GRPC_OK;
}

static const struct grpc_method methods[] = {
    { "/t/Echo", echo },
    { "/t/Meet", meet },
    { "/t/Wait", wait_for_cancel },
    { "/t/Ignore", ignore_cancel },
    { "/t/Big", send_10_mib },
    { "/t/Stream", send_stream },
    { "/t/Memory", use_up_memory },
};

static struct {
    char directory[64];
    struct sockaddr_un address;
    struct grpc_server_options options;
    pthread_t thread;
    int status;
} server;

static struct client client;
static int fd;

static void *serve(void *unused)
{
    server.status = grpc_serve(&server.options);
    return unused;
}

static int dial(void)
{
    int dialled = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(dialled, (struct sockaddr *)&server.address, sizeof server.address),
                     0);
    return dialled;
}

static void start_server(bool many_connections)
{
    snprintf(server.directory, sizeof server.directory, "/tmp/test_grpc_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(server.directory));
    server.address.sun_family = AF_UNIX;
    snprintf(server.address.sun_path, sizeof server.address.sun_path, "%s/s", server.directory);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&server.address, sizeof server.address), 0);
    ck_assert_int_eq(listen(listener, 16), 0);
    server.options = (struct grpc_server_options){
        .listener = listener,
        .methods = methods,
        .method_count = sizeof methods / sizeof *methods,
        .many_connections = many_connections,
        .end = eventfd(0, EFD_CLOEXEC),
    };
    ck_assert_int_eq(pthread_create(&server.thread, NULL, serve, NULL), 0);
    client_open(&client);
    fd = dial();
}

static void setup(void)
{
    start_server(/* many_connections */ false);
}

static void setup_debug(void)
{
    start_server(/* many_connections */ true);
}

/* Waits for the end that the test asked for, or asks for it. */
static void finish(bool ask)
{
    const uint64_t one = 1;
    if (ask)
        ck_assert_int_eq(write(server.options.end, &one, sizeof one), sizeof one);
    pthread_join(server.thread, NULL);
    ck_assert_int_eq(server.status, 0);
    close(server.options.end);
    unlink(server.address.sun_path);
    rmdir(server.directory);
    client_close(&client);
    close(fd);
}

static void wait_until(atomic_int *counter, int value)
{
    int64_t until = clock_monotonic_ms() + 20000;
    while (atomic_load(counter) < value) {
        ck_assert_msg(clock_monotonic_ms() < until, "waited in vain for %d", value);
        client_exchange(&client, fd, 1);
    }
}

START_TEST(echoes)
{
    struct reply *reply = client_call(&client, "/t/Echo", "hello", 5);
    ck_assert(client_run(&client, fd, reply));
    ck_assert(reply_is(reply, "hello", 5));
    finish(true);
}
END_TEST

START_TEST(calls_run_at_the_same_time)
{
    struct reply *replies[200];
    meeting_wanted = 200;
    for (int i = 0; i < 200; i++)
        replies[i] = client_call(&client, "/t/Meet", (const char *)&i, sizeof i);
    for (int i = 0; i < 200; i++) {
        ck_assert(client_run(&client, fd, replies[i]));
        ck_assert(reply_is(replies[i], (const char *)&i, sizeof i));
    }
    finish(true);
}
END_TEST

START_TEST(more_calls_than_workers_queue)
{
    static struct reply *replies[400];
    for (int i = 0; i < 400; i++)
        replies[i] = client_call(&client, "/t/Echo", (const char *)&i, sizeof i);
    for (int i = 0; i < 400; i++) {
        ck_assert(client_run(&client, fd, replies[i]));
        ck_assert(reply_is(replies[i], (const char *)&i, sizeof i));
    }
    finish(true);
}
END_TEST

START_TEST(services_beside_the_provider)
{
    struct reply *health = client_call(&client, HEALTH, "\x0a\x06plugin", 8);
    struct reply *broker = client_request(&client, BROKER, "", 0,
                                          &(const struct request_options){ .keeps_open = true });
    struct reply *unknown = client_call(&client, "/tfplugin6.Provider/Nothing", "", 0);
    struct reply *stdio = client_call(&client, STDIO, "", 0);
    ck_assert(client_run(&client, fd, unknown));
    ck_assert(client_run(&client, fd, broker));
    ck_assert(client_run(&client, fd, health));
    ck_assert_int_eq(unknown->grpc_status, GRPC_UNIMPLEMENTED);
    ck_assert_int_eq(broker->grpc_status, GRPC_UNIMPLEMENTED);
    ck_assert(reply_is(health, "\x08\x01", 2));
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert_int_eq(stdio->http_status, 200);
    ck_assert(!stdio->closed);

    struct reply *shutdown = client_call(&client, SHUTDOWN, "", 0);
    ck_assert(client_run(&client, fd, shutdown));
    ck_assert(reply_is(shutdown, "", 0));
    ck_assert(client_run(&client, fd, stdio));
    ck_assert_int_eq(stdio->grpc_status, GRPC_OK);
    finish(false);
}
END_TEST

START_TEST(reset_cancels_its_call_only)
{
    struct reply *first = client_call(&client, "/t/Wait", "", 0);
    struct reply *second = client_call(&client, "/t/Wait", "", 0);
    wait_until(&begun, 2);
    nghttp2_submit_rst_stream(client.session, 0, first->id, NGHTTP2_CANCEL);
    wait_until(&ended_by_cancel, 1);
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(!second->closed);
    ck_assert_int_eq(atomic_load(&ended_by_cancel), 1);
    finish(true);
    ck_assert_int_eq(atomic_load(&ended_by_cancel), 2);
}
END_TEST

START_TEST(lost_connection_cancels)
{
    client_call(&client, "/t/Wait", "", 0);
    wait_until(&begun, 1);
    shutdown(fd, SHUT_RDWR);
    wait_until(&ended_by_cancel, 1);
    finish(true);
}
END_TEST

START_TEST(stop_ends_all_and_what_follows)
{
    struct reply *waiting = client_call(&client, "/t/Wait", "", 0);
    wait_until(&begun, 1);
    struct reply *stop = client_call(&client, STOP, "", 0);
    ck_assert(client_run(&client, fd, stop));
    ck_assert(reply_is(stop, "", 0));
    ck_assert(client_run(&client, fd, waiting));
    ck_assert(reply_is(waiting, "cancelled", 9));
    struct reply *later = client_call(&client, "/t/Wait", "", 0);
    ck_assert(client_run(&client, fd, later));
    ck_assert(reply_is(later, "cancelled", 9));
    finish(true);
}
END_TEST

START_TEST(debug_mode_forgets_a_stop)
{
    struct reply *stop = client_call(&client, STOP, "", 0);
    ck_assert(client_run(&client, fd, stop));
    client_close(&client);
    close(fd);
    close(dial()); /* as core does to see whether somebody listens */

    client_open(&client);
    fd = dial();
    struct reply *waiting = client_call(&client, "/t/Wait", "", 0);
    wait_until(&begun, 1);
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(!waiting->closed);
    ck_assert_int_eq(atomic_load(&ended_by_cancel), 0);
    finish(true);
}
END_TEST

START_TEST(request_of_60_mib)
{
    size_t len = (size_t)60 << 20;
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 >> 8);
    struct reply *reply = client_call(&client, "/t/Echo", bytes, len);
    ck_assert(client_run(&client, fd, reply));
    ck_assert(reply_is(reply, bytes, len));
    free(bytes);
    finish(true);
}
END_TEST

/* A client that reads nothing of one answer still gets the others. */
START_TEST(slow_reader_blocks_nobody)
{
    char body[5] = { 0 };
    struct reply *slow = client_request(&client, "/t/Big", body, sizeof body,
                                        &(const struct request_options){ .paused = true });
    nghttp2_submit_window_update(client.session, 0, 0, 1 << 20);
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(reply_is(echoed, "x", 1));
    ck_assert(!slow->closed);
    ck_assert_uint_le(slow->len, 65535);
    client_resume(&client, slow);
    ck_assert(client_run(&client, fd, slow));
    ck_assert_uint_eq(slow->len, (10 << 20) + 5);
    ck_assert_int_eq(slow->grpc_status, GRPC_OK);
    finish(true);
}
END_TEST

START_TEST(sender_waits_for_a_slow_reader)
{
    char body[5] = { 0 };
    struct reply *slow = client_request(&client, "/t/Stream", body, sizeof body,
                                        &(const struct request_options){ .paused = true });
    wait_until(&sent_before_blocking, 4);
    client_exchange(&client, fd, 50);
    ck_assert_int_le(atomic_load(&sent_before_blocking), 6);
    client_resume(&client, slow);
    ck_assert(client_run(&client, fd, slow));
    ck_assert_uint_eq(slow->len, 64 * ((1 << 20) + 5));
    ck_assert_int_eq(slow->grpc_status, GRPC_OK);
    finish(true);
}
END_TEST

START_TEST(blocked_sender_ends_with_its_stream)
{
    char body[5] = { 0 };
    struct reply *slow = client_request(&client, "/t/Stream", body, sizeof body,
                                        &(const struct request_options){ .paused = true });
    wait_until(&sent_before_blocking, 4);
    nghttp2_submit_rst_stream(client.session, 0, slow->id, NGHTTP2_CANCEL);
    client_exchange(&client, fd, 10);
    int64_t began_ms = clock_monotonic_ms();
    finish(true);
    ck_assert_int_lt(clock_monotonic_ms() - began_ms, GRPC_ENDING_MS);
}
END_TEST

START_TEST(used_up_memory_fails_one_call)
{
    struct reply *reply = client_call(&client, "/t/Memory", "", 0);
    ck_assert(client_run(&client, fd, reply));
    ck_assert_int_eq(reply->grpc_status, GRPC_RESOURCE_EXHAUSTED);
    ck_assert_ptr_nonnull(strstr(reply->grpc_message, "memory"));
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(reply_is(echoed, "x", 1));
    finish(true);
}
END_TEST

START_TEST(garbage_closes_its_connection_only)
{
    int other = dial();
    ck_assert_int_gt(send(other, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 0);
    char bytes[4096];
    while (recv(other, bytes, sizeof bytes, 0) > 0)
        continue;
    close(other);
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(reply_is(echoed, "x", 1));
    finish(true);
}
END_TEST

START_TEST(more_connections_than_served_wait)
{
    int others[GRPC_CONNECTION_LIMIT];
    for (int i = 0; i < GRPC_CONNECTION_LIMIT; i++)
        others[i] = i % 16 ? -1 : dial();
    for (int i = 0; i < GRPC_CONNECTION_LIMIT; i++)
        if (others[i] >= 0)
            close(others[i]);
    struct reply *echoed = client_call(&client, "/t/Echo", "x", 1);
    ck_assert(client_run(&client, fd, echoed));
    ck_assert(reply_is(echoed, "x", 1));
    finish(true);
}
END_TEST

START_TEST(shutdown_cancels_what_runs)
{
    client_call(&client, "/t/Wait", "", 0);
    wait_until(&begun, 1);
    struct reply *shutdown = client_call(&client, SHUTDOWN, "", 0);
    int64_t began_ms = clock_monotonic_ms();
    ck_assert(client_run(&client, fd, shutdown));
    ck_assert(reply_is(shutdown, "", 0));
    finish(false);
    ck_assert_int_eq(atomic_load(&ended_by_cancel), 1);
    ck_assert_int_lt(clock_monotonic_ms() - began_ms, GRPC_ENDING_MS);
}
END_TEST

/* Forked, because the call that does not end keeps its memory. */
START_TEST(shutdown_does_not_wait_for_ever)
{
    client_call(&client, "/t/Ignore", "", 0);
    wait_until(&begun, 1);
    struct reply *shutdown = client_call(&client, SHUTDOWN, "", 0);
    int64_t began_ms = clock_monotonic_ms();
    ck_assert(client_run(&client, fd, shutdown));
    finish(false);
    ck_assert_int_ge(clock_monotonic_ms() - began_ms, GRPC_ENDING_MS - 100);
    ck_assert_int_lt(clock_monotonic_ms() - began_ms, 1900);
    _exit(0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grpc");
    TCase *tests = tcase_create("plugin");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, echoes);
    tcase_add_test(tests, calls_run_at_the_same_time);
    tcase_add_test(tests, more_calls_than_workers_queue);
    tcase_add_test(tests, services_beside_the_provider);
    tcase_add_test(tests, reset_cancels_its_call_only);
    tcase_add_test(tests, lost_connection_cancels);
    tcase_add_test(tests, stop_ends_all_and_what_follows);
    tcase_add_test(tests, request_of_60_mib);
    tcase_add_test(tests, slow_reader_blocks_nobody);
    tcase_add_test(tests, sender_waits_for_a_slow_reader);
    tcase_add_test(tests, blocked_sender_ends_with_its_stream);
    tcase_add_test(tests, used_up_memory_fails_one_call);
    tcase_add_test(tests, garbage_closes_its_connection_only);
    tcase_add_test(tests, more_connections_than_served_wait);
    tcase_add_test(tests, shutdown_cancels_what_runs);
    tcase_add_exit_test(tests, shutdown_does_not_wait_for_ever, 0);
    suite_add_tcase(suite, tests);

    TCase *debug = tcase_create("debug");
    tcase_add_checked_fixture(debug, setup_debug, NULL);
    tcase_set_timeout(debug, 60);
    tcase_add_test(debug, debug_mode_forgets_a_stop);
    suite_add_tcase(suite, debug);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
