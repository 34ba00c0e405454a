/* The `sharing` block: the node labels that the device plugin and mig-manager follow.
 *
 * The block adds no level to the API object; its members are keys of the labels map, beside those
 * of the `labels` attribute.  LABELS is the path of that map. */
#pragma once

#include "resources/rows_common.h"

#define LABEL_GPU_PRESENT "nvidia.com/gpu.present"
#define LABEL_CONFIG_KEY "nvidia.com/device-plugin.config"
#define LABEL_MPS_CAPABLE "nvidia.com/mps.capable"
#define LABEL_MIG_LAYOUT "nvidia.com/mig.config"

/* MIG_FLAGS: of mig_layout, REPLACES where nodes keep their labels. */
#define SHARING_ROWS(LABELS, MIG_FLAGS)                                                            \
    {                                                                                              \
        { "config_key",                                                                            \
          &type_string,                                                                            \
          OPTIONAL,                                                                                \
          .api = LABELS "[\"" LABEL_CONFIG_KEY "\"]",                                              \
          .check = &check_config_key,                                                              \
          .doc = "Key of the sharing configuration that the nodes' device plugin uses (label "     \
                 "`" LABEL_CONFIG_KEY "`)." },                                                     \
            { "strategy",                                                                          \
              &type_string,                                                                        \
              OPTIONAL,                                                                            \
              .api = LABELS "[\"" LABEL_MPS_CAPABLE "\"]",                                         \
              .check = &check_sharing_strategy,                                                    \
              .codec = &codec_sharing_strategy,                                                    \
              .doc =                                                                               \
                  "`mps` where that configuration shares through MPS: it marks the nodes for the " \
                  "MPS control daemon (label `" LABEL_MPS_CAPABLE "`)." },                         \
            { "mig_layout",                                                                        \
              &type_string,                                                                        \
              OPTIONAL | (MIG_FLAGS),                                                              \
              .api = LABELS "[\"" LABEL_MIG_LAYOUT "\"]",                                          \
              .check = &check_config_key,                                                          \
              .doc = "Name of the MIG layout that mig-manager puts on the nodes' GPUs (label "     \
                     "`" LABEL_MIG_LAYOUT "`)." },                                                 \
            { 0 },                                                                                 \
    }

/* FURTHER: more members of the row, each with its comma. */
#define ROW_SHARING(LABELS, ROWS, FURTHER)                                                         \
    {                                                                                              \
        "sharing", NULL, .nesting = BLOCK_SINGLE, .rows = ROWS, .api = "",                         \
                         .present = LABELS "[\"" LABEL_GPU_PRESENT "\"]",                          \
                         FURTHER.doc = "Shares the nodes' GPUs: adds the labels by which the "     \
                                       "device plugin and mig-manager "                            \
                                       "find them, `" LABEL_GPU_PRESENT "` always."                \
    }

extern const struct check check_sharing_strategy;
extern const struct codec codec_sharing_strategy;

/* False with an error added for each label that CONFIG sets in `labels` and by its sharing block
 * too. */
bool sharing_check_labels(struct call *call, const struct value *config);
