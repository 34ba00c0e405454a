/* MIG geometries to values. */
#include "resources/mig_values.h"

#include "gpu/instance_types.h"
#include "gpu/mig_placement.h"
#include "resources/values.h"

static const struct type_member profile_members[] = {
    TYPE_MEMBER("compute_slices", &type_number), TYPE_MEMBER("max", &type_number),
    TYPE_MEMBER("memory_slices", &type_number),  TYPE_MEMBER("name", &type_string),
    TYPE_MEMBER("resource", &type_string),       TYPE_MEMBER("starts", &type_number_list),
};
static const struct type profile_type = OBJECT_TYPE(profile_members);
const struct type mig_profile_list_type = { .kind = TYPE_LIST, .element = &profile_type };

static const struct type_member layout_members[] = {
    TYPE_MEMBER("maximal", &type_bool),
    TYPE_MEMBER("mig_devices", &type_number_map),
    TYPE_MEMBER("name", &type_string),
};
static const struct type layout_type = OBJECT_TYPE(layout_members);
const struct type mig_layout_list_type = { .kind = TYPE_LIST, .element = &layout_type };

static const struct value *profile_value(struct arena *arena, const struct mig_profile *profile)
{
    const struct value *starts[MIG_INSTANCE_LIMIT];
    size_t count = 0;
    for (unsigned i = 0; i < MIG_INSTANCE_LIMIT; i++)
        if (profile->starts >> i & 1u)
            starts[count++] = value_int(arena, i);
    const struct value **kept = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++)
        kept[i] = starts[i];
    const struct value_member members[] = {
        { STR("name"), values_text(arena, str_of(profile->name)) },
        { STR("resource"), values_text(arena, mig_resource_name(arena, str_of(profile->name))) },
        { STR("max"), value_int(arena, profile->max) },
        { STR("compute_slices"), value_int(arena, profile->compute_slices) },
        { STR("memory_slices"), value_int(arena, profile->memory_slices) },
        { STR("starts"), value_sequence(arena, kept, count) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct value *mig_profile_values(struct arena *arena, const struct mig_geometry *geometry)
{
    const struct value **items =
        ARENA_NEW_ARRAY(arena, const struct value *, geometry->profile_count);
    for (size_t i = 0; i < geometry->profile_count; i++)
        items[i] = profile_value(arena, &geometry->profiles[i]);
    return value_sequence(arena, items, geometry->profile_count);
}

static const struct value *layout_value(struct arena *arena, const struct mig_geometry *geometry,
                                        const struct mig_layout *layout)
{
    struct value_member devices[MIG_PROFILE_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < geometry->profile_count; i++)
        if (layout->counts.of[i])
            devices[count++] = (struct value_member){ str_of(geometry->profiles[i].name),
                                                      value_int(arena, layout->counts.of[i]) };
    const struct value_member members[] = {
        { STR("name"), value_string(arena, mig_counts_print(arena, geometry, &layout->counts)) },
        { STR("mig_devices"), value_members(arena, devices, count) },
        { STR("maximal"), value_bool(layout->maximal) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct value *mig_layout_values(struct arena *arena, const struct mig_geometry *geometry)
{
    struct mig_layouts layouts = mig_layouts(arena, geometry, /* double memory */ true);
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, layouts.count);
    for (size_t i = 0; i < layouts.count; i++)
        items[i] = layout_value(arena, geometry, &layouts.rows[i]);
    return value_sequence(arena, items, layouts.count);
}

static const struct gpu_model *capable(struct call *call, const struct path *at, struct str name,
                                       const struct gpu_model *gpu)
{
    if (gpu->mig && gpu->mig->memory_slices)
        return gpu;
    if (gpu->mig)
        return fail_null(call, at, "MIG profiles not known",
                         "`%.*s` has the GPU %s, which can be divided, but its profiles are not in "
                         "this provider's tables.",
                         STR_ARG(name), gpu->marketing);
    return fail_null(call, at, "No MIG",
                     "`%.*s` has the GPU %s, which MIG cannot divide. Instance types that it can "
                     "divide are those of p4d, p4de, p5, p5e, p5en, p6 and g7e.",
                     STR_ARG(name), gpu->marketing);
}

const struct gpu_model *mig_gpu_of_instance_type(struct call *call, const struct path *at,
                                                 struct str name)
{
    const struct gpu_model *gpu = instance_type_gpu(name);
    const char *nearest = instance_type_nearest(name);
    if (gpu)
        return capable(call, at, name, gpu);
    return fail_null(call, at, "Unknown instance type",
                     "`%.*s` is no instance type with a GPU that this provider knows.%s%s%s",
                     STR_ARG(name), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                     nearest ? "`?" : "");
}

const struct gpu_model *mig_gpu_of_name(struct call *call, const struct path *at, struct str name)
{
    const struct gpu_model *gpu = gpu_model_find(name);
    const char *nearest = gpu_model_nearest(name);
    if (gpu)
        return capable(call, at, name, gpu);
    return fail_null(call, at, "Unknown GPU", "`%.*s` is no GPU that this provider knows.%s%s%s",
                     STR_ARG(name), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                     nearest ? "`?" : "");
}
