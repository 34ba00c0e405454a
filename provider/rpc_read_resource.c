/* ReadResource: what the API has of one object now. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

enum grpc_status rpc_read_resource(struct call *call, struct grpc_stream *stream,
                                   struct str request)
{
    const Tfplugin6__ReadResource__Request *in =
        message_unpack(call, &tfplugin6__read_resource__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ReadResource__Response out;
    tfplugin6__read_resource__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    const struct type *type = resource ? attr_type(call->arena, resource->rows) : NULL;
    const struct value *state = type ? exchange_decode(call, type, in->current_state) : NULL;
    struct lifecycle_state now;
    if (state && lifecycle_read(call, config_context(), resource, state,
                                exchange_bytes(in->private_), &now)) {
        out.new_state = exchange_encode(call, type, now.state);
        out.private_ = exchange_binary(now.private);
        out.new_identity = exchange_identity(call, resource, now.identity);
    }
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
