/* The HTTP/2 session of one connection on nghttp2: its streams, and what arrives on them. */
#include "provider/h2.h"

#include <string.h>

#include "provider/h2_stream.h"

static struct h2_stream *stream_of(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct h2_stream *stream = stream_open(context, frame->hd.stream_id);
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *context)
{
    (void)flags;
    (void)context;
    struct h2_stream *stream = stream_of(session, frame->hd.stream_id);
    if (!stream || frame->hd.type != NGHTTP2_HEADERS)
        return 0;
    /* RFC 9113, 6.5.2: 32 bytes of overhead count for each field. */
    stream->header_bytes += name_len + value_len + 32;
    if (stream->header_bytes > H2_HEADER_LIST_LIMIT)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct str key = { (const char *)name, name_len };
    struct str text = { (const char *)value, value_len };
    if (str_is(key, ":path") && text.len <= H2_PATH_LIMIT) {
        memcpy(stream->path, text.at, text.len);
        stream->path_len = text.len;
    } else if (str_is(key, ":method")) {
        stream->is_post = str_is(text, "POST");
    } else if (str_is(key, "content-type")) {
        stream->is_grpc = str_is(text, "application/grpc") ||
                          str_is(text, "application/grpc+proto") ||
                          str_starts(text, "application/grpc;");
    }
    return 0;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)context;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    struct h2_stream *stream = stream_of(session, frame->hd.stream_id);
    if (!stream)
        return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        stream_begin(stream);
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        stream_end(stream);
    return 0;
}

static int on_data_chunk_recv(nghttp2_session *session, uint8_t flags, int32_t id,
                              const uint8_t *bytes, size_t len, void *context)
{
    (void)flags;
    (void)context;
    struct h2_stream *stream = stream_of(session, id);
    if (stream)
        stream_receive(stream, (struct str){ (const char *)bytes, len });
    return 0;
}

/* An answer that ended before its request did: the peer is told to stop sending (RFC 9113, 8.1). */
static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *context)
{
    (void)context;
    if (frame->hd.type != NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    struct h2_stream *stream = stream_of(session, frame->hd.stream_id);
    if (stream && !stream->request_over)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                         NGHTTP2_NO_ERROR);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t code, void *context)
{
    (void)code;
    (void)context;
    struct h2_stream *stream = stream_of(session, id);
    if (stream)
        stream_close(stream);
    return 0;
}

static nghttp2_session *open_session(struct h2_connection *connection)
{
    nghttp2_session *session = NULL;
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return NULL;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    if (nghttp2_session_server_new(&session, callbacks, connection) != 0)
        session = NULL;
    nghttp2_session_callbacks_del(callbacks);
    return session;
}

static bool announce_limits(nghttp2_session *session)
{
    static const nghttp2_settings_entry settings[] = {
        { NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, H2_STREAM_LIMIT },
        { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, H2_STREAM_WINDOW },
        { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H2_HEADER_LIST_LIMIT },
    };
    return nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings,
                                   sizeof settings / sizeof *settings) == 0 &&
           nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
                                                 H2_CONNECTION_WINDOW) == 0;
}

struct h2_connection *h2_open(const struct h2_events *events)
{
    struct arena arena = arena_make(NULL);
    struct h2_connection *connection = arena_try_alloc(&arena, sizeof *connection);
    if (!connection)
        return NULL;
    connection->arena = arena;
    connection->events = events;
    connection->session = open_session(connection);
    if (!connection->session || !announce_limits(connection->session)) {
        h2_close(connection);
        return NULL;
    }
    return connection;
}

void h2_close(struct h2_connection *connection)
{
    /* nghttp2 does not tell of the streams that are open when its session is deleted. */
    while (connection->streams)
        stream_close(connection->streams);
    nghttp2_session_del(connection->session);
    struct arena arena = connection->arena;
    arena_release(&arena);
}

bool h2_receive(struct h2_connection *connection, struct str bytes)
{
    ssize_t taken =
        nghttp2_session_mem_recv(connection->session, (const uint8_t *)bytes.at, bytes.len);
    if (taken < 0)
        connection->broken = true;
    return !connection->broken;
}

struct str h2_output(struct h2_connection *connection)
{
    const uint8_t *bytes = NULL;
    ssize_t len = nghttp2_session_mem_send(connection->session, &bytes);
    if (len < 0)
        connection->broken = true;
    return (struct str){ (const char *)bytes, len > 0 ? (size_t)len : 0 };
}

bool h2_is_over(const struct h2_connection *connection)
{
    return connection->broken || (!nghttp2_session_want_read(connection->session) &&
                                  !nghttp2_session_want_write(connection->session));
}

void h2_finish_open(struct h2_connection *connection)
{
    for (struct h2_stream *stream = connection->streams; stream; stream = stream->next)
        if (stream->started && !stream->user)
            h2_finish(stream, GRPC_OK, NULL);
}
