/* The device plugin's configuration: its fields, its text, its equality. */
#include "gpu/device_plugin_config.h"

#include <inttypes.h>

#include "base/yaml.h"
#include "gpu/duration.h"

static const char *const mig_strategies[] = { "none", "single", "mixed", NULL };
static const char *const discovery_strategies[] = { "auto", "nvml", "tegra", NULL };
static const char *const list_strategies[] = { "envvar", "volume-mounts", "cdi-annotations",
                                               "cdi-cri", NULL };
static const char *const id_strategies[] = { "uuid", "index", NULL };
static const char *const allocation_policies[] = { "distributed", "packed", NULL };

#define ROW(name, parent, member, kind, standard, values)                                          \
    {                                                                                              \
        name, parent, #member, kind, offsetof(struct device_plugin_config, member), standard,      \
            values                                                                                 \
    }

const struct device_plugin_field device_plugin_fields[] = {
    ROW("migStrategy", "flags", mig_strategy, FIELD_TEXT, "none", mig_strategies),
    ROW("failOnInitError", "flags", fail_on_init_error, FIELD_OPTION, "true", NULL),
    ROW("mpsRoot", "flags", mps_root, FIELD_TEXT, NULL, NULL),
    ROW("nvidiaDriverRoot", "flags", nvidia_driver_root, FIELD_TEXT, "/", NULL),
    ROW("nvidiaDevRoot", "flags", nvidia_dev_root, FIELD_TEXT, NULL, NULL),
    ROW("gdrcopyEnabled", "flags", gdrcopy_enabled, FIELD_OPTION, "false", NULL),
    ROW("gdsEnabled", "flags", gds_enabled, FIELD_OPTION, "false", NULL),
    ROW("mofedEnabled", "flags", mofed_enabled, FIELD_OPTION, "false", NULL),
    ROW("useNodeFeatureAPI", "flags", use_node_feature_api, FIELD_OPTION, NULL, NULL),
    ROW("deviceDiscoveryStrategy", "flags", device_discovery_strategy, FIELD_TEXT, "auto",
        discovery_strategies),
    ROW("passDeviceSpecs", "flags.plugin", pass_device_specs, FIELD_OPTION, "false", NULL),
    ROW("deviceListStrategy", "flags.plugin", device_list_strategy, FIELD_LIST, "envvar",
        list_strategies),
    ROW("deviceIDStrategy", "flags.plugin", device_id_strategy, FIELD_TEXT, "uuid", id_strategies),
    ROW("cdiAnnotationPrefix", "flags.plugin", cdi_annotation_prefix, FIELD_TEXT, "cdi.k8s.io/",
        NULL),
    ROW("nvidiaCTKPath", "flags.plugin", nvidia_ctk_path, FIELD_TEXT, NULL, NULL),
    ROW("containerDriverRoot", "flags.plugin", container_driver_root, FIELD_TEXT, "/driver-root",
        NULL),
    ROW("sharedDevicesAllocationPolicy", "flags.plugin", shared_devices_allocation_policy,
        FIELD_TEXT, "distributed", allocation_policies),
    ROW("oneshot", "flags.gfd", gfd_oneshot, FIELD_OPTION, "false", NULL),
    ROW("noTimestamp", "flags.gfd", gfd_no_timestamp, FIELD_OPTION, "false", NULL),
    ROW("sleepInterval", "flags.gfd", gfd_sleep_interval, FIELD_DURATION, "60s", NULL),
    ROW("outputFile", "flags.gfd", gfd_output_file, FIELD_TEXT, NULL, NULL),
    ROW("machineTypeFile", "flags.gfd", gfd_machine_type_file, FIELD_TEXT, NULL, NULL),
};

const size_t device_plugin_field_count = sizeof device_plugin_fields / sizeof *device_plugin_fields;

struct str *device_plugin_text(struct device_plugin_config *config,
                               const struct device_plugin_field *field)
{
    return (struct str *)(void *)((char *)config + field->offset);
}

enum option *device_plugin_option(struct device_plugin_config *config,
                                  const struct device_plugin_field *field)
{
    return (enum option *)(void *)((char *)config + field->offset);
}

struct str_list *device_plugin_list(struct device_plugin_config *config,
                                    const struct device_plugin_field *field)
{
    return (struct str_list *)(void *)((char *)config + field->offset);
}

static struct str text_get(const struct device_plugin_config *config,
                           const struct device_plugin_field *field)
{
    return *(const struct str *)(const void *)((const char *)config + field->offset);
}

static enum option option_get(const struct device_plugin_config *config,
                              const struct device_plugin_field *field)
{
    return *(const enum option *)(const void *)((const char *)config + field->offset);
}

static struct str_list list_get(const struct device_plugin_config *config,
                                const struct device_plugin_field *field)
{
    return *(const struct str_list *)(const void *)((const char *)config + field->offset);
}

const struct device_plugin_field *device_plugin_field_find(struct str attribute)
{
    for (size_t i = 0; i < device_plugin_field_count; i++)
        if (str_is(attribute, device_plugin_fields[i].attribute))
            return &device_plugin_fields[i];
    return NULL;
}

const char *sharing_strategy_key(enum sharing_strategy strategy)
{
    switch (strategy) {
    case SHARING_TIME_SLICING:
        return "timeSlicing";
    case SHARING_MPS:
        return "mps";
    case SHARING_NONE:
        break;
    }
    return NULL;
}

bool device_plugin_fails_requests(const struct device_plugin_sharing *sharing)
{
    if (sharing->fail_requests_greater_than_one == OPTION_UNSET)
        return sharing->strategy == SHARING_MPS;
    return sharing->fail_requests_greater_than_one == OPTION_TRUE;
}

static const char *option_text(enum option option)
{
    return option == OPTION_TRUE ? "true" : "false";
}

static bool field_is_set(const struct device_plugin_config *config,
                         const struct device_plugin_field *field)
{
    switch (field->kind) {
    case FIELD_OPTION:
        return option_get(config, field) != OPTION_UNSET;
    case FIELD_LIST:
        return list_get(config, field).at != NULL;
    case FIELD_TEXT:
    case FIELD_DURATION:
        break;
    }
    return text_get(config, field).at != NULL;
}

/* The plugin reads one strategy as a text too; that is how most files have it. */
static void add_list(struct buf *out, struct str_list list)
{
    if (list.count == 1) {
        yaml_add_string(out, list.at[0]);
        return;
    }
    buf_add_text(out, "[");
    for (size_t i = 0; i < list.count; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        yaml_add_string(out, list.at[i]);
    }
    buf_add_text(out, "]");
}

static void add_field(struct buf *out, const struct device_plugin_config *config,
                      const struct device_plugin_field *field, const char *indent)
{
    buf_print(out, "%s%s: ", indent, field->name);
    if (field->kind == FIELD_OPTION)
        buf_add_text(out, option_text(option_get(config, field)));
    else if (field->kind == FIELD_LIST)
        add_list(out, list_get(config, field));
    else
        yaml_add_string(out, text_get(config, field));
    buf_add_text(out, "\n");
}

/* The fields of one section below HEADING, which is written only when there are any.  *OPEN is
 * whether "flags:" stands there already. */
static void add_section(struct buf *out, const struct device_plugin_config *config,
                        const char *parent, bool *open)
{
    bool is_top = str_is(str_of(parent), "flags");
    bool started = false;
    for (size_t i = 0; i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        if (!str_is(str_of(field->parent), parent) || !field_is_set(config, field))
            continue;
        if (!*open)
            buf_add_text(out, "flags:\n");
        if (!started && !is_top)
            buf_print(out, "  %s:\n", parent + sizeof "flags." - 1);
        *open = started = true;
        add_field(out, config, field, is_top ? "  " : "    ");
    }
}

static void add_sharing(struct buf *out, const struct device_plugin_sharing *sharing)
{
    const char *key = sharing_strategy_key(sharing->strategy);
    if (key == NULL)
        return;
    buf_print(out, "sharing:\n  %s:\n", key);
    if (sharing->rename_by_default != OPTION_UNSET)
        buf_print(out, "    renameByDefault: %s\n", option_text(sharing->rename_by_default));
    if (sharing->fail_requests_greater_than_one != OPTION_UNSET)
        buf_print(out, "    failRequestsGreaterThanOne: %s\n",
                  option_text(sharing->fail_requests_greater_than_one));
    buf_add_text(out, "    resources:\n");
    for (size_t i = 0; i < sharing->resource_count; i++) {
        buf_add_text(out, "    - name: ");
        yaml_add_string(out, sharing->resources[i].name);
        buf_print(out, "\n      replicas: %" PRId64 "\n", sharing->resources[i].replicas);
    }
}

struct str device_plugin_config_render(struct arena *arena,
                                       const struct device_plugin_config *config)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    bool open = false;
    buf_add_text(&out, "version: v1\n");
    add_section(&out, config, "flags", &open);
    add_section(&out, config, "flags.plugin", &open);
    add_section(&out, config, "flags.gfd", &open);
    add_sharing(&out, &config->sharing);
    if (config->imex_channel != OPTION_UNSET || config->imex_required != OPTION_UNSET)
        buf_add_text(&out, "imex:\n");
    if (config->imex_channel != OPTION_UNSET)
        buf_print(&out, "  channelIDs: [%s]\n", config->imex_channel == OPTION_TRUE ? "0" : "");
    if (config->imex_required != OPTION_UNSET)
        buf_print(&out, "  required: %s\n", option_text(config->imex_required));
    return buf_str(&out);
}

static struct str effective_text(const struct device_plugin_config *config,
                                 const struct device_plugin_field *field)
{
    if (!field_is_set(config, field))
        return str_of(field->standard);
    return field->kind == FIELD_OPTION ? str_of(option_text(option_get(config, field)))
                                       : text_get(config, field);
}

/* Whether the list that FIELD describes in CONFIG is LIST; one that is left out is the default. */
static bool lists_equal(const struct device_plugin_field *field, struct str_list a,
                        struct str_list b)
{
    const struct str standard = str_of(field->standard);
    a = a.at == NULL ? (struct str_list){ &standard, 1 } : a;
    b = b.at == NULL ? (struct str_list){ &standard, 1 } : b;
    if (a.count != b.count)
        return false;
    for (size_t i = 0; i < a.count; i++)
        if (!str_equal(a.at[i], b.at[i]))
            return false;
    return true;
}

static bool fields_equal(const struct device_plugin_config *a, const struct device_plugin_config *b,
                         const struct device_plugin_field *field)
{
    if (field->kind == FIELD_LIST)
        return lists_equal(field, list_get(a, field), list_get(b, field));
    struct str first = effective_text(a, field), second = effective_text(b, field);
    if (first.at == NULL || second.at == NULL)
        return first.at == second.at;
    return field->kind == FIELD_DURATION ? duration_equal(first, second) : str_equal(first, second);
}

static bool has_resource(const struct device_plugin_sharing *sharing,
                         const struct device_plugin_replicas *resource)
{
    for (size_t i = 0; i < sharing->resource_count; i++)
        if (str_equal(sharing->resources[i].name, resource->name) &&
            sharing->resources[i].replicas == resource->replicas)
            return true;
    return false;
}

static bool sharing_equal(const struct device_plugin_sharing *a,
                          const struct device_plugin_sharing *b)
{
    if (a->strategy != b->strategy)
        return false;
    if (a->strategy == SHARING_NONE)
        return true;
    if ((a->rename_by_default == OPTION_TRUE) != (b->rename_by_default == OPTION_TRUE) ||
        device_plugin_fails_requests(a) != device_plugin_fails_requests(b) ||
        a->resource_count != b->resource_count)
        return false;
    for (size_t i = 0; i < a->resource_count; i++)
        if (!has_resource(b, &a->resources[i]) || !has_resource(a, &b->resources[i]))
            return false;
    return true;
}

bool device_plugin_config_equal(const struct device_plugin_config *a,
                                const struct device_plugin_config *b)
{
    for (size_t i = 0; i < device_plugin_field_count; i++)
        if (!fields_equal(a, b, &device_plugin_fields[i]))
            return false;
    return sharing_equal(&a->sharing, &b->sharing) &&
           (a->imex_channel == OPTION_TRUE) == (b->imex_channel == OPTION_TRUE) &&
           (a->imex_required == OPTION_TRUE) == (b->imex_required == OPTION_TRUE);
}
