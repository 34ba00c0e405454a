/* CallFunction: one call of one function. */
#include "provider/rpc.h"

#include "provider/functions.h"

enum grpc_status rpc_call_function(struct call *call, struct grpc_stream *stream,
                                   struct str request)
{
    const Tfplugin6__CallFunction__Request *in =
        message_unpack(call, &tfplugin6__call_function__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__CallFunction__Response out;
    tfplugin6__call_function__response__init(&out);
    const struct function *function = registry_find_function(str_of(in->name));
    const struct value *result = NULL;
    if (function)
        result = functions_run(call, function, in->arguments, in->n_arguments);
    else
        (void)fail(call, NULL, "Unknown function",
                   "This version of the provider has no function `%s`.", in->name);
    if (result)
        out.result = exchange_encode(call, function->result, result);
    else
        out.error = functions_error(call);
    return exchange_send(call, stream, &out);
}
