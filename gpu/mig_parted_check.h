/* What is wrong with MIG layouts, before a node finds out. */
#pragma once

#include "gpu/mig_parted_config.h"
#include "gpu/problem.h"

/* Adds LAYOUT's problems: names, groups that cover a GPU twice, indexes a node does not have,
 * profiles that a GPU has not, multisets that cannot be placed (with the nearest that can). Without
 * TARGETS only what holds for every GPU is checked.  `block` is
 * "device_group" with its index, `field` is "mig_devices", "devices",
 * "device_filter", "mig_enabled" or unset, `key` the profile, `path` the place in the document. */
void mig_parted_layout_check(const struct mig_parted_layout *layout,
                             const struct mig_parted_target *targets, size_t target_count,
                             struct problems *problems);

/* As `mig_parted_layout_check` for each layout, and their names against each other. */
void mig_parted_config_check(const struct mig_parted_config *config,
                             const struct mig_parted_target *targets, size_t target_count,
                             struct problems *problems);
