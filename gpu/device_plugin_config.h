/* One configuration of NVIDIA's device plugin: its `version: v1` file as a typed model.
 *
 * Fields and defaults are those of the plugin's api/config/v1 at v0.20.0.  `rename` and `devices`
 * of a shared resource, and `resources`, are not part of the model: the plugin reads them and
 * throws them away. */
#pragma once

#include "base/buf.h"

/* A switch that may be left out. */
enum option { OPTION_UNSET, OPTION_FALSE, OPTION_TRUE };

struct str_list {
    const struct str *at;
    size_t count;
};

enum sharing_strategy { SHARING_NONE, SHARING_TIME_SLICING, SHARING_MPS };

struct device_plugin_replicas {
    struct str name; /* "nvidia.com/gpu" or "nvidia.com/mig-1g.10gb" */
    int64_t replicas;
};

struct device_plugin_sharing {
    enum sharing_strategy strategy; /* none: the rest is not used */
    enum option rename_by_default;
    enum option fail_requests_greater_than_one;
    const struct device_plugin_replicas *resources;
    size_t resource_count;
};

/* A text with at == NULL and a list with at == NULL are left out. */
struct device_plugin_config {
    /* flags */
    struct str mig_strategy;
    enum option fail_on_init_error;
    struct str mps_root;
    struct str nvidia_driver_root;
    struct str nvidia_dev_root;
    enum option gdrcopy_enabled;
    enum option gds_enabled;
    enum option mofed_enabled;
    enum option use_node_feature_api;
    struct str device_discovery_strategy;
    /* flags.plugin */
    enum option pass_device_specs;
    struct str_list device_list_strategy;
    struct str device_id_strategy;
    struct str cdi_annotation_prefix;
    struct str nvidia_ctk_path;
    struct str container_driver_root;
    struct str shared_devices_allocation_policy;
    /* flags.gfd */
    enum option gfd_oneshot;
    enum option gfd_no_timestamp;
    struct str gfd_sleep_interval;
    struct str gfd_output_file;
    struct str gfd_machine_type_file;

    struct device_plugin_sharing sharing;

    enum option imex_channel; /* true: channelIDs is [0]; false: [] */
    enum option imex_required;
};

/* One row for each member under `flags`. */
enum device_plugin_field_kind { FIELD_TEXT, FIELD_OPTION, FIELD_LIST, FIELD_DURATION };

struct device_plugin_field {
    const char *name;      /* in the file: "migStrategy" */
    const char *parent;    /* "flags", "flags.plugin" or "flags.gfd" */
    const char *attribute; /* as the model and a configuration of ours call it: "mig_strategy" */
    enum device_plugin_field_kind kind;
    size_t offset;             /* in struct device_plugin_config */
    const char *standard;      /* the plugin's default; NULL: none, or another file's business */
    const char *const *values; /* NULL-terminated; NULL: any */
};

extern const struct device_plugin_field device_plugin_fields[];
extern const size_t device_plugin_field_count;

/* The member of CONFIG that FIELD describes. */
struct str *device_plugin_text(struct device_plugin_config *config,
                               const struct device_plugin_field *field);
enum option *device_plugin_option(struct device_plugin_config *config,
                                  const struct device_plugin_field *field);
struct str_list *device_plugin_list(struct device_plugin_config *config,
                                    const struct device_plugin_field *field);

/* The field whose attribute is ATTRIBUTE, or NULL. */
const struct device_plugin_field *device_plugin_field_find(struct str attribute);

/* CONFIG as the file's text: only what is set, in the order of the model, ending in a line end. */
struct str device_plugin_config_render(struct arena *arena,
                                       const struct device_plugin_config *config);

/* Whether the plugin does the same with both: defaults count as set, the order of the shared
 * resources does not count, durations are compared as times. */
bool device_plugin_config_equal(const struct device_plugin_config *a,
                                const struct device_plugin_config *b);

/* Whether requests for more than one share are refused: the default depends on the strategy. */
bool device_plugin_fails_requests(const struct device_plugin_sharing *sharing);

/* "timeSlicing", "mps", or NULL for none. */
const char *sharing_strategy_key(enum sharing_strategy strategy);
