/* Validate, plan, read, apply, import and upgrade for any resource. */
#include "resources/lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "gpu/duration.h"
#include "resources/import_id.h"
#include "resources/kubernetes_object.h"
#include "resources/operation.h"
#include "schema/check.h"
#include "schema/codec.h"
#include "schema/decode.h"
#include "schema/same.h"

/* What an operation's partial state may need when memory is short. */
#define RESERVE_BYTES ((size_t)64 * 1024)

/* Whether a diagnostic up to LAST says something of the same severity about the same place. */
static bool is_told(struct call *call, const struct diagnostic *last,
                    const struct diagnostic *found)
{
    struct str place = path_print(call->arena, found->at);
    for (const struct diagnostic *told = call->first; told && found->at; told = told->next) {
        if (told->severity == found->severity && told->at &&
            str_equal(path_print(call->arena, told->at), place))
            return true;
        if (told == last)
            break;
    }
    return false;
}

/* What stands behind LAST without the diagnostics that only say again what stands up to it: a hook
 * checks the whole of what the rows have checked piece by piece. */
static void drop_repeated(struct call *call, struct diagnostic *last)
{
    if (!last)
        return;
    struct diagnostic *kept = last;
    for (struct diagnostic *found = last->next; found; found = found->next) {
        if (!is_told(call, last, found)) {
            kept = found;
            continue;
        }
        kept->next = found->next;
        call->errors -= found->severity == SEVERITY_ERROR;
    }
    call->last = kept;
}

bool lifecycle_validate(struct call *call, const struct context *context,
                        const struct resource *resource, const struct value *config)
{
    bool ok = check_config(call, resource->rows, resource->rules, config);
    struct diagnostic *last = call->last;
    if (resource->validate)
        ok = resource->validate(call, context, config) && ok;
    drop_repeated(call, last);
    return ok;
}

/* Whether the plan's object says, or will say, in which cluster it lives. */
static bool check_cluster(struct call *call, const struct context *context, const struct plan *plan)
{
    const struct value *cluster = value_at(plan->planned, "cluster_name");
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("cluster_name"));
    if (!context)
        return true;
    if (context->has_kubernetes)
        return value_is_null(cluster) || fail(call, at, "Arguments exclude each other",
                                              "The provider's `kubernetes` block goes straight to "
                                              "one API server, so a resource cannot "
                                              "name a `cluster_name`. Remove one of the two.");
    if (!value_is_null(cluster))
        return true;
    return fail(call, at, "Missing cluster",
                "Neither this resource nor the provider says which cluster is meant. Set "
                "`cluster_name` in the "
                "provider block, or here.");
}

bool lifecycle_plan(struct call *call, const struct context *context,
                    const struct resource *resource, struct plan *plan, struct str *private)
{
    struct private_state memory = private_state_read(call->arena, *private);
    plan->rows = resource->rows;
    plan->context = context;
    if (!plan_make(call, plan))
        return false;
    if (value_is_set(plan->planned) && !check_cluster(call, context, plan))
        return false;
    if (resource->plan && !resource->plan(call, context, plan))
        return false;
    if (resource->kubernetes)
        kubernetes_object_warn_drift(call, resource, plan->prior, plan->planned, memory.evidence);
    memory.import = false;
    *private = private_state_write(call->arena, &memory);
    return plan_self_check(call, plan);
}

static int default_timeout_s(const struct resource *resource, const char *name)
{
    if (strcmp(name, "create") == 0)
        return resource->timeouts.create_s;
    if (strcmp(name, "update") == 0)
        return resource->timeouts.update_s;
    if (strcmp(name, "delete") == 0)
        return resource->timeouts.delete_s;
    return resource->timeouts.read_s;
}

static void set_deadline(struct call *call, const struct resource *resource,
                         const struct value *object, const char *name)
{
    struct str text = value_text(value_at(value_at(object, "timeouts"), name));
    int64_t nanoseconds;
    int64_t ms = (int64_t)default_timeout_s(resource, name) * 1000;
    if (text.at && duration_parse(text, &nanoseconds))
        ms = nanoseconds / 1000000;
    call->deadline_ms = clock_monotonic_ms() + ms;
}

/* Where an object lives is the state's business: an answer does not say it, and the provider's
 * defaults may have changed since. */
static const struct value *keep_names(struct call *call, const struct value *decoded,
                                      const struct value *state)
{
    static const char *const names[] = { "cluster_name", "region" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        decoded = value_with(call->arena, decoded, str_of(names[i]), value_at(state, names[i]));
    return decoded;
}

static void give(struct call *call, const struct resource *resource, const struct value *state,
                 const struct private_state *memory, struct lifecycle_state *out)
{
    out->state = state;
    out->private = private_state_write(call->arena, memory);
    out->identity =
        value_is_set(state) ? lifecycle_identity(call->arena, resource, state) : &value_null;
}

bool lifecycle_read(struct call *call, const struct context *context,
                    const struct resource *resource, const struct value *state, struct str private,
                    struct lifecycle_state *out)
{
    struct private_state memory = private_state_read(call->arena, private);
    if (context->connection_unknown) {
        warn(call, NULL, "Not refreshed",
             "The provider's configuration is not known yet, so the state is taken as it is.");
        give(call, resource, state, &memory, out);
        return true;
    }
    set_deadline(call, resource, state, "read");
    struct operation operation = { call,    context, resource, state, &value_null,
                                   &memory, NULL,    { 0 },    { 0 } };
    if (!resource->driver->read(&operation))
        return false;
    if (!operation.answer) {
        give(call, resource, &value_null, &memory, out);
        return true;
    }
    const struct decode_options options = { memory.import ? &value_null : state, context };
    const struct value *decoded = decode_answer(call, resource->rows, operation.answer, &options);
    if (!decoded)
        return false;
    decoded = keep_names(call, decoded, state);
    if (memory.import && resource->driver->hold)
        resource->driver->hold(&operation, decoded);
    memory.import = false;
    give(call, resource, decoded, &memory, out);
    return true;
}

/* Names made here are unique and sort by time, as Terraform's own generated names do. */
static struct str generate_name(struct arena *arena, struct str prefix)
{
    struct str uuid = uuid_random(arena);
    return str_print(arena, "%.*s%010llx%.*s", STR_ARG(prefix),
                     (unsigned long long)clock_wall_ms() / 1000, 8, uuid.at);
}

static const struct value *name_it(struct call *call, const struct resource *resource,
                                   const struct value *planned)
{
    const char *name = resource->generated_name;
    if (!name || !value_is_unknown(value_at(planned, name)))
        return planned;
    struct str prefix_name = str_print(call->arena, "%s_prefix", name);
    struct str prefix = value_text(value_at_str(planned, prefix_name));
    struct str made = generate_name(call->arena, prefix.at ? prefix : STR("gpushare-"));
    return value_with(call->arena, planned, str_of(name), value_string(call->arena, made));
}

/* What exists after a failed step, told by the API where it answered, else what was before. */
static bool give_what_exists(struct operation *operation, const struct value *known,
                             struct lifecycle_state *out)
{
    struct call *call = operation->call;
    if (!operation->answer) {
        give(call, operation->resource, operation->prior, operation->private, out);
        return false;
    }
    const struct decode_options options = { known, operation->context };
    const struct value *decoded =
        decode_answer(call, operation->resource->rows, operation->answer, &options);
    decoded = decoded ? keep_names(call, decoded, known) : operation->prior;
    give(call, operation->resource, plan_fill(call->arena, decoded, &value_null),
         operation->private, out);
    return false;
}

static bool apply_change(struct operation *operation, bool creates, struct lifecycle_state *out)
{
    const struct driver *driver = operation->resource->driver;
    if (!(creates ? driver->create(operation) : driver->update(operation)))
        return give_what_exists(operation, operation->planned, out);
    const struct decode_options options = { operation->planned, operation->context };
    const struct value *decoded =
        decode_answer(operation->call, operation->resource->rows, operation->answer, &options);
    if (!decoded)
        return give_what_exists(operation, operation->planned, out);
    give(operation->call, operation->resource,
         plan_fill(operation->call->arena, operation->planned, decoded), operation->private, out);
    return true;
}

/* Only client-only arguments differ: nothing to send. */
static bool same_body(const struct resource *resource, const struct value *a, const struct value *b)
{
    FOR_EACH_ROW (row, resource->rows)
        if (!(row->flags & UNSENT) &&
            !same_value(row, value_at(a, row->name), value_at(b, row->name)))
            return false;
    return true;
}

bool lifecycle_apply(struct call *call, const struct context *context,
                     const struct resource *resource, const struct value *prior,
                     const struct value *planned, struct str private, struct lifecycle_state *out)
{
    struct private_state memory = private_state_read(call->arena, private);
    arena_reserve(call->arena, RESERVE_BYTES);
    struct operation operation = { call,    context, resource, prior, planned,
                                   &memory, NULL,    { 0 },    { 0 } };
    give(call, resource, prior, &memory, out);
    if (value_is_null(planned)) {
        set_deadline(call, resource, prior, "delete");
        if (!resource->driver->remove(&operation))
            return false;
        give(call, resource, &value_null, &memory, out);
        return true;
    }
    bool creates = value_is_null(prior);
    if (!creates && same_body(resource, prior, planned)) {
        give(call, resource, planned, &memory, out);
        return true;
    }
    set_deadline(call, resource, planned, creates ? "create" : "update");
    if (creates)
        operation.planned = name_it(call, resource, planned);
    return apply_change(&operation, creates, out);
}

static const struct value *state_from_identity(struct call *call, const struct context *context,
                                               const struct resource *resource,
                                               const struct value *identity)
{
    const struct value *state = attr_empty(call->arena, resource->rows);
    for (size_t i = 0; value_is_set(identity) && i < identity->count; i++)
        if (value_is_set(identity->members[i].value))
            state = value_with(call->arena, state, identity->members[i].name,
                               identity->members[i].value);
    if (!value_is_set(value_at(state, "cluster_name")) && context->cluster_name.len)
        state = value_with(call->arena, state, STR("cluster_name"),
                           value_string(call->arena, context->cluster_name));
    if (!value_is_set(value_at(state, "region")) && context->region.len)
        state = value_with(call->arena, state, STR("region"),
                           value_string(call->arena, context->region));
    return state;
}

bool lifecycle_import(struct call *call, const struct context *context,
                      const struct resource *resource, struct str id, const struct value *identity,
                      struct lifecycle_state *out)
{
    if (!resource->identity)
        return fail(call, NULL, "Cannot be imported",
                    "A %s%s exists in Terraform's state only; create it instead.", TYPE_PREFIX,
                    resource->name);
    const struct value *state = id.at ? import_id_parse(call, context, resource, id)
                                      : state_from_identity(call, context, resource, identity);
    if (!state)
        return false;
    const struct private_state memory = { .import = true };
    give(call, resource, state, &memory, out);
    return true;
}

/* A block that the state's version did not have is empty, not null. */
const struct value *lifecycle_upgrade(struct call *call, const struct resource *resource,
                                      struct str json)
{
    const struct value *state = value_from_json(call, attr_type(call->arena, resource->rows), json,
                                                /* ignore_unknown_members */ true);
    return state ? attr_fill_blocks(call->arena, resource->rows, state) : NULL;
}

static int order_members(const void *a, const void *b)
{
    const struct type_member *left = a;
    const struct type_member *right = b;
    return str_order(left->name, right->name);
}

const struct type *lifecycle_identity_type(struct arena *arena, const struct resource *resource)
{
    struct type_member *members = ARENA_NEW_ARRAY(arena, struct type_member, 8);
    size_t count = 0;
    members[count++] = (struct type_member){ STR("cluster_name"), &type_string };
    members[count++] = (struct type_member){ STR("region"), &type_string };
    struct str names = str_of(resource->identity);
    struct str name;
    while (count < 8 && attr_next_name(&names, &name))
        members[count++] = (struct type_member){ name, &type_string };
    qsort(members, count, sizeof *members, order_members);
    struct type *type = ARENA_NEW(arena, struct type);
    *type = (struct type){ .kind = TYPE_OBJECT, .members = members, .member_count = count };
    return type;
}

const struct value *lifecycle_identity(struct arena *arena, const struct resource *resource,
                                       const struct value *state)
{
    if (!resource->identity)
        return &value_null;
    const struct type *type = lifecycle_identity_type(arena, resource);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, type->member_count);
    for (size_t i = 0; i < type->member_count; i++)
        members[i] = (struct value_member){ type->members[i].name,
                                            value_at_str(state, type->members[i].name) };
    return value_members(arena, members, type->member_count);
}
