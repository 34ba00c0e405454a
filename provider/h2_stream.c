/* gRPC on one HTTP/2 stream: a message is read out of DATA frames, answers become DATA frames. */
#include "provider/h2_stream.h"

#include <stdio.h>
#include <string.h>

/* Room for a message before anything of it has arrived, whatever length its prefix announces. */
#define FIRST_ROOM ((size_t)64 * 1024)

#define HEADER(name, value)                                                                        \
    {                                                                                              \
        (uint8_t *)(name), (uint8_t *)(value), strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE   \
    }

struct h2_stream *stream_open(struct h2_connection *connection, int32_t id)
{
    struct arena arena = arena_make(NULL);
    struct h2_stream *stream = arena_try_alloc(&arena, sizeof *stream);
    if (!stream)
        return NULL;
    stream->arena = arena;
    stream->connection = connection;
    stream->id = id;
    stream->next = connection->streams;
    if (stream->next)
        stream->next->previous = stream;
    connection->streams = stream;
    return stream;
}

static void release(struct h2_stream *stream)
{
    while (stream->first) {
        struct parcel *parcel = stream->first;
        stream->first = parcel->next;
        parcel_release(parcel);
    }
    parcel_release(stream->message);
    struct arena arena = stream->arena;
    arena_release(&arena);
}

void stream_close(struct h2_stream *stream)
{
    struct h2_connection *connection = stream->connection;
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        connection->streams = stream->next;
    stream->connection = NULL;
    nghttp2_session_set_stream_user_data(connection->session, stream->id, NULL);
    if (stream->requested)
        connection->events->closed(connection->events->context, stream);
    if (!stream->user)
        release(stream);
}

struct arena *h2_stream_arena(struct h2_stream *stream)
{
    return &stream->arena;
}

void h2_stream_keep(struct h2_stream *stream, void *user)
{
    stream->user = user;
}

void *h2_stream_user(const struct h2_stream *stream)
{
    return stream->user;
}

void h2_stream_release(struct h2_stream *stream)
{
    stream->user = NULL;
    if (!stream->connection)
        release(stream);
}

/* The stream cannot be answered in an orderly way: memory is used up. */
static void reset(struct h2_stream *stream)
{
    stream->finished = true;
    if (nghttp2_submit_rst_stream(stream->connection->session, NGHTTP2_FLAG_NONE, stream->id,
                                  NGHTTP2_INTERNAL_ERROR) != 0)
        stream->connection->broken = true;
}

/* Answers with a status of HTTP, for requests that are not gRPC. */
static void refuse_http(struct h2_stream *stream, const char *status)
{
    const nghttp2_nv headers[] = { HEADER(":status", status) };
    stream->started = stream->finished = true;
    if (nghttp2_submit_response(stream->connection->session, stream->id, headers, 1, NULL) != 0)
        reset(stream);
}

void stream_begin(struct h2_stream *stream)
{
    const struct h2_events *events = stream->connection->events;
    if (!stream->is_post) {
        refuse_http(stream, "405");
        return;
    }
    if (!stream->is_grpc) {
        refuse_http(stream, "415");
        return;
    }
    struct str path = { stream->path, stream->path_len };
    stream->method = path.len ? events->find(events->context, path) : NULL;
    if (!stream->method)
        h2_finish(stream, GRPC_UNIMPLEMENTED, "This provider has no such method.");
}

static void refuse(struct h2_stream *stream, enum grpc_status status, const char *text)
{
    parcel_release(stream->message);
    stream->message = NULL;
    h2_finish(stream, status, text);
}

/* A prefix is whole: makes the first room for its message, or refuses it. */
static void begin_message(struct h2_stream *stream)
{
    const unsigned char *prefix = stream->prefix;
    size_t len = (size_t)prefix[1] << 24 | (size_t)prefix[2] << 16 | (size_t)prefix[3] << 8 |
                 (size_t)prefix[4];
    if (prefix[0] != 0) {
        refuse(stream, prefix[0] == 1 ? GRPC_UNIMPLEMENTED : GRPC_INTERNAL,
               "The request is compressed; only uncompressed messages are read.");
        return;
    }
    if (len > GRPC_MESSAGE_LIMIT) {
        refuse(stream, GRPC_RESOURCE_EXHAUSTED, "The request is larger than 256 MiB.");
        return;
    }
    stream->message_len = len;
    stream->message = parcel_make(len < FIRST_ROOM ? len : FIRST_ROOM);
    if (!stream->message)
        refuse(stream, GRPC_RESOURCE_EXHAUSTED, "Out of memory for the request.");
}

static struct str take_prefix(struct h2_stream *stream, struct str bytes)
{
    size_t len = H2_PREFIX_BYTES - stream->prefix_len;
    if (len > bytes.len)
        len = bytes.len;
    memcpy(stream->prefix + stream->prefix_len, bytes.at, len);
    stream->prefix_len += len;
    if (stream->prefix_len == H2_PREFIX_BYTES)
        begin_message(stream);
    return str_slice(bytes, len, bytes.len);
}

/* Room grows with what has arrived, not with what a prefix promises. */
static bool make_room(struct h2_stream *stream, size_t len)
{
    size_t needed = stream->message->len + len;
    size_t room = stream->message->room;
    while (room < needed)
        room *= 2;
    if (room > stream->message_len)
        room = stream->message_len;
    return parcel_grow(&stream->message, room);
}

static struct str take_message(struct h2_stream *stream, struct str bytes)
{
    size_t len = stream->message_len - stream->message->len;
    if (len == 0) {
        refuse(stream, GRPC_INTERNAL, "The request has more than one message.");
        return bytes;
    }
    if (len > bytes.len)
        len = bytes.len;
    if (make_room(stream, len))
        parcel_add(stream->message, bytes.at, len);
    else
        refuse(stream, GRPC_RESOURCE_EXHAUSTED, "Out of memory for the request.");
    return str_slice(bytes, len, bytes.len);
}

void stream_receive(struct h2_stream *stream, struct str bytes)
{
    while (bytes.len && stream->connection && !stream->finished)
        bytes = stream->prefix_len < H2_PREFIX_BYTES ? take_prefix(stream, bytes)
                                                     : take_message(stream, bytes);
}

void stream_end(struct h2_stream *stream)
{
    const struct h2_events *events = stream->connection->events;
    stream->request_over = true;
    if (stream->finished)
        return;
    if (!stream->message || stream->message->len < stream->message_len) {
        refuse(stream, GRPC_INTERNAL, "The request ended before its message was whole.");
        return;
    }
    stream->requested = true;
    events->request(events->context, stream, stream->method,
                    (struct str){ stream->message->bytes, stream->message->len });
}

/* The trailers; sent by themselves where no message came before. */
static size_t status_headers(const struct h2_stream *stream, nghttp2_nv *headers, char *number,
                             size_t number_size)
{
    size_t count = 0;
    snprintf(number, number_size, "%d", (int)stream->status);
    headers[count++] = (nghttp2_nv)HEADER("grpc-status", number);
    if (stream->status_text[0])
        headers[count++] = (nghttp2_nv)HEADER("grpc-message", stream->status_text);
    return count;
}

static void drop_first_parcel(struct h2_stream *stream)
{
    const struct h2_events *events = stream->connection->events;
    struct parcel *parcel = stream->first;
    stream->first = parcel->next;
    stream->first_sent = 0;
    events->sent(events->context, stream, parcel->len);
    parcel_release(parcel);
}

static ssize_t read_answer(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
                           uint32_t *flags, nghttp2_data_source *source, void *context)
{
    (void)context;
    struct h2_stream *stream = source->ptr;
    size_t done = 0;
    while (stream->first && done < room) {
        struct parcel *parcel = stream->first;
        size_t len = parcel->len - stream->first_sent;
        if (len > room - done)
            len = room - done;
        memcpy(out + done, parcel->bytes + stream->first_sent, len);
        done += len;
        stream->first_sent += len;
        if (stream->first_sent == parcel->len)
            drop_first_parcel(stream);
    }
    if (stream->first || !stream->finished)
        return done ? (ssize_t)done : NGHTTP2_ERR_DEFERRED;

    nghttp2_nv trailers[2];
    char number[16];
    size_t count = status_headers(stream, trailers, number, sizeof number);
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    if (nghttp2_submit_trailer(session, id, trailers, count) != 0)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    return (ssize_t)done;
}

void h2_start(struct h2_stream *stream)
{
    static const char content_type[] = "application/grpc";
    const nghttp2_nv headers[] = { HEADER(":status", "200"), HEADER("content-type", content_type) };
    const nghttp2_data_provider provider = { { .ptr = stream }, read_answer };
    if (!stream->connection || stream->started || stream->finished)
        return;
    stream->started = true;
    if (nghttp2_submit_response(stream->connection->session, stream->id, headers,
                                sizeof headers / sizeof *headers, &provider) != 0)
        reset(stream);
}

/* Fails where the answer was not deferred, which needs no waking. */
static void resume(struct h2_stream *stream)
{
    (void)nghttp2_session_resume_data(stream->connection->session, stream->id);
}

void h2_send(struct h2_stream *stream, struct parcel *parcel)
{
    if (!stream->connection || stream->finished) {
        parcel_release(parcel);
        return;
    }
    parcel->next = NULL;
    if (stream->first)
        stream->last->next = parcel;
    else
        stream->first = parcel;
    stream->last = parcel;
    h2_start(stream);
    resume(stream);
}

/* Percent-encoded as gRPC wants it, which leaves more characters as they are than this does. */
static void set_status_text(struct h2_stream *stream, const char *text)
{
    size_t len = 0;
    for (; *text && len < H2_STATUS_TEXT_LIMIT; text++) {
        unsigned char byte = (unsigned char)*text;
        bool plain = byte >= 0x20 && byte < 0x7f && byte != '%';
        len += (size_t)snprintf(stream->status_text + len, sizeof stream->status_text - len,
                                plain ? "%c" : "%%%02X", byte);
    }
}

void h2_finish(struct h2_stream *stream, enum grpc_status status, const char *text)
{
    if (!stream->connection || stream->finished)
        return;
    stream->finished = true;
    stream->status = status;
    if (text)
        set_status_text(stream, text);
    if (stream->started) {
        resume(stream);
        return;
    }
    nghttp2_nv headers[4] = { HEADER(":status", "200"),
                              HEADER("content-type", "application/grpc") };
    char number[16];
    size_t count = 2 + status_headers(stream, headers + 2, number, sizeof number);
    stream->started = true;
    if (nghttp2_submit_response(stream->connection->session, stream->id, headers, count, NULL) != 0)
        reset(stream);
}
