/* What the rows of karpenter_ec2_node_class cannot say: the CEL rules of its CRD, and GPUs. */
#pragma once

#include "schema/attr.h"

/* Checks CONFIG as far as it is known.  False with an error added for each thing that is wrong. */
bool ec2_node_class_check(struct call *call, const struct value *config);
