/* What a NodeOverlay has to tell Karpenter of nodes whose GPUs are shared.
 *
 * Karpenter takes the GPUs of an instance type from EC2; what the device plugin will advertise it
 * cannot know.  A NodeOverlay says it, as absolute amounts for each node, so that types with
 * different numbers of GPUs need one each (sigs.k8s.io/karpenter, pkg/controllers/nodeoverlay at
 * v1.14). */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/instance_types.h"
#include "gpu/mig_placement.h"

/* How each GPU is shared. */
struct overlay_sharing {
    struct device_plugin_config config; /* replicas, renaming, MIG strategy */
    const struct mig_device *devices;   /* the instances of each GPU; none: MIG is off */
    size_t device_count;
};

/* An instance type and its number of GPUs as the device plugin counts them. */
struct overlay_type {
    struct str name;
    int64_t gpus;
};

struct overlay_amount {
    struct str resource;
    int64_t amount; /* of a node; 0: Karpenter is to forget what it believes */
};

struct overlay {
    int64_t gpus;
    struct str *types; /* sorted */
    size_t type_count;
    const struct overlay_amount *capacity;
    size_t capacity_count;
};

struct overlay_list {
    const struct overlay *rows; /* in the arena, by number of GPUs */
    size_t count;
};

/* How many GPUs the device plugin finds on NAME: of our table, 1 where that is a fraction of one
 * (g6f, gr6f); 0 where the type is not known. */
int64_t overlay_gpus(struct str name);

/* One overlay for each number of GPUs among TYPES. */
struct overlay_list overlay_make(struct arena *arena, const struct overlay_sharing *sharing,
                                 const struct overlay_type *types, size_t count);

/* Adds what is wrong with SHARING on a GPU MODEL (NULL: not known) of the type TYPE, for the
 * attributes "replicas", "mig_strategy" and "mig_devices". */
void overlay_check(const struct overlay_sharing *sharing, struct str type,
                   const struct gpu_model *model, struct problems *problems);

/* The sharing that gives CAPACITY, the inverse of `overlay_make`, as far as it can be told: MIG
 * instances that fit no GPU are taken for instances that are shared.  False where GPUS does not
 * divide it. */
bool overlay_parse(struct arena *arena, const struct overlay_amount *capacity, size_t count,
                   int64_t gpus, struct overlay_sharing *out);

/* What is known of the nodes that a requirement is held against. */
struct overlay_label {
    struct str key;
    struct str value;
};

enum overlay_match { OVERLAY_MATCHES, OVERLAY_MAY_MATCH, OVERLAY_MATCHES_NOT };

/* Whether a node with LABELS meets a requirement (KEY, OPERATION, VALUES) of an overlay.  A label
 * that is not among them is absent where its key is nobody's but the user's; of Karpenter's and
 * Kubernetes' own it is not known. */
enum overlay_match overlay_requirement_match(struct str key, struct str operation,
                                             const struct str *values, size_t value_count,
                                             const struct overlay_label *labels,
                                             size_t label_count);
