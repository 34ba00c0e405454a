/* ValidateProviderConfig: the provider block, with unknown values anywhere. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "schema/check.h"

enum grpc_status rpc_validate_provider_config(struct call *call, struct grpc_stream *stream,
                                              struct str request)
{
    const Tfplugin6__ValidateProviderConfig__Request *in =
        message_unpack(call, &tfplugin6__validate_provider_config__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ValidateProviderConfig__Response out;
    tfplugin6__validate_provider_config__response__init(&out);
    const struct type *type = attr_type(call->arena, config_rows);
    const struct value *config = exchange_decode(call, type, in->config);
    if (config)
        (void)check_config(call, config_rows, config_rules, config);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
