/* GetProviderSchema: the schemas of everything on offer, made from the tables. */
#include "provider/rpc.h"

#include "provider/capabilities.h"
#include "provider/config.h"
#include "provider/functions.h"
#include "schema/emit.h"

typedef Tfplugin6__GetProviderSchema__Response__ResourceSchemasEntry resource_entry;
typedef Tfplugin6__GetProviderSchema__Response__DataSourceSchemasEntry data_source_entry;
typedef Tfplugin6__GetProviderSchema__Response__FunctionsEntry function_entry;

static void add_resources(struct arena *arena, Tfplugin6__GetProviderSchema__Response *out)
{
    size_t total = 0;
    while (registry_resources[total])
        total++;
    out->resource_schemas = ARENA_NEW_ARRAY(arena, resource_entry *, total);
    out->n_resource_schemas = total;
    for (size_t i = 0; i < total; i++) {
        const struct resource *resource = registry_resources[i];
        resource_entry *entry = ARENA_NEW(arena, resource_entry);
        tfplugin6__get_provider_schema__response__resource_schemas_entry__init(entry);
        entry->key = (char *)str_print(arena, TYPE_PREFIX "%s", resource->name).at;
        entry->value = schema_emit(arena, resource->rows, resource->version, resource->doc);
        out->resource_schemas[i] = entry;
    }
}

static void add_data_sources(struct arena *arena, Tfplugin6__GetProviderSchema__Response *out)
{
    size_t total = 0;
    while (registry_data_sources[total])
        total++;
    out->data_source_schemas = ARENA_NEW_ARRAY(arena, data_source_entry *, total);
    out->n_data_source_schemas = total;
    for (size_t i = 0; i < total; i++) {
        const struct data_source *source = registry_data_sources[i];
        data_source_entry *entry = ARENA_NEW(arena, data_source_entry);
        tfplugin6__get_provider_schema__response__data_source_schemas_entry__init(entry);
        entry->key = (char *)str_print(arena, TYPE_PREFIX "%s", source->name).at;
        entry->value = schema_emit(arena, source->rows, /* version */ 0, source->doc);
        out->data_source_schemas[i] = entry;
    }
}

static void add_functions(struct arena *arena, Tfplugin6__GetProviderSchema__Response *out)
{
    size_t total = 0;
    while (registry_functions[total])
        total++;
    out->functions = ARENA_NEW_ARRAY(arena, function_entry *, total);
    out->n_functions = total;
    for (size_t i = 0; i < total; i++) {
        function_entry *entry = ARENA_NEW(arena, function_entry);
        tfplugin6__get_provider_schema__response__functions_entry__init(entry);
        entry->key = (char *)registry_functions[i]->name;
        entry->value = functions_emit(arena, registry_functions[i]);
        out->functions[i] = entry;
    }
}

enum grpc_status rpc_get_provider_schema(struct call *call, struct grpc_stream *stream,
                                         struct str request)
{
    const Tfplugin6__GetProviderSchema__Request *in =
        message_unpack(call, &tfplugin6__get_provider_schema__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__GetProviderSchema__Response out;
    tfplugin6__get_provider_schema__response__init(&out);
    (void)in;
    out.provider = schema_emit(call->arena, config_rows, /* version */ 0, config_doc);
    out.server_capabilities = capabilities_make(call->arena);
    add_resources(call->arena, &out);
    add_data_sources(call->arena, &out);
    add_functions(call->arena, &out);
    return exchange_send(call, stream, &out);
}
