/* One HTTP/2 connection of a gRPC server: bytes in, requests out, answers in, bytes out.
 *
 * Knows neither sockets nor threads: the owner feeds what it received and fetches what is to be
 * sent, all on one thread.  gRPC's framing (5 bytes before each message) is undone and made here,
 * and whatever a peer sends amiss fails one stream or, where HTTP/2 says so, the connection. */
#pragma once

#include "base/str.h"
#include "provider/grpc.h"
#include "provider/parcel.h"

/* What a peer may have under way and send at once. */
#define H2_STREAM_LIMIT 1000
#define H2_STREAM_WINDOW (1 << 20)
#define H2_CONNECTION_WINDOW (16 << 20)
#define H2_HEADER_LIST_LIMIT ((size_t)64 * 1024)
#define H2_PATH_LIMIT 256

/* Bytes before each message: a flag and the length, big-endian. */
#define H2_PREFIX_BYTES 5

struct h2_connection;
struct h2_stream;

/* What the owner is told.  None of these may call `h2_receive`, `h2_output` or `h2_close`. */
struct h2_events {
    void *context;
    /* The method at PATH, or NULL: the stream is then answered with GRPC_UNIMPLEMENTED. */
    const void *(*find)(void *context, struct str path);
    /* A request is whole: exactly one MESSAGE, borrowed from the stream. */
    void (*request)(void *context, struct h2_stream *stream, const void *method,
                    struct str message);
    /* A parcel of LEN bytes was handed to the transport. */
    void (*sent)(void *context, struct h2_stream *stream, size_t len);
    /* The stream is over, for whatever reason.  Told once, and only of streams with a request. */
    void (*closed)(void *context, struct h2_stream *stream);
};

/* A connection whose client is yet to send its preface; EVENTS must outlive it.  NULL where memory
 * is used up. */
struct h2_connection *h2_open(const struct h2_events *events);

/* Closes all streams and the connection. */
void h2_close(struct h2_connection *connection);

/* Takes what the peer sent.  False where the connection is beyond repair: fetch what `h2_output`
 * still has, then close. */
MUST_CHECK bool h2_receive(struct h2_connection *connection, struct str bytes);

/* The next bytes to send, valid until the next call on this connection; len == 0 where there is
 * nothing to send now. */
struct str h2_output(struct h2_connection *connection);

/* Whether nothing more will be received or sent. */
bool h2_is_over(const struct h2_connection *connection);

/* Ends with GRPC_OK all streams that have an answer under way and no user: those held open. */
void h2_finish_open(struct h2_connection *connection);

/* Memory that lives as long as the stream. */
struct arena *h2_stream_arena(struct h2_stream *stream);

/* What the owner wants to find again; a stream with a user stays in memory after it was closed
 * until `h2_stream_release`, so that a worker may still use it. */
void h2_stream_keep(struct h2_stream *stream, void *user);
void *h2_stream_user(const struct h2_stream *stream);
/* The user is done with the stream; it may be gone after this. */
void h2_stream_release(struct h2_stream *stream);

/* Begins an answer without a message yet. */
void h2_start(struct h2_stream *stream);
/* Queues a PARCEL that holds one message with its prefix, and owns it from here on; on a closed
 * stream it is dropped. */
void h2_send(struct h2_stream *stream, struct parcel *parcel);
/* Ends the answer after what is queued; only the first call counts.  TEXT (any UTF-8, or NULL) is
 * cut to H2_STATUS_TEXT_LIMIT bytes. */
void h2_finish(struct h2_stream *stream, enum grpc_status status, const char *text);

#define H2_STATUS_TEXT_LIMIT 1024
