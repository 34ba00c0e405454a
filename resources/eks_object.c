/* Creating, updating and deleting through the EKS API, and following each step to its end. */
#include "resources/eks_object.h"

#include <string.h>

#include "base/encoding.h"
#include "base/log.h"
#include "clients/aws_api.h"
#include "resources/eks_update.h"
#include "resources/poll.h"
#include "schema/encode.h"

static struct str text_at(const struct operation *operation, const char *name)
{
    return value_text(value_at(operation_object(operation), name));
}

static const struct aws_client *client_of(const struct operation *operation)
{
    return context_aws(operation->call, operation->context, text_at(operation, "region"));
}

struct str eks_path(const struct operation *operation, const char *template, struct str update_id)
{
    struct arena *arena = operation->call->arena;
    struct buf out = buf_make(arena, BUF_LIMIT);
    struct str rest = str_of(template);
    struct str part;
    while (str_split(&rest, '{', &part)) {
        buf_add_str(&out, part);
        struct str name;
        if (!rest.at || !str_split(&rest, '}', &name))
            break;
        struct str text = str_is(name, "update_id")
                              ? update_id
                              : value_text(value_at_str(operation_object(operation), name));
        buf_add_str(&out, percent_encode(arena, text, /* keep_slash */ false));
        if (!rest.at)
            break;
    }
    return buf_str(&out);
}

static bool send(const struct operation *operation, const struct aws_client *client,
                 const struct aws_operation *request, struct aws_reply *reply)
{
    struct aws_operation with_service = *request;
    with_service.service = AWS_EKS;
    return aws_send(operation->call, client, &with_service, reply);
}

static bool refuse(const struct operation *operation, const char *verb,
                   const struct aws_reply *reply)
{
    struct str doing =
        str_print(operation->call->arena, "%s %.*s", verb, STR_ARG(operation_title(operation)));
    if (reply->failure == AWS_ANSWERED && reply->status >= 200 && reply->status <= 299)
        return fail(
            operation->call, NULL, "Unexpected answer of EKS",
            "The answer while %s has no member `%s`. Where an endpoint for eks is configured, "
            "check what answers there.",
            doing.at, operation->resource->eks->member);
    return aws_fail(operation->call, NULL, doing.at, reply);
}

/* Reads the object; *REPLY tells why where it returns NULL. */
static json_t *describe(const struct operation *operation, const struct aws_client *client,
                        bool polling, struct aws_reply *reply)
{
    const struct aws_operation request = {
        .action = "eks:DescribeNodegroup",
        .method = "GET",
        .path = eks_path(operation, operation->resource->eks->item, STR("")),
        .polling = polling,
    };
    if (!send(operation, client, &request, reply))
        return NULL;
    return json_object_get(reply->body, operation->resource->eks->member);
}

/* What EKS says is wrong with the object, a line each. */
static struct str health_of(struct arena *arena, const json_t *object)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    json_t *issues = json_at(object, "health.issues");
    for (size_t i = 0; i < json_array_size(issues); i++) {
        json_t *issue = json_array_get(issues, i);
        buf_print(&out, "\n  %.*s: %.*s", STR_ARG(json_str_at(issue, "code")),
                  STR_ARG(json_str_at(issue, "message")));
        json_t *ids = json_object_get(issue, "resourceIds");
        for (size_t j = 0; j < json_array_size(ids); j++)
            buf_print(&out, "%s%.*s", j ? ", " : " (", STR_ARG(json_str(json_array_get(ids, j))));
        buf_add_text(&out, json_array_size(ids) ? ")" : "");
    }
    return buf_str(&out);
}

/* Issues that show up while it is created are worth knowing before it has failed. */
static void note_health(const struct operation *operation, const char **last, const json_t *object)
{
    struct str health = health_of(operation->call->arena, object);
    if (health.len && (!*last || strcmp(*last, health.at) != 0))
        LOG(operation->call, LOG_WARN, "aws", "node group has health issues", { "issues", health });
    *last = health.len ? health.at : NULL;
}

/* Polls until the object is ACTIVE.  A DEGRADED one exists and works in part: that is a warning. */
static bool wait_until_active(struct operation *operation, const struct aws_client *client)
{
    struct call *call = operation->call;
    struct str waiting_for =
        str_print(call->arena, "%.*s to become ACTIVE", STR_ARG(operation_title(operation)));
    const char *issues = NULL;
    for (struct poll poll = { 0 };;) {
        struct aws_reply reply;
        json_t *object = describe(operation, client, /* polling */ true, &reply);
        if (!object)
            return refuse(operation, "waiting for", &reply);
        operation->answer = object;
        struct str status = json_str_at(object, "status");
        note_health(operation, &issues, object);
        if (str_is(status, "ACTIVE"))
            return true;
        if (str_is(status, "DEGRADED")) {
            warn(call, NULL, "Node group is degraded", "EKS calls %.*s DEGRADED:%s",
                 STR_ARG(operation_title(operation)), issues ? issues : " EKS names no reason.");
            return true;
        }
        if (str_ends(status, "_FAILED") || str_is(status, "DELETING"))
            return fail(call, NULL, "Node group failed", "EKS calls %.*s %.*s:%s",
                        STR_ARG(operation_title(operation)), STR_ARG(status),
                        issues ? issues : " EKS names no reason.");
        if (!poll_pause(call, &poll, waiting_for.at)) {
            if (issues)
                warn(call, NULL, "Node group has health issues", "EKS says:%s", issues);
            return false;
        }
    }
}

static bool read_object(struct operation *operation)
{
    const struct aws_client *client = client_of(operation);
    struct aws_reply reply;
    if (!client)
        return false;
    json_t *object = describe(operation, client, /* polling */ false, &reply);
    if (object) {
        operation->answer = object;
        return true;
    }
    if (!aws_reply_is(&reply, "ResourceNotFoundException"))
        return refuse(operation, "reading", &reply);
    if (str_starts(reply.message, "No cluster found"))
        warn(operation->call, NULL, "The cluster is gone",
             "EKS knows no cluster `%.*s` any more, so %.*s is gone with it.",
             STR_ARG(text_at(operation, "cluster_name")), STR_ARG(operation_title(operation)));
    return true;
}

static bool says_the_same(const json_t *body, const json_t *live);

/* Whether each of BODY stands in LIVE, in whatever order, and nothing else does. */
static bool same_items(const json_t *body, const json_t *live)
{
    size_t count = json_array_size(body);
    if (!json_is_array(live) || json_array_size(live) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < count && !found; j++)
            found = says_the_same(json_array_get(body, i), json_array_get(live, j));
        if (!found)
            return false;
    }
    return true;
}

/* Whether all that BODY says stands in LIVE. */
static bool says_the_same(const json_t *body, const json_t *live)
{
    if (json_is_array(body))
        return same_items(body, live);
    if (!json_is_object(body))
        return json_equal(body, live);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)body, key, value)
        if (strcmp(key, "clientRequestToken") != 0 &&
            !says_the_same(value, json_object_get(live, key)))
            return false;
    return true;
}

static bool take_over(struct operation *operation, const struct aws_client *client,
                      const json_t *body)
{
    struct aws_reply reply;
    json_t *object = describe(operation, client, /* polling */ false, &reply);
    if (!object)
        return refuse(operation, "reading", &reply);
    if (!says_the_same(body, object))
        return operation_fail_exists(operation);
    warn(operation->call, NULL, "Adopted an equal object",
         "There was %.*s already, equal to what was to be created; it is taken over as it is.",
         STR_ARG(operation_title(operation)));
    operation->answer = object;
    return wait_until_active(operation, client);
}

/* Equal requests carry equal tokens, so that a create whose answer was lost makes nothing twice. */
static void add_token(const struct operation *operation, json_t *body)
{
    struct arena *arena = operation->call->arena;
    struct str what = str_print(arena, "%.*s %.*s", STR_ARG(operation_import_id(operation)),
                                STR_ARG(json_print(arena, body)));
    json_set(arena, body, "clientRequestToken", json_new_str(arena, uuid_of(arena, what)));
}

static bool create_object(struct operation *operation)
{
    const struct aws_client *client = client_of(operation);
    if (!client)
        return false;
    json_t *body = encode_body(operation->call, operation->resource->rows, operation->planned);
    /* EKS' model wants one tag at least where there is a map of them. */
    if (!json_object_size(json_object_get(body, "tags")))
        json_object_del(body, "tags");
    add_token(operation, body);
    const struct aws_operation request = {
        .action = "eks:CreateNodegroup",
        .method = "POST",
        .path = eks_path(operation, operation->resource->eks->collection, STR("")),
        .body = body,
    };
    struct aws_reply reply;
    if (!send(operation, client, &request, &reply)) {
        if (aws_reply_is(&reply, "ResourceInUseException"))
            return take_over(operation, client, body);
        return refuse(operation, "creating", &reply);
    }
    operation->answer = json_object_get(reply.body, operation->resource->eks->member);
    return wait_until_active(operation, client);
}

static struct str errors_of_update(struct arena *arena, const json_t *update)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    json_t *errors = json_object_get(update, "errors");
    for (size_t i = 0; i < json_array_size(errors); i++) {
        json_t *error = json_array_get(errors, i);
        buf_print(&out, "\n  %.*s: %.*s", STR_ARG(json_str_at(error, "errorCode")),
                  STR_ARG(json_str_at(error, "errorMessage")));
    }
    return buf_str(&out);
}

static bool follow_update(struct operation *operation, const struct aws_client *client,
                          struct str update_id)
{
    struct call *call = operation->call;
    const struct eks_object *eks = operation->resource->eks;
    struct str waiting_for = str_print(call->arena, "the update %.*s of %.*s", STR_ARG(update_id),
                                       STR_ARG(operation_title(operation)));
    struct str query = str_of(eks->update_query);
    struct str name;
    (void)str_split(&query, '=', &name);
    const struct http_header queries[] = {
        { str_copy(call->arena, name).at,
          value_text(
              value_at_str(operation_object(operation), str_slice(query, 1, query.len - 1))) }
    };
    const struct aws_operation request = {
        .action = "eks:DescribeUpdate",
        .method = "GET",
        .path = eks_path(operation, eks->update_item, update_id),
        .query = queries,
        .query_count = 1,
        .polling = true,
    };
    for (struct poll poll = { 0 };;) {
        struct aws_reply reply;
        if (!send(operation, client, &request, &reply))
            return aws_fail(call, NULL, waiting_for.at, &reply);
        struct str status = json_str_at(reply.body, "update.status");
        if (str_is(status, "Successful"))
            return true;
        if (!str_is(status, "InProgress"))
            return fail(
                call, NULL, "Update failed", "EKS ended %.*s as %.*s:%.*s", STR_ARG(waiting_for),
                STR_ARG(status),
                STR_ARG(errors_of_update(call->arena, json_object_get(reply.body, "update"))));
        if (!poll_pause(call, &poll, waiting_for.at))
            return false;
    }
}

/* One update at a time: where another one is under way, it is waited for. */
static bool send_update(struct operation *operation, const struct aws_client *client,
                        const struct aws_operation *request, struct aws_reply *reply)
{
    for (struct poll poll = { 0 };;) {
        if (send(operation, client, request, reply))
            return true;
        if (!aws_reply_is(reply, "ResourceInUseException"))
            return refuse(operation, "updating", reply);
        if (!poll_pause(operation->call, &poll, "the end of another update of the node group"))
            return false;
    }
}

static bool update_by_call(struct operation *operation, const struct aws_client *client,
                           unsigned number)
{
    const struct eks_object *eks = operation->resource->eks;
    json_t *body = eks_update_body(operation, number);
    if (!json_object_size(body))
        return true;
    eks_update_add_arguments(operation, number, body);
    json_set(operation->call->arena, body, "clientRequestToken",
             json_new_str(operation->call->arena, uuid_random(operation->call->arena)));
    const struct aws_operation request = {
        .action = str_ends(str_of(eks->updates[number]), "version") ? "eks:UpdateNodegroupVersion"
                                                                    : "eks:UpdateNodegroupConfig",
        .method = "POST",
        .path = eks_path(operation, eks->updates[number], STR("")),
        .body = body,
    };
    struct aws_reply reply;
    return send_update(operation, client, &request, &reply) &&
           follow_update(operation, client, json_str_at(reply.body, "update.id"));
}

static bool update_tags(struct operation *operation, const struct aws_client *client)
{
    struct arena *arena = operation->call->arena;
    struct eks_tag_change change = eks_update_tags(operation);
    struct str path = str_print(arena, "/tags/%.*s",
                                STR_ARG(percent_encode(arena, text_at(operation, "arn"), false)));
    struct aws_reply reply;
    if (change.removed_count) {
        const struct aws_operation request = { .action = "eks:UntagResource",
                                               .method = "DELETE",
                                               .path = path,
                                               .query = change.removed,
                                               .query_count = change.removed_count };
        if (!send(operation, client, &request, &reply))
            return refuse(operation, "removing tags of", &reply);
    }
    if (json_object_size(json_object_get(change.added, "tags"))) {
        const struct aws_operation request = {
            .action = "eks:TagResource", .method = "POST", .path = path, .body = change.added
        };
        if (!send(operation, client, &request, &reply))
            return refuse(operation, "tagging", &reply);
    }
    return true;
}

static bool make_updates(struct operation *operation, const struct aws_client *client)
{
    const struct eks_object *eks = operation->resource->eks;
    for (unsigned number = 1; number < EKS_CALLS; number++) {
        bool ok = number == eks->tags_call ? update_tags(operation, client)
                  : eks->updates[number]   ? update_by_call(operation, client, number)
                                           : true;
        if (!ok)
            return false;
    }
    return true;
}

static bool update_object(struct operation *operation)
{
    const struct aws_client *client = client_of(operation);
    if (!client)
        return false;
    bool ok = make_updates(operation, client);
    /* Read also after a failure: some of the calls may have been done. */
    struct aws_reply reply;
    json_t *object = describe(operation, client, /* polling */ false, &reply);
    if (object)
        operation->answer = object;
    else if (ok)
        return refuse(operation, "reading", &reply);
    return ok;
}

static bool delete_object(struct operation *operation)
{
    struct call *call = operation->call;
    const struct aws_client *client = client_of(operation);
    if (!client)
        return false;
    const struct aws_operation request = {
        .action = "eks:DeleteNodegroup",
        .method = "DELETE",
        .path = eks_path(operation, operation->resource->eks->item, STR("")),
    };
    struct aws_reply reply;
    if (!send(operation, client, &request, &reply) &&
        !aws_reply_is(&reply, "ResourceNotFoundException"))
        return refuse(operation, "deleting", &reply);
    struct str waiting_for =
        str_print(call->arena, "%.*s to be deleted", STR_ARG(operation_title(operation)));
    for (struct poll poll = { 0 };;) {
        json_t *object = describe(operation, client, /* polling */ true, &reply);
        if (!object)
            return aws_reply_is(&reply, "ResourceNotFoundException") ||
                   refuse(operation, "waiting for the end of", &reply);
        if (str_is(json_str_at(object, "status"), "DELETE_FAILED"))
            return fail(call, NULL, "Node group was not deleted", "EKS says of %.*s:%.*s",
                        STR_ARG(operation_title(operation)),
                        STR_ARG(health_of(call->arena, object)));
        if (!poll_pause(call, &poll, waiting_for.at))
            return false;
    }
}

const struct driver eks_object_driver = {
    .read = read_object,
    .create = create_object,
    .update = update_object,
    .remove = delete_object,
};
