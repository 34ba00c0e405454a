/* mig_config: the ConfigMap of MIG layouts that mig-manager puts on nodes. */
#include "gpu/instance_types.h"
#include "gpu/mig_parted_check.h"
#include "gpu/mig_parted_parse.h"
#include "resources/config_map.h"
#include "resources/named_blocks.h"
#include "schema/check.h"

static const struct check check_mig_count = { check_range, .min = 0, .max = 16 };

static const struct attr device_group_rows[] = {
    { "devices", &type_string, OPTIONAL | COMPUTED, .default_json = "\"all\"",
      .doc = "The GPUs of a node that are meant: `all`, or their indexes like `0,1`." },
    { "device_filter", &type_string_list, OPTIONAL,
      .doc = "Only GPUs with these PCI ids (`0xDEVICEVENDOR`, like `0x20B010DE`)." },
    { "mig_enabled", &type_bool, REQUIRED, .doc = "Whether MIG is on." },
    { "mig_devices", &type_number_map, OPTIONAL, .check = &check_mig_count,
      .doc = "Instances of each GPU by profile, like `\"1g.5gb\" = 7`." },
    { 0 },
};

static const struct attr layout_rows[] = {
    { "name", &type_string, REQUIRED, .check = &check_config_key,
      .doc = "Name of the layout, by which nodes choose it (node label `nvidia.com/mig.config`)." },
    { "device_group", NULL, .nesting = BLOCK_LIST, .rows = device_group_rows, .min_items = 1,
      .doc = "What some GPUs of a node are divided into." },
    { 0 },
};

/* Reads "all" or "0,1" into GROUP; false where TEXT is neither. */
static bool read_devices(struct arena *arena, struct str text, struct mig_parted_group *group)
{
    group->all_devices = !text.at || str_is(text, "all");
    if (group->all_devices)
        return true;
    int64_t *indexes = ARENA_NEW_ARRAY(arena, int64_t, text.len + 1);
    struct str part;
    while (str_split(&text, ',', &part))
        if (!str_to_int(str_trim(part), &indexes[group->device_count++]) ||
            indexes[group->device_count - 1] < 0)
            return false;
    group->devices = indexes;
    return true;
}

static struct mig_parted_group group_of(struct arena *arena, const struct value *block)
{
    const struct value *profiles = value_at(block, "mig_devices");
    const struct value *filters = value_at(block, "device_filter");
    struct mig_parted_group group = { .mig_enabled =
                                          value_flag(value_at(block, "mig_enabled"), false) };
    (void)read_devices(arena, value_text(value_at(block, "devices")), &group);
    if (filters->kind == VALUE_SEQUENCE && filters->count) {
        struct str *texts = ARENA_NEW_ARRAY(arena, struct str, filters->count);
        for (size_t i = 0; i < filters->count; i++)
            texts[i] = value_text(filters->items[i]);
        group.device_filter = (struct str_list){ texts, filters->count };
    }
    if (profiles->kind == VALUE_MEMBERS) {
        struct mig_device *devices = ARENA_NEW_ARRAY(arena, struct mig_device, profiles->count);
        for (size_t i = 0; i < profiles->count; i++) {
            devices[i].profile = profiles->members[i].name;
            (void)value_to_int(profiles->members[i].value, &devices[i].count);
        }
        group.mig_devices = devices;
        group.mig_device_count = profiles->count;
    }
    return group;
}

static struct mig_parted_layout layout_of(struct arena *arena, const struct value *block)
{
    const struct value *list = value_at(block, "device_group");
    size_t count = list->kind == VALUE_SEQUENCE ? list->count : 0;
    struct mig_parted_group *groups = ARENA_NEW_ARRAY(arena, struct mig_parted_group, count);
    for (size_t i = 0; i < count; i++)
        groups[i] = group_of(arena, list->items[i]);
    return (struct mig_parted_layout){ value_text(value_at(block, "name")), groups, count };
}

static struct mig_parted_config model_of(struct arena *arena, const struct value *layouts)
{
    size_t count = layouts->kind == VALUE_SEQUENCE ? layouts->count : 0;
    struct mig_parted_layout *all = ARENA_NEW_ARRAY(arena, struct mig_parted_layout, count);
    for (size_t i = 0; i < count; i++)
        all[i] = layout_of(arena, layouts->items[i]);
    return (struct mig_parted_config){ all, count };
}

/* The GPUs that OBJECT names, by type or by model, and that MIG can divide; `check_targets` tells
 * of the others. */
static struct mig_parted_target *targets_of(struct arena *arena, const struct value *object,
                                            size_t *count)
{
    const struct value *types = value_at(object, "instance_types");
    const struct value *gpus = value_at(object, "gpus");
    size_t room = (types->kind == VALUE_SEQUENCE ? types->count : 0) +
                  (gpus->kind == VALUE_SEQUENCE ? gpus->count : 0);
    struct mig_parted_target *targets = ARENA_NEW_ARRAY(arena, struct mig_parted_target, room);
    *count = 0;
    for (size_t i = 0; types->kind == VALUE_SEQUENCE && i < types->count; i++) {
        struct str name = value_text(types->items[i]);
        const struct instance_type *type = name.at ? instance_type_find(name) : NULL;
        const struct gpu_model *gpu = name.at ? instance_type_gpu(name) : NULL;
        if (gpu && gpu->mig)
            targets[(*count)++] = (struct mig_parted_target){ gpu, type ? type->gpus : 0 };
    }
    for (size_t i = 0; gpus->kind == VALUE_SEQUENCE && i < gpus->count; i++) {
        struct str name = value_text(gpus->items[i]);
        const struct gpu_model *gpu = name.at ? gpu_model_find(name) : NULL;
        if (gpu && gpu->mig)
            targets[(*count)++] = (struct mig_parted_target){ gpu, 0 };
    }
    return targets;
}

static const struct value *derive_rendered(struct call *call, const struct derivation *from)
{
    const struct value *layouts = value_at(from->planned, "layout");
    const struct value *text = &value_unknown;
    if (value_is_wholly_known(layouts)) {
        struct mig_parted_config config = model_of(call->arena, layouts);
        text = value_string(call->arena, mig_parted_config_render(call->arena, &config));
    }
    const struct value_member member = { STR(MIG_PARTED_KEY), text };
    return value_members(call->arena, &member, 1);
}

static bool same_document(struct call *call, struct str prior, struct str derived)
{
    struct problems in_prior = problems_make(call->arena);
    struct problems in_derived = problems_make(call->arena);
    struct mig_parted_config a;
    struct mig_parted_config b;
    mig_parted_config_parse(call, prior, &a, &in_prior);
    mig_parted_config_parse(call, derived, &b, &in_derived);
    return !in_prior.count && mig_parted_config_equal(&a, &b);
}

static const struct value *derive_advertised(struct call *call, const struct derivation *from)
{
    const struct value *layouts = value_at(from->planned, "layout");
    if (!value_is_wholly_known(layouts) ||
        !value_is_wholly_known(value_at(from->planned, "instance_types")) ||
        !value_is_wholly_known(value_at(from->planned, "gpus")))
        return &value_unknown;
    size_t target_count;
    struct mig_parted_target *targets = targets_of(call->arena, from->planned, &target_count);
    const struct mig_parted_target any = { 0 };
    struct mig_parted_config config = model_of(call->arena, layouts);
    struct value_member *names =
        ARENA_NEW_ARRAY(call->arena, struct value_member, config.layout_count);
    for (size_t i = 0; i < config.layout_count; i++) {
        struct mig_advertised_list list = mig_parted_advertised(call->arena, &config.layouts[i],
                                                                target_count ? &targets[0] : &any);
        struct value_member *members =
            ARENA_NEW_ARRAY(call->arena, struct value_member, list.count);
        for (size_t j = 0; j < list.count; j++)
            members[j] = (struct value_member){ list.rows[j].resource,
                                                value_int(call->arena, list.rows[j].per_gpu) };
        names[i] = (struct value_member){ config.layouts[i].name,
                                          value_members(call->arena, members, list.count) };
    }
    return value_members(call->arena, names, config.layout_count);
}

static const struct value *block_of_group(struct arena *arena, const struct mig_parted_group *group)
{
    struct buf devices = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; i < group->device_count; i++)
        buf_print(&devices, "%s%lld", i ? "," : "", (long long)group->devices[i]);
    struct value_member *profiles =
        ARENA_NEW_ARRAY(arena, struct value_member, group->mig_device_count);
    for (size_t i = 0; i < group->mig_device_count; i++)
        profiles[i] = (struct value_member){ group->mig_devices[i].profile,
                                             value_int(arena, group->mig_devices[i].count) };
    const struct value **filters =
        ARENA_NEW_ARRAY(arena, const struct value *, group->device_filter.count);
    for (size_t i = 0; i < group->device_filter.count; i++)
        filters[i] = value_string(arena, group->device_filter.at[i]);
    const struct value_member members[] = {
        { STR("devices"),
          value_string(arena, group->all_devices ? STR("all") : buf_str(&devices)) },
        { STR("device_filter"), group->device_filter.at
                                    ? value_sequence(arena, filters, group->device_filter.count)
                                    : &value_null },
        { STR("mig_enabled"), value_bool(group->mig_enabled) },
        { STR("mig_devices"), group->mig_device_count
                                  ? value_members(arena, profiles, group->mig_device_count)
                                  : &value_null },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

static const struct value *block_of_layout(struct arena *arena,
                                           const struct mig_parted_layout *layout)
{
    const struct value **groups = ARENA_NEW_ARRAY(arena, const struct value *, layout->group_count);
    for (size_t i = 0; i < layout->group_count; i++)
        groups[i] = block_of_group(arena, &layout->groups[i]);
    const struct value_member members[] = {
        { STR("name"), value_string(arena, layout->name) },
        { STR("device_group"), value_sequence(arena, groups, layout->group_count) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

static bool same_layout(struct arena *arena, const struct value *block,
                        const struct mig_parted_layout *live)
{
    if (!value_is_set(block) || !value_is_wholly_known(block))
        return false;
    struct mig_parted_layout known = layout_of(arena, block);
    const struct mig_parted_config a = { &known, 1 };
    const struct mig_parted_config b = { live, 1 };
    return mig_parted_config_equal(&a, &b);
}

/* The block before that means what LIVE means, or a new one. */
static const struct value *block_for(struct arena *arena, const struct value *before,
                                     const struct mig_parted_layout *live)
{
    for (size_t i = 0; before->kind == VALUE_SEQUENCE && i < before->count; i++)
        if (same_layout(arena, before->items[i], live))
            return before->items[i];
    return block_of_layout(arena, live);
}

static const struct value *parse_layouts(struct call *call, const struct derivation *from)
{
    struct str text = value_text(value_at(value_at(from->planned, "rendered"), MIG_PARTED_KEY));
    const struct value *before = value_at(from->prior, "layout");
    struct problems problems = problems_make(call->arena);
    struct mig_parted_config live = { 0 };
    if (text.at)
        mig_parted_config_parse(call, text, &live, &problems);
    const struct value **blocks =
        ARENA_NEW_ARRAY(call->arena, const struct value *, live.layout_count);
    for (size_t i = 0; i < live.layout_count; i++)
        blocks[i] = block_for(call->arena, before, &live.layouts[i]);
    for (const struct problem *p = problems.first; p && value_is_null(from->prior); p = p->next)
        warn(call, PATH_AT_ATTRIBUTE(NULL, STR("rendered")), "The live layouts have a mistake",
             "%.*s%s%.*s", STR_ARG(p->path), p->path.len ? ": " : "", STR_ARG(p->sentence));
    return named_blocks_order(call->arena, value_sequence(call->arena, blocks, live.layout_count),
                              before);
}

static bool check_targets(struct call *call, const struct value *config)
{
    bool ok = true;
    const struct value *types = value_at(config, "instance_types");
    const struct value *gpus = value_at(config, "gpus");
    for (size_t i = 0; types->kind == VALUE_SEQUENCE && i < types->count; i++) {
        struct problems problems = problems_make(call->arena);
        struct str name = value_text(types->items[i]);
        const struct path *at =
            PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("instance_types")), (int64_t)i);
        if (!name.at)
            continue;
        instance_type_check(name, NULL, &problems);
        ok &= problems_report(call, at, "Wrong instance type", &problems);
        const struct gpu_model *gpu = instance_type_gpu(name);
        if (gpu && !gpu->mig && gpu_model_is_nvidia(gpu))
            ok = fail(call, at, "No MIG on this GPU",
                      "%.*s has the %s, which cannot be divided by MIG. These instances have GPUs "
                      "that can: "
                      "p4d, p4de, p5, p5e, p5en, p6, p6e, g7 and g7e.",
                      STR_ARG(name), gpu->marketing);
    }
    for (size_t i = 0; gpus->kind == VALUE_SEQUENCE && i < gpus->count; i++) {
        struct str name = value_text(gpus->items[i]);
        const struct path *at = PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("gpus")), (int64_t)i);
        if (!name.at)
            continue;
        const struct gpu_model *gpu = gpu_model_find(name);
        const char *nearest = gpu_model_nearest(name);
        if (!gpu)
            warn(call, at, "Unknown GPU",
                 "`%.*s` is not among the GPUs known to this version of the provider, so nothing "
                 "is checked "
                 "against it.%s%s%s",
                 STR_ARG(name), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                 nearest ? "`?" : "");
        else if (!gpu->mig)
            ok = fail(call, at, "No MIG on this GPU", "The %s cannot be divided by MIG.",
                      gpu->marketing);
    }
    return ok;
}

static bool check_devices(struct call *call, const struct path *at, const struct value *groups)
{
    bool ok = true;
    for (size_t i = 0; groups->kind == VALUE_SEQUENCE && i < groups->count; i++) {
        struct str text = value_text(value_at(groups->items[i], "devices"));
        struct mig_parted_group group = { 0 };
        if (!read_devices(call->arena, text, &group))
            ok = fail(call, PATH_AT_ATTRIBUTE(PATH_AT_INDEX(at, (int64_t)i), STR("devices")),
                      "Malformed value",
                      "Expected `all` or indexes separated by commas like `0,1`, found `%.*s`.",
                      STR_ARG(text));
    }
    return ok;
}

/* Whether the model can express the counts of LAYOUT, which stands AT; a number that is none has
 * its error from the row's check. */
static bool counts_fit(struct call *call, const struct path *at, const struct value *layout)
{
    const struct value *groups = value_at(layout, "device_group");
    bool fit = true;
    for (size_t i = 0; groups->kind == VALUE_SEQUENCE && i < groups->count; i++) {
        const struct value *counts = value_at(groups->items[i], "mig_devices");
        for (size_t j = 0; counts->kind == VALUE_MEMBERS && j < counts->count; j++) {
            const struct value *count = counts->members[j].value;
            const struct path *group =
                PATH_AT_INDEX(PATH_AT_ATTRIBUTE(at, STR("device_group")), (int64_t)i);
            int64_t number;
            fit = fit && value_to_int(count, &number) && number >= 0;
            if (value_is_null(count))
                fit =
                    fail(call,
                         PATH_AT_KEY(PATH_AT_ATTRIBUTE(group, STR("mig_devices")),
                                     counts->members[j].name),
                         "Missing value",
                         "Expected a number of instances, found null. Leave the profile out where "
                         "there is to be none.");
        }
    }
    return fit;
}

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    bool ok = check_targets(call, config);
    const struct value *layouts = value_at(config, "layout");
    const struct path *all = PATH_AT_ATTRIBUTE(NULL, STR("layout"));
    ok &= named_blocks_check(call, all, layouts);
    size_t target_count;
    struct mig_parted_target *targets = targets_of(call->arena, config, &target_count);
    for (size_t i = 0; layouts->kind == VALUE_SEQUENCE && i < layouts->count; i++) {
        const struct value *block = layouts->items[i];
        const struct path *at = PATH_AT_INDEX(all, (int64_t)i);
        if (!value_is_wholly_known(block))
            continue;
        const struct path *groups = PATH_AT_ATTRIBUTE(at, STR("device_group"));
        if (!counts_fit(call, at, block) ||
            !check_devices(call, groups, value_at(block, "device_group"))) {
            ok = false;
            continue;
        }
        struct problems problems = problems_make(call->arena);
        struct mig_parted_layout layout = layout_of(call->arena, block);
        mig_parted_layout_check(&layout, targets, target_count, &problems);
        ok &= problems_report(call, at, "Wrong MIG layout", &problems);
    }
    return ok;
}

static const struct attr rows[] = {
    ROWS_CLUSTER,
    ROWS_CONFIG_MAP("gpu-operator"),
    { "instance_types", &type_string_list, OPTIONAL | UNSENT,
      .doc = "Instance types that the layouts are for: every layout must fit on their GPUs." },
    { "gpus", &type_string_list, OPTIONAL | UNSENT,
      .doc = "GPUs that the layouts are for, like `a100-40gb` or `h100`: every layout must fit on "
             "them." },
    { "layout", NULL, UNSENT, .nesting = BLOCK_LIST, .rows = layout_rows, .parse = parse_layouts,
      .key = "name", .min_items = 1, .doc = "A MIG layout." },
    { "rendered", &type_string_map, COMPUTED, .api = "data", .derive = derive_rendered,
      .derived_equal = same_document,
      .doc = "The document under the key `config.yaml`, as mig-manager reads it." },
    { "checksum", &type_string, COMPUTED | UNSENT, .derive = derive_checksum,
      .doc = "SHA-256 over `rendered`: it changes when what mig-manager reads changes." },
    { "advertised", &type_number_map_map, COMPUTED | UNSENT, .derive = derive_advertised,
      .doc = "Layout to resource to count of each GPU, under the MIG strategy `mixed`." },
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

const struct resource mig_config = {
    .name = "mig_config",
    .doc = "The ConfigMap of MIG layouts that mig-manager puts on nodes. Whether each layout can "
           "be placed "
           "on the named GPUs is found out at plan.",
    .rows = rows,
    .driver = &kubernetes_object_driver,
    .kubernetes = &config_map_kind,
    .identity = "namespace name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = validate,
};
