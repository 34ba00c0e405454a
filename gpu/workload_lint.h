/* What is wrong with how pods ask for GPUs.
 *
 * Sources: Kubernetes' rules for extended resources (whole numbers, requests equal to limits), what
 * NVIDIA's plugin makes of requests for shares, and the labels that exist only once GPU feature
 * discovery ran on a node. */
#pragma once

#include "gpu/problem.h"

struct offered_resource {
    struct str name;
    int64_t per_gpu; /* shares of each GPU; more than 1: it is shared */
};

/* What nodes advertise; count 0: not known. */
struct offered_resources {
    const struct offered_resource *rows;
    size_t count;
};

/* Adds what is wrong with the pods in TEXT: manifests (YAML) of pods or of what has a pod template;
 * others are skipped.  Fatal: the API, the scheduler or the plugin refuses it; ignored: it has no
 * effect; suspicious: it may be meant. */
void workload_lint(struct call *call, struct str text, const struct offered_resources *offered,
                   struct problems *problems);
