/* The server's capabilities. */
#include "provider/capabilities.h"

Tfplugin6__ServerCapabilities *capabilities_make(struct arena *arena)
{
    Tfplugin6__ServerCapabilities *can = ARENA_NEW(arena, Tfplugin6__ServerCapabilities);
    tfplugin6__server_capabilities__init(can);
    can->plan_destroy = true;
    can->get_provider_schema_optional = true;
    return can;
}
