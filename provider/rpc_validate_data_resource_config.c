/* ValidateDataResourceConfig: the configuration of one data source. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "schema/check.h"

enum grpc_status rpc_validate_data_resource_config(struct call *call, struct grpc_stream *stream,
                                                   struct str request)
{
    const Tfplugin6__ValidateDataResourceConfig__Request *in = message_unpack(
        call, &tfplugin6__validate_data_resource_config__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ValidateDataResourceConfig__Response out;
    tfplugin6__validate_data_resource_config__response__init(&out);
    const struct data_source *source = exchange_data_source(call, in->type_name);
    const struct value *config =
        source ? exchange_decode(call, attr_type(call->arena, source->rows), in->config) : NULL;
    if (config)
        (void)check_config(call, source->rows, source->rules, config);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
