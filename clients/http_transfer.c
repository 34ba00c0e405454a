/* Options, callbacks and results of one libcurl transfer. */
#include "clients/http_transfer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A control byte could end a header line or a URL early; a tab is legal within a header's value. */
static bool has_control(struct str s, bool tab_allowed)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char byte = (unsigned char)s.at[i];
        if ((byte < 0x20 && !(byte == '\t' && tab_allowed)) || byte == 0x7f)
            return true;
    }
    return false;
}

static const char *text_or_null(struct arena *arena, struct str s)
{
    return s.at ? str_copy(arena, s).at : NULL;
}

static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (!longer)
        return false;
    *list = longer;
    return true;
}

/* The URL's parts, and with a TLS server name the URL that holds it instead of the host. */
static bool parse_url(struct http_transfer *transfer)
{
    CURLU *parsed = transfer->parsed = curl_url();
    if (!parsed || curl_url_set(parsed, CURLUPART_URL, transfer->url, CURLU_PATH_AS_IS) ||
        curl_url_get(parsed, CURLUPART_SCHEME, &transfer->scheme, 0) ||
        curl_url_get(parsed, CURLUPART_HOST, &transfer->host, 0) ||
        curl_url_get(parsed, CURLUPART_PORT, &transfer->port, CURLU_DEFAULT_PORT) ||
        curl_url_get(parsed, CURLUPART_PATH, &transfer->path, 0))
        return false;
    return strcmp(transfer->scheme, "https") == 0 || strcmp(transfer->scheme, "http") == 0;
}

/* The name goes into the URL, so that libcurl verifies it and sends it as SNI, the connection to
 * the host that was meant, and Host stays as it was. */
static bool override_server_name(struct call *call, struct http_transfer *transfer,
                                 struct str server_name)
{
    char *explicit_port = NULL;
    bool has_port = !curl_url_get(transfer->parsed, CURLUPART_PORT, &explicit_port, 0);
    curl_free(explicit_port);
    struct str host = has_port
                          ? str_print(call->arena, "Host: %s:%s", transfer->host, transfer->port)
                          : str_print(call->arena, "Host: %s", transfer->host);
    struct str to = str_print(call->arena, "::%s:%s", transfer->host, transfer->port);
    const char *name = str_copy(call->arena, server_name).at;
    if (curl_url_set(transfer->parsed, CURLUPART_HOST, name, 0) ||
        curl_url_get(transfer->parsed, CURLUPART_URL, &transfer->renamed_url, 0) ||
        !add_line(&transfer->connect_to, to.at) || !add_line(&transfer->headers, host.at))
        return false;
    transfer->url = transfer->renamed_url;
    return true;
}

static bool add_header(struct call *call, struct http_transfer *transfer,
                       const struct http_header *header)
{
    /* libcurl takes "Name:" as the wish to send no such header; "Name;" sends it empty. */
    struct str line = header->value.len
                          ? str_print(call->arena, "%s: %.*s", header->name, STR_ARG(header->value))
                          : str_print(call->arena, "%s;", header->name);
    return add_line(&transfer->headers, line.at);
}

static bool is_header_name(const char *name)
{
    return *name && strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(name);
}

static bool add_headers(struct call *call, struct http_transfer *transfer, struct str *why)
{
    const struct http_request *request = transfer->request;
    bool has_content_type = false;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct http_header *header = &request->headers[i];
        if (!is_header_name(header->name) || has_control(header->value, true)) {
            *why = str_print(call->arena,
                             "the value of the header \"%s\" holds a line end or another control "
                             "byte, or its name is none",
                             header->name);
            return false;
        }
        has_content_type |= strcasecmp(header->name, "content-type") == 0;
        if (!add_header(call, transfer, header))
            return false;
    }
    /* What libcurl would add by itself to a body. */
    return add_line(&transfer->headers, "Expect:") &&
           (has_content_type || add_line(&transfer->headers, "Content-Type:"));
}

void http_transfer_release(struct http_transfer *transfer)
{
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->connect_to);
    curl_free(transfer->scheme);
    curl_free(transfer->host);
    curl_free(transfer->port);
    curl_free(transfer->path);
    curl_free(transfer->renamed_url);
    curl_url_cleanup(transfer->parsed);
    arena_release(&transfer->memory);
    transfer->headers = transfer->connect_to = NULL;
    transfer->scheme = transfer->host = transfer->port = transfer->path = NULL;
    transfer->renamed_url = NULL;
    transfer->parsed = NULL;
}

static void release(void *transfer)
{
    http_transfer_release(transfer);
}

struct http_transfer *http_transfer_prepare(struct call *call, const struct http_request *request,
                                            struct str *why)
{
    static const struct http_tls no_tls;
    const struct http_tls *tls = request->tls ? request->tls : &no_tls;
    struct http_transfer *transfer = ARENA_NEW(call->arena, struct http_transfer);
    arena_defer(call->arena, release, transfer);
    size_t limit = request->body_limit ? request->body_limit : HTTP_BODY_LIMIT;
    transfer->call = call;
    transfer->request = request;
    transfer->memory = arena_make(NULL);
    transfer->body = buf_make(&transfer->memory, limit);
    transfer->url = str_copy(call->arena, request->url).at;
    *why = STR("it is no absolute http or https URL");
    if (!request->url.len || has_control(request->url, false) || !parse_url(transfer))
        return NULL;
    transfer->authority =
        str_print(call->arena, "%s://%s:%s", transfer->scheme, transfer->host, transfer->port);
    transfer->ca_file = text_or_null(call->arena, tls->ca_file);
    transfer->proxy = text_or_null(call->arena, tls->proxy);
    transfer->no_proxy = text_or_null(call->arena, tls->no_proxy);
    *why = STR("the TLS server name is malformed");
    if (tls->server_name.len && (has_control(tls->server_name, false) ||
                                 !override_server_name(call, transfer, tls->server_name)))
        return NULL;
    *why = STR("a header could not be added");
    return add_headers(call, transfer, why) ? transfer : NULL;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *argument)
{
    struct http_transfer *transfer = argument;
    size_t len = size * count;
    if (len > transfer->body.limit - transfer->body.len) {
        transfer->stopped_by = HTTP_TOO_LARGE;
        return 0;
    }
    if (!buf_try_add(&transfer->body, bytes, len)) {
        transfer->stopped_by = HTTP_NO_MEMORY;
        return 0;
    }
    return len;
}

static bool keep_line(struct http_transfer *transfer, struct str text)
{
    size_t colon = str_find(text, ':', 0);
    if (colon == text.len)
        return true;
    struct http_line *line = arena_try_alloc(&transfer->memory, sizeof *line);
    char *copy = arena_try_alloc(&transfer->memory, text.len + 1);
    if (!line || !copy)
        return false;
    memcpy(copy, text.at, text.len);
    for (size_t i = 0; i < colon; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] + 32);
    struct str whole = { copy, text.len };
    line->name = str_slice(whole, 0, colon);
    copy[colon] = '\0';
    line->value = str_trim(str_slice(whole, colon + 1, text.len));
    if (transfer->last_line)
        transfer->last_line->next = line;
    else
        transfer->first_line = line;
    transfer->last_line = line;
    transfer->line_count++;
    return true;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *argument)
{
    struct http_transfer *transfer = argument;
    struct str line = { bytes, size * count };
    transfer->line_bytes += line.len;
    if (transfer->line_bytes > HTTP_HEADERS_LIMIT) {
        transfer->stopped_by = HTTP_TOO_LARGE;
        return 0;
    }
    /* An interim answer (1xx) came before: only the last one's headers count. */
    if (str_starts(line, "HTTP/")) {
        transfer->first_line = transfer->last_line = NULL;
        transfer->line_count = 0;
    } else if (!keep_line(transfer, line)) {
        transfer->stopped_by = HTTP_NO_MEMORY;
        return 0;
    }
    return line.len;
}

/* One setopt after another until the first that fails. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (curl_easy_setopt(easy, (option), (value)) != CURLE_OK)                                 \
            return false;                                                                          \
    } while (0)

static bool set_blob(CURL *easy, CURLoption option, struct str pem)
{
    if (!pem.at)
        return true;
    /* The bytes stay where they are until the transfer is done. */
    struct curl_blob blob = { (void *)(uintptr_t)pem.at, pem.len, CURL_BLOB_NOCOPY };
    return curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

static bool set_tls(CURL *easy, const struct http_transfer *transfer, const struct http_tls *tls)
{
    const char *ca_file = transfer->ca_file ? transfer->ca_file : getenv("SSL_CERT_FILE");
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0L : 1L);
    SET(CURLOPT_SSL_VERIFYHOST, tls->insecure ? 0L : 2L);
    if (tls->ca_pem.at || (ca_file && *ca_file))
        SET(CURLOPT_CAPATH, NULL); /* else the system's folder is trusted as well */
    if (!tls->ca_pem.at && ca_file && *ca_file)
        SET(CURLOPT_CAINFO, ca_file);
    return set_blob(easy, CURLOPT_CAINFO_BLOB, tls->ca_pem) &&
           set_blob(easy, CURLOPT_SSLCERT_BLOB, tls->client_cert_pem) &&
           set_blob(easy, CURLOPT_SSLKEY_BLOB, tls->client_key_pem);
}

static bool set_method(CURL *easy, const struct http_request *request)
{
    const char *method = request->method;
    bool wants_body =
        strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0;
    if (request->body.at || wants_body) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        SET(CURLOPT_POSTFIELDS, request->body.len ? request->body.at : "");
    } else if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
        return true;
    }
    SET(CURLOPT_CUSTOMREQUEST, method);
    return true;
}

static bool set_connection(CURL *easy, const struct http_transfer *transfer)
{
    SET(CURLOPT_URL, transfer->url);
    SET(CURLOPT_PATH_AS_IS, 1L); /* the signature covers the path as it was given */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    /* Without it each parallel request opens a connection; without TLS the wait for what the server
     * speaks would last until its first answer. */
    SET(CURLOPT_PIPEWAIT, strcmp(transfer->scheme, "https") == 0 ? 1L : 0L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_TIMEOUT_MS);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a cancel does not wait for the name resolver */
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_CONNECT_TO, transfer->connect_to);
    if (transfer->proxy)
        SET(CURLOPT_PROXY, transfer->proxy);
    if (transfer->no_proxy)
        SET(CURLOPT_NOPROXY, transfer->no_proxy);
    return true;
}

bool http_transfer_configure(struct http_transfer *transfer)
{
    static const struct http_tls no_tls;
    const struct http_tls *tls = transfer->request->tls ? transfer->request->tls : &no_tls;
    CURL *easy = transfer->easy;
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    return set_connection(easy, transfer) && set_tls(easy, transfer, tls) &&
           set_method(easy, transfer->request);
}

#undef SET

bool http_transfer_was_sent(const struct http_transfer *transfer)
{
    long bytes = 0;
    return transfer->easy &&
           curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK &&
           bytes > 0;
}

/* With TLS 1.3 a server refuses our certificate only after the handshake, by an alert. */
static bool is_certificate_alert(const char *error)
{
    return strstr(error, "alert") && (strstr(error, "certificate") || strstr(error, "unknown ca"));
}

enum http_outcome http_transfer_outcome(const struct http_transfer *transfer, CURLcode result)
{
    if (transfer->stopped_by != HTTP_ANSWERED)
        return transfer->stopped_by;
    switch (result) {
    case CURLE_OK:
        return HTTP_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return HTTP_UNRESOLVED;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_OPERATION_TIMEDOUT: /* libcurl knows only the limit for connecting */
        return HTTP_UNREACHED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return HTTP_TLS_REFUSED;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return HTTP_MISUSED;
    case CURLE_OUT_OF_MEMORY:
        return HTTP_NO_MEMORY;
    default:
        return is_certificate_alert(transfer->error) ? HTTP_TLS_REFUSED : HTTP_BROKEN;
    }
}
