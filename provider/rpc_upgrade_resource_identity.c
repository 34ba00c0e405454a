/* UpgradeResourceIdentity: a stored identity made to fit the identity schema of today. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"
#include "schema/codec.h"

enum grpc_status rpc_upgrade_resource_identity(struct call *call, struct grpc_stream *stream,
                                               struct str request)
{
    const Tfplugin6__UpgradeResourceIdentity__Request *in =
        message_unpack(call, &tfplugin6__upgrade_resource_identity__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__UpgradeResourceIdentity__Response out;
    tfplugin6__upgrade_resource_identity__response__init(&out);
    const struct resource *resource = exchange_resource(call, in->type_name);
    if (resource && in->raw_identity && in->raw_identity->json.len) {
        const struct type *type = lifecycle_identity_type(call->arena, resource);
        const struct value *identity = value_from_json(
            call, type, exchange_bytes(in->raw_identity->json), /* ignore_unknown_members */ true);
        if (identity)
            out.upgraded_identity = exchange_identity(call, resource, identity);
    }
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
