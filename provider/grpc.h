/* gRPC over HTTP/2 for a plugin's few clients: methods by path, one worker a call.
 *
 * One I/O thread runs the connections (nghttp2, TLS where asked) and answers by itself what must
 * never wait: StopProvider, Shutdown, Health and the Stdio stream.  Every other method runs as
 * blocking code on a worker.  Knows nothing of Terraform's messages. */
#pragma once

#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/call.h"

/* The status codes of gRPC that we send. */
enum grpc_status {
    GRPC_OK = 0,
    GRPC_CANCELLED = 1,
    GRPC_UNKNOWN = 2,
    GRPC_INVALID_ARGUMENT = 3,
    GRPC_RESOURCE_EXHAUSTED = 8,
    GRPC_UNIMPLEMENTED = 12,
    GRPC_INTERNAL = 13,
    GRPC_UNAVAILABLE = 14,
};

/* Where limits are enforced: each is a promise to the process, not to the client. */
#define GRPC_MESSAGE_LIMIT ((size_t)256 * 1024 * 1024)
#define GRPC_WORKER_LIMIT 256
#define GRPC_WORKER_STACK_BYTES ((size_t)1024 * 1024)

/* Of one stream's answer, beside the message that passes it. */
#define GRPC_QUEUE_BYTES ((size_t)4 * 1024 * 1024)

/* Clients at once; more of them wait to be accepted. */
#define GRPC_CONNECTION_LIMIT 64

/* How long running calls may take to notice that the process ends: core kills it after 2 s. */
#define GRPC_ENDING_MS 1500

struct grpc_stream;

/* Runs one call.  REQUEST is one whole message.  A unary method calls `grpc_send` exactly once
 * before it returns GRPC_OK.  On another status CALL's first error, if any, becomes the status
 * message. */
typedef enum grpc_status (*grpc_method_fn)(struct call *call, struct grpc_stream *stream,
                                           struct str request);

struct grpc_method {
    const char *path; /* "/tfplugin6.Provider/PlanResourceChange" */
    grpc_method_fn run;
};

/* Queues one message of the answer; MESSAGE is copied.  Waits while more than GRPC_QUEUE_BYTES wait
 * for a slow client.  False where the client is gone (no error added: the call should just end). */
bool grpc_send(struct grpc_stream *stream, struct str message);

struct grpc_server_options {
    int listener; /* a listening socket; the server closes it */
    SSL_CTX *tls; /* NULL: plain HTTP/2 with prior knowledge */
    const struct grpc_method *methods;
    size_t method_count;
    bool many_connections; /* debug mode: outlives its clients */
    int end;               /* readable once the process should end; -1: none */
};

/* Serves until Shutdown is called, `end` is readable, or, unless many_connections, the parent
 * process is gone.  Then cancels what runs, waits for it (GRPC_ENDING_MS) and returns the exit
 * status of the process, which should end by _exit: a call that did not stop may still be running.
 * StopProvider sets every call's `cancelled2`, those yet to come included; in debug mode the next
 * connection clears it.  SIGPIPE must not end the process. */
int grpc_serve(const struct grpc_server_options *options);
