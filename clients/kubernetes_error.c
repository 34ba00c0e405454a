/* One error for each way in which a request to an API server fails. */
#include "clients/kubernetes_error.h"

#include "clients/kubernetes_status.h"

#include <string.h>

/* How many causes a message lists. */
#define CAUSES_LISTED ((size_t)20)

/* How much of a body that is no Status is quoted. */
#define BODY_QUOTED ((size_t)200)

struct failure {
    struct arena *arena;
    const struct kubernetes_client *client;
    const struct kubernetes_reply *reply;
};

static void add_printable(struct buf *out, struct str text)
{
    buf_add_str(out, kubernetes_status_printable(out->arena, text));
}

static void advise_401(struct buf *out, const struct failure *failure)
{
    const struct kubernetes_client *client = failure->client;
    buf_print(out, "The server does not know who is asking. It was asked with %.*s. ",
              STR_ARG(client->credential));
    if (client->advice_401.at)
        buf_add_str(out, client->advice_401);
    else
        buf_add_text(out,
                     "Check that this credential belongs to this cluster and has not expired.");
}

/* What stands in TEXT between LABEL and the next STOP: User "x", resource "configmaps". */
static struct str text_after(struct str text, const char *label, char stop)
{
    size_t len = strlen(label);
    for (size_t i = 0; i + len <= text.len; i++) {
        struct str rest = str_slice(text, i, text.len);
        if (str_starts(rest, label)) {
            rest = str_slice(rest, len, rest.len);
            return str_slice(rest, 0, str_find(rest, stop, 0));
        }
    }
    return (struct str){ 0 };
}

/* RBAC says: User "u" cannot VERB resource "r" in API group "g" in the namespace "n". */
static void advise_403(struct buf *out, const struct failure *failure)
{
    struct str message = failure->reply->message;
    struct str verb = text_after(message, " cannot ", ' ');
    struct str resource = text_after(message, "resource \"", '"');
    struct str namespace = text_after(message, "in the namespace \"", '"');
    struct str user = text_after(message, "User \"", '"');
    if (!verb.len || !resource.len) {
        buf_add_text(out, "This is not a missing right but a rule of the cluster (a quota, a "
                          "policy or an admission plugin), or an authorizer that gives no reason; "
                          "the message above names it where it can.");
        return;
    }
    buf_add_text(out, "The right is missing: grant the verb \"");
    add_printable(out, verb);
    buf_add_text(out, "\" on \"");
    add_printable(out, resource);
    buf_add_text(out, "\" in the API group \"");
    add_printable(out, text_after(message, "API group \"", '"'));
    buf_print(out, "\" to the user \"");
    add_printable(out, user);
    buf_add_text(out, namespace.len ? "\" by a Role and a RoleBinding in the namespace \""
                                    : "\" by a ClusterRole and a ClusterRoleBinding");
    if (namespace.len) {
        add_printable(out, namespace);
        buf_add_byte(out, '"');
    }
    buf_print(out,
              " (on EKS: an access entry with a group that is bound to it). It was asked with "
              "%.*s.",
              STR_ARG(failure->client->credential));
    if (str_is(user, "system:anonymous"))
        buf_add_text(out, " That is nobody: no credential came along, so name a token or a client "
                          "certificate first.");
}

static void advise_404(struct buf *out, const struct failure *failure)
{
    const struct kubernetes_reply *reply = failure->reply;
    if (str_is(reply->kind, "namespaces"))
        buf_print(out,
                  "The namespace \"%.*s\" does not exist. Create it first, and let this "
                  "resource refer to it or depend on it.",
                  STR_ARG(reply->object));
    else if (kubernetes_status_unknown_kind(reply))
        buf_add_text(out, "The cluster does not know this kind: install the "
                          "CustomResourceDefinition that defines it (for Karpenter's kinds the "
                          "chart karpenter-crd), or a version that serves this API version.");
    else if (kubernetes_status_absent(reply))
        buf_add_text(out, "The object does not exist, or not any more.");
    else
        buf_add_text(out, "This is not the answer of a Kubernetes API server. Check the address, "
                          "and what stands between this machine and the server.");
}

static void add_conflicts(struct buf *out, const struct kubernetes_conflict *conflicts,
                          size_t count)
{
    buf_add_text(out, "Other managers own these fields with other values:");
    for (size_t i = 0; i < count && i < CAUSES_LISTED; i++) {
        buf_add_text(out, "\n  - ");
        add_printable(out, conflicts[i].field);
        buf_add_text(out, ": \"");
        add_printable(out, conflicts[i].manager);
        buf_add_byte(out, '"');
        if (conflicts[i].subresource.at) {
            buf_add_text(out, " through the subresource ");
            add_printable(out, conflicts[i].subresource);
        }
        if (conflicts[i].time.at) {
            buf_add_text(out, ", updated at ");
            add_printable(out, conflicts[i].time);
        }
    }
    if (count > CAUSES_LISTED)
        buf_print(out, "\n  - and %zu more", count - CAUSES_LISTED);
    buf_add_text(out, "\nTake these fields out of the configuration or out of the other tool's, or "
                      "set force_conflicts = true to take them over.");
}

static void advise_409(struct buf *out, const struct failure *failure)
{
    struct kubernetes_conflict *conflicts;
    size_t count = kubernetes_status_conflicts(failure->arena, failure->reply, &conflicts);
    if (count)
        add_conflicts(out, conflicts, count);
    else if (str_is(failure->reply->reason, "AlreadyExists"))
        buf_add_text(out, "An object of this name exists already. Import it, or choose another "
                          "name.");
    else if (str_contains(failure->reply->message, "UID in the precondition"))
        buf_add_text(out, "An object of this name exists, but it is another one than the one that "
                          "was recorded. It is left alone.");
    else
        buf_add_text(out, "Somebody changed the object at the same time, or it exists already. Run "
                          "the plan again to see what it looks like now.");
}

/* The server names a cause once for each rule that found it. */
static bool is_repetition(const struct kubernetes_reply *reply, size_t index)
{
    const struct kubernetes_cause *cause = &reply->causes[index];
    for (size_t i = 0; i < index; i++)
        if (str_equal(reply->causes[i].field, cause->field) &&
            str_equal(reply->causes[i].message, cause->message))
            return true;
    return false;
}

static void advise_422(struct buf *out, const struct failure *failure)
{
    const struct kubernetes_reply *reply = failure->reply;
    if (!reply->cause_count)
        return;
    buf_add_text(out, "What it refuses:");
    for (size_t i = 0; i < reply->cause_count && i < CAUSES_LISTED; i++) {
        if (is_repetition(reply, i))
            continue;
        buf_add_text(out, "\n  - ");
        add_printable(out, reply->causes[i].field.len ? reply->causes[i].field
                                                      : STR("(the whole object)"));
        buf_add_text(out, ": ");
        add_printable(out, reply->causes[i].message);
    }
    if (reply->cause_count > CAUSES_LISTED)
        buf_print(out, "\n  - and %zu more", reply->cause_count - CAUSES_LISTED);
}

static void advise_400(struct buf *out, const struct failure *failure)
{
    struct str message = failure->reply->message;
    if (str_contains(message, "dry run"))
        buf_add_text(out, "An admission webhook of the cluster does not take part in dry runs; its "
                          "owner must declare sideEffects: None.");
    else if (str_contains(message, "unknown field"))
        buf_add_text(out, "The version of this kind that the cluster serves does not know the "
                          "field: update the cluster's definition of it, or leave the field out.");
    else
        buf_add_text(out, "The request does not fit the API of the cluster's version.");
}

static void advise_5xx(struct buf *out, const struct failure *failure)
{
    struct str message = failure->reply->message;
    /* Server-side apply answers 500 for a body that does not fit the schema. */
    if (str_contains(message, "failed to create typed patch object"))
        buf_add_text(out, "The version of this kind that the cluster serves does not know the "
                          "field, or wants another type: update the cluster's definition of it, "
                          "or leave the field out.");
    else if (str_contains(message, "webhook"))
        buf_add_text(out, "An admission webhook of the cluster could not be asked: see that the "
                          "service behind it runs, then apply again.");
    else
        buf_add_text(out,
                     "The server is overloaded, starting or broken. Apply again later; nothing "
                     "is lost.");
}

static const struct advice {
    int first, last;
    void (*advise)(struct buf *out, const struct failure *failure);
    const char *text;
} advices[] = {
    { 200, 299, NULL, "The answer is not what a Kubernetes API server gives. Check the address." },
    { 300, 399, NULL, "It sends elsewhere: the address is that of a proxy or a login page." },
    { 400, 400, advise_400, NULL },
    { 401, 401, advise_401, NULL },
    { 403, 403, advise_403, NULL },
    { 404, 404, advise_404, NULL },
    { 409, 409, advise_409, NULL },
    { 410, 410, NULL, "The list grew old while it was read. Run it again." },
    { 413, 413, NULL,
      "The object is too large: an API server takes about 3 MB, and etcd stores about 1.5 MB." },
    { 415, 415, NULL,
      "The server, or a proxy before it, does not take server-side apply; Kubernetes 1.22 or newer "
      "does." },
    { 422, 422, advise_422, NULL },
    { 429, 429, NULL, "The server limits this client. Apply again later, or with -parallelism=2." },
    { 500, 599, advise_5xx, NULL },
};

/* The message then only joins the causes, which are listed one by one. */
static bool is_told_by_causes(const struct kubernetes_reply *reply)
{
    return reply->cause_count && (reply->status == 422 || reply->status == 409);
}

static void add_answer(struct buf *out, const struct failure *failure)
{
    const struct kubernetes_reply *reply = failure->reply;
    const struct kubernetes_client *client = failure->client;
    buf_print(out, "The API server of %.*s (%.*s) answered %d", STR_ARG(client->name),
              STR_ARG(client->server), reply->status);
    if (reply->reason.len) {
        buf_add_byte(out, ' ');
        add_printable(out, reply->reason);
    }
    if (reply->audit_id.len) {
        buf_add_text(out, " (audit id ");
        add_printable(out, reply->audit_id);
        buf_add_byte(out, ')');
    }
    if (reply->message.len && !is_told_by_causes(reply)) {
        buf_add_text(out, ": ");
        add_printable(out, reply->message);
    } else if (reply->body_text.len && !reply->message.len && !reply->cause_count) {
        bool cut = reply->body_text.len > BODY_QUOTED;
        buf_add_text(out, ", with a body that starts: ");
        add_printable(out, str_slice(reply->body_text, 0, BODY_QUOTED));
        buf_add_text(out, cut ? " ..." : "");
    }
    buf_add_text(out, out->len && out->bytes[out->len - 1] == '.' ? "\n" : ".\n");
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (reply->status < advices[i].first || reply->status > advices[i].last)
            continue;
        if (advices[i].advise)
            advices[i].advise(out, failure);
        else
            buf_add_text(out, advices[i].text);
    }
}

static const char *const silences[] = {
    [HTTP_ANSWERED] = "",
    [HTTP_UNRESOLVED] = "Check the address, and that this machine can resolve it: the name of an "
                        "EKS endpoint without public access is known inside its VPC only.",
    [HTTP_UNREACHED] = "Check the address, and that this machine may reach it: an EKS endpoint "
                       "without public access, a list of allowed addresses or a missing proxy "
                       "gives this.",
    [HTTP_TLS_REFUSED] = "The server's certificate or ours was refused. Check that the certificate "
                         "authority is this cluster's, that the address stands in the server's "
                         "certificate (else tls_server_name), and that a client certificate has "
                         "not expired.",
    [HTTP_BROKEN] = "The connection ended early. Apply again.",
    [HTTP_TIMED_OUT] = "The server did not answer in time. Apply again, with longer timeouts where "
                       "that is usual.",
    [HTTP_TOO_LARGE] = "The answer is larger than what is accepted.",
    [HTTP_CANCELLED] = "The run was cancelled.",
    [HTTP_MISUSED] = "The address or a header is malformed.",
    [HTTP_NO_MEMORY] = "There is not enough memory.",
};

static void add_silence(struct buf *out, const struct failure *failure)
{
    const struct kubernetes_reply *reply = failure->reply;
    buf_print(out, "No answer from the API server of %.*s (%.*s): ", STR_ARG(failure->client->name),
              STR_ARG(failure->client->server));
    add_printable(out, reply->failure);
    buf_print(out, "%s\n%s", str_ends(reply->failure, ".") ? "" : ".", silences[reply->outcome]);
    if (reply->maybe_sent && reply->outcome != HTTP_CANCELLED)
        buf_add_text(out, " The request may have reached the server.");
}

bool kubernetes_fail(struct call *call, const struct path *at, const char *doing,
                     const struct kubernetes_client *client, const struct kubernetes_reply *reply)
{
    struct failure failure = { call->arena, client, reply };
    struct buf detail = buf_make(call->arena, BUF_LIMIT);
    struct str summary = str_print(
        call->arena, "%c%s %s", doing[0] >= 'a' && doing[0] <= 'z' ? doing[0] - 32 : doing[0],
        doing[0] ? doing + 1 : "", reply->outcome == HTTP_CANCELLED ? "was cancelled" : "failed");
    if (reply->status)
        add_answer(&detail, &failure);
    else
        add_silence(&detail, &failure);
    return fail(call, at, summary.at, "%.*s", STR_ARG(str_trim(buf_str(&detail))));
}
