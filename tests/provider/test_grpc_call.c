/* One call run by hand: how its end becomes a status, and what reaches the client. */
#include "provider/grpc_call.h"

#include "tests/provider/client.h"

#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Ours is a function. */
#undef fail

static struct grpc_outbox outbox;
static struct client client;
static struct h2_connection *server;
static struct grpc_stream *stream;
static struct grpc_method method;
static int released;

static void note_release(void *unused)
{
    (void)unused;
    released++;
}

static enum grpc_status answer(struct call *call, struct grpc_stream *to, struct str request)
{
    arena_defer(call->arena, note_release, NULL);
    ck_assert_str_eq(call->rpc, "Method");
    ck_assert_uint_eq(call->request_id, 9);
    ck_assert(!call_cancelled(call));
    ck_assert(str_is(request, "question"));
    ck_assert(grpc_send(to, STR("one")));
    ck_assert(grpc_send(to, STR("")));
    return GRPC_OK;
}

static enum grpc_status fail_with_error(struct call *call, struct grpc_stream *to,
                                        struct str request)
{
    (void)to;
    (void)request;
    warn(call, NULL, "Not this", "A warning is no reason.");
    (void)fail(call, NULL, "Bad request", "It is 100%% wrong.");
    (void)fail(call, NULL, "Not this", "The first error counts.");
    return GRPC_INVALID_ARGUMENT;
}

static enum grpc_status fail_silently(struct call *call, struct grpc_stream *to, struct str request)
{
    (void)call;
    (void)to;
    (void)request;
    return GRPC_INTERNAL;
}

static enum grpc_status fail_with_long_error(struct call *call, struct grpc_stream *to,
                                             struct str request)
{
    (void)to;
    (void)request;
    char text[4000];
    memset(text, 'l', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)fail(call, NULL, "Long", "%s", text);
    return GRPC_UNKNOWN;
}

static enum grpc_status use_up_memory(struct call *call, struct grpc_stream *to, struct str request)
{
    (void)to;
    (void)request;
    arena_defer(call->arena, note_release, NULL);
    (void)arena_alloc(call->arena, ARENA_LIMIT_BYTES);
    return GRPC_OK;
}

static enum grpc_status send_too_much(struct call *call, struct grpc_stream *to, struct str request)
{
    (void)call;
    (void)request;
    /* Only its length is looked at. */
    ck_assert(!grpc_send(to, (struct str){ "", GRPC_MESSAGE_LIMIT + 1 }));
    return GRPC_OK;
}

static enum grpc_status see_cancel(struct call *call, struct grpc_stream *to, struct str request)
{
    (void)to;
    (void)request;
    return call_cancelled(call) ? GRPC_CANCELLED : GRPC_OK;
}

static enum grpc_status must_not_run(struct call *call, struct grpc_stream *to, struct str request)
{
    (void)call;
    (void)to;
    (void)request;
    ck_abort_msg("ran although nobody waits");
    return GRPC_OK;
}

static const void *find(void *context, struct str path)
{
    (void)path;
    return context;
}

static void on_request(void *context, struct h2_stream *h2, const void *unused, struct str message)
{
    (void)context;
    (void)unused;
    stream = arena_try_alloc(h2_stream_arena(h2), sizeof *stream);
    *stream = (struct grpc_stream){
        .outbox = &outbox, .h2 = h2, .method = &method, .request = message, .id = 9
    };
    h2_stream_keep(h2, stream);
}

static void on_sent(void *context, struct h2_stream *h2, size_t len)
{
    (void)context;
    if (h2_stream_user(h2))
        grpc_call_sent(h2_stream_user(h2), len);
}

static void on_closed(void *context, struct h2_stream *h2)
{
    (void)context;
    if (h2_stream_user(h2))
        grpc_call_cancel(h2_stream_user(h2));
}

static const struct h2_events events = { &method, find, on_request, on_sent, on_closed };

static struct reply *reply;

static void setup(void)
{
    released = 0;
    outbox = (struct grpc_outbox){ .wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
    pthread_mutex_init(&outbox.mutex, NULL);
    pthread_cond_init(&outbox.drained, NULL);
    server = h2_open(&events);
    client_open(&client);
    reply = client_call(&client, "/service/Method", "question", 8);
    client_talk(&client, server, 4096);
    ck_assert_ptr_nonnull(stream);
}

static void teardown(void)
{
    h2_close(server);
    client_close(&client);
    close(outbox.wake);
}

static void run(grpc_method_fn function)
{
    method = (struct grpc_method){ "/service/Method", function };
    grpc_call_run(&stream->task);
    struct pollfd wake = { outbox.wake, POLLIN, 0 };
    ck_assert_int_eq(poll(&wake, 1, 0), 1);
    ck_assert_uint_eq(grpc_outbox_empty(&outbox), 1);
    ck_assert_uint_eq(grpc_outbox_empty(&outbox), 0);
    client_talk(&client, server, 4096);
}

START_TEST(answers_in_order)
{
    run(answer);
    ck_assert_int_eq(released, 1);
    ck_assert(reply->closed);
    ck_assert_int_eq(reply->grpc_status, GRPC_OK);
    ck_assert_uint_eq(reply->len, 8 + 5);
    ck_assert_int_eq(memcmp(reply->body, "\0\0\0\0\3one\0\0\0\0\0", 13), 0);
}
END_TEST

static const struct {
    grpc_method_fn run;
    enum grpc_status status;
    const char *text;
} failures[] = {
    { fail_with_error, GRPC_INVALID_ARGUMENT, "Bad request: It is 100%25 wrong." },
    { fail_silently, GRPC_INTERNAL, "" },
    { use_up_memory, GRPC_RESOURCE_EXHAUSTED,
      "The provider ran out of memory in this call; it goes on serving others." },
    { send_too_much, GRPC_RESOURCE_EXHAUSTED, "" },
    { see_cancel, GRPC_OK, "" },
};

START_TEST(end_becomes_a_status)
{
    run(failures[_i].run);
    ck_assert(reply->closed);
    ck_assert_int_eq(reply->grpc_status, failures[_i].status);
    ck_assert_str_eq(reply->grpc_message, failures[_i].text);
    ck_assert_uint_eq(reply->len, 0);
    ck_assert_int_eq(released, failures[_i].run == use_up_memory);
}
END_TEST

START_TEST(long_error_is_cut)
{
    run(fail_with_long_error);
    ck_assert_int_eq(reply->grpc_status, GRPC_UNKNOWN);
    ck_assert_uint_ge(strlen(reply->grpc_message), 1000);
    ck_assert_uint_le(strlen(reply->grpc_message), H2_STATUS_TEXT_LIMIT);
}
END_TEST

START_TEST(stop_is_seen)
{
    atomic_store(&outbox.stopped, true);
    run(see_cancel);
    ck_assert_int_eq(reply->grpc_status, GRPC_CANCELLED);
}
END_TEST

START_TEST(nothing_begins_at_the_end)
{
    atomic_store(&outbox.ending, true);
    run(must_not_run);
    ck_assert_int_eq(reply->grpc_status, GRPC_CANCELLED);
}
END_TEST

START_TEST(nothing_begins_for_a_closed_stream)
{
    nghttp2_submit_rst_stream(client.session, 0, reply->id, NGHTTP2_CANCEL);
    client_talk(&client, server, 4096);
    ck_assert(atomic_load(&stream->cancelled));
    ck_assert(!grpc_send(stream, STR("late")));
    run(must_not_run);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("grpc_call");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, answers_in_order);
    tcase_add_loop_test(tests, end_becomes_a_status, 0, sizeof failures / sizeof *failures);
    tcase_add_test(tests, long_error_is_cut);
    tcase_add_test(tests, stop_is_seen);
    tcase_add_test(tests, nothing_begins_at_the_end);
    tcase_add_test(tests, nothing_begins_for_a_closed_stream);
    Suite *suite = suite_create("grpc_call");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
