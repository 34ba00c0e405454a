/* GetResourceIdentitySchemas: what identifies each object, made from the tables. */
#include "provider/rpc.h"

#include "provider/config.h"
#include "provider/exchange.h"
#include "resources/lifecycle.h"

typedef Tfplugin6__GetResourceIdentitySchemas__Response__IdentitySchemasEntry entry;
typedef Tfplugin6__ResourceIdentitySchema__IdentityAttribute identity_attribute;

/* cluster_name and region may be left out on import where the provider's configuration says them.
 */
static identity_attribute *make_attribute(struct arena *arena, const struct resource *resource,
                                          struct str name)
{
    identity_attribute *attribute = ARENA_NEW(arena, identity_attribute);
    tfplugin6__resource_identity_schema__identity_attribute__init(attribute);
    const struct attr *row = attr_find(resource->rows, name);
    bool optional = str_is(name, "cluster_name") || str_is(name, "region");
    attribute->name = (char *)str_copy(arena, name).at;
    attribute->type = exchange_binary(STR("\"string\""));
    attribute->required_for_import = !optional;
    attribute->optional_for_import = optional;
    attribute->description = (char *)(row ? row->doc : "");
    return attribute;
}

static entry *make_entry(struct arena *arena, const struct resource *resource)
{
    const struct type *type = lifecycle_identity_type(arena, resource);
    Tfplugin6__ResourceIdentitySchema *schema = ARENA_NEW(arena, Tfplugin6__ResourceIdentitySchema);
    tfplugin6__resource_identity_schema__init(schema);
    schema->identity_attributes = ARENA_NEW_ARRAY(arena, identity_attribute *, type->member_count);
    for (size_t i = 0; i < type->member_count; i++)
        schema->identity_attributes[schema->n_identity_attributes++] =
            make_attribute(arena, resource, type->members[i].name);
    entry *made = ARENA_NEW(arena, entry);
    tfplugin6__get_resource_identity_schemas__response__identity_schemas_entry__init(made);
    made->key = (char *)str_print(arena, TYPE_PREFIX "%s", resource->name).at;
    made->value = schema;
    return made;
}

enum grpc_status rpc_get_resource_identity_schemas(struct call *call, struct grpc_stream *stream,
                                                   struct str request)
{
    const Tfplugin6__GetResourceIdentitySchemas__Request *in = message_unpack(
        call, &tfplugin6__get_resource_identity_schemas__request__descriptor, request);
    if (!in)
        return GRPC_INTERNAL;
    Tfplugin6__GetResourceIdentitySchemas__Response out;
    tfplugin6__get_resource_identity_schemas__response__init(&out);
    (void)in;
    size_t total = 0;
    while (registry_resources[total])
        total++;
    out.identity_schemas = ARENA_NEW_ARRAY(call->arena, entry *, total);
    for (size_t i = 0; i < total; i++)
        if (registry_resources[i]->identity)
            out.identity_schemas[out.n_identity_schemas++] =
                make_entry(call->arena, registry_resources[i]);
    return exchange_send(call, stream, &out);
}
