/* The RPCs of tfplugin6.Provider, each in a file of its own: see the table in provider/dispatch.c.
 *
 * Each unpacks one request, answers with one message, and reports what the user can mend as
 * diagnostics with status OK.  Another status means that the request itself was no valid message.
 */
#pragma once

#include "provider/grpc.h"

#define RPC(name)                                                                                  \
    enum grpc_status name(struct call *call, struct grpc_stream *stream, struct str request)

RPC(rpc_get_metadata);
RPC(rpc_get_provider_schema);
RPC(rpc_validate_provider_config);
RPC(rpc_validate_resource_config);
RPC(rpc_validate_data_resource_config);
RPC(rpc_configure_provider);
RPC(rpc_upgrade_resource_state);
RPC(rpc_get_resource_identity_schemas);
RPC(rpc_upgrade_resource_identity);
RPC(rpc_read_resource);
RPC(rpc_plan_resource_change);
RPC(rpc_apply_resource_change);
RPC(rpc_import_resource_state);
RPC(rpc_read_data_source);
RPC(rpc_get_functions);
RPC(rpc_call_function);
