/* HTTP for all clients: one libcurl multi loop on a thread of its own, connections shared.
 *
 * A caller blocks in `http_send` until the answer is whole.  Nothing here retries and nothing here
 * adds a diagnostic: what a failure means is the business of the API's client. */
#pragma once

#include "base/buf.h"
#include "base/call.h"

/* Requests to one host that are under way at once; more of them wait.  A server's stream limit
 * makes libcurl open another connection for each 100 streams. */
#define HTTP_IN_FLIGHT_PER_HOST 100

/* The largest answer accepted unless the request says otherwise. */
#define HTTP_BODY_LIMIT ((size_t)64 * 1024 * 1024)

struct http_header {
    const char *name;
    struct str value;
};

/* How to reach and trust a server.  Unset members have at == NULL. */
struct http_tls {
    struct str ca_pem;  /* trusted instead of the system's; may hold several certificates */
    struct str ca_file; /* likewise, a file */
    struct str client_cert_pem;
    struct str client_key_pem;
    struct str server_name; /* verified and sent as SNI instead of the URL's host */
    bool insecure;          /* nothing is verified */
    struct str proxy;       /* overrides the environment's proxy */
    struct str no_proxy;
};

struct http_request {
    const char *method;
    struct str url;
    const struct http_header *headers;
    size_t header_count;
    struct str body; /* at == NULL: none */
    const struct http_tls *tls;
    int64_t timeout_ms;   /* 0: HTTP_TIMEOUT_MS; never longer than the call's deadline */
    size_t body_limit;    /* 0: HTTP_BODY_LIMIT */
    bool survives_cancel; /* a write: once sent, a cancel gives it HTTP_WRITE_GRACE_MS more */
    const struct http_header *log_fields; /* extra fields for the log line, nothing secret */
    size_t log_field_count;
};

#define HTTP_TIMEOUT_MS 60000
#define HTTP_CONNECT_TIMEOUT_MS 10000
#define HTTP_WRITE_GRACE_MS 30000

enum http_outcome {
    HTTP_ANSWERED,    /* status, headers and body are there */
    HTTP_UNRESOLVED,  /* the host's name is unknown */
    HTTP_UNREACHED,   /* no connection; nothing was sent */
    HTTP_TLS_REFUSED, /* the server's certificate or ours was refused; nothing was sent */
    HTTP_BROKEN,      /* the connection ended before the answer was whole */
    HTTP_TIMED_OUT,
    HTTP_TOO_LARGE, /* the answer passes the body limit */
    HTTP_CANCELLED,
    HTTP_MISUSED, /* a malformed URL or header: our mistake or the configuration's */
    HTTP_NO_MEMORY,
};

struct http_reply {
    enum http_outcome outcome;
    int status;
    struct http_header *headers; /* names in lower case, in order of appearance */
    size_t header_count;
    struct str body;    /* in the call's arena */
    struct str failure; /* unless HTTP_ANSWERED: one sentence without secrets, naming the host */
    bool maybe_sent;    /* the request may have reached the server */
    int64_t started_ms, ended_ms; /* wall clock, for clock-skew correction */
};

/* Starts the loop; called once per process, and again after `http_close`.  False on stderr-worthy
 * trouble (no thread, no libcurl). */
bool http_open(void);
void http_close(void);

/* Sends REQUEST and waits.  Always fills *REPLY; true where an HTTP answer of any status came. */
bool http_send(struct call *call, const struct http_request *request, struct http_reply *reply);

/* Tests replace what sends; NULL puts the real one back.  The function fills *REPLY from the call's
 * arena. */
typedef bool (*http_send_fn)(struct call *call, const struct http_request *request,
                             struct http_reply *reply);
void http_replace(http_send_fn send);

/* The first header NAME (lower case), or at == NULL. */
struct str http_header_of(const struct http_reply *reply, const char *name);
