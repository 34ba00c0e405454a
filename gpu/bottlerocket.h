/* Bottlerocket's settings for its built-in device plugin, as the TOML of user data.
 *
 * Bottlerocket runs NVIDIA's device plugin as a service of the host and takes no ConfigMap: how
 * GPUs are shared stands in the table settings.kubelet-device-plugins.nvidia.  Its keys, values and
 * rules are those of Bottlerocket 1.54 (docs/settings and packages/nvidia-k8s-device-plugin). */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/problem.h"

#define BOTTLEROCKET_TABLE "settings.kubelet-device-plugins.nvidia"

struct bottlerocket_mig_profile {
    struct str gpu;     /* "a100.40gb" */
    struct str profile; /* "1g.5gb", or a number of equal parts: "7" */
};

/* A text or list with at == NULL is left out. */
struct bottlerocket_settings {
    enum option enabled;
    enum option pass_device_specs;
    struct str device_id_strategy;
    struct str_list device_list_strategy;
    enum sharing_strategy sharing;
    int64_t replicas; /* with a sharing strategy; 0: left out */
    enum option rename_by_default;
    enum option fail_requests_greater_than_one; /* time-slicing only */
    const struct bottlerocket_mig_profile *mig_profiles;
    size_t mig_profile_count; /* 0: GPUs are not divided */
};

/* What the plugin takes where nothing is set. */
#define BOTTLEROCKET_REPLICAS 2
#define BOTTLEROCKET_MPS_REPLICAS_MAX 48

/* Adds what is wrong with the number of shares, for the attribute "replicas". */
void bottlerocket_shares_check(const struct bottlerocket_settings *settings,
                               struct problems *problems);

/* Adds what is wrong with the rest, for the attributes "mig_profiles", "device_id_strategy" and
 * "device_list_strategy". */
void bottlerocket_settings_check(const struct bottlerocket_settings *settings,
                                 struct problems *problems);

/* The table as TOML, ending in a line end. */
struct str bottlerocket_settings_render(struct arena *arena,
                                        const struct bottlerocket_settings *settings);

/* OWN (may be empty) with the table behind it, which OWN must not have. */
struct str bottlerocket_user_data(struct arena *arena, struct str own,
                                  const struct bottlerocket_settings *settings);

/* Whether TEXT speaks of device plugins: then nothing can be put behind it. */
bool bottlerocket_user_data_has_table(struct str text);

/* Takes USER_DATA apart into the table and what stands around it (*REST, trimmed; at == NULL where
 * nothing does).  False where it has no such table, or one that this model cannot hold. */
bool bottlerocket_user_data_parse(struct arena *arena, struct str user_data,
                                  struct bottlerocket_settings *settings, struct str *rest);
