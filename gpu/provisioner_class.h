/* Karpenter's AWSNodeTemplate (karpenter.k8s.aws/v1alpha1), or a Provisioner's own provider, as the
 * EC2NodeClass that took its place. */
#pragma once

#include "base/json.h"
#include "gpu/problem.h"

/* What the node class is made of: SPEC is that of an AWSNodeTemplate or a Provisioner's `provider`,
 * KUBELET its kubeletConfiguration or NULL.  PATHS name them in the problems. */
struct node_template {
    struct str name;
    const json_t *spec, *kubelet;
    struct str spec_path, kubelet_path;
};

/* The EC2NodeClass of TEMPLATE. */
json_t *provisioner_node_class(struct arena *arena, const struct node_template *template,
                               struct problems *problems);
