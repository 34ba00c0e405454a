/* mig-parted's documents: named MIG layouts, as mig-manager reads them.
 *
 * The format is that of mig-parted v0.15.0 (`version: v1`, `mig-configs`); its parser is strict,
 * but whether a layout can be placed shows on the node only.  gpu/mig_parted_check.h says it
 * before. */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/gpu_models.h"
#include "gpu/mig_placement.h"
#include "gpu/problem.h"

/* What some GPUs of a node are to be divided into. */
struct mig_parted_group {
    struct str_list device_filter; /* "0x<device><vendor>" of the GPUs meant; at == NULL: all */
    bool all_devices;              /* else the indexes below */
    const int64_t *devices;
    size_t device_count;
    bool mig_enabled;
    const struct mig_device *mig_devices;
    size_t mig_device_count;
};

struct mig_parted_layout {
    struct str name; /* the value of the node label nvidia.com/mig.config */
    const struct mig_parted_group *groups;
    size_t group_count;
};

struct mig_parted_config {
    const struct mig_parted_layout *layouts;
    size_t layout_count;
};

/* The key of the ConfigMap that mig-manager reads. */
#define MIG_PARTED_KEY "config.yaml"

/* CONFIG as the file's text, in the order given, ending in a line end. */
struct str mig_parted_config_render(struct arena *arena, const struct mig_parted_config *config);

/* Whether both divide the same GPUs in the same way under the same names; the order of layouts and
 * of profiles does not count. */
bool mig_parted_config_equal(const struct mig_parted_config *a, const struct mig_parted_config *b);

/* Nodes that a document is for: a GPU and how many of it a node has (0: not known). */
struct mig_parted_target {
    const struct gpu_model *gpu;
    unsigned gpus;
};

struct mig_advertised {
    struct str resource;
    int64_t per_gpu;  /* of one GPU of the group that has most of it */
    int64_t per_node; /* 0: not known */
};

struct mig_advertised_list {
    const struct mig_advertised *rows; /* in the arena */
    size_t count;
};

/* What nodes of TARGET advertise under LAYOUT with the MIG strategy "mixed" and no sharing: MIG
 * resources, and nvidia.com/gpu for GPUs with MIG off.  A group that TARGET's GPU does not pass the
 * filter of does not count; a NULL gpu passes every filter. */
struct mig_advertised_list mig_parted_advertised(struct arena *arena,
                                                 const struct mig_parted_layout *layout,
                                                 const struct mig_parted_target *target);
