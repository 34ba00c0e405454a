/* The arithmetic of shares, as the plugin's resource manager does it. */
#include "gpu/replicas.h"

unsigned replicas_mps_limit(const struct gpu_model *model)
{
    if (model == NULL)
        return REPLICAS_MPS_MOST;
    if (!gpu_model_is_nvidia(model))
        return 0;
    bool old = model->compute_major < 7 || (model->compute_major == 7 && model->compute_minor < 5);
    return old ? REPLICAS_MPS_MOST_OLD : REPLICAS_MPS_MOST;
}

struct str full_resource_name(struct arena *arena, struct str name)
{
    if (str_starts(name, NVIDIA_PREFIX))
        return name;
    return str_print(arena, NVIDIA_PREFIX "%.*s", STR_ARG(name));
}

struct str shared_resource_name(struct arena *arena, struct str name, bool rename)
{
    struct str full = full_resource_name(arena, name);
    return rename ? str_print(arena, "%.*s.shared", STR_ARG(full)) : full;
}

struct advertising {
    struct arena *arena;
    const struct device_plugin_sharing *sharing;
    struct advertised *rows;
    size_t count;
};

/* The replicas of the resource NAME, or 0 where it is not shared. */
static int64_t replicas_of(const struct advertising *advertising, struct str name)
{
    const struct device_plugin_sharing *sharing = advertising->sharing;
    int64_t most = 0;
    for (size_t i = 0; sharing->strategy != SHARING_NONE && i < sharing->resource_count; i++) {
        struct str other = full_resource_name(advertising->arena, sharing->resources[i].name);
        if (str_equal(name, other) && sharing->resources[i].replicas > most)
            most = sharing->resources[i].replicas;
    }
    return most;
}

/* Adds DEVICES devices of the resource NAME, shared as configured. */
static void add(struct advertising *advertising, struct str name, int64_t devices,
                bool per_instance)
{
    int64_t replicas = replicas_of(advertising, name), count = devices;
    bool rename = replicas > 0 && advertising->sharing->rename_by_default == OPTION_TRUE;
    struct str resource = shared_resource_name(advertising->arena, name, rename);
    if (replicas > 0 && __builtin_mul_overflow(devices, replicas, &count))
        count = INT64_MAX;
    for (size_t i = 0; i < advertising->count; i++) {
        struct advertised *row = &advertising->rows[i];
        if (str_equal(row->resource, resource)) {
            if (!per_instance && __builtin_add_overflow(row->count, count, &row->count))
                row->count = INT64_MAX;
            return;
        }
    }
    advertising->rows[advertising->count++] = (struct advertised){ resource, count, per_instance };
}

static void add_single(struct advertising *advertising, const struct mig_device *devices,
                       size_t count)
{
    const struct mig_device *first = NULL;
    int64_t instances = 0;
    for (size_t i = 0; i < count; i++) {
        if (devices[i].count <= 0)
            continue;
        if (first != NULL && !str_equal(first->profile, devices[i].profile))
            return;
        first = &devices[i];
        if (__builtin_add_overflow(instances, devices[i].count, &instances))
            instances = INT64_MAX;
    }
    if (instances > 0)
        add(advertising, STR(GPU_RESOURCE), instances, false);
}

static void add_mixed(struct advertising *advertising, const struct mig_device *devices,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str resource = mig_resource_name(advertising->arena, devices[i].profile);
        if (resource.at != NULL && devices[i].count > 0)
            add(advertising, resource, devices[i].count, false);
    }
}

/* Nothing is known of the GPU, so that only what the entries say can be told. */
static void add_entries(struct advertising *advertising)
{
    for (size_t i = 0; i < advertising->sharing->resource_count; i++) {
        struct str name =
            full_resource_name(advertising->arena, advertising->sharing->resources[i].name);
        if (str_starts(name, MIG_RESOURCE_PREFIX))
            add(advertising, name, 1, true);
        else if (str_is(name, GPU_RESOURCE))
            add(advertising, name, 1, false);
    }
}

struct advertised_list advertised_per_gpu(struct arena *arena,
                                          const struct device_plugin_config *config,
                                          enum mig_state mig, const struct mig_device *devices,
                                          size_t device_count)
{
    struct advertising advertising = { .arena = arena, .sharing = &config->sharing };
    advertising.rows = ARENA_NEW_ARRAY(arena, struct advertised,
                                       device_count + config->sharing.resource_count + 1);
    bool single = str_is(config->mig_strategy, "single");
    bool mixed = str_is(config->mig_strategy, "mixed");
    if (mig == MIG_OFF || (!single && !mixed))
        add(&advertising, STR(GPU_RESOURCE), 1, false);
    else if (mig == MIG_ON && single)
        add_single(&advertising, devices, device_count);
    else if (mig == MIG_ON)
        add_mixed(&advertising, devices, device_count);
    else if (single)
        add(&advertising, STR(GPU_RESOURCE), 1, true);
    else if (config->sharing.strategy != SHARING_NONE)
        add_entries(&advertising);
    return (struct advertised_list){ advertising.rows, advertising.count };
}
