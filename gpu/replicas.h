/* How many shares of which resource a GPU is advertised as. */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/gpu_models.h"
#include "gpu/mig_placement.h"

/* The plugin refuses 1: it is no way to say "not shared". */
#define REPLICAS_LEAST 2

/* The plugin's own limits for MPS: by compute capability 7.5, whatever the hardware could do. */
#define REPLICAS_MPS_MOST 48
#define REPLICAS_MPS_MOST_OLD 16

/* More replicas than a node may run pods: kubelet's largest usual limit. */
#define REPLICAS_POD_LIMIT 250

#define GPU_RESOURCE "nvidia.com/gpu"
#define NVIDIA_PREFIX "nvidia.com/"

/* The most replicas that MPS may have on MODEL: 48, 16 for a V100 and older, 0 where it is not
 * NVIDIA's.  A NULL model gives 48. */
unsigned replicas_mps_limit(const struct gpu_model *model);

/* NAME with the prefix "nvidia.com/" where it has none, as the plugin completes it. */
struct str full_resource_name(struct arena *arena, struct str name);

/* What a shared resource is called on the node: NAME, or NAME.shared where RENAME. */
struct str shared_resource_name(struct arena *arena, struct str name, bool rename);

/* What is known of MIG on the GPU in question. */
enum mig_state { MIG_NOT_KNOWN, MIG_OFF, MIG_ON };

struct advertised {
    struct str resource;
    int64_t count;
    bool per_instance; /* COUNT is for each MIG instance, as their number is not known */
};

struct advertised_list {
    const struct advertised *rows; /* in the arena */
    size_t count;
};

/* What the plugin advertises for one GPU under CONFIG.  MIG says whether the GPU is divided; where
 * it is on, DEVICES (DEVICE_COUNT) are its instances.  Empty where the plugin advertises nothing:
 * MIG on without instances, or with different ones under the strategy "single".  Entries that match
 * no device do not count; of two with one name the larger one does. */
struct advertised_list advertised_per_gpu(struct arena *arena,
                                          const struct device_plugin_config *config,
                                          enum mig_state mig, const struct mig_device *devices,
                                          size_t device_count);
