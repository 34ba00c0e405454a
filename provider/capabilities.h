/* What this server tells cores that it can do. */
#pragma once

#include "base/arena.h"
#include "tfplugin6.pb-c.h"

/* In ARENA. A destroy is planned by us too, and every RPC works without GetProviderSchema before
 * it. */
Tfplugin6__ServerCapabilities *capabilities_make(struct arena *arena);
