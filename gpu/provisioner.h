/* Karpenter's Provisioner (karpenter.sh/v1alpha5) as what took its place.
 *
 * Provisioner and AWSNodeTemplate went away with Karpenter 0.33.  Their successors are NodePool and
 * EC2NodeClass; sources of the mapping are Karpenter's upgrade guides to v1beta1 and to v1.  What
 * v1alpha5 did where nothing was said is written out, since v1 does something else. */
#pragma once

#include "base/json.h"
#include "gpu/problem.h"

struct provisioner {
    struct str name;
    json_t *node_pool;  /* karpenter.sh/v1; NULL: the text holds no Provisioner */
    json_t *node_class; /* karpenter.k8s.aws/v1; NULL: the text holds nothing to make it of */
};

/* Converts the Provisioner of TEXT (YAML), with the AWSNodeTemplate it refers to where that stands
 * in the text too.  Problems: fatal where the result lacks something that the API requires, ignored
 * for what has no successor, suspicious for what was changed or written out. */
void provisioner_convert(struct call *call, struct str text, struct provisioner *out,
                         struct problems *problems);
