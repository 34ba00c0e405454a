/* UpgradeResourceState: a stored state of any earlier version made to fit the rows of today. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

static const struct value *upgrade(struct call *call, const struct resource *resource,
                                   const Tfplugin6__RawState *raw)
{
    if (raw && raw->json.len)
        return lifecycle_upgrade(call, resource, exchange_bytes(raw->json));
    if (raw && raw->n_flatmap)
        return fail_null(
            call, NULL, "State too old",
            "This state was written by Terraform 0.11 or earlier, which this provider never "
            "supported. Import the object anew.");
    return &value_null;
}

enum grpc_status rpc_upgrade_resource_state(struct call *call, struct grpc_stream *stream,
                                            struct str request)
{
    const Tfplugin6__UpgradeResourceState__Request *in =
        message_unpack(call, &tfplugin6__upgrade_resource_state__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__UpgradeResourceState__Response out;
    tfplugin6__upgrade_resource_state__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    const struct value *state = resource ? upgrade(call, resource, in->raw_state) : NULL;
    if (state)
        out.upgraded_state = exchange_encode(call, attr_type(call->arena, resource->rows), state);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
