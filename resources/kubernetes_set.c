/* Sets of objects: a loop around the driver of one. */
#include "resources/kubernetes_set.h"

#include <string.h>

#include "clients/managed_fields.h"
#include "resources/kubernetes_list.h"
#include "resources/kubernetes_object.h"
#include "resources/poll.h"

/* How long before the deadline a wait ends, so that it can say itself what was missing. */
#define LAST_LOOK_MS ((int64_t)500)

/* A condition that is False may be about what has just gone: it has to be seen this often in a row.
 */
#define REFUSALS_NEEDED 2

static const struct value *members_of(const struct operation *operation, const struct value *object)
{
    return value_at(object, operation->resource->kubernetes->members);
}

static json_t *parse(struct arena *arena, const struct value *members, struct str name)
{
    struct str text = value_text(value_at_str(members, name));
    json_t *json = text.at ? json_try_parse(arena, text) : NULL;
    return json_is_object(json) ? json : json_new_object(arena);
}

/* A null in a text is a value that was not there. */
static json_t *without_nulls(struct arena *arena, const json_t *json)
{
    if (!json_is_object(json))
        return (json_t *)(uintptr_t)json;
    json_t *out = json_new_object(arena);
    const char *key;
    json_t *item;
    json_object_foreach ((json_t *)(uintptr_t)json, key, item)
        if (!json_is_null(item))
            json_set(arena, out, key, without_nulls(arena, item));
    return out;
}

json_t *kubernetes_set_body(const struct operation *operation, const struct value *object)
{
    struct arena *arena = operation->call->arena;
    json_t *body =
        without_nulls(arena, parse(arena, members_of(operation, object), operation->member));
    json_t *metadata = json_object_get(body, "metadata");
    struct str namespace = value_text(value_at(object, "namespace"));
    if (!json_is_object(metadata))
        metadata = json_new_object(arena);
    json_set(arena, metadata, "name", json_new_str(arena, operation->member));
    if (namespace.len)
        json_set(arena, metadata, "namespace", json_new_str(arena, namespace));
    json_set(arena, body, "metadata", metadata);
    return body;
}

struct str kubernetes_set_text(struct arena *arena, const json_t *body)
{
    return json_print(arena, body);
}

json_t *kubernetes_set_cut(struct arena *arena, const json_t *body, const json_t *live)
{
    if (json_is_object(body) && json_is_object(live)) {
        json_t *out = json_new_object(arena);
        const char *key;
        json_t *item;
        json_object_foreach ((json_t *)(uintptr_t)body, key, item)
            json_set(arena, out, key, kubernetes_set_cut(arena, item, json_object_get(live, key)));
        return out;
    }
    if (json_is_array(body) && json_is_array(live) &&
        json_array_size(body) == json_array_size(live)) {
        json_t *out = json_new_array(arena);
        for (size_t i = 0; i < json_array_size(body); i++)
            json_add(arena, out,
                     kubernetes_set_cut(arena, json_array_get(body, i), json_array_get(live, i)));
        return out;
    }
    return live ? (json_t *)(uintptr_t)live : json_keep(arena, json_null());
}

/* What an import takes of an object: all that people write. */
static json_t *whole(struct arena *arena, const json_t *live)
{
    static const char *const not_ours[] = { "apiVersion", "kind", "metadata", "status" };
    json_t *out = json_keep(arena, json_copy((json_t *)(uintptr_t)live));
    for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
        json_object_del(out, not_ours[i]);
    return out;
}

/* The paths of MEMBER among those of all, "member:path". */
static json_t *paths_of_member(struct arena *arena, const json_t *all, struct str member)
{
    json_t *own = json_new_array(arena);
    for (size_t i = 0; i < json_array_size(all); i++) {
        struct str path = json_str(json_array_get(all, i));
        struct str name = str_slice(path, 0, str_find(path, ':', 0));
        if (str_equal(name, member) && path.len > name.len)
            json_add(arena, own, json_new_str(arena, str_slice(path, name.len + 1, path.len)));
    }
    return own;
}

/* Puts the paths OWN of MEMBER in place of those that ALL had of it. */
static json_t *with_paths(struct arena *arena, const json_t *all, struct str member,
                          const json_t *own)
{
    json_t *out = json_new_array(arena);
    for (size_t i = 0; i < json_array_size(all); i++) {
        struct str path = json_str(json_array_get(all, i));
        if (!str_equal(str_slice(path, 0, str_find(path, ':', 0)), member))
            json_add(arena, out, json_array_get(all, i));
    }
    for (size_t i = 0; i < json_array_size(own); i++)
        json_add(arena, out,
                 json_new_str(arena, str_print(arena, "%.*s:%.*s", STR_ARG(member),
                                               STR_ARG(json_str(json_array_get(own, i))))));
    return out;
}

/* An answer in the form that the rows decode: the names of the object, and the texts. */
static void begin_answer(struct operation *operation)
{
    struct arena *arena = operation->call->arena;
    static const char *const names[] = { "name", "namespace" };
    const struct value *object = operation_object(operation);
    json_t *metadata = json_new_object(arena);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str text = value_text(value_at(object, names[i]));
        if (text.at)
            json_set(arena, metadata, names[i], json_new_str(arena, text));
    }
    operation->answer = json_new_object(arena);
    json_set(arena, operation->answer, "metadata", metadata);
    json_set(arena, operation->answer, operation->resource->kubernetes->members,
             json_new_object(arena));
}

static void answer(struct operation *operation, struct str member, struct str text)
{
    if (!operation->answer)
        begin_answer(operation);
    struct arena *arena = operation->call->arena;
    json_set(arena, json_object_get(operation->answer, operation->resource->kubernetes->members),
             str_copy(arena, member).at, json_new_str(arena, text));
}

/* OPERATION for one member; *MEMORY becomes what is remembered of it alone. */
static struct operation for_member(const struct operation *operation, struct str member,
                                   struct private_state *memory)
{
    struct operation one = *operation;
    *memory = (struct private_state){
        .set_paths = paths_of_member(operation->call->arena, operation->private->set_paths, member)
    };
    one.member = member;
    one.private = memory;
    one.answer = NULL;
    return one;
}

static bool is_member_of(const struct value *members, struct str name)
{
    return value_is_set(value_at_str(members, name));
}

/* The live objects that neither the state nor the plan has. */
static const json_t *others_of(const struct operation *operation, const json_t *items)
{
    struct arena *arena = operation->call->arena;
    json_t *others = json_new_array(arena);
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        struct str name = json_str_at(item, "metadata.name");
        if (!is_member_of(members_of(operation, operation->prior), name) &&
            !is_member_of(members_of(operation, operation->planned), name))
            json_add(arena, others, item);
    }
    return others;
}

static bool list(const struct operation *operation, const struct kubernetes_client *client,
                 const json_t **items)
{
    struct str namespace = value_text(value_at(operation_object(operation), "namespace"));
    return kubernetes_list_kind(operation->call, client, operation->resource->kubernetes,
                                operation->version, namespace.at ? namespace : STR(""), items);
}

/* An object that is in the way must be found before the first write, as afterwards some are there
 * and some are not.  One that only we wrote is left to the driver: it may be ours, with its answer
 * lost. */
static bool check_vacant(const struct operation *operation, const json_t *items)
{
    const struct value *planned = members_of(operation, operation->planned);
    struct str manager = str_of(FIELD_MANAGER);
    if (value_flag(value_at(operation->planned, "adopt"), false))
        return true;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        struct operation one = *operation;
        one.member = json_str_at(item, "metadata.name");
        if (is_member_of(planned, one.member) &&
            !is_member_of(members_of(operation, operation->prior), one.member) &&
            !managed_fields_only_manager(operation->call, item, manager))
            return operation_fail_exists(&one);
    }
    return true;
}

/* The version that the server has now; then the rules of the resource against what is live. */
static bool prepare(struct operation *operation, const struct kubernetes_client **client)
{
    const struct kubernetes_set *set = operation->resource->set;
    const json_t *items;
    if (!kubernetes_object_reach(operation, client))
        return false;
    if (operation->resource->kubernetes->group[0]) {
        operation->version =
            kubernetes_list_version(operation->call, *client, operation->resource->kubernetes);
        if (!operation->version.at)
            return false;
    }
    return list(operation, *client, &items) && check_vacant(operation, items) &&
           (!set->check || set->check(operation, *client, others_of(operation, items)));
}

static bool write_member(struct operation *operation, const struct value_member *member)
{
    struct arena *arena = operation->call->arena;
    struct private_state memory;
    struct operation one = for_member(operation, member->name, &memory);
    bool exists = is_member_of(members_of(operation, operation->prior), member->name);
    if (!(exists ? kubernetes_object_driver.update(&one) : kubernetes_object_driver.create(&one)))
        return false;
    operation->private->set_paths =
        with_paths(arena, operation->private->set_paths, member->name, memory.set_paths);
    answer(operation, member->name, member->value->text);
    return true;
}

/* The state says of an object that could not be written what it said before. */
static bool write_members(struct operation *operation)
{
    const struct value *planned = members_of(operation, operation->planned);
    const struct value *prior = members_of(operation, operation->prior);
    for (size_t i = 0; prior->kind == VALUE_MEMBERS && i < prior->count; i++)
        if (is_member_of(planned, prior->members[i].name))
            answer(operation, prior->members[i].name, value_text(prior->members[i].value));
    for (size_t i = 0; i < planned->count; i++) {
        const struct value *before = value_at_str(prior, planned->members[i].name);
        if (!value_equal(before, planned->members[i].value) &&
            !write_member(operation, &planned->members[i]))
            return false;
    }
    operation->private->evidence = NULL;
    return true;
}

static bool remove_member(struct operation *operation, struct str member)
{
    struct private_state memory;
    struct operation one = for_member(operation, member, &memory);
    if (!kubernetes_object_driver.remove(&one))
        return false;
    operation->private->set_paths =
        with_paths(operation->call->arena, operation->private->set_paths, member, NULL);
    return true;
}

/* Those that the plan has no more.  They go first: until then the answer says nothing, and the
 * state keeps what it had. */
static bool remove_members(struct operation *operation)
{
    const struct value *prior = members_of(operation, operation->prior);
    const struct value *planned = members_of(operation, operation->planned);
    for (size_t i = 0; prior->kind == VALUE_MEMBERS && i < prior->count; i++)
        if (!is_member_of(planned, prior->members[i].name) &&
            !remove_member(operation, prior->members[i].name))
            return false;
    return true;
}

enum verdict { MET, REFUSED, WAITING, SILENT };

/* What the controller says of OBJECT now; a condition of an older generation is no word on this
 * one. */
static enum verdict judge(const json_t *object, const char *type, const json_t **condition)
{
    const json_t *conditions = json_at(object, "status.conditions");
    json_int_t generation = json_integer_value(json_at(object, "metadata.generation"));
    *condition = NULL;
    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *one = json_array_get(conditions, i);
        const json_t *seen = json_object_get(one, "observedGeneration");
        if (!str_is(json_str_at(one, "type"), type))
            continue;
        *condition = one;
        if (seen && json_integer_value(seen) < generation)
            return WAITING;
        if (str_is(json_str_at(one, "status"), "True"))
            return MET;
        return str_is(json_str_at(one, "status"), "False") ? REFUSED : WAITING;
    }
    return json_array_size(conditions) ? WAITING : SILENT;
}

/* The member that is furthest from what is waited for. */
struct laggard {
    enum verdict verdict;
    struct str name;
    const json_t *condition;
};

static struct laggard find_laggard(const struct operation *operation, const json_t *items)
{
    const struct value *planned = members_of(operation, operation->planned);
    struct laggard found = { .verdict = MET };
    for (size_t i = 0; i < planned->count; i++) {
        struct laggard one = { .name = planned->members[i].name };
        one.verdict = judge(kubernetes_list_find(items, one.name),
                            operation->resource->set->condition, &one.condition);
        if (found.verdict == MET || one.verdict == REFUSED)
            found = one;
        if (found.verdict == REFUSED)
            break;
    }
    return found;
}

static bool fail_refused(const struct operation *operation, const struct laggard *laggard)
{
    const char *condition = operation->resource->set->condition;
    return fail(operation->call, NULL, "Written, but not accepted",
                "%s %.*s does not become %s: %.*s%s%.*s.", operation->resource->kubernetes->kind,
                STR_ARG(laggard->name), condition,
                STR_ARG(json_str_at(laggard->condition, "reason")),
                json_str_at(laggard->condition, "message").len ? ": " : "",
                STR_ARG(json_str_at(laggard->condition, "message")));
}

static bool fail_late(const struct operation *operation, const struct laggard *laggard)
{
    const struct kubernetes_set *set = operation->resource->set;
    const char *kind = operation->resource->kubernetes->kind;
    if (laggard->verdict == SILENT)
        return fail(operation->call, NULL, set->silence_summary,
                    "Until the deadline nothing took notice of %s %.*s: it has no conditions. %s",
                    kind, STR_ARG(laggard->name), set->silence);
    return fail(operation->call, NULL, "Timed out",
                "%s %.*s was written, but did not become %s before the deadline. Raise the "
                "resource's timeouts block where this needs longer.",
                kind, STR_ARG(laggard->name), set->condition);
}

static bool wait_for_condition(const struct operation *operation,
                               const struct kubernetes_client *client)
{
    struct call *call = operation->call;
    int refusals = 0;
    if (!operation->resource->set->condition)
        return true;
    for (struct poll poll = { 0 };;) {
        const json_t *items;
        if (!list(operation, client, &items))
            return false;
        struct laggard laggard = find_laggard(operation, items);
        if (laggard.verdict == MET)
            return true;
        refusals = laggard.verdict == REFUSED ? refusals + 1 : 0;
        if (refusals == REFUSALS_NEEDED)
            return fail_refused(operation, &laggard);
        int64_t left = call_left_ms(call) - LAST_LOOK_MS;
        if (left <= 0)
            return laggard.verdict == REFUSED ? fail_refused(operation, &laggard)
                                              : fail_late(operation, &laggard);
        if (poll.pause_ms * 2 > left)
            poll.pause_ms = left / 2 + 1;
        struct str what = str_print(call->arena, "the %s %.*s to become %s",
                                    operation->resource->kubernetes->kind, STR_ARG(laggard.name),
                                    operation->resource->set->condition);
        if (!poll_pause(call, &poll, what.at))
            return false;
    }
}

static bool write_set(struct operation *operation)
{
    const struct kubernetes_client *client;
    return prepare(operation, &client) && remove_members(operation) && write_members(operation) &&
           wait_for_condition(operation, client);
}

static bool remove_set(struct operation *operation)
{
    const struct value *prior = members_of(operation, operation->prior);
    for (size_t i = 0; prior->kind == VALUE_MEMBERS && i < prior->count; i++)
        if (!remove_member(operation, prior->members[i].name))
            return false;
    return true;
}

/* An import takes the object into care as it is, so that restoring it takes no force_conflicts. */
static void hold_member(struct operation *operation, struct str name, const json_t *body,
                        struct private_state *memory)
{
    struct arena *arena = operation->call->arena;
    struct managed_fields_paths paths = managed_fields_paths_of(arena, body);
    memory->set_paths = json_new_array(arena);
    for (size_t i = 0; i < paths.count; i++)
        json_add(arena, memory->set_paths, json_new_str(arena, paths.at[i]));
    operation->private->set_paths =
        with_paths(arena, operation->private->set_paths, name, memory->set_paths);
}

static void read_member(struct operation *operation, struct str name, json_t *item,
                        json_t *evidence)
{
    struct arena *arena = operation->call->arena;
    struct private_state memory;
    struct operation one = for_member(operation, name, &memory);
    json_t *body =
        operation->private->import
            ? whole(arena, item)
            : kubernetes_set_cut(arena, parse(arena, members_of(operation, operation->prior), name),
                                 item);
    answer(operation, name, kubernetes_set_text(arena, body));
    if (operation->private->import)
        hold_member(operation, name, body, &memory);
    one.answer = item;
    kubernetes_object_gather_evidence(&one);
    for (size_t i = 0; i < json_array_size(memory.evidence); i++) {
        json_t *entry = json_array_get(memory.evidence, i);
        json_set(arena, entry, "member", json_new_str(arena, name));
        json_add(arena, evidence, entry);
    }
}

/* A list that is not there at all is no word about its objects: the version may have moved on. */
static bool list_or_find(struct operation *operation, const struct kubernetes_client *client,
                         const json_t **items)
{
    if (!list(operation, client, items) || *items)
        return *items != NULL;
    operation->version =
        kubernetes_list_version(operation->call, client, operation->resource->kubernetes);
    return operation->version.at && list(operation, client, items);
}

static bool read_set(struct operation *operation)
{
    struct call *call = operation->call;
    const struct kubernetes_client *client;
    struct str region = value_text(value_at(operation->prior, "region"));
    struct str cluster = value_text(value_at(operation->prior, "cluster_name"));
    enum reach reach = context_kubernetes(call, operation->context, cluster, region, &client);
    if (reach == NO_SUCH_CLUSTER) {
        warn(call, NULL, "The cluster is gone",
             "EKS knows no cluster `%.*s` any more, so %.*s is gone with it.", STR_ARG(cluster),
             STR_ARG(operation_title(operation)));
        return true;
    }
    const json_t *items;
    if (reach == NOT_REACHED || !list_or_find(operation, client, &items))
        return false;
    json_t *evidence = json_new_array(call->arena);
    struct str set = value_text(value_at(operation->prior, "name"));
    const struct value *members = members_of(operation, operation->prior);
    for (size_t i = 0; i < json_array_size(items); i++) {
        json_t *item = json_array_get(items, i);
        struct str name = json_str_at(item, "metadata.name");
        bool ours = operation->private->import ? operation->resource->set->owns(set, item)
                                               : is_member_of(members, name);
        if (ours)
            read_member(operation, name, item, evidence);
    }
    operation->private->evidence = evidence;
    return true;
}

const struct driver kubernetes_set_driver = {
    .read = read_set,
    .create = write_set,
    .update = write_set,
    .remove = remove_set,
};
