/* ReadDataSource: what a data source says now. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"

enum grpc_status rpc_read_data_source(struct call *call, struct grpc_stream *stream,
                                      struct str request)
{
    const Tfplugin6__ReadDataSource__Request *in =
        message_unpack(call, &tfplugin6__read_data_source__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__ReadDataSource__Response out;
    tfplugin6__read_data_source__response__init(&out);
    const struct data_source *source = exchange_data_source(call, in->type_name);
    const struct type *type = source ? attr_type(call->arena, source->rows) : NULL;
    const struct value *config = type ? exchange_decode(call, type, in->config) : NULL;
    const struct value *state = config ? source->read(call, config_context(), config) : NULL;
    if (state)
        out.state = exchange_encode(call, type, state);
    out.n_diagnostics = exchange_diagnostics(call, &out.diagnostics);
    return exchange_send(call, stream, &out);
}
