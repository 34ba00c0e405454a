/* A gRPC client for tests. */
#include "tests/provider/client.h"

#include "base/call.h"
#include "provider/h2.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static struct reply *reply_of(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *context)
{
    (void)name_len;
    (void)flags;
    (void)context;
    struct reply *reply = reply_of(session, frame->hd.stream_id);
    if (!reply)
        return 0;
    if (strcmp((const char *)name, ":status") == 0)
        reply->http_status = atoi((const char *)value);
    if (strcmp((const char *)name, "grpc-status") == 0)
        reply->grpc_status = atoi((const char *)value);
    if (strcmp((const char *)name, "grpc-message") == 0)
        snprintf(reply->grpc_message, sizeof reply->grpc_message, "%.*s", (int)value_len,
                 (const char *)value);
    if (strcmp((const char *)name, "content-type") == 0)
        snprintf(reply->content_type, sizeof reply->content_type, "%.*s", (int)value_len,
                 (const char *)value);
    return 0;
}

static int on_chunk(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes,
                    size_t len, void *context)
{
    (void)flags;
    (void)context;
    struct reply *reply = reply_of(session, id);
    ck_assert_ptr_nonnull(reply);
    if (reply->len + len > reply->room) {
        reply->room = 2 * (reply->len + len);
        reply->body = realloc(reply->body, reply->room);
    }
    memcpy(reply->body + reply->len, bytes, len);
    reply->len += len;
    if (!reply->paused)
        nghttp2_session_consume(session, id, len);
    return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *context)
{
    (void)context;
    struct reply *reply = reply_of(session, id);
    reply->closed = true;
    reply->error_code = code;
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY)
        ((struct client *)context)->ended = true;
    return 0;
}

void client_open(struct client *client)
{
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *option;
    memset(client, 0, sizeof *client);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_chunk);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_session_client_new2(&client->session, callbacks, client, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    ck_assert_int_eq(nghttp2_submit_settings(client->session, 0, NULL, 0), 0);
}

void client_close(struct client *client)
{
    nghttp2_session_del(client->session);
    for (size_t i = 0; i < client->count; i++) {
        free(client->replies[i]->body);
        free(client->replies[i]->owned);
        free(client->replies[i]);
    }
}

static ssize_t read_request(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
                            uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)session;
    (void)id;
    (void)context;
    struct reply *reply = source->ptr;
    size_t len = reply->request_len - reply->request_sent;
    if (len > room)
        len = room;
    if (len)
        memcpy(out, reply->request + reply->request_sent, len);
    reply->request_sent += len;
    if (reply->request_sent < reply->request_len)
        return (ssize_t)len;
    if (!reply->keeps_open)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    else if (len == 0)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)len;
}

#define FIELD(name, value)                                                                         \
    {                                                                                              \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), 0                      \
    }

struct reply *client_request(struct client *client, const char *path, const char *bytes, size_t len,
                             const struct request_options *options)
{
    static const struct request_options none = { 0 };
    if (!options)
        options = &none;
    const char *method = options->method ? options->method : "POST";
    const char *type = options->content_type ? options->content_type : "application/grpc";
    const nghttp2_nv fields[] = {
        FIELD(":method", method),    FIELD(":scheme", "http"),    FIELD(":path", path),
        FIELD(":authority", "test"), FIELD("content-type", type), FIELD("te", "trailers"),
    };
    struct reply *reply = calloc(1, sizeof *reply);
    const nghttp2_data_provider provider = { { .ptr = reply }, read_request };
    ck_assert_uint_lt(client->count, REPLY_LIMIT);
    client->replies[client->count++] = reply;
    reply->grpc_status = -1;
    reply->request = bytes;
    reply->request_len = len;
    reply->keeps_open = options->keeps_open;
    reply->paused = options->paused;
    reply->id = nghttp2_submit_request(client->session, NULL, fields,
                                       sizeof fields / sizeof *fields, &provider, reply);
    ck_assert_int_gt(reply->id, 0);
    return reply;
}

struct reply *client_call(struct client *client, const char *path, const char *message, size_t len)
{
    char *body = calloc(1, len + 5);
    for (int i = 0; i < 4; i++)
        body[1 + i] = (char)(len >> (24 - 8 * i));
    memcpy(body + 5, message, len);
    struct reply *reply = client_request(client, path, body, len + 5, NULL);
    reply->owned = body;
    return reply;
}

bool reply_is(const struct reply *reply, const char *message, size_t len)
{
    return reply->closed && reply->error_code == 0 && reply->http_status == 200 &&
           reply->grpc_status == 0 && reply->len == len + 5 && reply->body[0] == 0 &&
           (len == 0 || memcmp(reply->body + 5, message, len) == 0);
}

void client_resume(struct client *client, struct reply *reply)
{
    reply->paused = false;
    nghttp2_session_consume(client->session, reply->id, reply->len);
}

bool client_talk(struct client *client, struct h2_connection *server, size_t chunk)
{
    bool well = true;
    for (bool moved = true; moved;) {
        const uint8_t *bytes;
        ssize_t len = nghttp2_session_mem_send(client->session, &bytes);
        moved = len > 0;
        for (size_t i = 0; len > 0 && i < (size_t)len; i += chunk) {
            size_t part = (size_t)len - i < chunk ? (size_t)len - i : chunk;
            well = h2_receive(server, (struct str){ (const char *)bytes + i, part }) && well;
        }
        struct str out = h2_output(server);
        moved = moved || out.len;
        for (size_t i = 0; i < out.len; i += chunk) {
            size_t part = out.len - i < chunk ? out.len - i : chunk;
            ck_assert_int_eq(
                nghttp2_session_mem_recv(client->session, (const uint8_t *)out.at + i, part),
                (ssize_t)part);
        }
    }
    return well;
}

static bool send_all(struct client *client, int fd)
{
    const uint8_t **left = &client->left;
    size_t *left_len = &client->left_len;
    for (;;) {
        if (!*left_len) {
            ssize_t len = nghttp2_session_mem_send(client->session, left);
            ck_assert_int_ge(len, 0);
            if (len == 0)
                return true;
            *left_len = (size_t)len;
        }
        ssize_t sent = send(fd, *left, *left_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN;
        *left += sent;
        *left_len -= (size_t)sent;
    }
}

static bool receive_some(struct client *client, int fd)
{
    static uint8_t bytes[64 * 1024];
    ssize_t len = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (len < 0)
        return errno == EAGAIN;
    return len > 0 && nghttp2_session_mem_recv(client->session, bytes, (size_t)len) == len;
}

static bool run(struct client *client, int fd, const struct reply *reply, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;
    while (!(reply && reply->closed && !client->left_len)) {
        int64_t remaining = until - clock_monotonic_ms();
        if (remaining <= 0)
            return false;
        if (!send_all(client, fd)) {
            client->failed = true;
            return true;
        }
        if (reply && reply->closed && !client->left_len)
            break;
        struct pollfd polled = { fd, (short)(POLLIN | (client->left_len ? POLLOUT : 0)), 0 };
        poll(&polled, 1, (int)remaining);
        if (polled.revents & (POLLIN | POLLHUP) && !receive_some(client, fd)) {
            client->failed = true;
            return true;
        }
    }
    return true;
}

bool client_run(struct client *client, int fd, struct reply *reply)
{
    return run(client, fd, reply, 20000);
}

void client_exchange(struct client *client, int fd, int ms)
{
    (void)run(client, fd, NULL, ms);
}
