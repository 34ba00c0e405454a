/* What every RPC needs: values out of requests, values and diagnostics into answers. */
#pragma once

#include "provider/grpc.h"
#include "provider/message.h"
#include "resources/resource.h"
#include "tfplugin6.pb-c.h"

/* The value of TYPE that VALUE (NULL or empty: null) carries.  NULL with an error added where it
 * does not conform. */
MUST_CHECK const struct value *exchange_decode(struct call *call, const struct type *type,
                                               const Tfplugin6__DynamicValue *value);

/* V as msgpack, in the call's arena. */
Tfplugin6__DynamicValue *exchange_encode(struct call *call, const struct type *type,
                                         const struct value *v);

/* The call's diagnostics, in *LIST; their number. */
size_t exchange_diagnostics(struct call *call, Tfplugin6__Diagnostic ***list);

/* PATH as the protocol's; NULL stays NULL. */
Tfplugin6__AttributePath *exchange_path(struct arena *arena, const struct path *path);

/* Packs and sends MESSAGE as the one answer. */
enum grpc_status exchange_send(struct call *call, struct grpc_stream *stream, const void *message);

/* The resource or data source of a request; NULL with an error added where there is none of that
 * name. Also notes the name for the log. */
MUST_CHECK const struct resource *exchange_resource(struct call *call, const char *type_name);
MUST_CHECK const struct data_source *exchange_data_source(struct call *call, const char *type_name);

struct str exchange_bytes(ProtobufCBinaryData bytes);
ProtobufCBinaryData exchange_binary(struct str bytes);

/* The identity of RESOURCE as a message, or NULL where V is null. */
Tfplugin6__ResourceIdentityData *
exchange_identity(struct call *call, const struct resource *resource, const struct value *v);
