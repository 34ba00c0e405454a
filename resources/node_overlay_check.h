/* What the cluster has to say about NodeOverlays before the first is written: Karpenter's gate,
 * overlays of others for the same nodes, and the limits of the pool. */
#pragma once

#include "clients/kubernetes.h"
#include "resources/operation.h"

/* The kinds that it lists besides, up to NULL. */
extern const struct kubernetes_kind *const node_overlay_check_kinds[];

/* As `check` of struct kubernetes_set.  Errors: the gate is known to be off; an overlay among
 * OTHERS of the same weight sets the same resource for the same nodes; the pool's limit holds not
 * even the smallest node.  Warnings: an overlay of a higher weight wins; the pool is not there; the
 * limit does not hold the largest node. */
bool node_overlay_check(const struct operation *operation, const struct kubernetes_client *client,
                        const json_t *others);
