/* A recommendation as resources of this provider. */
#pragma once

#include "gpu/recommendation.h"

/* The HCL that does RECOMMENDATION for NEED: what is shared, and how nodes and autoscaler are told.
 */
struct str recommendation_hcl(struct arena *arena, const struct sharing_need *need,
                              const struct recommendation *recommendation);
