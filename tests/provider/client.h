/* A gRPC client for tests, on nghttp2: bytes in, bytes out, or over a socket. */
#pragma once

#include <nghttp2/nghttp2.h>
#include <stdbool.h>
#include <stddef.h>

#define REPLY_LIMIT 512

struct reply {
    int32_t id;
    int http_status;
    int grpc_status; /* -1: none came */
    char grpc_message[2048];
    char content_type[64];
    char *body; /* prefixes included */
    size_t len, room;
    bool closed;
    bool paused; /* the body's window is not given back */
    uint32_t error_code;
    const char *request;
    size_t request_len, request_sent;
    bool keeps_open; /* the request does not end */
    char *owned;     /* the request, where it is to be freed */
};

struct client {
    nghttp2_session *session;
    struct reply *replies[REPLY_LIMIT];
    size_t count;
    const uint8_t *left; /* made but not sent yet */
    size_t left_len;
    bool ended; /* the server said GOAWAY */
    bool failed;
};

void client_open(struct client *client);
void client_close(struct client *client);

struct request_options {
    const char *content_type; /* NULL: application/grpc */
    const char *method;       /* NULL: POST */
    bool keeps_open;
    bool paused;
};

/* Sends BYTES as the body, as they are; they must live until the reply is closed. */
struct reply *client_request(struct client *client, const char *path, const char *bytes, size_t len,
                             const struct request_options *options);

/* The same with a prefix before a message, which is copied. */
struct reply *client_call(struct client *client, const char *path, const char *message, size_t len);

/* Whether REPLY is one message with these bytes and GRPC_OK. */
bool reply_is(const struct reply *reply, const char *message, size_t len);

/* Gives back the window of a paused reply. */
void client_resume(struct client *client, struct reply *reply);

struct h2_connection;

/* Lets CLIENT and SERVER talk, CHUNK bytes at a time, until both are silent; false where the server
 * called the connection beyond repair. */
bool client_talk(struct client *client, struct h2_connection *server, size_t chunk);

/* Sends and receives on FD until REPLY (NULL: nothing) is closed or the connection ends; false
 * after 20 s. */
bool client_run(struct client *client, int fd, struct reply *reply);
/* Exchanges what there is for at most MS milliseconds. */
void client_exchange(struct client *client, int fd, int ms);
