/* The streams of an HTTP/2 connection, as only h2.c and h2_stream.c see them. */
#pragma once

#include <nghttp2/nghttp2.h>

#include "provider/h2.h"

struct h2_connection {
    struct arena arena;
    const struct h2_events *events;
    nghttp2_session *session;
    struct h2_stream *streams;
    bool broken;
};

struct h2_stream {
    struct arena arena;
    struct h2_connection *connection; /* NULL once closed */
    struct h2_stream *next, *previous;
    int32_t id;
    void *user;

    char path[H2_PATH_LIMIT];
    size_t path_len; /* 0: none, or too long to be one of ours */
    size_t header_bytes;
    bool is_post;
    bool is_grpc;

    const void *method;
    unsigned char prefix[H2_PREFIX_BYTES];
    size_t prefix_len;
    size_t message_len; /* as the prefix announces it */
    struct parcel *message;
    bool request_over; /* the peer has ended its side */
    bool requested;    /* the owner knows of it */

    bool started;  /* the answer's headers were submitted */
    bool finished; /* nothing is added to the answer any more, and of the request nothing is read */
    enum grpc_status status;
    char status_text[H2_STATUS_TEXT_LIMIT + 4];
    struct parcel *first, *last;
    size_t first_sent; /* bytes of the first parcel that went out */
};

/* A stream whose headers begin; NULL where memory is used up. */
struct h2_stream *stream_open(struct h2_connection *connection, int32_t id);
/* The request's headers are there. */
void stream_begin(struct h2_stream *stream);
/* More of the request's body. */
void stream_receive(struct h2_stream *stream, struct str bytes);
/* The peer has ended its side. */
void stream_end(struct h2_stream *stream);
/* Takes the stream off its connection and, unless its user keeps it, releases it. */
void stream_close(struct h2_stream *stream);
