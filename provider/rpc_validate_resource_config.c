/* ValidateResourceConfig: the configuration of one resource, with unknown values anywhere. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

enum grpc_status rpc_validate_resource_config(struct call *call, struct grpc_stream *stream,
                                              struct str request)
{
    const Tfplugin6__ValidateResourceConfig__Request *in =
        message_unpack(call, &tfplugin6__validate_resource_config__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ValidateResourceConfig__Response out;
    tfplugin6__validate_resource_config__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    const struct value *config =
        resource ? exchange_decode(call, attr_type(call->arena, resource->rows), in->config) : NULL;
    if (config)
        (void)lifecycle_validate(call, config_context(), resource, config);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
