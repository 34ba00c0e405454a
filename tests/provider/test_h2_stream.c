/* gRPC's framing on a stream: what counts as one request, and how everything else is refused. */
#include "provider/h2_stream.h"

#include "tests/provider/client.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct client client;
static struct h2_connection *server;
static int requests;
static struct str expected;
static enum grpc_status status_to_send;
static const char *text_to_send;

static const void *find(void *context, struct str path)
{
    (void)context;
    return str_is(path, "/s/M") ? &requests : NULL;
}

static void on_request(void *context, struct h2_stream *stream, const void *method,
                       struct str message)
{
    (void)context;
    (void)method;
    requests++;
    ck_assert(str_equal(message, expected));
    h2_finish(stream, status_to_send, text_to_send);
    h2_finish(stream, GRPC_OK, "only the first call counts");
}

static void on_sent(void *context, struct h2_stream *stream, size_t len)
{
    (void)context;
    (void)stream;
    (void)len;
}

static void on_closed(void *context, struct h2_stream *stream)
{
    (void)context;
    (void)stream;
}

static const struct h2_events events = { NULL, find, on_request, on_sent, on_closed };

static void setup(void)
{
    requests = 0;
    expected = STR("abc");
    status_to_send = GRPC_INTERNAL;
    text_to_send = NULL;
    client_open(&client);
    server = h2_open(&events);
}

static void teardown(void)
{
    h2_close(server);
    client_close(&client);
}

#define BODY(text) text, sizeof(text) - 1

START_TEST(message_may_be_split_anywhere)
{
    struct reply *reply = client_request(&client, "/s/M", BODY("\0\0\0\0\3abc"), NULL);
    ck_assert(client_talk(&client, server, (size_t)_i + 1));
    ck_assert_int_eq(requests, 1);
    ck_assert_int_eq(reply->grpc_status, GRPC_INTERNAL);
    ck_assert_uint_eq(reply->len, 0);
    ck_assert_str_eq(reply->grpc_message, "");
}
END_TEST

/* Several DATA frames for one message, one of them empty. */
START_TEST(message_may_span_frames)
{
    static char body[100005];
    for (size_t i = 5; i < sizeof body; i++)
        body[i] = (char)i;
    body[2] = 1, body[3] = (char)0x86, body[4] = (char)0xa0;
    expected = (struct str){ body + 5, 100000 };
    client_request(&client, "/s/M", body, sizeof body, NULL);
    ck_assert(client_talk(&client, server, 777));
    ck_assert_int_eq(requests, 1);
}
END_TEST

static const struct {
    const char *path, *method, *content_type;
    const char *body;
    size_t len;
    bool keeps_open;
    int http_status, grpc_status;
    const char *text;
} refused[] = {
    { "/s/M", NULL, NULL, BODY("\0\0\0\0\3abc\0\0\0\0\3abc"), false, 200, GRPC_INTERNAL,
      "more than one" },
    { "/s/M", NULL, NULL, BODY("\0\0\0\0\3abcd"), false, 200, GRPC_INTERNAL, "more than one" },
    { "/s/M", NULL, NULL, BODY("\0\0\0\0\3ab"), false, 200, GRPC_INTERNAL, "ended before" },
    { "/s/M", NULL, NULL, BODY("\0\0\0"), false, 200, GRPC_INTERNAL, "ended before" },
    { "/s/M", NULL, NULL, BODY(""), false, 200, GRPC_INTERNAL, "ended before" },
    { "/s/M", NULL, NULL, BODY("\1\0\0\0\3abc"), true, 200, GRPC_UNIMPLEMENTED, "compressed" },
    { "/s/M", NULL, NULL, BODY("\7\0\0\0\3abc"), true, 200, GRPC_INTERNAL, "compressed" },
    { "/s/M", NULL, NULL, BODY("\0\x10\0\0\1"), true, 200, GRPC_RESOURCE_EXHAUSTED, "256 MiB" },
    { "/s/M", NULL, NULL, BODY("\0\xff\xff\xff\xff"), true, 200, GRPC_RESOURCE_EXHAUSTED,
      "256 MiB" },
    { "/s/N", NULL, NULL, BODY("\0\0\0\0\0"), false, 200, GRPC_UNIMPLEMENTED, "no such method" },
    { "/s/N", NULL, NULL, BODY("\0\0\0\0\0"), true, 200, GRPC_UNIMPLEMENTED, "no such method" },
    { "/", NULL, NULL, BODY(""), false, 200, GRPC_UNIMPLEMENTED, "no such method" },
    { "/s/M", "GET", NULL, BODY(""), false, 405, -1, "" },
    { "/s/M", NULL, "application/json", BODY("{}"), false, 415, -1, "" },
    { "/s/M", NULL, "application/grpc-web", BODY("{}"), false, 415, -1, "" },
};

START_TEST(refuses)
{
    const struct request_options options = { refused[_i].content_type, refused[_i].method,
                                             refused[_i].keeps_open, false };
    struct reply *reply =
        client_request(&client, refused[_i].path, refused[_i].body, refused[_i].len, &options);
    ck_assert(client_talk(&client, server, 4096));
    ck_assert(reply->closed);
    ck_assert_int_eq(requests, 0);
    ck_assert_int_eq(reply->http_status, refused[_i].http_status);
    ck_assert_int_eq(reply->grpc_status, refused[_i].grpc_status);
    ck_assert_msg(strstr(reply->grpc_message, refused[_i].text), "%s", reply->grpc_message);

    /* The connection lives on. */
    struct reply *next = client_request(&client, "/s/M", BODY("\0\0\0\0\3abc"), NULL);
    ck_assert(client_talk(&client, server, 4096));
    ck_assert_int_eq(requests, 1);
    ck_assert(next->closed);
}
END_TEST

static const char *const content_types[] = { "application/grpc", "application/grpc+proto",
                                             "application/grpc; charset=utf-8" };

START_TEST(takes_content_type)
{
    client_request(&client, "/s/M", BODY("\0\0\0\0\3abc"),
                   &(const struct request_options){ .content_type = content_types[_i] });
    ck_assert(client_talk(&client, server, 4096));
    ck_assert_int_eq(requests, 1);
}
END_TEST

START_TEST(overlong_path_is_unknown)
{
    char path[4000];
    memset(path, 'p', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    struct reply *reply = client_request(&client, path, BODY("\0\0\0\0\0"), NULL);
    ck_assert(client_talk(&client, server, 4096));
    ck_assert_int_eq(reply->grpc_status, GRPC_UNIMPLEMENTED);
}
END_TEST

START_TEST(status_text_is_percent_encoded)
{
    text_to_send = "50% of \xc3\xa9\n~";
    struct reply *reply = client_request(&client, "/s/M", BODY("\0\0\0\0\3abc"), NULL);
    client_talk(&client, server, 4096);
    ck_assert_str_eq(reply->grpc_message, "50%25 of %C3%A9%0A~");
}
END_TEST

START_TEST(status_text_is_short)
{
    char text[5000];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text_to_send = text;
    struct reply *reply = client_request(&client, "/s/M", BODY("\0\0\0\0\3abc"), NULL);
    client_talk(&client, server, 4096);
    ck_assert_uint_ge(strlen(reply->grpc_message), H2_STATUS_TEXT_LIMIT);
    ck_assert_uint_le(strlen(reply->grpc_message), H2_STATUS_TEXT_LIMIT + 3);
}
END_TEST

/* A length of 256 MiB is accepted, but memory follows what has arrived. */
START_TEST(room_follows_the_bytes)
{
    struct reply *reply = client_request(&client, "/s/M", BODY("\0\x10\0\0\0abc"),
                                         &(const struct request_options){ .keeps_open = true });
    ck_assert(client_talk(&client, server, 4096));
    ck_assert(!reply->closed);
    ck_assert_ptr_nonnull(server->streams);
    ck_assert_uint_eq(server->streams->message_len, (size_t)256 * 1024 * 1024);
    ck_assert_uint_eq(server->streams->message->len, 3);
    ck_assert_uint_le(server->streams->message->room, 64 * 1024);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("h2_stream");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, message_may_be_split_anywhere, 0, 20);
    tcase_add_test(tests, message_may_span_frames);
    tcase_add_loop_test(tests, refuses, 0, sizeof refused / sizeof *refused);
    tcase_add_loop_test(tests, takes_content_type, 0, 3);
    tcase_add_test(tests, overlong_path_is_unknown);
    tcase_add_test(tests, status_text_is_percent_encoded);
    tcase_add_test(tests, status_text_is_short);
    tcase_add_test(tests, room_follows_the_bytes);
    Suite *suite = suite_create("h2_stream");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
