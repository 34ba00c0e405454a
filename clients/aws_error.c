/* Where a REST-JSON service puts its error code, and what hint goes with which. */
#include "clients/aws_error.h"

#include <string.h>

#include "base/encoding.h"

#define EXCERPT_BYTES 200

struct str aws_error_excerpt(struct arena *arena, struct str text)
{
    text = str_trim(text);
    size_t end = str_find(text, '\n', 0);
    struct str line = str_trim(str_slice(text, 0, end < EXCERPT_BYTES ? end : EXCERPT_BYTES));
    struct buf out = buf_make(arena, (size_t)4 * EXCERPT_BYTES);
    for (size_t i = 0; i < line.len;) {
        size_t len = utf8_length(str_slice(line, i, line.len));
        bool printable = len > 1 || (len == 1 && line.at[i] >= ' ' && line.at[i] != 0x7f);
        if (printable)
            buf_add(&out, line.at + i, len);
        else
            buf_add_byte(&out, '?');
        i += len ? len : 1;
    }
    if (line.len < text.len)
        buf_add_text(&out, " ...");
    return buf_str(&out);
}

/* "aws.api#ResourceInUseException:http://..." is ResourceInUseException. */
static struct str clean_code(struct str code)
{
    code = str_slice(code, 0, str_find(code, ':', 0));
    size_t hash = str_find(code, '#', 0);
    return str_trim(hash < code.len ? str_slice(code, hash + 1, code.len) : code);
}

static struct str first_of(const json_t *body, const char *const *names)
{
    struct str text = { 0 };
    for (; *names && !text.len; names++)
        text = json_str(json_object_get(body, *names));
    return text;
}

void aws_error_read(struct call *call, struct aws_reply *reply)
{
    static const char *const codes[] = { "code", "Code", "__type", NULL };
    static const char *const messages[] = { "message", "Message", NULL };
    const struct http_reply *http = &reply->http;
    reply->status = http->status;
    reply->request_id = http_header_of(http, "x-amzn-requestid");
    if (str_trim(http->body).len)
        reply->body = json_try_parse(call->arena, http->body);
    if (http->status >= 200 && http->status < 300)
        return;
    struct str code = http_header_of(http, "x-amzn-errortype");
    reply->code = clean_code(code.len ? code : first_of(reply->body, codes));
    reply->message = first_of(reply->body, messages);
    if (!reply->message.len && !json_is_object(reply->body))
        reply->message = aws_error_excerpt(call->arena, http->body);
}

bool aws_reply_is(const struct aws_reply *reply, const char *code)
{
    if (reply->failure != AWS_ANSWERED || !str_starts(reply->code, code))
        return false;
    struct str rest = str_slice(reply->code, strlen(code), reply->code.len);
    return rest.len == 0 || str_is(rest, "Exception");
}

static bool is_credentials_error(const struct aws_reply *reply)
{
    static const char *const codes[] = { "ExpiredToken",          "UnrecognizedClient",
                                         "InvalidClientTokenId",  "InvalidSignature",
                                         "SignatureDoesNotMatch", "MissingAuthenticationToken",
                                         "IncompleteSignature",   "RequestExpired" };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (aws_reply_is(reply, codes[i]))
            return true;
    return false;
}

static struct str hint_of(struct arena *arena, const struct aws_reply *reply)
{
    if (aws_reply_is(reply, "AccessDenied"))
        return str_print(
            arena, " The identity behind the credentials (from %.*s) needs the IAM action %s.",
            STR_ARG(reply->credentials_source), reply->action);
    if (aws_reply_is(reply, "ExpiredToken"))
        return str_print(arena,
                         " The credentials came from %.*s; they have expired and must be renewed "
                         "there.",
                         STR_ARG(reply->credentials_source));
    if (is_credentials_error(reply))
        return str_print(arena,
                         " The credentials came from %.*s; check them there, and the clock of this "
                         "machine.",
                         STR_ARG(reply->credentials_source));
    if (reply->attempts > 1)
        return str_print(arena, " It was tried %u times.", reply->attempts);
    return STR("");
}

static struct str where(struct arena *arena, const struct aws_reply *reply)
{
    if (reply->endpoint.source.at)
        return str_print(arena, "%.*s (set by %.*s)", STR_ARG(reply->endpoint.url),
                         STR_ARG(reply->endpoint.source));
    return str_print(arena, "%.*s (the endpoint of region %.*s)", STR_ARG(reply->endpoint.url),
                     STR_ARG(reply->region));
}

static bool fail_answered(struct call *call, const struct path *at, const char *doing,
                          const struct aws_reply *reply)
{
    struct str code = reply->code.len ? reply->code : STR("an answer without an error code");
    struct str id = reply->request_id.len
                        ? str_print(call->arena, ", request id %.*s", STR_ARG(reply->request_id))
                        : STR("");
    struct str summary = reply->code.len ? str_print(call->arena, "AWS refused %s: %.*s", doing,
                                                     STR_ARG(reply->code))
                                         : str_print(call->arena, "AWS refused %s", doing);
    bool quoted = reply->message.len && !reply->body;
    bool ends = str_ends(reply->message, ".") || str_ends(reply->message, "!");
    return fail(
        call, at, summary.at, "%s gave HTTP %d, %.*s%.*s: %s%.*s%s%s%.*s%s%.*s", reply->action,
        reply->status, STR_ARG(code), STR_ARG(id), quoted ? "\"" : "",
        STR_ARG(reply->message.len ? reply->message : STR("no message")), quoted ? "\"" : "",
        ends && !quoted ? "" : ".", STR_ARG(hint_of(call->arena, reply)),
        !quoted || reply->endpoint.source.at ? "" : " A proxy may have answered.",
        STR_ARG(reply->endpoint.source.at ? str_print(call->arena, " The endpoint was %.*s.",
                                                      STR_ARG(where(call->arena, reply)))
                                          : STR("")));
}

static bool fail_unanswered(struct call *call, const struct path *at, const char *doing,
                            const struct aws_reply *reply)
{
    struct str tried = reply->attempts > 1
                           ? str_print(call->arena, " It was tried %u times.", reply->attempts)
                           : STR("");
    if (reply->http.outcome == HTTP_CANCELLED)
        return fail(call, at, "Cancelled", "%s was cut short while %s: %.*s", reply->action, doing,
                    STR_ARG(reply->http.failure));
    struct str summary = str_print(call->arena, "AWS could not be asked: %s", doing);
    return fail(call, at, summary.at, "%s was sent to %.*s. %.*s%.*s%s", reply->action,
                STR_ARG(where(call->arena, reply)), STR_ARG(reply->http.failure), STR_ARG(tried),
                reply->http.outcome == HTTP_UNRESOLVED
                    ? " Check the region's spelling, the endpoint and the network."
                : reply->http.outcome == HTTP_TLS_REFUSED
                    ? " Where a proxy inspects TLS, name its certificate by custom_ca_bundle."
                    : "");
}

bool aws_fail(struct call *call, const struct path *at, const char *doing,
              const struct aws_reply *reply)
{
    switch (reply->failure) {
    case AWS_ANSWERED:
        return fail_answered(call, at, doing, reply);
    case AWS_NO_ANSWER:
        return fail_unanswered(call, at, doing, reply);
    case AWS_NO_CREDENTIALS:
    case AWS_NO_ENDPOINT:
        break;
    }
    return fail(call, at, reply->problem.summary.at, "%.*s\nThey are needed for %s (%s).",
                STR_ARG(reply->problem.detail), doing, reply->action);
}
