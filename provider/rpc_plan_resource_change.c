/* PlanResourceChange: what one object will be. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

static bool decode(struct call *call, const struct type *type,
                   const Tfplugin6__PlanResourceChange__Request *in, struct plan *plan)
{
    plan->prior = exchange_decode(call, type, in->prior_state);
    plan->config = plan->prior ? exchange_decode(call, type, in->config) : NULL;
    return plan->config;
}

static Tfplugin6__AttributePath **paths_of(struct arena *arena, const struct plan *plan)
{
    Tfplugin6__AttributePath **paths =
        ARENA_NEW_ARRAY(arena, Tfplugin6__AttributePath *, plan->replace_count);
    for (size_t i = 0; i < plan->replace_count; i++)
        paths[i] = exchange_path(arena, plan->replaces[i]);
    return paths;
}

/* An update keeps the identity it has.  One that is not known yet is left out: OpenTofu 1.12 writes
 * planned identities into its state, and fails at unknown values. */
static Tfplugin6__ResourceIdentityData *
identity_of(struct call *call, const struct resource *resource,
            const Tfplugin6__PlanResourceChange__Request *in, const struct plan *plan)
{
    const struct value *from =
        value_is_set(plan->prior) && !plan->replace_count ? plan->prior : plan->planned;
    if (!resource->identity || !value_is_set(from))
        return in->prior_identity;
    const struct value *identity = lifecycle_identity(call->arena, resource, from);
    return value_is_wholly_known(identity) ? exchange_identity(call, resource, identity) : NULL;
}

enum grpc_status rpc_plan_resource_change(struct call *call, struct grpc_stream *stream,
                                          struct str request)
{
    const Tfplugin6__PlanResourceChange__Request *in =
        message_unpack(call, &tfplugin6__plan_resource_change__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__PlanResourceChange__Response out;
    tfplugin6__plan_resource_change__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    const struct type *type = resource ? attr_type(call->arena, resource->rows) : NULL;
    struct plan plan = { 0 };
    if (type && decode(call, type, in, &plan)) {
        struct str private = exchange_bytes(in->prior_private);
        if (lifecycle_plan(call, config_context(), resource, &plan, &private)) {
            out.planned_state = exchange_encode(call, type, plan.planned);
            out.planned_private = exchange_binary(private);
            out.planned_identity = identity_of(call, resource, in, &plan);
            out.n_requires_replace = plan.replace_count;
            out.requires_replace = paths_of(call->arena, &plan);
        }
    }
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
