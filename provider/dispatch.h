/* Which function runs which RPC. */
#pragma once

#include "provider/grpc.h"

/* The methods that the provider has; all others are answered with GRPC_UNIMPLEMENTED, which core
 * takes for "this provider is older". */
extern const struct grpc_method dispatch_methods[];
extern const size_t dispatch_method_count;
