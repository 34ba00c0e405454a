/* ImportResourceState: an object by its import id or its identity; ReadResource fills it in. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

static bool import(struct call *call, const struct resource *resource,
                   const Tfplugin6__ImportResourceState__Request *in, struct lifecycle_state *out)
{
    const struct value *identity = &value_null;
    struct str id = str_of(in->id);
    if (in->identity && in->identity->identity_data && resource->identity) {
        identity = exchange_decode(call, lifecycle_identity_type(call->arena, resource),
                                   in->identity->identity_data);
        if (!identity)
            return false;
        id = (struct str){ 0 };
    }
    return lifecycle_import(call, config_context(), resource, id, identity, out);
}

enum grpc_status rpc_import_resource_state(struct call *call, struct grpc_stream *stream,
                                           struct str request)
{
    const Tfplugin6__ImportResourceState__Request *in =
        message_unpack(call, &tfplugin6__import_resource_state__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ImportResourceState__Response out;
    tfplugin6__import_resource_state__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    struct lifecycle_state found;
    if (resource && import(call, resource, in, &found)) {
        Tfplugin6__ImportResourceState__ImportedResource *imported =
            ARENA_NEW(call->arena, Tfplugin6__ImportResourceState__ImportedResource);
        tfplugin6__import_resource_state__imported_resource__init(imported);
        imported->type_name = in->type_name;
        imported->state =
            exchange_encode(call, attr_type(call->arena, resource->rows), found.state);
        imported->private_ = exchange_binary(found.private);
        imported->identity = exchange_identity(call, resource, found.identity);
        out.imported_resources =
            ARENA_NEW(call->arena, Tfplugin6__ImportResourceState__ImportedResource *);
        out.imported_resources[0] = imported;
        out.n_imported_resources = 1;
    }
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
