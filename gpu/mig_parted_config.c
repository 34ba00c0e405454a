/* MIG layouts: text, equality, and what nodes advertise under them. */
#include "gpu/mig_parted_config.h"

#include <inttypes.h>

#include "base/yaml.h"
#include "gpu/mig_parted_filter.h"
#include "gpu/replicas.h"

static void add_texts(struct buf *out, struct str_list list)
{
    buf_add_text(out, "[");
    for (size_t i = 0; i < list.count; i++) {
        buf_add_text(out, i > 0 ? ", " : "");
        yaml_add_string(out, list.at[i]);
    }
    buf_add_text(out, "]\n");
}

static void add_devices(struct buf *out, const struct mig_parted_group *group)
{
    if (group->all_devices) {
        buf_add_text(out, "all\n");
        return;
    }
    buf_add_text(out, "[");
    for (size_t i = 0; i < group->device_count; i++)
        buf_print(out, "%s%" PRId64, i > 0 ? ", " : "", group->devices[i]);
    buf_add_text(out, "]\n");
}

static void add_group(struct buf *out, const struct mig_parted_group *group)
{
    const char *lead = "  - ";
    if (group->device_filter.at != NULL) {
        buf_print(out, "%sdevice-filter: ", lead);
        add_texts(out, group->device_filter);
        lead = "    ";
    }
    buf_print(out, "%sdevices: ", lead);
    add_devices(out, group);
    buf_print(out, "    mig-enabled: %s\n", group->mig_enabled ? "true" : "false");
    if (!group->mig_enabled)
        return;
    buf_print(out, "    mig-devices:%s\n", group->mig_device_count == 0 ? " {}" : "");
    for (size_t i = 0; i < group->mig_device_count; i++) {
        buf_add_text(out, "      ");
        yaml_add_string(out, group->mig_devices[i].profile);
        buf_print(out, ": %" PRId64 "\n", group->mig_devices[i].count);
    }
}

struct str mig_parted_config_render(struct arena *arena, const struct mig_parted_config *config)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_print(&out, "version: v1\nmig-configs:%s\n", config->layout_count == 0 ? " {}" : "");
    for (size_t i = 0; i < config->layout_count; i++) {
        buf_add_text(&out, "  ");
        yaml_add_string(&out, config->layouts[i].name);
        buf_add_text(&out, ":\n");
        for (size_t k = 0; k < config->layouts[i].group_count; k++)
            add_group(&out, &config->layouts[i].groups[k]);
    }
    return buf_str(&out);
}

/* A profile with a count of 0 is the same as none. */
static int64_t count_of(const struct mig_parted_group *group, struct str profile)
{
    int64_t count = 0;
    for (size_t i = 0; group->mig_enabled && i < group->mig_device_count; i++)
        if (str_equal(group->mig_devices[i].profile, profile))
            count = group->mig_devices[i].count;
    return count;
}

static bool same_instances(const struct mig_parted_group *a, const struct mig_parted_group *b)
{
    for (size_t i = 0; i < a->mig_device_count; i++) {
        struct str profile = a->mig_devices[i].profile;
        if (count_of(a, profile) != count_of(b, profile))
            return false;
    }
    return true;
}

static bool groups_equal(const struct mig_parted_group *a, const struct mig_parted_group *b)
{
    if (a->all_devices != b->all_devices || a->mig_enabled != b->mig_enabled ||
        a->device_filter.count != b->device_filter.count)
        return false;
    for (size_t i = 0; i < a->device_filter.count; i++)
        if (!str_equal(a->device_filter.at[i], b->device_filter.at[i]))
            return false;
    if (!a->all_devices && a->device_count != b->device_count)
        return false;
    for (size_t i = 0; !a->all_devices && i < a->device_count; i++)
        if (a->devices[i] != b->devices[i])
            return false;
    return same_instances(a, b) && same_instances(b, a);
}

static bool layouts_equal(const struct mig_parted_layout *a, const struct mig_parted_layout *b)
{
    if (a->group_count != b->group_count)
        return false;
    for (size_t i = 0; i < a->group_count; i++)
        if (!groups_equal(&a->groups[i], &b->groups[i]))
            return false;
    return true;
}

static const struct mig_parted_layout *layout_find(const struct mig_parted_config *config,
                                                   struct str name)
{
    for (size_t i = 0; i < config->layout_count; i++)
        if (str_equal(config->layouts[i].name, name))
            return &config->layouts[i];
    return NULL;
}

bool mig_parted_config_equal(const struct mig_parted_config *a, const struct mig_parted_config *b)
{
    if (a->layout_count != b->layout_count)
        return false;
    for (size_t i = 0; i < a->layout_count; i++) {
        const struct mig_parted_layout *other = layout_find(b, a->layouts[i].name);
        if (other == NULL || !layouts_equal(&a->layouts[i], other))
            return false;
    }
    return true;
}

struct advertising {
    struct arena *arena;
    struct mig_advertised *rows;
    size_t count;
    int64_t gpus; /* of the node; 0: not known */
};

/* Adds PER_GPU of RESOURCE on each of COVERED GPUs. */
static void add(struct advertising *advertising, struct str resource, int64_t per_gpu,
                int64_t covered)
{
    struct mig_advertised *row = NULL;
    for (size_t i = 0; i < advertising->count && row == NULL; i++)
        if (str_equal(advertising->rows[i].resource, resource))
            row = &advertising->rows[i];
    if (row == NULL) {
        row = &advertising->rows[advertising->count++];
        row->resource = resource;
    }
    if (per_gpu > row->per_gpu)
        row->per_gpu = per_gpu;
    int64_t on_node = 0;
    if (__builtin_mul_overflow(per_gpu, covered, &on_node) ||
        __builtin_add_overflow(row->per_node, on_node, &row->per_node))
        row->per_node = INT64_MAX;
}

static void add_covered(struct advertising *advertising, const struct mig_parted_group *group)
{
    int64_t covered = group->all_devices ? advertising->gpus : (int64_t)group->device_count;
    if (!group->mig_enabled)
        add(advertising, STR(GPU_RESOURCE), 1, covered);
    for (size_t i = 0; group->mig_enabled && i < group->mig_device_count; i++) {
        struct str resource = mig_resource_name(advertising->arena, group->mig_devices[i].profile);
        if (resource.at != NULL && group->mig_devices[i].count > 0)
            add(advertising, resource, group->mig_devices[i].count, covered);
    }
}

struct mig_advertised_list mig_parted_advertised(struct arena *arena,
                                                 const struct mig_parted_layout *layout,
                                                 const struct mig_parted_target *target)
{
    size_t most = 1;
    for (size_t i = 0; i < layout->group_count; i++)
        most += layout->groups[i].mig_device_count + 1;
    struct advertising advertising = { .arena = arena,
                                       .rows = ARENA_NEW_ARRAY(arena, struct mig_advertised, most),
                                       .gpus = target->gpus };
    for (size_t i = 0; i < layout->group_count; i++)
        if (mig_parted_filter_passes(layout->groups[i].device_filter, target->gpu))
            add_covered(&advertising, &layout->groups[i]);
    return (struct mig_advertised_list){ advertising.rows, advertising.count };
}
