/* The table of RPCs; StopProvider is the server's own (grpc.c). */
#include "provider/dispatch.h"

#include "provider/rpc.h"

#define METHOD(name) "/tfplugin6.Provider/" name

const struct grpc_method dispatch_methods[] = {
    { METHOD("GetMetadata"), rpc_get_metadata },
    { METHOD("GetProviderSchema"), rpc_get_provider_schema },
    { METHOD("ValidateProviderConfig"), rpc_validate_provider_config },
    { METHOD("ValidateResourceConfig"), rpc_validate_resource_config },
    { METHOD("ValidateDataResourceConfig"), rpc_validate_data_resource_config },
    { METHOD("ConfigureProvider"), rpc_configure_provider },
    { METHOD("UpgradeResourceState"), rpc_upgrade_resource_state },
    { METHOD("GetResourceIdentitySchemas"), rpc_get_resource_identity_schemas },
    { METHOD("UpgradeResourceIdentity"), rpc_upgrade_resource_identity },
    { METHOD("ReadResource"), rpc_read_resource },
    { METHOD("PlanResourceChange"), rpc_plan_resource_change },
    { METHOD("ApplyResourceChange"), rpc_apply_resource_change },
    { METHOD("ImportResourceState"), rpc_import_resource_state },
    { METHOD("ReadDataSource"), rpc_read_data_source },
    { METHOD("GetFunctions"), rpc_get_functions },
    { METHOD("CallFunction"), rpc_call_function },
};

const size_t dispatch_method_count = sizeof dispatch_methods / sizeof *dispatch_methods;
