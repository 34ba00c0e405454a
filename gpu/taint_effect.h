/* Taint effects in the two spellings: Kubernetes' NoSchedule and EKS' NO_SCHEDULE. */
#pragma once

#include "base/str.h"

/* Whether S is one of the three effects in either spelling. */
bool taint_effect_valid(struct str s);

/* Whether both name the same effect, whatever their spelling. */
bool taint_effect_equal(struct str a, struct str b);

/* The spelling of EKS' API ("NO_SCHEDULE") or of Kubernetes ("NoSchedule"); NULL for anything that
 * is no effect. */
const char *taint_effect_to_eks(struct str s);
const char *taint_effect_to_kubernetes(struct str s);

/* The effect of that spelling nearest to S, for messages; NULL where none is near. */
const char *taint_effect_nearest(struct str s);
