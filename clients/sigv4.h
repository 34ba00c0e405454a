/* AWS Signature Version 4, in headers and in a URL.
 *
 * For services other than S3: dot segments and doubled slashes leave the path, and the path as it
 * goes over the wire is percent-encoded once more.  Checked by the vectors that AWS publishes. */
#pragma once

#include "clients/aws_credentials.h"
#include "clients/http.h"

struct sigv4_request {
    const char *method;
    struct str path;                   /* as sent, percent-encoded; empty means "/" */
    struct str query;                  /* as sent, without the question mark */
    const struct http_header *headers; /* every one is signed; "host" must be among them */
    size_t header_count;
    struct str body;
};

struct sigv4_signer {
    const struct aws_credentials *credentials;
    struct str region;
    struct str service;
    int64_t time_ms; /* wall clock, corrected for skew */
};

/* The room for a time as AWS writes it. */
#define SIGV4_TIME_BYTES 17

/* TIME_MS as 20150830T123600Z. */
void sigv4_print_time(int64_t time_ms, char out[SIGV4_TIME_BYTES]);

/* The three steps of a signature over REQUEST as it stands.  PAYLOAD_HASH is lower-case hex. */
struct str sigv4_canonical_request(struct arena *arena, const struct sigv4_request *request,
                                   struct str payload_hash);
struct str sigv4_string_to_sign(struct arena *arena, const struct sigv4_signer *signer,
                                struct str canonical_request);
struct str sigv4_signature(struct arena *arena, const struct sigv4_signer *signer,
                           struct str string_to_sign);

/* The value of the header Authorization for REQUEST, whose headers hold x-amz-date already. */
struct str sigv4_authorization(struct arena *arena, const struct sigv4_signer *signer,
                               const struct sigv4_request *request);

/* How many headers `sigv4_sign` adds at most. */
#define SIGV4_HEADERS 3

/* REQUEST's headers and behind them x-amz-date, x-amz-security-token (where there is a token) and
 * authorization; *COUNT is their number. */
NEVER_NULL struct http_header *sigv4_sign(struct arena *arena, const struct sigv4_signer *signer,
                                          const struct sigv4_request *request, size_t *count);

/* The URL https://HOST/path?query that holds the signature of REQUEST and ends after EXPIRES_S
 * seconds.  HOST must be REQUEST's header host. */
struct str sigv4_presign(struct arena *arena, const struct sigv4_signer *signer,
                         const struct sigv4_request *request, struct str host, int expires_s);
