/* mig-parted's device filters: which GPUs a group of a layout means, by PCI ids. */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/gpu_models.h"

/* Whether FILTER is "0x<device><vendor>", four hex digits each, with an optional
 * ":0x<subdevice><subvendor>"; any other text never matches a GPU. */
bool mig_parted_filter_valid(struct str filter);

/* Whether GPUs of MODEL are meant by FILTERS: always where there are none, or where MODEL is NULL
 * or its PCI id is not known. */
bool mig_parted_filter_passes(struct str_list filters, const struct gpu_model *model);

/* Whether some GPU may be meant by both: where one has no filter, or they share one. */
bool mig_parted_filters_meet(struct str_list a, struct str_list b);
