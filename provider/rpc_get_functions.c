/* GetFunctions: the functions on offer; a core may ask for them apart from the schema. */
#include "provider/rpc.h"

#include "provider/functions.h"

typedef Tfplugin6__GetFunctions__Response__FunctionsEntry entry;

enum grpc_status rpc_get_functions(struct call *call, struct grpc_stream *stream,
                                   struct str request)
{
    const Tfplugin6__GetFunctions__Request *in =
        message_unpack(call, &tfplugin6__get_functions__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__GetFunctions__Response out;
    tfplugin6__get_functions__response__init(&out);
    while (registry_functions[out.n_functions])
        out.n_functions++;
    out.functions = ARENA_NEW_ARRAY(call->arena, entry *, out.n_functions);
    for (size_t i = 0; i < out.n_functions; i++) {
        out.functions[i] = ARENA_NEW(call->arena, entry);
        tfplugin6__get_functions__response__functions_entry__init(out.functions[i]);
        out.functions[i]->key = (char *)registry_functions[i]->name;
        out.functions[i]->value = functions_emit(call->arena, registry_functions[i]);
    }
    return exchange_send(call, stream, &out);
}
