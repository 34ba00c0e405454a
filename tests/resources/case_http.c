/* A scripted server within the process. */
#include "tests/resources/case_http.h"

#include <string.h>

#include "base/encoding.h"
#include "clients/http.h"
#include "tests/resources/case_file.h"

#define EKS_ORIGIN "https://eks.us-east-1.amazonaws.com"
#define KUBERNETES_ORIGIN "https://sandbox.example"
#define SANDBOX "GET /clusters/sandbox"

/* Nobody holds its key; it only has to look like a certificate. */
#define SANDBOX_CA "-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----\n"

/* What the script has come to; written by the thread that runs the case. */
static struct script {
    struct arena *arena;
    struct str folder;
    json_t *expected, *seen;
    size_t next;
    json_int_t repeated; /* how often the next one has happened already */
    json_t *last_body;
    struct buf wrong;
} script;

static struct str request_line(const struct http_request *request)
{
    struct str url = request->url;
    struct str path = url;
    if (str_starts(url, EKS_ORIGIN))
        path = str_slice(url, strlen(EKS_ORIGIN), url.len);
    if (str_starts(url, KUBERNETES_ORIGIN))
        path = str_slice(url, strlen(KUBERNETES_ORIGIN), url.len);
    bool is_kubernetes = str_starts(path, "/api");
    if (is_kubernetes != str_starts(url, KUBERNETES_ORIGIN))
        path = url;
    return str_print(script.arena, "%s %.*s", request->method, STR_ARG(path));
}

static struct str header_of(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return (struct str){ 0 };
}

/* The request as an exchange writes it. */
static json_t *describe(const struct http_request *request)
{
    struct arena *arena = script.arena;
    json_t *seen = json_new_object(arena);
    json_set(arena, seen, "request", json_new_str(arena, request_line(request)));
    struct str authorization = header_of(request, "authorization");
    if (!str_starts(authorization, "AWS4-HMAC-SHA256 ") && !str_starts(authorization, "Bearer "))
        json_set(arena, seen, "authorization", json_new_str(arena, STR("(none)")));
    struct str type = header_of(request, "content-type");
    if (type.at && !str_is(type, "application/json"))
        json_set(arena, seen, "content-type", json_new_str(arena, str_copy(arena, type)));
    if (!request->body.at)
        return seen;
    json_t *body = json_try_parse(arena, request->body);
    if (!body)
        body = json_new_str(arena, request->body);
    if (json_object_get(body, "clientRequestToken"))
        json_set(arena, body, "clientRequestToken", json_new_str(arena, STR("(token)")));
    json_set(arena, seen, "body", body);
    script.last_body = body;
    return seen;
}

/* A copy of JSON in which every "$sent" is what was sent. */
static json_t *fill_in(const json_t *json)
{
    struct arena *arena = script.arena;
    const char *name;
    json_t *value;
    if (!json_is_object(json))
        return json_keep(arena, json_deep_copy(json));
    if (json_object_get(json, "$sent")) {
        json_t *made = json_is_object(script.last_body)
                           ? json_keep(arena, json_deep_copy(script.last_body))
                           : json_new_object(arena);
        case_file_merge(arena, made, json);
        return made;
    }
    json_t *made = json_new_object(arena);
    json_object_foreach ((json_t *)json, name, value)
        json_set(arena, made, name, fill_in(value));
    return made;
}

static bool same_request(const json_t *exchange, const json_t *seen)
{
    static const char *const members[] = { "request", "content-type", "authorization", "body" };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        json_t *a = json_object_get(exchange, members[i]);
        json_t *b = json_object_get(seen, members[i]);
        if (a && b ? !json_equal(a, b) : a != b)
            return false;
    }
    return true;
}

static bool fail_to_answer(const struct http_request *request, struct str failure,
                           struct http_reply *reply)
{
    static const struct {
        const char *name;
        enum http_outcome outcome;
        bool maybe_sent;
    } failures[] = {
        { "unresolved", HTTP_UNRESOLVED, false }, { "unreached", HTTP_UNREACHED, false },
        { "tls", HTTP_TLS_REFUSED, false },       { "broken", HTTP_BROKEN, true },
        { "timed out", HTTP_TIMED_OUT, true },
    };
    reply->outcome = HTTP_MISUSED;
    reply->failure = STR("The case names no such failure.");
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
        if (str_is(failure, failures[i].name)) {
            reply->outcome = failures[i].outcome;
            reply->maybe_sent = failures[i].maybe_sent;
            reply->failure = str_print(script.arena, "%s %.*s: %s.", request->method,
                                       STR_ARG(request->url), failures[i].name);
        }
    return false;
}

static void add_headers(const json_t *headers, struct http_reply *reply)
{
    const char *name;
    json_t *value;
    reply->headers = ARENA_NEW_ARRAY(script.arena, struct http_header, json_object_size(headers));
    json_object_foreach ((json_t *)headers, name, value)
        reply->headers[reply->header_count++] = (struct http_header){ name, json_str(value) };
}

static bool answer(struct call *call, const struct http_request *request, const json_t *exchange,
                   struct http_reply *reply)
{
    struct str failure = json_str_at(exchange, "failure");
    json_t *status = json_object_get(exchange, "status");
    json_t *body = json_object_get(exchange, "answer");
    if (failure.at)
        return fail_to_answer(request, failure, reply);
    reply->outcome = HTTP_ANSWERED;
    reply->status = status ? (int)json_integer_value(status) : 200;
    add_headers(json_object_get(exchange, "headers"), reply);
    if (json_is_string(body))
        reply->body = str_copy(call->arena, json_str(body));
    else if (body)
        reply->body =
            json_print(call->arena, fill_in(case_file_expand(call->arena, script.folder, body)));
    return true;
}

static bool answer_sandbox(struct call *call, struct http_reply *reply)
{
    struct str ca = base64_encode(call->arena, STR(SANDBOX_CA));
    reply->outcome = HTTP_ANSWERED;
    reply->status = 200;
    reply->body = str_print(call->arena,
                            "{\"cluster\": {\"name\": \"sandbox\", \"status\": \"ACTIVE\", "
                            "\"endpoint\": \"" KUBERNETES_ORIGIN "\", "
                            "\"certificateAuthority\": {\"data\": \"%.*s\"}}}",
                            STR_ARG(ca));
    return true;
}

/* Whatever asked is to give up at once. */
static bool refuse(struct http_reply *reply)
{
    reply->outcome = HTTP_ANSWERED;
    reply->status = 400;
    reply->body = STR("{\"message\": \"The case does not expect this.\"}");
    return true;
}

/* Keeps what came where the exchange stands, so that the file can be written anew. */
static void note(const json_t *exchange, json_t *seen)
{
    static const char *const kept[] = { "times", "status", "headers", "answer", "failure" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (json_object_get(exchange, kept[i]))
            json_set(script.arena, seen, kept[i], json_object_get(exchange, kept[i]));
    if (script.repeated == 0)
        json_add(script.arena, script.seen, seen);
    if (!same_request(exchange, seen))
        buf_print(&script.wrong, "expected: %s\n   found: %s\n",
                  json_print(script.arena, exchange).at, json_print(script.arena, seen).at);
    json_t *times = json_object_get(exchange, "times");
    script.repeated++;
    if (times && (json_is_string(times) || script.repeated < json_integer_value(times)))
        return;
    script.repeated = 0;
    script.next++;
}

/* The exchange that LINE belongs to: the one that may come any number of times ends at another
 * request. */
static json_t *next_exchange(struct str line)
{
    json_t *exchange = json_array_get(script.expected, script.next);
    bool ends = script.repeated && json_str_at(exchange, "times").at &&
                !str_equal(json_str_at(exchange, "request"), line);
    if (!ends)
        return exchange;
    script.repeated = 0;
    return json_array_get(script.expected, ++script.next);
}

static bool send_scripted(struct call *call, const struct http_request *request,
                          struct http_reply *reply)
{
    *reply = (struct http_reply){ .started_ms = clock_wall_ms(), .ended_ms = clock_wall_ms() };
    struct str line = request_line(request);
    json_t *exchange = next_exchange(line);
    if (str_is(line, SANDBOX) && !str_is(json_str_at(exchange, "request"), SANDBOX))
        return answer_sandbox(call, reply);
    json_t *seen = describe(request);
    if (!exchange) {
        buf_print(&script.wrong, "not expected: %s\n", json_print(script.arena, seen).at);
        return refuse(reply);
    }
    note(exchange, seen);
    return answer(call, request, exchange, reply);
}

void case_http_begin(struct arena *arena, struct str folder, json_t *exchanges)
{
    script = (struct script){ .arena = arena,
                              .folder = folder,
                              .expected = exchanges,
                              .seen = json_new_array(arena),
                              .wrong = buf_make(arena, BUF_LIMIT) };
    http_replace(send_scripted);
}

json_t *case_http_end(struct str *wrong)
{
    http_replace(NULL);
    size_t first = script.next;
    if (script.repeated && json_str_at(json_array_get(script.expected, first), "times").at)
        first++;
    for (size_t i = first; i < json_array_size(script.expected); i++)
        buf_print(&script.wrong, "did not come: %s\n",
                  json_print(script.arena, json_array_get(script.expected, i)).at);
    *wrong = buf_str(&script.wrong);
    return script.seen;
}
