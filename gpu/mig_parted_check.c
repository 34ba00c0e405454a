/* The rules for MIG layouts. */
#include "gpu/mig_parted_check.h"

#include <inttypes.h>

#include "gpu/kubernetes_names.h"
#include "gpu/mig_parted_filter.h"

struct check {
    const struct mig_parted_layout *layout;
    const struct mig_parted_target *targets;
    size_t target_count;
    struct problems *problems;
};

PRINTF_LIKE(6, 7)
static void add(const struct check *check, enum problem_severity severity, size_t group,
                const char *field, struct str key, const char *format, ...)
{
    struct arena *arena = check->problems->arena;
    va_list arguments;
    va_start(arguments, format);
    struct str sentence = str_vprint(arena, format, arguments);
    va_end(arguments);
    struct str path =
        str_print(arena, "mig-configs[\"%.*s\"][%zu]", STR_ARG(check->layout->name), group);
    struct problem *problem =
        problem_add(check->problems, severity, path, "%.*s", STR_ARG(sentence));
    problem->block = STR("device_group");
    problem->index = (int64_t)group;
    problem->field = str_of(field);
    problem->key = key;
}

/* GROUP's counts: each at least 0, each profile once, not all 0.  False where one is wrong. */
static bool check_counts(const struct check *check, size_t index,
                         const struct mig_parted_group *group)
{
    struct str no_key = { 0 };
    int64_t most = 0;
    for (size_t i = 0; i < group->mig_device_count; i++) {
        const struct mig_device *device = &group->mig_devices[i];
        if (device->count < 0) {
            add(check, PROBLEM_FATAL, index, "mig_devices", device->profile,
                "%" PRId64 " instances of %.*s are asked for; the number must be at least 0.",
                device->count, STR_ARG(device->profile));
            return false;
        }
        most = device->count > most ? device->count : most;
    }
    if (!group->mig_enabled && group->mig_device_count > 0) {
        add(check, PROBLEM_FATAL, index, "mig_devices", no_key,
            "mig_devices must be left out where mig_enabled is false.");
        return false;
    }
    if (group->mig_device_count > 0 && most == 0) {
        add(check, PROBLEM_FATAL, index, "mig_devices", no_key,
            "All counts of mig_devices are 0, which mig-parted refuses.  Leave mig_devices empty "
            "for "
            "MIG without instances, or set mig_enabled to false.");
        return false;
    }
    return true;
}

/* Profiles that follow the grammar, whatever the GPU.  False where one does not. */
static void add_unknown_profile(const struct check *check, size_t index, struct str profile)
{
    const char *nearest = mig_profile_nearest_of_all(profile);
    add(check, mig_profile_possible(profile) ? PROBLEM_SUSPICIOUS : PROBLEM_FATAL, index,
        "mig_devices", profile,
        "No GPU that this provider knows has the MIG profile \"%.*s\".%s%s%s", STR_ARG(profile),
        nearest ? "  The nearest is \"" : "", nearest ? nearest : "", nearest ? "\"." : "");
}

static bool check_grammar(const struct check *check, size_t index,
                          const struct mig_parted_group *group)
{
    for (size_t i = 0; i < group->mig_device_count; i++) {
        struct str profile = group->mig_devices[i].profile;
        struct mig_profile_name parts;
        if (!mig_profile_parse(profile, &parts)) {
            add(check, PROBLEM_FATAL, index, "mig_devices", profile,
                "\"%.*s\" is no MIG profile: one looks like \"1g.5gb\" or \"1g.5gb+me\".",
                STR_ARG(profile));
            return false;
        }
        if (check->target_count == 0 && !mig_profile_exists(profile))
            add_unknown_profile(check, index, profile);
    }
    return true;
}

static void report_profile(const struct check *check, size_t index, struct str profile,
                           const struct gpu_model *model)
{
    struct arena *arena = check->problems->arena;
    const char *nearest = mig_profile_nearest(model->mig, profile);
    struct str others = mig_profile_gpus(arena, profile);
    add(check, PROBLEM_FATAL, index, "mig_devices", profile,
        "The %s has no MIG profile \"%.*s\"%s%s%s  It has %.*s.%s%.*s%s", model->marketing,
        STR_ARG(profile), nearest ? "; did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?" : ".", STR_ARG(mig_profile_list(arena, model->mig)),
        others.len > 0 ? "  That profile belongs to " : "", STR_ARG(others),
        others.len > 0 ? "." : "");
}

/* GROUP's instances on a GPU of MODEL. */
static void check_geometry(const struct check *check, size_t index,
                           const struct mig_parted_group *group, const struct gpu_model *model)
{
    struct mig_counts counts;
    size_t unknown = 0;
    if (model->mig == NULL) {
        add(check, PROBLEM_FATAL, index, "mig_enabled", (struct str){ 0 },
            "The %s cannot be divided by MIG.  On AWS these can: p4d, p4de, p5, p5e, p5en, p6, "
            "p6e, "
            "g7 and g7e; share other GPUs by time-slicing or MPS.",
            model->marketing);
        return;
    }
    if (model->mig->profile_count == 0) {
        add(check, PROBLEM_SUSPICIOUS, index, "mig_devices", (struct str){ 0 },
            "The MIG profiles of the %s are not known to this provider, so the layout cannot be "
            "checked; it has at most %u instances.  `nvidia-smi mig -lgip` on a node lists them.",
            model->marketing, model->mig->max_instances);
        return;
    }
    if (!mig_counts_make(model->mig, group->mig_devices, group->mig_device_count, &counts,
                         &unknown)) {
        report_profile(check, index, group->mig_devices[unknown].profile, model);
        return;
    }
    struct str why =
        mig_counts_explain(check->problems->arena, model->mig, &counts, model->marketing);
    if (why.at != NULL)
        add(check, PROBLEM_FATAL, index, "mig_devices", (struct str){ 0 }, "%.*s", STR_ARG(why));
}

/* Whether an earlier target has the same GPU, so that it was checked already. */
static bool is_repeated(const struct check *check, size_t target)
{
    for (size_t i = 0; i < target; i++)
        if (check->targets[i].gpu == check->targets[target].gpu)
            return true;
    return false;
}

static void check_targets(const struct check *check, size_t index,
                          const struct mig_parted_group *group)
{
    bool any = check->target_count == 0;
    for (size_t i = 0; i < check->target_count; i++) {
        const struct gpu_model *model = check->targets[i].gpu;
        if (!mig_parted_filter_passes(group->device_filter, model))
            continue;
        any = true;
        if (group->mig_enabled && !is_repeated(check, i))
            check_geometry(check, index, group, model);
    }
    if (!any)
        add(check, PROBLEM_SUSPICIOUS, index, "device_filter", (struct str){ 0 },
            "None of the GPUs that this document is for passes the filter, so the group never "
            "applies to them.");
}

static void check_filter(const struct check *check, size_t index,
                         const struct mig_parted_group *group)
{
    for (size_t i = 0; i < group->device_filter.count; i++) {
        struct str filter = group->device_filter.at[i];
        if (!mig_parted_filter_valid(filter))
            add(check, PROBLEM_IGNORED, index, "device_filter", (struct str){ 0 },
                "\"%.*s\" never matches a GPU: a filter is 0x, the PCI device id and the vendor "
                "id, "
                "such as \"0x20B010DE\" for an A100 40GB.",
                STR_ARG(filter));
    }
}

static void check_index(const struct check *check, size_t index, int64_t device)
{
    struct str no_key = { 0 };
    if (device < 0) {
        add(check, PROBLEM_FATAL, index, "devices", no_key,
            "%" PRId64 " is no index of a GPU; they start at 0.", device);
        return;
    }
    for (size_t i = 0; i < check->target_count; i++) {
        const struct mig_parted_target *target = &check->targets[i];
        if (target->gpus == 0 || device < (int64_t)target->gpus)
            continue;
        add(check, PROBLEM_FATAL, index, "devices", no_key,
            "There is no GPU %" PRId64 " on a node with %u %s: the last index is %u.", device,
            target->gpus, target->gpu->marketing, target->gpus - 1);
        return;
    }
}

static bool has_device(const struct mig_parted_group *group, int64_t device)
{
    for (size_t i = 0; i < group->device_count; i++)
        if (group->devices[i] == device)
            return true;
    return group->all_devices;
}

static void check_devices(const struct check *check, size_t index,
                          const struct mig_parted_group *group)
{
    struct str no_key = { 0 };
    if (!group->all_devices && group->device_count == 0)
        add(check, PROBLEM_FATAL, index, "devices", no_key,
            "devices must be \"all\" or name at least one GPU by its index.");
    for (size_t i = 0; !group->all_devices && i < group->device_count; i++) {
        check_index(check, index, group->devices[i]);
        for (size_t k = 0; k < i; k++)
            if (group->devices[i] == group->devices[k])
                add(check, PROBLEM_FATAL, index, "devices", no_key,
                    "GPU %" PRId64 " is named twice.", group->devices[i]);
    }
}

/* Whether both groups have a say about one GPU; it is put into *DEVICE, -1 standing for all. */
static bool groups_overlap(const struct mig_parted_group *a, const struct mig_parted_group *b,
                           int64_t *device)
{
    if (!mig_parted_filters_meet(a->device_filter, b->device_filter))
        return false;
    *device = -1;
    if (a->all_devices && b->all_devices)
        return true;
    const struct mig_parted_group *listed = a->all_devices ? b : a;
    const struct mig_parted_group *other = a->all_devices ? a : b;
    for (size_t i = 0; i < listed->device_count; i++) {
        *device = listed->devices[i];
        if (has_device(other, *device))
            return true;
    }
    return false;
}

static void check_overlap(const struct check *check, size_t index)
{
    const struct mig_parted_group *groups = check->layout->groups;
    for (size_t i = 0; i < index; i++) {
        int64_t device = -1;
        if (!groups_overlap(&groups[i], &groups[index], &device))
            continue;
        struct str which = device < 0 ? STR("every GPU")
                                      : str_print(check->problems->arena, "GPU %" PRId64, device);
        add(check, PROBLEM_FATAL, index, "devices", (struct str){ 0 },
            "This group and the one at index %zu both cover %.*s; each GPU can be in one group "
            "only.",
            i, STR_ARG(which));
        return;
    }
}

void mig_parted_layout_check(const struct mig_parted_layout *layout,
                             const struct mig_parted_target *targets, size_t target_count,
                             struct problems *problems)
{
    struct check check = { layout, targets, target_count, problems };
    if (!config_key_valid(layout->name))
        problem_add(problems, PROBLEM_FATAL, STR("mig-configs"), "The layout's name \"%.*s\" %s.",
                    STR_ARG(layout->name), CONFIG_KEY_RULE);
    if (layout->group_count == 0)
        problem_add(problems, PROBLEM_FATAL, STR("mig-configs"),
                    "The layout \"%.*s\" has no group of devices; it needs at least one.",
                    STR_ARG(layout->name));
    for (size_t i = 0; i < layout->group_count; i++) {
        const struct mig_parted_group *group = &layout->groups[i];
        check_filter(&check, i, group);
        check_devices(&check, i, group);
        check_overlap(&check, i);
        if (check_counts(&check, i, group) && check_grammar(&check, i, group))
            check_targets(&check, i, group);
    }
}

void mig_parted_config_check(const struct mig_parted_config *config,
                             const struct mig_parted_target *targets, size_t target_count,
                             struct problems *problems)
{
    for (size_t i = 0; i < config->layout_count; i++) {
        mig_parted_layout_check(&config->layouts[i], targets, target_count, problems);
        for (size_t k = 0; k < i; k++)
            if (str_equal(config->layouts[i].name, config->layouts[k].name))
                problem_add(problems, PROBLEM_FATAL, STR("mig-configs"),
                            "The layout \"%.*s\" is given twice.",
                            STR_ARG(config->layouts[i].name));
    }
}
