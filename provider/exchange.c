/* Values, paths and diagnostics between the protocol's messages and ours. */
#include "provider/exchange.h"

#include "base/log.h"
#include "resources/lifecycle.h"
#include "schema/codec.h"

struct str exchange_bytes(ProtobufCBinaryData bytes)
{
    return (struct str){ (const char *)bytes.data, bytes.len };
}

ProtobufCBinaryData exchange_binary(struct str bytes)
{
    return (ProtobufCBinaryData){ bytes.len, (uint8_t *)bytes.at };
}

const struct value *exchange_decode(struct call *call, const struct type *type,
                                    const Tfplugin6__DynamicValue *value)
{
    if (value && value->msgpack.len)
        return value_from_msgpack(call, type, exchange_bytes(value->msgpack));
    if (value && value->json.len)
        return value_from_json(call, type, exchange_bytes(value->json), /* ignore */ false);
    return &value_null;
}

Tfplugin6__DynamicValue *exchange_encode(struct call *call, const struct type *type,
                                         const struct value *v)
{
    struct buf bytes = buf_make(call->arena, BUF_LIMIT);
    value_to_msgpack(&bytes, type, v);
    Tfplugin6__DynamicValue *value = ARENA_NEW(call->arena, Tfplugin6__DynamicValue);
    tfplugin6__dynamic_value__init(value);
    value->msgpack = exchange_binary(buf_str(&bytes));
    return value;
}

Tfplugin6__AttributePath *exchange_path(struct arena *arena, const struct path *path)
{
    if (!path)
        return NULL;
    size_t count = 0;
    for (const struct path *step = path; step; step = step->up)
        count++;
    Tfplugin6__AttributePath *message = ARENA_NEW(arena, Tfplugin6__AttributePath);
    tfplugin6__attribute_path__init(message);
    message->steps = ARENA_NEW_ARRAY(arena, Tfplugin6__AttributePath__Step *, count);
    message->n_steps = count;
    for (const struct path *step = path; step; step = step->up) {
        Tfplugin6__AttributePath__Step *out = ARENA_NEW(arena, Tfplugin6__AttributePath__Step);
        tfplugin6__attribute_path__step__init(out);
        char *name = step->name.at ? (char *)str_copy(arena, step->name).at : NULL;
        if (step->step == PATH_ATTRIBUTE) {
            out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME;
            out->attribute_name = name;
        } else if (step->step == PATH_KEY) {
            out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING;
            out->element_key_string = name;
        } else {
            out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT;
            out->element_key_int = step->index;
        }
        message->steps[--count] = out;
    }
    return message;
}

size_t exchange_diagnostics(struct call *call, Tfplugin6__Diagnostic ***list)
{
    size_t count = 0;
    for (const struct diagnostic *d = call->first; d; d = d->next)
        count++;
    *list = ARENA_NEW_ARRAY(call->arena, Tfplugin6__Diagnostic *, count);
    count = 0;
    for (const struct diagnostic *d = call->first; d; d = d->next) {
        Tfplugin6__Diagnostic *message = ARENA_NEW(call->arena, Tfplugin6__Diagnostic);
        tfplugin6__diagnostic__init(message);
        message->severity = d->severity == SEVERITY_ERROR
                                ? TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR
                                : TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING;
        message->summary = (char *)d->summary.at;
        message->detail = (char *)d->detail.at;
        message->attribute = exchange_path(call->arena, d->at);
        (*list)[count++] = message;
        LOG(call, LOG_DEBUG, "provider", "diagnostic", { "diagnostic_summary", d->summary },
            { "diagnostic_severity",
              d->severity == SEVERITY_ERROR ? STR("ERROR") : STR("WARNING") });
    }
    return count;
}

enum grpc_status exchange_send(struct call *call, struct grpc_stream *stream, const void *message)
{
    struct str bytes = message_pack(call, message);
    if (!bytes.at)
        return GRPC_INTERNAL;
    return grpc_send(stream, bytes) ? GRPC_OK : GRPC_CANCELLED;
}

const struct resource *exchange_resource(struct call *call, const char *type_name)
{
    const struct resource *resource = registry_find_resource(str_of(type_name));
    if (!resource)
        return fail_null(call, NULL, "Unknown resource type",
                         "This version of the provider has no resource type `%s`.", type_name);
    call->type_name = type_name;
    return resource;
}

const struct data_source *exchange_data_source(struct call *call, const char *type_name)
{
    const struct data_source *source = registry_find_data_source(str_of(type_name));
    if (!source)
        return fail_null(call, NULL, "Unknown data source",
                         "This version of the provider has no data source `%s`.", type_name);
    call->type_name = type_name;
    return source;
}

Tfplugin6__ResourceIdentityData *
exchange_identity(struct call *call, const struct resource *resource, const struct value *v)
{
    if (!v || value_is_null(v))
        return NULL;
    Tfplugin6__ResourceIdentityData *data = ARENA_NEW(call->arena, Tfplugin6__ResourceIdentityData);
    tfplugin6__resource_identity_data__init(data);
    data->identity_data = exchange_encode(call, lifecycle_identity_type(call->arena, resource), v);
    return data;
}
