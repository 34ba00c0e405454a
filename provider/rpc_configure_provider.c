/* ConfigureProvider: makes the provider block the configuration of this process. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"

enum grpc_status rpc_configure_provider(struct call *call, struct grpc_stream *stream,
                                        struct str request)
{
    const Tfplugin6__ConfigureProvider__Request *in =
        message_unpack(call, &tfplugin6__configure_provider__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ConfigureProvider__Response out;
    tfplugin6__configure_provider__response__init(&out);
    const struct value *config =
        exchange_decode(call, attr_type(call->arena, config_rows), in->config);
    if (config)
        (void)config_use(call, config);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
