/* Answers of an API server taken apart: Status, warnings and conflicts. */
#include "clients/kubernetes_status.h"

#include "base/encoding.h"

#include <stdlib.h>
#include <string.h>

#define WARNINGS_KEPT ((size_t)100)
#define CAUSES_KEPT ((size_t)1000)

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct str skip_spaces(struct str text)
{
    while (text.len && is_space(text.at[0]))
        text = str_slice(text, 1, text.len);
    return text;
}

/* Takes a quoted string, its backslashes resolved, off *REST. */
static bool take_quoted(struct arena *arena, struct str *rest, struct str *out)
{
    if (!rest->len || rest->at[0] != '"')
        return false;
    char *text = arena_alloc(arena, rest->len);
    size_t len = 0, i = 1;
    for (; i < rest->len && rest->at[i] != '"'; i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len)
            i++;
        text[len++] = rest->at[i];
    }
    if (i >= rest->len)
        return false;
    *out = (struct str){ text, len };
    *rest = str_slice(*rest, i + 1, rest->len);
    return true;
}

/* Takes one warning off *REST: code, agent, quoted text, perhaps a quoted date.  False at the end
 * and at the first thing that is malformed. */
static bool take_warning(struct arena *arena, struct str *rest, struct str *code, struct str *text)
{
    struct str date;
    while (rest->len && (is_space(rest->at[0]) || rest->at[0] == ','))
        *rest = str_slice(*rest, 1, rest->len);
    size_t end = str_find(*rest, ' ', 0);
    *code = str_slice(*rest, 0, end);
    *rest = skip_spaces(str_slice(*rest, end, rest->len));
    end = str_find(*rest, ' ', 0);
    *rest = skip_spaces(str_slice(*rest, end, rest->len));
    if (code->len != 3 || !take_quoted(arena, rest, text))
        return false;
    struct str behind = skip_spaces(*rest);
    if (take_quoted(arena, &behind, &date))
        *rest = behind;
    return true;
}

static void keep_warning(struct kubernetes_reply *reply, struct str text)
{
    for (size_t i = 0; i < reply->warning_count; i++)
        if (str_equal(reply->warnings[i], text))
            return;
    if (text.len && reply->warning_count < WARNINGS_KEPT)
        reply->warnings[reply->warning_count++] = text;
}

static void decode_warnings(struct arena *arena, const struct http_reply *http,
                            struct kubernetes_reply *reply)
{
    for (size_t i = 0; i < http->header_count; i++) {
        struct str rest = http->headers[i].value, code, text;
        if (strcmp(http->headers[i].name, "warning") != 0)
            continue;
        if (!reply->warnings)
            reply->warnings = ARENA_NEW_ARRAY(arena, struct str, WARNINGS_KEPT);
        while (take_warning(arena, &rest, &code, &text))
            if (str_is(code, "299"))
                keep_warning(reply, text);
    }
}

static void decode_causes(struct arena *arena, struct kubernetes_reply *reply)
{
    json_t *causes = json_at(reply->body, "details.causes"), *cause;
    size_t i;
    reply->causes = ARENA_NEW_ARRAY(arena, struct kubernetes_cause, json_array_size(causes) + 1);
    json_array_foreach (causes, i, cause) {
        if (json_is_object(cause) && reply->cause_count < CAUSES_KEPT)
            reply->causes[reply->cause_count++] =
                (struct kubernetes_cause){ json_str_at(cause, "reason"),
                                           json_str_at(cause, "message"),
                                           json_str_at(cause, "field") };
    }
}

static void decode_status(struct arena *arena, struct kubernetes_reply *reply)
{
    if (!str_is(json_str_at(reply->body, "kind"), "Status"))
        return;
    reply->reason = json_str_at(reply->body, "reason");
    reply->message = json_str_at(reply->body, "message");
    reply->kind = json_str_at(reply->body, "details.kind");
    reply->object = json_str_at(reply->body, "details.name");
    decode_causes(arena, reply);
}

void kubernetes_status_decode(struct arena *arena, const struct http_reply *http,
                              struct kubernetes_reply *reply)
{
    *reply = (struct kubernetes_reply){ .outcome = http->outcome,
                                        .failure = http->failure,
                                        .maybe_sent = http->maybe_sent,
                                        .retry_after_s = -1 };
    if (http->outcome != HTTP_ANSWERED)
        return;
    reply->status = http->status;
    reply->body_text = http->body;
    reply->maybe_sent = true;
    reply->audit_id = http_header_of(http, "audit-id");
    if (!str_to_int(str_trim(http_header_of(http, "retry-after")), &reply->retry_after_s) ||
        reply->retry_after_s < 0)
        reply->retry_after_s = -1;
    reply->body = json_try_parse(arena, http->body);
    decode_warnings(arena, http, reply);
    decode_status(arena, reply);
}

/* What stands between the first BEFORE and the next AFTER; at == NULL where one is missing. */
static struct str between(struct str text, const char *before, const char *after)
{
    size_t skip = strlen(before), stop = strlen(after);
    for (size_t from = 0; from + skip <= text.len; from++) {
        struct str rest = str_slice(text, from, text.len);
        if (!str_starts(rest, before))
            continue;
        rest = str_slice(rest, skip, rest.len);
        for (size_t end = 0; end + stop <= rest.len; end++)
            if (str_starts(str_slice(rest, end, rest.len), after))
                return str_slice(rest, 0, end);
        return (struct str){ 0 };
    }
    return (struct str){ 0 };
}

/* Reads `conflict with "NAME" with subresource "S" using VERSION at TIME`, whose last parts may be
 * missing (apimachinery, managedfields, printManager). */
static struct kubernetes_conflict read_conflict(struct arena *arena,
                                                const struct kubernetes_cause *cause)
{
    struct kubernetes_conflict conflict = { .manager = cause->message, .field = cause->field };
    struct str rest = cause->message, manager;
    if (!str_starts(rest, "conflict with "))
        return conflict;
    rest = str_slice(rest, strlen("conflict with "), rest.len);
    if (!take_quoted(arena, &rest, &manager))
        return conflict;
    conflict.manager = manager;
    conflict.subresource = between(rest, " with subresource \"", "\"");
    size_t at = str_find_last(rest, ' ');
    if (str_contains(rest, " using ") && str_ends(str_slice(rest, 0, at), " at"))
        conflict.time = str_slice(rest, at + 1, rest.len);
    return conflict;
}

static int order_conflicts(const void *a, const void *b)
{
    const struct kubernetes_conflict *left = a, *right = b;
    int order = str_order(left->field, right->field);
    return order ? order : str_order(left->manager, right->manager);
}

size_t kubernetes_status_conflicts(struct arena *arena, const struct kubernetes_reply *reply,
                                   struct kubernetes_conflict **out)
{
    size_t count = 0;
    *out = ARENA_NEW_ARRAY(arena, struct kubernetes_conflict, reply->cause_count + 1);
    for (size_t i = 0; reply->status == 409 && i < reply->cause_count; i++)
        if (str_is(reply->causes[i].reason, "FieldManagerConflict"))
            (*out)[count++] = read_conflict(arena, &reply->causes[i]);
    /* The server's order changes from one answer to the next. */
    qsort(*out, count, sizeof **out, order_conflicts);
    return count;
}

bool kubernetes_status_exists(const struct kubernetes_reply *reply)
{
    if (reply->status != 409)
        return false;
    for (size_t i = 0; i < reply->cause_count; i++)
        if (str_is(reply->causes[i].reason, "FieldManagerConflict"))
            return false;
    return str_is(reply->reason, "AlreadyExists") || str_is(reply->reason, "Conflict");
}

/* What the server's router says of a group or version that it does not serve. */
static bool is_unrouted(const struct kubernetes_reply *reply)
{
    return str_is(str_trim(reply->body_text), "404 page not found");
}

bool kubernetes_status_absent(const struct kubernetes_reply *reply)
{
    return reply->status == 404 && (str_is(reply->reason, "NotFound") || is_unrouted(reply));
}

bool kubernetes_status_unknown_kind(const struct kubernetes_reply *reply)
{
    return kubernetes_status_absent(reply) && !reply->object.len;
}

bool kubernetes_status_is_tls(const struct kubernetes_reply *reply)
{
    return reply->outcome == HTTP_TLS_REFUSED;
}

/* Whether CALL has this warning already. */
static bool has_warning(const struct call *call, struct str detail)
{
    for (const struct diagnostic *known = call->first; known; known = known->next)
        if (known->severity == SEVERITY_WARNING && str_equal(known->detail, detail))
            return true;
    return false;
}

void kubernetes_warn(struct call *call, const struct path *at, const struct kubernetes_reply *reply)
{
    for (size_t i = 0; i < reply->warning_count; i++) {
        struct str detail = kubernetes_status_printable(call->arena, reply->warnings[i]);
        if (!has_warning(call, detail))
            warn(call, at, "Warning from the Kubernetes API server", "%.*s", STR_ARG(detail));
    }
}

struct str kubernetes_status_printable(struct arena *arena, struct str text)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    text = str_trim(text);
    for (size_t i = 0; i < text.len;) {
        size_t len = utf8_length(str_slice(text, i, text.len));
        if (i >= KUBERNETES_STATUS_PRINTED) {
            buf_add_text(&out, "...");
            break;
        }
        if (!len)
            buf_add_byte(&out, '?');
        else if (len == 1 && ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)) {
            if (out.len && out.bytes[out.len - 1] != ' ')
                buf_add_byte(&out, ' ');
        } else
            buf_add(&out, text.at + i, len);
        i += len ? len : 1;
    }
    return buf_str(&out);
}
