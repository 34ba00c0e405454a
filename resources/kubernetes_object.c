/* Server-side apply with an eye on who else writes the object. */
#include "resources/kubernetes_object.h"

#include "clients/kubernetes_error.h"
#include "clients/kubernetes_status.h"
#include "clients/managed_fields.h"
#include "resources/kubernetes_set.h"
#include "resources/poll.h"
#include "schema/encode.h"

/* Where the object is. */
struct target {
    const struct kubernetes_client *client;
    struct str path;
    bool asked_again; /* the cluster was resolved anew after a TLS failure */
};

static struct str text_at(const struct operation *operation, const char *name)
{
    return value_text(value_at(operation_object(operation), name));
}

static struct str manager_of(const struct resource *resource)
{
    const char *manager = resource->kubernetes->manager;
    return str_of(manager ? manager : FIELD_MANAGER);
}

static struct str version_of(const struct operation *operation)
{
    return operation->version.at ? operation->version
                                 : str_of(operation->resource->kubernetes->version);
}

static enum reach find_target(const struct operation *operation, struct target *target)
{
    const struct kubernetes_kind *kind = operation->resource->kubernetes;
    struct str namespace = text_at(operation, "namespace");
    struct str name = operation->member.at ? operation->member : text_at(operation, "name");
    target->path =
        kubernetes_path(operation->call->arena, str_of(kind->group), version_of(operation),
                        str_of(kind->plural), namespace.at ? namespace : STR(""), name);
    return context_kubernetes(operation->call, operation->context,
                              text_at(operation, "cluster_name"), text_at(operation, "region"),
                              &target->client);
}

/* A rotated certificate authority shows as a TLS failure: the cluster is asked for it once more. */
static bool try_again(const struct operation *operation, struct target *target,
                      const struct kubernetes_reply *reply)
{
    if (target->asked_again || !kubernetes_status_is_tls(reply) ||
        !text_at(operation, "cluster_name").len)
        return false;
    target->asked_again = true;
    context_forget_cluster(operation->context, text_at(operation, "cluster_name"),
                           text_at(operation, "region"));
    return find_target(operation, target) == REACHED;
}

static bool get(const struct operation *operation, struct target *target,
                struct kubernetes_reply *reply)
{
    do {
        if (!kubernetes_get(operation->call, target->client, target->path, reply))
            return false;
    } while (try_again(operation, target, reply));
    return true;
}

static bool apply(const struct operation *operation, struct target *target, const json_t *body,
                  const struct kubernetes_apply_options *options, struct kubernetes_reply *reply)
{
    do {
        if (!kubernetes_apply(operation->call, target->client, target->path, body, options, reply))
            return false;
    } while (try_again(operation, target, reply));
    return true;
}

static bool refuse(const struct operation *operation, const char *verb, const struct target *target,
                   const struct kubernetes_reply *reply)
{
    struct str title = operation_title(operation);
    struct str doing = str_print(operation->call->arena, "%s %.*s", verb, STR_ARG(title));
    return kubernetes_fail(operation->call, NULL, doing.at, target->client, reply);
}

static bool fail_no_cluster(const struct operation *operation)
{
    return fail(operation->call, PATH_AT_ATTRIBUTE(NULL, STR("cluster_name")), "No such cluster",
                "EKS knows no cluster `%.*s` in %.*s, so %.*s cannot be written there. Check the "
                "name and the "
                "region, or let this resource depend on the one that creates the cluster.",
                STR_ARG(text_at(operation, "cluster_name")), STR_ARG(text_at(operation, "region")),
                STR_ARG(operation_title(operation)));
}

bool kubernetes_object_reach(const struct operation *operation,
                             const struct kubernetes_client **client)
{
    struct target target = { 0 };
    enum reach reach = find_target(operation, &target);
    *client = target.client;
    return reach == REACHED || (reach == NO_SUCH_CLUSTER && fail_no_cluster(operation));
}

/* The whole body that OBJECT sends: its rows or the text of the member, with apiVersion and kind.
 */
static json_t *body_of(const struct operation *operation, const struct value *object)
{
    struct call *call = operation->call;
    const struct kubernetes_kind *kind = operation->resource->kubernetes;
    struct str version = version_of(operation);
    json_t *body = operation->member.at ? kubernetes_set_body(operation, object)
                                        : encode_body(call, operation->resource->rows, object);
    struct str api_version =
        kind->group[0] ? str_print(call->arena, "%s/%.*s", kind->group, STR_ARG(version)) : version;
    json_set(call->arena, body, "apiVersion", json_new_str(call->arena, api_version));
    json_set(call->arena, body, "kind", json_new_str(call->arena, str_of(kind->kind)));
    return body;
}

/* Whether every value that BODY sets stands in LIVE. */
static bool says_the_same(struct call *call, const json_t *body, const json_t *live)
{
    struct managed_fields_paths paths = managed_fields_paths_of(call->arena, body);
    for (size_t i = 0; i < paths.count; i++) {
        json_t *there = managed_fields_value(live, paths.at[i]);
        if (!there || !json_equal(managed_fields_value(body, paths.at[i]), there))
            return false;
    }
    return true;
}

/* PATH, or the path of the ATOMIC map that it lies in: that is what the server books. */
static struct str booked_path(struct arena *arena, const struct resource *resource, struct str path)
{
    FOR_EACH_ROW (row, resource->rows) {
        if (!(row->flags & ATOMIC))
            continue;
        struct str map = str_print(arena, ".%s", row->api);
        if (str_starts(path, map.at) && path.len > map.len && path.at[map.len] == '.')
            return map;
    }
    return path;
}

static json_t *paths_of(struct arena *arena, const struct resource *resource, const json_t *body)
{
    struct managed_fields_paths paths = managed_fields_paths_of(arena, body);
    json_t *set = json_new_array(arena);
    for (size_t i = 0; i < paths.count; i++)
        json_add(arena, set, json_new_str(arena, booked_path(arena, resource, paths.at[i])));
    return set;
}

static void remember(struct operation *operation, const json_t *body,
                     const struct kubernetes_reply *reply)
{
    operation->private->set_paths = paths_of(operation->call->arena, operation->resource, body);
    operation->private->evidence = NULL;
    operation->answer = reply->body;
    kubernetes_warn(operation->call, NULL, reply);
}

/* Who wrote paths of ours, as far as the object still knows. */
void kubernetes_object_gather_evidence(struct operation *operation)
{
    struct call *call = operation->call;
    struct arena *arena = call->arena;
    struct str own = manager_of(operation->resource);
    json_t *all = json_new_array(arena);
    for (size_t i = 0; i < json_array_size(operation->private->set_paths); i++) {
        struct str path = json_str(json_array_get(operation->private->set_paths, i));
        struct managed_fields_entry *owners;
        size_t count = managed_fields_owners(call, operation->answer, path, &owners);
        if (!count || str_equal(owners[0].manager, own))
            continue;
        json_t *one = json_new_object(arena);
        json_set(arena, one, "path", json_new_str(arena, path));
        json_set(arena, one, "by", json_new_str(arena, managed_fields_print(arena, &owners[0])));
        json_add(arena, all, one);
    }
    operation->private->evidence = all;
}

static bool read_object(struct operation *operation)
{
    struct target target = { 0 };
    switch (find_target(operation, &target)) {
    case NOT_REACHED:
        return false;
    case NO_SUCH_CLUSTER:
        warn(operation->call, NULL, "The cluster is gone",
             "EKS knows no cluster `%.*s` any more, so %.*s is gone with it.",
             STR_ARG(text_at(operation, "cluster_name")), STR_ARG(operation_title(operation)));
        return true;
    case REACHED:
        break;
    }
    struct kubernetes_reply reply;
    if (!get(operation, &target, &reply))
        return false;
    if (kubernetes_status_absent(&reply))
        return true;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "reading", &target, &reply);
    operation->answer = reply.body;
    kubernetes_object_gather_evidence(operation);
    return true;
}

/* An import takes the object into care as it is: what differs from the configuration is shown by
 * the plan, so restoring it takes no force_conflicts. */
static void hold_object(struct operation *operation, const struct value *state)
{
    json_t *body = body_of(operation, state);
    operation->private->set_paths = paths_of(operation->call->arena, operation->resource, body);
    kubernetes_object_gather_evidence(operation);
}

/* The object stands already: ours with a lost answer, to be adopted, or somebody else's. */
static bool take_over(struct operation *operation, struct target *target, const json_t *body,
                      bool answer_was_lost)
{
    struct call *call = operation->call;
    struct kubernetes_reply reply;
    if (!get(operation, target, &reply))
        return false;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "reading", target, &reply);
    bool adopt = value_flag(value_at(operation->planned, "adopt"), false);
    bool ours = managed_fields_only_manager(call, reply.body, manager_of(operation->resource)) &&
                says_the_same(call, body, reply.body);
    if (ours) {
        if (!answer_was_lost)
            warn(call, NULL, "Adopted an equal object",
                 "There was %.*s already, written by this provider alone and equal to what was to "
                 "be "
                 "created; it is taken over as it is.",
                 STR_ARG(operation_title(operation)));
        remember(operation, body, &reply);
        return true;
    }
    if (!adopt)
        return operation_fail_exists(operation);
    const struct kubernetes_apply_options options = { .manager = manager_of(operation->resource),
                                                      .force = true };
    if (!apply(operation, target, body, &options, &reply))
        return false;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "adopting", target, &reply);
    remember(operation, body, &reply);
    return true;
}

/* A conflict about a field comes before the one about the version: it too says that the object
 * exists. */
static bool stands_already(struct arena *arena, const struct kubernetes_reply *reply)
{
    struct kubernetes_conflict *conflicts;
    return kubernetes_status_exists(reply) ||
           kubernetes_status_conflicts(arena, reply, &conflicts) > 0;
}

/* What others make must be there.  Its uid goes into BODY: an apply alone would make the object
 * anew where it was deleted meanwhile. */
static bool bind_to_live(struct operation *operation, struct target *target, json_t *body)
{
    struct arena *arena = operation->call->arena;
    struct kubernetes_reply reply;
    if (!get(operation, target, &reply))
        return false;
    if (kubernetes_status_absent(&reply) && !kubernetes_status_unknown_kind(&reply))
        return fail(operation->call, NULL, "No such object",
                    "Expected %.*s, of which this resource sets some fields, found none. Whatever "
                    "installs it must come first: name that in `depends_on`.",
                    STR_ARG(operation_title(operation)));
    if (!kubernetes_ok(&reply))
        return refuse(operation, "reading", target, &reply);
    json_set(arena, json_object_get(body, "metadata"), "uid",
             json_new_str(arena, json_str_at(reply.body, "metadata.uid")));
    return true;
}

static bool create_part(struct operation *operation, struct target *target)
{
    json_t *body = body_of(operation, operation->planned);
    const struct kubernetes_apply_options options = {
        .manager = manager_of(operation->resource),
        .force = value_flag(value_at(operation->planned, "force_conflicts"), false),
    };
    struct kubernetes_reply reply;
    if (!bind_to_live(operation, target, body) || !apply(operation, target, body, &options, &reply))
        return false;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "changing", target, &reply);
    remember(operation, body, &reply);
    return true;
}

static bool create_object(struct operation *operation)
{
    struct target target = { 0 };
    enum reach reach = find_target(operation, &target);
    if (reach == NO_SUCH_CLUSTER)
        return fail_no_cluster(operation);
    if (reach == NOT_REACHED)
        return false;
    if (operation->resource->kubernetes->part)
        return create_part(operation, &target);
    json_t *body = body_of(operation, operation->planned);
    const struct kubernetes_apply_options options = { .manager = manager_of(operation->resource),
                                                      .resource_version = STR("1") };
    struct kubernetes_reply reply;
    if (!apply(operation, &target, body, &options, &reply))
        return false;
    if (stands_already(operation->call->arena, &reply))
        return take_over(operation, &target, body, reply.repeated);
    if (!kubernetes_ok(&reply))
        return refuse(operation, "creating", &target, &reply);
    remember(operation, body, &reply);
    return true;
}

/* Whether each conflict is about a path that we had set and somebody took: those are ours to
 * restore. */
static bool restores_ours(const struct operation *operation,
                          const struct kubernetes_conflict *conflicts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!private_state_has_set(operation->private, conflicts[i].field))
            return false;
    return count > 0;
}

/* The live values must be those that the plan saw: forced over something newer, a change would be
 * lost that nobody was shown. */
static bool as_planned_from(struct operation *operation,
                            const struct kubernetes_conflict *conflicts, size_t count,
                            const json_t *live)
{
    json_t *seen = body_of(operation, operation->prior);
    for (size_t i = 0; i < count; i++) {
        json_t *then = managed_fields_value(seen, conflicts[i].field);
        json_t *now = managed_fields_value(live, conflicts[i].field);
        if (!(then ? now && json_equal(then, now) : !now))
            return fail(operation->call, NULL, "Changed since the plan",
                        "%.*s of %.*s was changed by %.*s after this plan was made. Plan again to "
                        "see the new "
                        "value.",
                        STR_ARG(conflicts[i].field), STR_ARG(operation_title(operation)),
                        STR_ARG(conflicts[i].manager));
    }
    return true;
}

static bool restore(struct operation *operation, struct target *target, const json_t *body,
                    const struct kubernetes_conflict *conflicts, size_t count,
                    struct kubernetes_reply *reply)
{
    if (!get(operation, target, reply))
        return false;
    if (!kubernetes_ok(reply))
        return refuse(operation, "reading", target, reply);
    operation->answer = reply->body;
    if (!as_planned_from(operation, conflicts, count, reply->body))
        return false;
    const struct kubernetes_apply_options options = {
        .manager = manager_of(operation->resource),
        .force = true,
        .resource_version = json_str_at(reply->body, "metadata.resourceVersion"),
    };
    return apply(operation, target, body, &options, reply);
}

static bool update_object(struct operation *operation)
{
    struct target target = { 0 };
    enum reach reach = find_target(operation, &target);
    if (reach == NO_SUCH_CLUSTER)
        return fail_no_cluster(operation);
    if (reach == NOT_REACHED)
        return false;
    json_t *body = body_of(operation, operation->planned);
    const struct kubernetes_apply_options options = {
        .manager = manager_of(operation->resource),
        .force = value_flag(value_at(operation->planned, "force_conflicts"), false),
    };
    struct kubernetes_reply reply;
    if (operation->resource->kubernetes->part && !bind_to_live(operation, &target, body))
        return false;
    if (!apply(operation, &target, body, &options, &reply))
        return false;
    struct kubernetes_conflict *conflicts;
    size_t count = kubernetes_status_conflicts(operation->call->arena, &reply, &conflicts);
    if (count && restores_ours(operation, conflicts, count) &&
        !restore(operation, &target, body, conflicts, count, &reply))
        return false;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "updating", &target, &reply);
    remember(operation, body, &reply);
    return true;
}

/* The names of at most five ITEMS. */
static struct str some_names(struct arena *arena, const json_t *items)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    size_t count = json_array_size(items);
    for (size_t i = 0; i < count && i < 5; i++)
        buf_print(&out, "%s%.*s", i ? ", " : "",
                  STR_ARG(json_str_at(json_array_get(items, i), "metadata.name")));
    if (count > 5)
        buf_print(&out, " and %zu more", count - 5);
    return buf_str(&out);
}

static bool wait_for_dependents(struct operation *operation, const struct target *target)
{
    const struct kubernetes_kind *kind = operation->resource->kubernetes;
    const struct kubernetes_kind *dependents = kind->dependents;
    if (!dependents)
        return true;
    struct call *call = operation->call;
    struct str path =
        kubernetes_path(call->arena, str_of(dependents->group), str_of(dependents->version),
                        str_of(dependents->plural), STR(""), STR(""));
    const struct kubernetes_list_options options = {
        .label_selector = str_print(call->arena, "%s=%.*s", kind->dependents_label,
                                    STR_ARG(text_at(operation, "name")))
    };
    for (struct poll poll = { 0 };;) {
        struct kubernetes_reply reply;
        if (!kubernetes_list(call, target->client, path, &options, &reply))
            return false;
        if (kubernetes_status_absent(&reply) || kubernetes_status_unknown_kind(&reply))
            return true;
        if (!kubernetes_ok(&reply))
            return kubernetes_fail(call, NULL, "waiting for the objects that belong to it",
                                   target->client, &reply);
        json_t *items = json_object_get(reply.body, "items");
        if (!json_array_size(items))
            return true;
        struct str waiting_for = str_print(call->arena, "the end of %s %.*s", dependents->plural,
                                           STR_ARG(some_names(call->arena, items)));
        if (!poll_pause(call, &poll, waiting_for.at))
            return false;
    }
}

/* An apply that names nothing gives up what its manager had set; what others set too stays. */
static bool give_up_part(struct operation *operation, struct target *target)
{
    struct call *call = operation->call;
    struct kubernetes_reply reply;
    json_t *body = body_of(operation, &value_null);
    json_t *metadata = json_new_object(call->arena);
    if (!get(operation, target, &reply))
        return false;
    if (kubernetes_status_absent(&reply) || kubernetes_status_unknown_kind(&reply))
        return true;
    if (!kubernetes_ok(&reply))
        return refuse(operation, "reading", target, &reply);
    json_set(call->arena, metadata, "name", json_new_str(call->arena, text_at(operation, "name")));
    json_set(call->arena, metadata, "uid",
             json_new_str(call->arena, json_str_at(reply.body, "metadata.uid")));
    json_set(call->arena, body, "metadata", metadata);
    const struct kubernetes_apply_options options = { .manager = manager_of(operation->resource) };
    if (!apply(operation, target, body, &options, &reply))
        return false;
    return kubernetes_ok(&reply) || refuse(operation, "giving up fields of", target, &reply);
}

static bool delete_object(struct operation *operation)
{
    struct target target = { 0 };
    enum reach reach = find_target(operation, &target);
    if (reach == NO_SUCH_CLUSTER)
        return true;
    if (reach == NOT_REACHED)
        return false;
    if (operation->resource->kubernetes->part)
        return give_up_part(operation, &target);
    struct kubernetes_reply reply;
    do {
        if (!kubernetes_delete(operation->call, target.client, target.path, STR(""), "Background",
                               &reply))
            return false;
    } while (try_again(operation, &target, &reply));
    if (kubernetes_status_absent(&reply))
        return wait_for_dependents(operation, &target);
    if (!kubernetes_ok(&reply))
        return refuse(operation, "deleting", &target, &reply);
    /* A Status means that it is gone; the object itself, that finalizers hold it. */
    if (!str_is(json_str_at(reply.body, "kind"), "Status") &&
        !kubernetes_wait_gone(operation->call, target.client, target.path,
                              json_str_at(reply.body, "metadata.uid"),
                              operation_title(operation).at))
        return false;
    return wait_for_dependents(operation, &target);
}

const struct driver kubernetes_object_driver = {
    .read = read_object,
    .hold = hold_object,
    .create = create_object,
    .update = update_object,
    .remove = delete_object,
};

void kubernetes_object_warn_drift(struct call *call, const struct resource *resource,
                                  const struct value *prior, const struct value *planned,
                                  const json_t *evidence)
{
    if (!json_array_size(evidence) || !value_is_set(prior) || !value_is_set(planned))
        return;
    struct operation operation = { call, NULL, resource, prior, planned, NULL, NULL, { 0 }, { 0 } };
    struct buf list = buf_make(call->arena, BUF_LIMIT);
    for (size_t i = 0; i < json_array_size(evidence); i++) {
        json_t *one = json_array_get(evidence, i);
        struct str path = json_str_at(one, "path");
        operation.member = json_str_at(one, "member");
        json_t *was = managed_fields_value(body_of(&operation, prior), path);
        json_t *will_be = managed_fields_value(body_of(&operation, planned), path);
        if (was && will_be ? json_equal(was, will_be) : was == will_be)
            continue;
        buf_print(&list, "\n  %.*s%s%.*s: %.*s", STR_ARG(operation.member),
                  operation.member.at ? ": " : "", STR_ARG(path), STR_ARG(json_str_at(one, "by")));
    }
    operation.member = (struct str){ 0 };
    struct str lines = buf_str(&list);
    if (!lines.len)
        return;
    warn(call, NULL, "Changed outside of Terraform",
         "This plan restores what others wrote in %.*s:%.*s", STR_ARG(operation_title(&operation)),
         STR_ARG(lines));
}
