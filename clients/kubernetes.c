/* Requests to an API server, repeated where that can help. */
#include "clients/kubernetes.h"

#include "base/encoding.h"
#include "base/log.h"
#include "clients/kubernetes_error.h"
#include "clients/kubernetes_status.h"

#include <string.h>

/* How often a 429 or 5xx with Retry-After is repeated, as in client-go. */
#define POSTPONED_LIMIT 10
/* A longer Retry-After is cut to this. */
#define POSTPONED_LONGEST_MS ((int64_t)60000)
/* How often a lost connection is tried again, and the first pause; it doubles. */
#define LOST_LIMIT 4
#define LOST_PAUSE_MS ((int64_t)100)

#define PAGE_ITEMS 500

/* Of `kubernetes_wait_gone`. */
#define GONE_FIRST_STEP_MS ((int64_t)100)
#define GONE_LONGEST_STEP_MS ((int64_t)30000)
/* Polls in a row that may fail before the wait ends; each of them was repeated already. */
#define GONE_FAILURES_LIMIT 5

struct message {
    const char *method;
    struct str path; /* with its query */
    struct str body; /* at == NULL: none */
    const char *content_type;
    bool is_write;
};

/* What was spent of each kind of repetition. */
struct spent {
    struct str token;
    bool renewed;
    int postponed;
    int lost;
};

enum next { NEXT_DONE, NEXT_AGAIN, NEXT_FAILED };

static bool static_token(struct call *call, void *context, bool renew, struct str *out)
{
    const struct kubernetes_endpoint *endpoint = context;
    (void)call;
    (void)renew;
    *out = endpoint->token;
    return true;
}

/* Read each time: such files are rewritten before their token expires. */
static bool token_of_file(struct call *call, void *context, bool renew, struct str *out)
{
    const struct kubernetes_endpoint *endpoint = context;
    (void)renew;
    *out = kubeconfig_token_file(call, NULL, endpoint->token_file);
    return out->at != NULL;
}

struct kubernetes_client kubernetes_connect(const struct kubernetes_endpoint *endpoint)
{
    return (struct kubernetes_client){
        .server = endpoint->server,
        .tls = endpoint->tls,
        .token = endpoint->token_file.at ? token_of_file
                 : endpoint->token.at    ? static_token
                                         : NULL,
        .token_context = (void *)(uintptr_t)endpoint,
        .name = endpoint->name,
        .credential = endpoint->credential,
    };
}

struct str kubernetes_path(struct arena *arena, struct str group, struct str version,
                           struct str plural, struct str namespace, struct str name)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, group.len ? "/apis/" : "/api/");
    if (group.len) {
        buf_add_str(&out, percent_encode(arena, group, false));
        buf_add_byte(&out, '/');
    }
    buf_add_str(&out, percent_encode(arena, version, false));
    if (namespace.len) {
        buf_add_text(&out, "/namespaces/");
        buf_add_str(&out, percent_encode(arena, namespace, false));
    }
    buf_add_byte(&out, '/');
    buf_add_str(&out, percent_encode(arena, plural, false));
    if (name.len) {
        buf_add_byte(&out, '/');
        buf_add_str(&out, percent_encode(arena, name, false));
    }
    return buf_str(&out);
}

bool kubernetes_ok(const struct kubernetes_reply *reply)
{
    return reply->status >= 200 && reply->status <= 299 && json_is_object(reply->body);
}

/* One attempt; *REPLY keeps what it knows of earlier ones. */
static void send_once(struct call *call, const struct kubernetes_client *client,
                      const struct message *message, struct str token,
                      struct kubernetes_reply *reply)
{
    struct arena *arena = call->arena;
    struct http_header headers[3] = { { "accept", STR("application/json") } };
    size_t count = 1;
    if (message->body.at)
        headers[count++] = (struct http_header){ "content-type", str_of(message->content_type) };
    if (token.at)
        headers[count++] = (struct http_header){ "authorization",
                                                 str_print(arena, "Bearer %.*s", STR_ARG(token)) };
    struct http_request request = {
        .method = message->method,
        .url = str_print(arena, "%.*s%.*s", STR_ARG(client->server), STR_ARG(message->path)),
        .headers = headers,
        .header_count = count,
        .body = message->body,
        .tls = &client->tls,
        .survives_cancel = message->is_write,
    };
    bool maybe_sent = reply->maybe_sent, repeated = reply->repeated;
    bool was_lost = maybe_sent && (reply->outcome != HTTP_ANSWERED || reply->status >= 500);
    struct http_reply http = { 0 };
    (void)http_send(call, &request, &http);
    kubernetes_status_decode(arena, &http, reply);
    reply->maybe_sent = reply->maybe_sent || maybe_sent;
    reply->repeated = repeated || was_lost;
}

/* Sleeps before another attempt.  A pause that passes the deadline is not begun: the answer at hand
 * tells more than a time-out. */
static enum next pause_for(struct call *call, const struct message *message, int64_t ms)
{
    if (call_left_ms(call) <= ms)
        return NEXT_DONE;
    struct str what = str_print(call->arena, "the Kubernetes API server to take %s %.*s again",
                                message->method, STR_ARG(message->path));
    LOG(call, LOG_DEBUG, "kubernetes", "repeating a request", { "method", str_of(message->method) },
        { "path", message->path }, { "pause_ms", str_print(call->arena, "%lld", (long long)ms) });
    return call_sleep(call, ms, what.at) ? NEXT_AGAIN : NEXT_FAILED;
}

/* client-go's rule: the server said when to come back. */
static bool is_postponed(const struct kubernetes_reply *reply)
{
    return (reply->status == 429 || reply->status >= 500) && reply->retry_after_s >= 0;
}

static bool is_lost(const struct kubernetes_reply *reply)
{
    return reply->outcome == HTTP_UNRESOLVED || reply->outcome == HTTP_UNREACHED ||
           reply->outcome == HTTP_BROKEN;
}

/* Only another token is worth another attempt. */
static enum next renew_token(struct call *call, const struct kubernetes_client *client,
                             struct spent *spent)
{
    struct str refused = spent->token;
    spent->renewed = true;
    if (!client->token(call, client->token_context, true, &spent->token))
        return NEXT_FAILED;
    return str_equal(refused, spent->token) ? NEXT_DONE : NEXT_AGAIN;
}

static enum next decide(struct call *call, const struct kubernetes_client *client,
                        const struct message *message, const struct kubernetes_reply *reply,
                        struct spent *spent)
{
    if (reply->status == 401 && client->token && !spent->renewed)
        return renew_token(call, client, spent);
    if (is_postponed(reply) && spent->postponed < POSTPONED_LIMIT) {
        int64_t ms = reply->retry_after_s < POSTPONED_LONGEST_MS / 1000
                         ? reply->retry_after_s * 1000
                         : POSTPONED_LONGEST_MS;
        spent->postponed++;
        return pause_for(call, message, ms);
    }
    if (is_lost(reply) && spent->lost < LOST_LIMIT)
        return pause_for(call, message, LOST_PAUSE_MS << spent->lost++);
    return NEXT_DONE;
}

static bool send_message(struct call *call, const struct kubernetes_client *client,
                         const struct message *message, struct kubernetes_reply *reply)
{
    struct spent spent = { 0 };
    *reply = (struct kubernetes_reply){ .outcome = HTTP_CANCELLED, .retry_after_s = -1 };
    if (client->token && !client->token(call, client->token_context, false, &spent.token))
        return false;
    for (;;) {
        send_once(call, client, message, spent.token, reply);
        enum next next = decide(call, client, message, reply, &spent);
        if (next != NEXT_AGAIN)
            return next == NEXT_DONE;
    }
}

bool kubernetes_get(struct call *call, const struct kubernetes_client *client, struct str path,
                    struct kubernetes_reply *reply)
{
    struct message message = { .method = "GET", .path = path };
    return send_message(call, client, &message, reply);
}

/* Appends ?NAME=VALUE or &NAME=VALUE; nothing where VALUE is unset. */
static void add_query(struct buf *path, const char *name, struct str value)
{
    if (!value.len)
        return;
    struct str so_far = { path->bytes, path->len };
    buf_print(path, "%c%s=", str_has(so_far, '?') ? '&' : '?', name);
    buf_add_str(path, percent_encode(path->arena, value, false));
}

static bool get_page(struct call *call, const struct kubernetes_client *client, struct str path,
                     const struct kubernetes_list_options *options, bool whole, struct str cursor,
                     struct kubernetes_reply *reply)
{
    struct buf url = buf_make(call->arena, BUF_LIMIT);
    buf_add_str(&url, path);
    if (options) {
        add_query(&url, "labelSelector", options->label_selector);
        add_query(&url, "fieldSelector", options->field_selector);
    }
    if (!whole)
        add_query(&url, "limit", str_print(call->arena, "%d", PAGE_ITEMS));
    add_query(&url, "continue", cursor);
    return kubernetes_get(call, client, buf_str(&url), reply);
}

bool kubernetes_list(struct call *call, const struct kubernetes_client *client, struct str path,
                     const struct kubernetes_list_options *options, struct kubernetes_reply *reply)
{
    json_t *items = json_new_array(call->arena), *item;
    struct str cursor = { 0 };
    bool whole = false;
    size_t i;
    for (;;) {
        if (!get_page(call, client, path, options, whole, cursor, reply))
            return false;
        if (reply->status == 410 && !whole) {
            whole = true;
            cursor = (struct str){ 0 };
            items = json_new_array(call->arena);
            continue;
        }
        if (!kubernetes_ok(reply))
            return true;
        json_array_foreach (json_object_get(reply->body, "items"), i, item)
            json_add(call->arena, items, item);
        struct str next = json_str_at(reply->body, "metadata.continue");
        /* The same cursor again would be read for ever. */
        if (!next.len || str_equal(next, cursor)) {
            json_set(call->arena, reply->body, "items", items);
            return true;
        }
        cursor = next;
    }
}

/* A copy of BODY with metadata.resourceVersion set, which does not change BODY. */
static const json_t *with_version(struct arena *arena, const json_t *body, struct str version)
{
    if (!version.len)
        return body;
    json_t *copy = json_keep(arena, json_copy((json_t *)(uintptr_t)body));
    json_t *metadata = json_object_get(body, "metadata");
    json_t *copied = metadata ? json_keep(arena, json_copy(metadata)) : json_new_object(arena);
    json_set(arena, copied, "resourceVersion", json_new_str(arena, version));
    json_set(arena, copy, "metadata", copied);
    return copy;
}

bool kubernetes_apply(struct call *call, const struct kubernetes_client *client, struct str path,
                      const json_t *body, const struct kubernetes_apply_options *options,
                      struct kubernetes_reply *reply)
{
    struct buf url = buf_make(call->arena, BUF_LIMIT);
    buf_add_str(&url, path);
    add_query(&url, "fieldManager", options->manager);
    add_query(&url, "fieldValidation", STR("Strict"));
    add_query(&url, "force", options->force ? STR("true") : (struct str){ 0 });
    add_query(&url, "dryRun", options->dry_run ? STR("All") : (struct str){ 0 });
    const json_t *sent = with_version(call->arena, body, options->resource_version);
    struct message message = { .method = "PATCH",
                               .path = buf_str(&url),
                               .body = json_print(call->arena, sent),
                               .content_type = "application/apply-patch+yaml",
                               .is_write = !options->dry_run };
    return send_message(call, client, &message, reply);
}

bool kubernetes_delete(struct call *call, const struct kubernetes_client *client, struct str path,
                       struct str uid, const char *propagation, struct kubernetes_reply *reply)
{
    struct arena *arena = call->arena;
    json_t *body = json_new_object(arena);
    json_set(arena, body, "apiVersion", json_new_str(arena, STR("v1")));
    json_set(arena, body, "kind", json_new_str(arena, STR("DeleteOptions")));
    json_set(arena, body, "propagationPolicy", json_new_str(arena, str_of(propagation)));
    if (uid.len) {
        json_t *preconditions = json_new_object(arena);
        json_set(arena, preconditions, "uid", json_new_str(arena, uid));
        json_set(arena, body, "preconditions", preconditions);
    }
    struct message message = { .method = "DELETE",
                               .path = path,
                               .body = json_print(arena, body),
                               .content_type = "application/json",
                               .is_write = true };
    return send_message(call, client, &message, reply);
}

/* What the object is waited for, with what keeps it. */
static struct str describe_wait(struct arena *arena, const char *what, const json_t *object)
{
    json_t *finalizers = json_at(object, "metadata.finalizers"), *finalizer;
    struct buf out = buf_make(arena, BUF_LIMIT);
    size_t i;
    buf_print(&out, "%s to be gone", what);
    if (object && !json_at(object, "metadata.deletionTimestamp"))
        buf_add_text(&out, " (it is not marked for deletion)");
    json_array_foreach (finalizers, i, finalizer)
        buf_print(&out, "%s%.*s",
                  i ? ", "
                    : " (finalizers left, whose controllers have not "
                      "finished: ",
                  STR_ARG(kubernetes_status_printable(arena, json_str(finalizer))));
    if (json_array_size(finalizers))
        buf_add_byte(&out, ')');
    return buf_str(&out);
}

/* Failures that pass by themselves, as while a control plane is updated. */
static bool may_pass(const struct kubernetes_reply *reply)
{
    return is_lost(reply) || reply->outcome == HTTP_TIMED_OUT || reply->status == 429 ||
           reply->status >= 500;
}

bool kubernetes_wait_gone(struct call *call, const struct kubernetes_client *client,
                          struct str path, struct str uid, const char *what)
{
    struct kubernetes_reply reply;
    struct str waiting_for = describe_wait(call->arena, what, NULL);
    struct str doing = str_print(call->arena, "waiting for %s to be gone", what);
    int failures = 0;
    for (int64_t step = GONE_FIRST_STEP_MS;; step *= 2) {
        if (!kubernetes_get(call, client, path, &reply))
            return false;
        if (kubernetes_status_absent(&reply))
            return true;
        if (kubernetes_ok(&reply)) {
            struct str found = json_str_at(reply.body, "metadata.uid");
            if (uid.len && found.len && !str_equal(found, uid))
                return true;
            waiting_for = describe_wait(call->arena, what, reply.body);
            failures = 0;
        } else if (call_left_ms(call) > 0 &&
                   (!may_pass(&reply) || ++failures >= GONE_FAILURES_LIMIT)) {
            return kubernetes_fail(call, client->at, doing.at, client, &reply);
        }
        if (step > GONE_LONGEST_STEP_MS)
            step = GONE_LONGEST_STEP_MS;
        if (!call_sleep(call, step, waiting_for.at))
            return false;
    }
}
