/* ApplyResourceChange: makes one object what was planned. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

enum grpc_status rpc_apply_resource_change(struct call *call, struct grpc_stream *stream,
                                           struct str request)
{
    const Tfplugin6__ApplyResourceChange__Request *in =
        message_unpack(call, &tfplugin6__apply_resource_change__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ApplyResourceChange__Response out;
    tfplugin6__apply_resource_change__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    const struct type *type = resource ? attr_type(call->arena, resource->rows) : NULL;
    const struct value *prior = type ? exchange_decode(call, type, in->prior_state) : NULL;
    const struct value *planned = prior ? exchange_decode(call, type, in->planned_state) : NULL;
    if (planned) {
        struct lifecycle_state now;
        (void)lifecycle_apply(call, config_context(), resource, prior, planned,
                              exchange_bytes(in->planned_private), &now);
        out.new_state = exchange_encode(call, type, now.state);
        out.private_ = exchange_binary(now.private);
        out.new_identity = exchange_identity(call, resource, now.identity);
    }
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
