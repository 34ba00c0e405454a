/* The HTTP/2 session: what reaches its owner, what ends a stream, and what ends the connection. */
#include "provider/h2.h"

#include "tests/provider/client.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct owner {
    struct h2_stream *stream;
    int requests, closed, kept_closed;
    size_t sent_bytes;
    bool keep;
    bool echo;
};

static struct owner owner;
static struct client client;
static struct h2_connection *server;

static const void *find(void *context, struct str path)
{
    return str_is(path, "/known") || str_is(path, "/held") ? context : NULL;
}

static struct parcel *message_parcel(struct str message)
{
    const unsigned char prefix[] = { 0, 0, (unsigned char)(message.len >> 16),
                                     (unsigned char)(message.len >> 8),
                                     (unsigned char)message.len };
    struct parcel *parcel = parcel_make(message.len + sizeof prefix);
    parcel_add(parcel, prefix, sizeof prefix);
    parcel_add(parcel, message.at, message.len);
    return parcel;
}

static void on_request(void *context, struct h2_stream *stream, const void *method,
                       struct str message)
{
    ck_assert_ptr_eq(context, &owner);
    ck_assert_ptr_eq(method, &owner);
    owner.requests++;
    owner.stream = stream;
    if (owner.keep)
        h2_stream_keep(stream, &owner);
    if (owner.echo) {
        h2_send(stream, message_parcel(message));
        h2_finish(stream, GRPC_OK, NULL);
    }
}

static void on_sent(void *context, struct h2_stream *stream, size_t len)
{
    (void)context;
    (void)stream;
    owner.sent_bytes += len;
}

static void on_closed(void *context, struct h2_stream *stream)
{
    (void)context;
    owner.closed++;
    owner.kept_closed += h2_stream_user(stream) != NULL;
}

static const struct h2_events events = { &owner, find, on_request, on_sent, on_closed };

static void setup(void)
{
    owner = (struct owner){ .echo = true };
    client_open(&client);
    server = h2_open(&events);
    ck_assert_ptr_nonnull(server);
}

static void teardown(void)
{
    if (server)
        h2_close(server);
    client_close(&client);
}

START_TEST(echoes_whatever_the_chunks)
{
    static const size_t chunks[] = { 1, 2, 7, 64, 1 << 20 };
    struct reply *first = client_call(&client, "/known", "hello", 5);
    struct reply *second = client_call(&client, "/known", "", 0);
    ck_assert(client_talk(&client, server, chunks[_i]));
    ck_assert(reply_is(first, "hello", 5));
    ck_assert(reply_is(second, "", 0));
    ck_assert_str_eq(first->content_type, "application/grpc");
    ck_assert_int_eq(owner.requests, 2);
    ck_assert_int_eq(owner.closed, 2);
    ck_assert_uint_eq(owner.sent_bytes, 5 + 5 + 5);
    ck_assert(!h2_is_over(server));
}
END_TEST

START_TEST(server_speaks_first)
{
    struct str out = h2_output(server);
    ck_assert_uint_gt(out.len, 9);
    ck_assert_int_eq(out.at[3], NGHTTP2_SETTINGS);
}
END_TEST

static const char *const garbage[] = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "\xff\xff\xff\xff",
};

START_TEST(no_preface_ends_it)
{
    ck_assert(!h2_receive(server, str_of(garbage[_i])));
    while (h2_output(server).len)
        continue;
    ck_assert(h2_is_over(server));
    ck_assert(!h2_receive(server, STR("more")));
}
END_TEST

/* After an honest start, bytes of every kind: the connection may end, the process may not. */
START_TEST(random_frames_do_no_harm)
{
    unsigned random = 12345U + (unsigned)_i;
    struct reply *reply = client_call(&client, "/known", "x", 1);
    ck_assert(client_talk(&client, server, 4096));
    ck_assert(reply_is(reply, "x", 1));
    for (int round = 0; round < 200 && !h2_is_over(server); round++) {
        char frame[9 + 64];
        size_t len = random % 64;
        for (size_t i = 0; i < sizeof frame; i++) {
            random = random * 1103515245U + 12345U;
            frame[i] = (char)(random >> 16);
        }
        frame[0] = frame[1] = 0;
        frame[2] = (char)len;
        frame[3] = (char)(round % 11);
        frame[5] = frame[6] = frame[7] = 0;
        frame[8] = (char)(1 + random % 9);
        if (!h2_receive(server, (struct str){ frame, 9 + len }))
            break;
        while (h2_output(server).len)
            continue;
    }
}
END_TEST

START_TEST(goaway_after_a_protocol_error)
{
    static const char data_on_stream_0[] = { 0, 0, 1, NGHTTP2_DATA, 0, 0, 0, 0, 0, 'x' };
    ck_assert(client_talk(&client, server, 4096));
    ck_assert(h2_receive(server, (struct str){ data_on_stream_0, sizeof data_on_stream_0 }));
    ck_assert(client_talk(&client, server, 4096));
    ck_assert(client.ended);
    ck_assert(h2_is_over(server));
}
END_TEST

START_TEST(reset_reaches_the_owner)
{
    owner.echo = false;
    struct reply *reply = client_call(&client, "/known", "x", 1);
    client_talk(&client, server, 4096);
    ck_assert_int_eq(owner.requests, 1);
    ck_assert_int_eq(owner.closed, 0);
    nghttp2_submit_rst_stream(client.session, 0, reply->id, NGHTTP2_CANCEL);
    ck_assert(client_talk(&client, server, 4096));
    ck_assert_int_eq(owner.closed, 1);
    ck_assert(!h2_is_over(server));
}
END_TEST

START_TEST(kept_stream_outlives_its_closing)
{
    owner.echo = false;
    owner.keep = true;
    client_call(&client, "/known", "x", 1);
    client_talk(&client, server, 4096);
    h2_close(server);
    server = NULL;
    ck_assert_int_eq(owner.kept_closed, 1);
    char *memory = arena_alloc(h2_stream_arena(owner.stream), 100);
    memset(memory, 1, 100);
    h2_start(owner.stream);
    h2_send(owner.stream, message_parcel(STR("late")));
    h2_finish(owner.stream, GRPC_OK, NULL);
    h2_stream_release(owner.stream);
}
END_TEST

START_TEST(released_before_its_closing)
{
    owner.echo = false;
    owner.keep = true;
    struct reply *reply = client_call(&client, "/known", "x", 1);
    client_talk(&client, server, 4096);
    h2_send(owner.stream, message_parcel(STR("y")));
    h2_finish(owner.stream, GRPC_OK, NULL);
    h2_stream_release(owner.stream);
    client_talk(&client, server, 4096);
    ck_assert(reply_is(reply, "y", 1));
    ck_assert_int_eq(owner.closed, 1);
    ck_assert_int_eq(owner.kept_closed, 0);
}
END_TEST

START_TEST(held_open_streams_are_finished_together)
{
    owner.echo = false;
    struct reply *held = client_call(&client, "/held", "", 0);
    client_talk(&client, server, 4096);
    h2_start(owner.stream);
    struct reply *running = client_call(&client, "/known", "", 0);
    client_talk(&client, server, 4096);
    ck_assert_int_eq(held->http_status, 200);
    ck_assert(!held->closed);
    h2_finish_open(server);
    client_talk(&client, server, 4096);
    ck_assert(held->closed);
    ck_assert_int_eq(held->grpc_status, GRPC_OK);
    ck_assert(!running->closed);
}
END_TEST

/* One header more than the list may hold fails its stream only. */
START_TEST(header_list_is_limited)
{
    static char value[15000];
    memset(value, 'v', sizeof value);
    nghttp2_nv fields[10] = {
        { (uint8_t *)":method", (uint8_t *)"POST", 7, 4, 0 },
        { (uint8_t *)":scheme", (uint8_t *)"http", 7, 4, 0 },
        { (uint8_t *)":path", (uint8_t *)"/known", 5, 6, 0 },
        { (uint8_t *)":authority", (uint8_t *)"t", 10, 1, 0 },
    };
    for (int i = 4; i < 10; i++)
        fields[i] = (nghttp2_nv){ (uint8_t *)"x-long", (uint8_t *)value, 6, sizeof value, 0 };
    struct reply reply = { .grpc_status = -1 };
    ck_assert_int_gt(nghttp2_submit_request(client.session, NULL, fields, 10, NULL, &reply), 0);
    client_talk(&client, server, 4096);
    ck_assert(reply.closed);
    ck_assert_uint_ne(reply.error_code, 0);
    ck_assert_int_eq(owner.requests, 0);
}
END_TEST

/* An answer larger than all windows goes out as the client gives window back, not before. */
START_TEST(answer_waits_for_the_window)
{
    static char big[300000];
    memset(big, 'b', sizeof big);
    char body[5] = { 0 };
    owner.echo = false;
    struct reply *reply = client_request(&client, "/known", body, sizeof body,
                                         &(const struct request_options){ .paused = true });
    client_talk(&client, server, 4096);
    h2_send(owner.stream, message_parcel((struct str){ big, sizeof big }));
    h2_finish(owner.stream, GRPC_OK, NULL);
    client_talk(&client, server, 4096);
    ck_assert_uint_eq(reply->len, 65535);
    ck_assert(!reply->closed);
    client_resume(&client, reply);
    client_talk(&client, server, 4096);
    ck_assert(reply_is(reply, big, sizeof big));
}
END_TEST

START_TEST(many_streams_at_once)
{
    struct reply *replies[300];
    for (int i = 0; i < 300; i++)
        replies[i] = client_call(&client, "/known", (const char *)&i, sizeof i);
    ck_assert(client_talk(&client, server, 1000));
    for (int i = 0; i < 300; i++)
        ck_assert(reply_is(replies[i], (const char *)&i, sizeof i));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("h2");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, echoes_whatever_the_chunks, 0, 5);
    tcase_add_test(tests, server_speaks_first);
    tcase_add_loop_test(tests, no_preface_ends_it, 0, sizeof garbage / sizeof *garbage);
    tcase_add_loop_test(tests, random_frames_do_no_harm, 0, 50);
    tcase_add_test(tests, goaway_after_a_protocol_error);
    tcase_add_test(tests, reset_reaches_the_owner);
    tcase_add_test(tests, kept_stream_outlives_its_closing);
    tcase_add_test(tests, released_before_its_closing);
    tcase_add_test(tests, held_open_streams_are_finished_together);
    tcase_add_test(tests, header_list_is_limited);
    tcase_add_test(tests, answer_waits_for_the_window);
    tcase_add_test(tests, many_streams_at_once);
    Suite *suite = suite_create("h2");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
