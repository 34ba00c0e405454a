/* Canonical requests, signing keys, and the two places where a signature can stand. */
#include "clients/sigv4.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encoding.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DATE_BYTES 8

void sigv4_print_time(int64_t time_ms, char out[SIGV4_TIME_BYTES])
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts) || !strftime(out, SIGV4_TIME_BYTES, "%Y%m%dT%H%M%SZ", &parts))
        memcpy(out, "19700101T000000Z", SIGV4_TIME_BYTES);
}

static struct str date_of(struct arena *arena, int64_t time_ms)
{
    char text[SIGV4_TIME_BYTES];
    sigv4_print_time(time_ms, text);
    return str_copy_bytes(arena, text, DATE_BYTES);
}

static struct str scope_of(struct arena *arena, const struct sigv4_signer *signer)
{
    return str_print(arena, "%s/%.*s/%.*s/aws4_request", date_of(arena, signer->time_ms).at,
                     STR_ARG(signer->region), STR_ARG(signer->service));
}

/* RFC 3986, 5.2.4, and empty segments gone; a slash at the end stays. */
static struct str normalize_path(struct arena *arena, struct str path)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    struct str *kept = ARENA_NEW_ARRAY(arena, struct str, path.len + 1);
    size_t count = 0;
    struct str rest = path, part, last = { 0 };
    while (str_split(&rest, '/', &part)) {
        last = part;
        if (str_is(part, ".."))
            count -= count > 0;
        else if (part.len && !str_is(part, "."))
            kept[count++] = part;
    }
    for (size_t i = 0; i < count; i++) {
        buf_add_byte(&out, '/');
        buf_add_str(&out, kept[i]);
    }
    if (count == 0 || !last.len || str_is(last, ".") || str_is(last, ".."))
        buf_add_byte(&out, '/');
    return buf_str(&out);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str percent_decode(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.at[i] == '%' && i + 2 < text.len && hex_digit(text.at[i + 1]) >= 0 &&
                       hex_digit(text.at[i + 2]) >= 0;
        if (escaped) {
            out[len++] = (char)(hex_digit(text.at[i + 1]) * 16 + hex_digit(text.at[i + 2]));
            i += 2;
        } else {
            out[len++] = text.at[i];
        }
    }
    return (struct str){ out, len };
}

struct pair {
    struct str name;
    struct str value;
};

static int by_name_then_value(const void *a, const void *b)
{
    const struct pair *left = a, *right = b;
    int order = str_order(left->name, right->name);
    return order ? order : str_order(left->value, right->value);
}

static struct str canonical_query(struct arena *arena, struct str query)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    struct pair *pairs = ARENA_NEW_ARRAY(arena, struct pair, query.len + 1);
    size_t count = 0;
    struct str rest = query, part;
    while (str_split(&rest, '&', &part)) {
        if (!part.len)
            continue;
        size_t equals = str_find(part, '=', 0);
        struct str name = str_slice(part, 0, equals);
        struct str value = str_slice(part, equals + 1, part.len);
        pairs[count++] = (struct pair){
            percent_encode(arena, percent_decode(arena, name), false),
            percent_encode(arena, percent_decode(arena, value), false),
        };
    }
    qsort(pairs, count, sizeof *pairs, by_name_then_value);
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_add_byte(&out, '&');
        buf_add_str(&out, pairs[i].name);
        buf_add_byte(&out, '=');
        buf_add_str(&out, pairs[i].value);
    }
    return buf_str(&out);
}

/* Outer blanks cut, inner runs of blanks made one. */
static void add_header_value(struct buf *out, struct str value)
{
    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        bool blank = value.at[i] == ' ' || value.at[i] == '\t';
        bool blank_before = i && (value.at[i - 1] == ' ' || value.at[i - 1] == '\t');
        if (!blank)
            buf_add_byte(out, value.at[i]);
        else if (!blank_before)
            buf_add_byte(out, ' ');
    }
}

struct named {
    struct str name;
    size_t position; /* keeps repeated headers in order of appearance */
};

static int by_name_then_position(const void *a, const void *b)
{
    const struct named *left = a, *right = b;
    int order = str_order(left->name, right->name);
    return order ? order : (left->position > right->position) - (left->position < right->position);
}

static struct named *sort_headers(struct arena *arena, const struct sigv4_request *request)
{
    struct named *sorted = ARENA_NEW_ARRAY(arena, struct named, request->header_count);
    for (size_t i = 0; i < request->header_count; i++)
        sorted[i] = (struct named){ str_lower(arena, str_of(request->headers[i].name)), i };
    if (request->header_count)
        qsort(sorted, request->header_count, sizeof *sorted, by_name_then_position);
    return sorted;
}

static struct str signed_headers(struct arena *arena, const struct sigv4_request *request)
{
    struct named *sorted = sort_headers(arena, request);
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; i < request->header_count; i++) {
        if (i && str_equal(sorted[i].name, sorted[i - 1].name))
            continue;
        if (i)
            buf_add_byte(&out, ';');
        buf_add_str(&out, sorted[i].name);
    }
    return buf_str(&out);
}

static void add_canonical_headers(struct buf *out, const struct sigv4_request *request)
{
    struct named *sorted = sort_headers(out->arena, request);
    for (size_t i = 0; i < request->header_count; i++) {
        bool repeated = i && str_equal(sorted[i].name, sorted[i - 1].name);
        if (i)
            buf_add_byte(out, repeated ? ',' : '\n');
        if (!repeated) {
            buf_add_str(out, sorted[i].name);
            buf_add_byte(out, ':');
        }
        add_header_value(out, request->headers[sorted[i].position].value);
    }
    buf_add_byte(out, '\n');
}

struct str sigv4_canonical_request(struct arena *arena, const struct sigv4_request *request,
                                   struct str payload_hash)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_print(&out, "%s\n", request->method);
    buf_add_str(&out, percent_encode(arena, normalize_path(arena, request->path), true));
    buf_add_byte(&out, '\n');
    buf_add_str(&out, canonical_query(arena, request->query));
    buf_add_byte(&out, '\n');
    add_canonical_headers(&out, request);
    buf_add_byte(&out, '\n');
    buf_add_str(&out, signed_headers(arena, request));
    buf_add_byte(&out, '\n');
    buf_add_str(&out, payload_hash);
    return buf_str(&out);
}

struct str sigv4_string_to_sign(struct arena *arena, const struct sigv4_signer *signer,
                                struct str canonical_request)
{
    char time[SIGV4_TIME_BYTES];
    sigv4_print_time(signer->time_ms, time);
    return str_print(arena, ALGORITHM "\n%s\n%s\n%s", time, scope_of(arena, signer).at,
                     str_copy(arena, sha256_hex(arena, canonical_request)).at);
}

struct str sigv4_signature(struct arena *arena, const struct sigv4_signer *signer,
                           struct str string_to_sign)
{
    struct str first = str_print(arena, "AWS4%.*s", STR_ARG(signer->credentials->secret_key));
    const struct str parts[] = { date_of(arena, signer->time_ms), signer->region, signer->service,
                                 STR("aws4_request"), string_to_sign };
    unsigned char key[32], next[32];
    struct str with = first;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hmac_sha256(with, parts[i], next);
        memcpy(key, next, sizeof key);
        with = (struct str){ (const char *)key, sizeof key };
    }
    return hex_encode(arena, with);
}

static struct str sign_canonical(struct arena *arena, const struct sigv4_signer *signer,
                                 const struct sigv4_request *request)
{
    struct str hash = sha256_hex(arena, request->body);
    struct str canonical = sigv4_canonical_request(arena, request, hash);
    return sigv4_signature(arena, signer, sigv4_string_to_sign(arena, signer, canonical));
}

struct str sigv4_authorization(struct arena *arena, const struct sigv4_signer *signer,
                               const struct sigv4_request *request)
{
    struct str names = signed_headers(arena, request);
    struct str signature = sign_canonical(arena, signer, request);
    return str_print(arena, ALGORITHM " Credential=%.*s/%s, SignedHeaders=%.*s, Signature=%.*s",
                     STR_ARG(signer->credentials->access_key), scope_of(arena, signer).at,
                     STR_ARG(names), STR_ARG(signature));
}

struct http_header *sigv4_sign(struct arena *arena, const struct sigv4_signer *signer,
                               const struct sigv4_request *request, size_t *count)
{
    struct http_header *headers =
        ARENA_NEW_ARRAY(arena, struct http_header, request->header_count + SIGV4_HEADERS);
    char time[SIGV4_TIME_BYTES];
    sigv4_print_time(signer->time_ms, time);
    size_t n = request->header_count;
    if (n)
        memcpy(headers, request->headers, n * sizeof *headers);
    headers[n++] = (struct http_header){ "x-amz-date", str_copy(arena, str_of(time)) };
    if (signer->credentials->session_token.at)
        headers[n++] =
            (struct http_header){ "x-amz-security-token", signer->credentials->session_token };
    struct sigv4_request signed_request = *request;
    signed_request.headers = headers;
    signed_request.header_count = n;
    struct str authorization = sigv4_authorization(arena, signer, &signed_request);
    headers[n++] = (struct http_header){ "authorization", authorization };
    *count = n;
    return headers;
}

struct str sigv4_presign(struct arena *arena, const struct sigv4_signer *signer,
                         const struct sigv4_request *request, struct str host, int expires_s)
{
    const struct aws_credentials *credentials = signer->credentials;
    struct str id =
        str_print(arena, "%.*s/%s", STR_ARG(credentials->access_key), scope_of(arena, signer).at);
    char time[SIGV4_TIME_BYTES];
    sigv4_print_time(signer->time_ms, time);
    struct buf query = buf_make(arena, BUF_LIMIT);
    buf_add_str(&query, request->query);
    buf_add_text(&query, request->query.len ? "&" : "");
    buf_add_text(&query, "X-Amz-Algorithm=" ALGORITHM "&X-Amz-Credential=");
    buf_add_str(&query, percent_encode(arena, id, false));
    buf_print(&query, "&X-Amz-Date=%s&X-Amz-Expires=%d&X-Amz-SignedHeaders=", time, expires_s);
    buf_add_str(&query, percent_encode(arena, signed_headers(arena, request), false));
    if (credentials->session_token.at) {
        buf_add_text(&query, "&X-Amz-Security-Token=");
        buf_add_str(&query, percent_encode(arena, credentials->session_token, false));
    }
    struct sigv4_request presigned = *request;
    presigned.query = buf_str(&query);
    struct str signature = sign_canonical(arena, signer, &presigned);
    struct str path = request->path.len ? request->path : STR("/");
    return str_print(arena, "https://%.*s%.*s?%.*s&X-Amz-Signature=%.*s", STR_ARG(host),
                     STR_ARG(path), STR_ARG(presigned.query), STR_ARG(signature));
}
