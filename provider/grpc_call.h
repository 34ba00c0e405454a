/* One gRPC call: what its worker and the I/O thread share, as only grpc.c and grpc_call.c see it.
 */
#pragma once

#include "provider/h2.h"
#include "provider/worker.h"

/* Where workers put what the I/O thread has to fetch. */
struct grpc_outbox {
    pthread_mutex_t mutex;
    pthread_cond_t drained;    /* a slow client took something, or is gone */
    struct grpc_stream *first; /* streams with news */
    int wake;                  /* an eventfd that is readable while there are some */
    atomic_bool stopped;       /* StopProvider, or the process ends */
    atomic_bool ending;        /* what has not begun need not begin */
};

/* Lives in the memory of its HTTP/2 stream until the worker is done and the stream closed. */
struct grpc_stream {
    struct worker_task task;
    struct grpc_outbox *outbox;
    struct h2_stream *h2; /* the I/O thread's */
    const struct grpc_method *method;
    struct str request;
    uint64_t id;
    atomic_bool cancelled; /* the stream is closed */

    /* The worker's. */
    struct arena arena;
    jmp_buf out_of_memory;
    struct call call;

    /* Under the outbox's mutex. */
    struct grpc_stream *next_news;
    bool has_news;
    struct parcel *first, *last;
    size_t queued_bytes; /* not yet handed to the transport */
    bool lost_message;   /* memory ran out for one */
    bool finished;
    enum grpc_status status;
    char status_text[H2_STATUS_TEXT_LIMIT];
};

/* The worker's part: runs the method and reports how it ended. */
void grpc_call_run(struct worker_task *task);

/* The I/O thread's part: hands everything that workers left in OUTBOX to the HTTP/2 streams;
 * returns how many calls finished. */
size_t grpc_outbox_empty(struct grpc_outbox *outbox);

/* LEN bytes of STREAM's answer went out. */
void grpc_call_sent(struct grpc_stream *stream, size_t len);

/* The HTTP/2 stream is closed. */
void grpc_call_cancel(struct grpc_stream *stream);
