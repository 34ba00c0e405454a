/* One request on its way through libcurl: options in, answer out.
 *
 * The caller's thread prepares a transfer and waits; from its submission until it is done
 * everything in it belongs to the loop's thread, which never touches the caller's arena. */
#pragma once

#include <curl/curl.h>
#include <pthread.h>

#include "clients/http.h"

/* All header lines of one answer together. */
#define HTTP_HEADERS_LIMIT ((size_t)256 * 1024)

struct http_line {
    struct http_line *next;
    struct str name; /* lower case */
    struct str value;
};

struct http_transfer {
    /* Prepared by the caller. */
    const struct call *call; /* the loop reads its deadline and the wish to be cancelled */
    const struct http_request *request;
    const char *url;            /* what libcurl gets */
    char *scheme, *host, *port; /* of the request's URL; port is never NULL */
    char *path;
    struct str authority; /* scheme://host:port, what the limit in flight counts by */
    CURLU *parsed;
    char *renamed_url; /* the URL with the TLS server name in it, or NULL */
    struct curl_slist *headers;
    struct curl_slist *connect_to;
    const char *ca_file, *proxy, *no_proxy; /* NUL-terminated, or NULL */

    /* The loop's, until done. */
    CURL *easy; /* NULL while it waits for its turn */
    struct http_transfer *next, *previous;
    struct http_transfer *next_waiting;
    struct http_host *server;
    int64_t deadline_ms; /* monotonic; 0: none */
    bool cancel_seen;
    struct arena memory; /* of headers and body */
    struct http_line *first_line, *last_line;
    size_t line_count, line_bytes;
    struct buf body;
    enum http_outcome stopped_by; /* what a callback gave up for; HTTP_ANSWERED: nothing */
    char error[CURL_ERROR_SIZE];

    /* The result, the caller's once done. */
    bool done; /* guarded by the loop's mutex */
    pthread_cond_t finished;
    enum http_outcome outcome;
    int status;
    bool maybe_sent;
    int64_t started_ms, ended_ms; /* wall clock */
};

/* A transfer for REQUEST in CALL's arena, which also ends it.  NULL where URL or headers are
 * malformed; *WHY then says what is. */
struct http_transfer *http_transfer_prepare(struct call *call, const struct http_request *request,
                                            struct str *why);

/* Gives back what the transfer holds outside the arena; may be called again. */
void http_transfer_release(struct http_transfer *transfer);

/* Sets all options of transfer->easy.  False where libcurl has no memory. */
bool http_transfer_configure(struct http_transfer *transfer);

/* Whether bytes of the request may have reached the server. */
bool http_transfer_was_sent(const struct http_transfer *transfer);

/* What libcurl's RESULT means for a transfer that ended by itself. */
enum http_outcome http_transfer_outcome(const struct http_transfer *transfer, CURLcode result);
