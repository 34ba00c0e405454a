/* What callers see of HTTP: send and wait, the answer in the call's arena, one log line. */
#include "clients/http.h"

#include <stdatomic.h>
#include <string.h>

#include "base/log.h"
#include "clients/http_loop.h"

/* More fields than this of a request do not reach its log line. */
#define LOG_FIELDS 16

static _Atomic(http_send_fn) replaced;

bool http_open(void)
{
    http_loop_open();
    return true;
}

void http_close(void)
{
    http_loop_close();
}

void http_replace(http_send_fn send)
{
    atomic_store(&replaced, send);
}

struct str http_header_of(const struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return (struct str){ 0 };
}

static const char *sentence_of(enum http_outcome outcome)
{
    switch (outcome) {
    case HTTP_ANSWERED:
        return "answered";
    case HTTP_UNRESOLVED:
        return "could not be found: its name (or its proxy's) is unknown to the name service";
    case HTTP_UNREACHED:
        return "could not be reached";
    case HTTP_TLS_REFUSED:
        return "could not be trusted, or did not trust us: TLS was refused";
    case HTTP_BROKEN:
        return "ended the connection before its answer was whole";
    case HTTP_TIMED_OUT:
        return "did not answer in time";
    case HTTP_TOO_LARGE:
        return "gave an answer that is larger than accepted";
    case HTTP_CANCELLED:
        return "was not waited for: the operation was cancelled";
    case HTTP_MISUSED:
        return "was asked with a malformed request";
    case HTTP_NO_MEMORY:
        return "could not be asked: out of memory";
    }
    return "failed";
}

static struct str describe(struct call *call, const struct http_transfer *transfer)
{
    const char *sentence = sentence_of(transfer->outcome);
    if (!transfer->error[0])
        return str_print(call->arena, "The host %s:%s %s.", transfer->host, transfer->port,
                         sentence);
    return str_print(call->arena, "The host %s:%s %s (%s).", transfer->host, transfer->port,
                     sentence, transfer->error);
}

static void copy_answer(struct call *call, const struct http_transfer *transfer,
                        struct http_reply *reply)
{
    reply->headers = ARENA_NEW_ARRAY(call->arena, struct http_header, transfer->line_count);
    for (const struct http_line *line = transfer->first_line; line; line = line->next)
        reply->headers[reply->header_count++] = (struct http_header){
            .name = str_copy(call->arena, line->name).at,
            .value = str_copy(call->arena, line->value),
        };
    reply->body = str_copy_bytes(call->arena, transfer->body.bytes, transfer->body.len);
}

static void log_reply(struct call *call, const struct http_request *request,
                      const struct http_reply *reply, struct str host, struct str path)
{
    if (!log_enabled(LOG_DEBUG))
        return;
    struct str id = http_header_of(reply, "x-amzn-requestid");
    if (!id.at)
        id = http_header_of(reply, "audit-id");
    struct log_field fields[LOG_FIELDS] = {
        { "method", str_of(request->method) },
        { "host", host },
        { "path", path },
        { "status", str_print(call->arena, "%d", reply->status) },
        { "ms", str_print(call->arena, "%lld", (long long)(reply->ended_ms - reply->started_ms)) },
    };
    size_t count = 5;
    if (id.at)
        fields[count++] = (struct log_field){ "request_id", id };
    if (reply->outcome != HTTP_ANSWERED)
        fields[count++] = (struct log_field){ "failure", reply->failure };
    for (size_t i = 0; i < request->log_field_count && count < LOG_FIELDS; i++)
        fields[count++] =
            (struct log_field){ request->log_fields[i].name, request->log_fields[i].value };
    log_write(call, LOG_DEBUG, "http", "HTTP request", fields, count);
}

static bool misused(struct call *call, struct http_reply *reply, struct str why)
{
    reply->outcome = HTTP_MISUSED;
    reply->failure = str_print(call->arena, "The request was not sent: %.*s.", STR_ARG(why));
    reply->started_ms = reply->ended_ms = clock_wall_ms();
    return false;
}

bool http_send(struct call *call, const struct http_request *request, struct http_reply *reply)
{
    http_send_fn send = atomic_load(&replaced);
    *reply = (struct http_reply){ 0 };
    if (send)
        return send(call, request, reply);
    struct str why = { 0 };
    struct http_transfer *transfer = http_transfer_prepare(call, request, &why);
    if (!transfer)
        return misused(call, reply, why);
    if (!http_loop_run(transfer))
        transfer->started_ms = transfer->ended_ms = clock_wall_ms();
    reply->outcome = transfer->outcome;
    reply->status = transfer->status;
    reply->maybe_sent = transfer->maybe_sent;
    reply->started_ms = transfer->started_ms;
    reply->ended_ms = transfer->ended_ms;
    if (reply->outcome == HTTP_ANSWERED)
        copy_answer(call, transfer, reply);
    else
        reply->failure = describe(call, transfer);
    log_reply(call, request, reply, str_of(transfer->host), str_of(transfer->path));
    http_transfer_release(transfer);
    return reply->outcome == HTTP_ANSWERED;
}
