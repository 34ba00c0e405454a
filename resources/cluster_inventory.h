/* What of GPU sharing is installed in a cluster: device plugins, operator, Karpenter, DRA, kinds.
 */
#pragma once

#include "clients/kubernetes.h"
#include "resources/kubernetes_object.h"
#include "schema/value.h"

/* The kinds that it lists, up to NULL. */
extern const struct kubernetes_kind *const cluster_inventory_kinds[];

extern const struct kubernetes_kind cluster_inventory_deployments;

/* Karpenter's controller among DEPLOYMENTS (an array), known by its image, or NULL. */
const json_t *cluster_inventory_karpenter(const json_t *deployments);

/* The feature gates of KARPENTER, a Deployment or NULL: a map from name to "true" or "false", read
 * from FEATURE_GATES=NodeOverlay=true,... in its environment. */
const struct value *cluster_inventory_gates(struct arena *arena, const json_t *karpenter);

/* STATE with the members device_plugins, gpu_operator, karpenter, karpenter_feature_gates,
 * dra_drivers and custom_resources filled in.  NULL with an error added. */
const struct value *cluster_inventory_add(struct call *call, const struct kubernetes_client *client,
                                          const struct value *state);

/* Who manages OBJECT, by its labels and annotations: "Helm release nvdp in kube-system", "the EKS
 * add-on
 * ...", "Argo CD application x", "the GPU operator", or "unknown". */
struct str cluster_inventory_owner(struct arena *arena, const json_t *object);
