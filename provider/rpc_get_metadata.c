/* GetMetadata: the names of everything on offer. */
#include "provider/rpc.h"

#include "provider/capabilities.h"
#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/function.h"

static Tfplugin6__GetMetadata__ResourceMetadata **list_resources(struct arena *arena, size_t *count)
{
    size_t total = 0;
    while (registry_resources[total])
        total++;
    Tfplugin6__GetMetadata__ResourceMetadata **list =
        ARENA_NEW_ARRAY(arena, Tfplugin6__GetMetadata__ResourceMetadata *, total);
    for (size_t i = 0; i < total; i++) {
        list[i] = ARENA_NEW(arena, Tfplugin6__GetMetadata__ResourceMetadata);
        tfplugin6__get_metadata__resource_metadata__init(list[i]);
        list[i]->type_name =
            (char *)str_print(arena, TYPE_PREFIX "%s", registry_resources[i]->name).at;
    }
    *count = total;
    return list;
}

static Tfplugin6__GetMetadata__DataSourceMetadata **list_data_sources(struct arena *arena,
                                                                      size_t *count)
{
    size_t total = 0;
    while (registry_data_sources[total])
        total++;
    Tfplugin6__GetMetadata__DataSourceMetadata **list =
        ARENA_NEW_ARRAY(arena, Tfplugin6__GetMetadata__DataSourceMetadata *, total);
    for (size_t i = 0; i < total; i++) {
        list[i] = ARENA_NEW(arena, Tfplugin6__GetMetadata__DataSourceMetadata);
        tfplugin6__get_metadata__data_source_metadata__init(list[i]);
        list[i]->type_name =
            (char *)str_print(arena, TYPE_PREFIX "%s", registry_data_sources[i]->name).at;
    }
    *count = total;
    return list;
}

static Tfplugin6__GetMetadata__FunctionMetadata **list_functions(struct arena *arena, size_t *count)
{
    size_t total = 0;
    while (registry_functions[total])
        total++;
    Tfplugin6__GetMetadata__FunctionMetadata **list =
        ARENA_NEW_ARRAY(arena, Tfplugin6__GetMetadata__FunctionMetadata *, total);
    for (size_t i = 0; i < total; i++) {
        list[i] = ARENA_NEW(arena, Tfplugin6__GetMetadata__FunctionMetadata);
        tfplugin6__get_metadata__function_metadata__init(list[i]);
        list[i]->name = (char *)registry_functions[i]->name;
    }
    *count = total;
    return list;
}

enum grpc_status rpc_get_metadata(struct call *call, struct grpc_stream *stream, struct str request)
{
    const Tfplugin6__GetMetadata__Request *in =
        message_unpack(call, &tfplugin6__get_metadata__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__GetMetadata__Response out;
    tfplugin6__get_metadata__response__init(&out);
    (void)in;
    out.server_capabilities = capabilities_make(call->arena);
    out.resources = list_resources(call->arena, &out.n_resources);
    out.data_sources = list_data_sources(call->arena, &out.n_data_sources);
    out.functions = list_functions(call->arena, &out.n_functions);
    return exchange_send(call, stream, &out);
}
