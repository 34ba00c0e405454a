/* mig_layouts and mig_fits: how MIG can divide the GPUs of an instance type. */
#include "gpu/mig_placement.h"
#include "resources/function.h"
#include "resources/mig_values.h"
#include "resources/values.h"

#define INSTANCE_TYPE PATH_AT_INDEX(NULL, 0)
#define MIG_DEVICES PATH_AT_INDEX(NULL, 1)

static const struct function_parameter layouts_parameters[] = {
    { "instance_type", &type_string, false, "The instance type, like `p4d.24xlarge`." },
    { 0 },
};

static const struct value *run_layouts(struct call *call, const struct value *const *arguments)
{
    const struct gpu_model *gpu =
        mig_gpu_of_instance_type(call, INSTANCE_TYPE, value_text(arguments[0]));
    return gpu ? mig_layout_values(call->arena, gpu->mig) : NULL;
}

const struct function function_mig_layouts = {
    .name = "mig_layouts",
    .summary = "The MIG layouts of an instance type's GPU",
    .doc =
        "Every set of MIG instances that fits on one GPU of an instance type, large instances "
        "first: a list of objects with `name` (`2 x 3g.20gb`), `mig_devices`, as a `device_group` "
        "of `gpushare_mig_config` takes it, and `maximal`, whether nothing more fits.",
    .parameters = layouts_parameters,
    .result = &mig_layout_list_type,
    .run = run_layouts,
};

static const struct type_member instance_members[] = {
    TYPE_MEMBER("profile", &type_string),
    TYPE_MEMBER("start", &type_number),
};
static const struct type instance_type_of_result = OBJECT_TYPE(instance_members);
static const struct type instance_list = { .kind = TYPE_LIST, .element = &instance_type_of_result };

static const struct type_member fits_members[] = {
    TYPE_MEMBER("fits", &type_bool),
    TYPE_MEMBER("nearest", &type_number_map),
    TYPE_MEMBER("placement", &instance_list),
    TYPE_MEMBER("problems", &values_problem_list),
};
static const struct type fits_type = OBJECT_TYPE(fits_members);

static const struct function_parameter fits_parameters[] = {
    { "instance_type", &type_string, false, "The instance type, like `p4d.24xlarge`." },
    { "mig_devices", &type_number_map, false,
      "The instances of each GPU by profile, like `{ \"3g.20gb\" = 2 }`." },
    { 0 },
};

static const struct value *placement_value(struct arena *arena,
                                           const struct mig_placement *placement)
{
    const struct value *items[MIG_INSTANCE_LIMIT];
    for (size_t i = 0; i < placement->count; i++) {
        const struct value_member members[] = {
            { STR("profile"), values_text(arena, str_of(placement->instances[i].profile->name)) },
            { STR("start"), value_int(arena, placement->instances[i].start) },
        };
        items[i] = value_members(arena, members, sizeof members / sizeof *members);
    }
    const struct value **kept = ARENA_NEW_ARRAY(arena, const struct value *, placement->count);
    for (size_t i = 0; i < placement->count; i++)
        kept[i] = items[i];
    return value_sequence(arena, kept, placement->count);
}

static const struct value *counts_value(struct arena *arena, const struct mig_geometry *geometry,
                                        const struct mig_counts *counts)
{
    struct value_member members[MIG_PROFILE_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < geometry->profile_count; i++)
        if (counts->of[i])
            members[count++] = (struct value_member){ str_of(geometry->profiles[i].name),
                                                      value_int(arena, counts->of[i]) };
    return value_members(arena, members, count);
}

static bool read_devices(struct call *call, const struct value *map, struct mig_device *out)
{
    for (size_t i = 0; i < map->count; i++) {
        out[i].profile = map->members[i].name;
        if (!value_to_int(map->members[i].value, &out[i].count) || out[i].count < 0)
            return fail(call, PATH_AT_KEY(MIG_DEVICES, out[i].profile), "Wrong number",
                        "Instances of %.*s are counted in whole numbers of 0 or more.",
                        STR_ARG(out[i].profile));
    }
    return true;
}

static void add_unknown(struct problems *problems, const struct gpu_model *gpu, struct str profile)
{
    const char *nearest = mig_profile_nearest(gpu->mig, profile);
    problem_add(problems, PROBLEM_FATAL, profile, "%s has no MIG profile %.*s.%s%s%s",
                gpu->marketing, STR_ARG(profile), nearest ? "  Did you mean " : "",
                nearest ? nearest : "", nearest ? "?" : "");
}

static const struct value *run_fits(struct call *call, const struct value *const *arguments)
{
    struct arena *arena = call->arena;
    const struct value *map = arguments[1];
    const struct gpu_model *gpu =
        mig_gpu_of_instance_type(call, INSTANCE_TYPE, value_text(arguments[0]));
    struct mig_device *devices = ARENA_NEW_ARRAY(arena, struct mig_device, map->count);
    if (!gpu || !read_devices(call, map, devices))
        return NULL;
    struct problems problems = problems_make(arena);
    struct mig_counts counts;
    struct mig_counts nearest = { { 0 } };
    struct mig_placement placement = { .count = 0 };
    size_t unknown;
    bool known = mig_counts_make(gpu->mig, devices, map->count, &counts, &unknown);
    bool fits = known && mig_place(gpu->mig, &counts, &placement);
    if (!known)
        add_unknown(&problems, gpu, devices[unknown].profile);
    else if (!fits)
        problem_add(&problems, PROBLEM_FATAL, STR(""), "%.*s",
                    STR_ARG(mig_counts_explain(arena, gpu->mig, &counts, gpu->marketing)));
    if (known)
        nearest = fits ? counts : mig_nearest(gpu->mig, &counts);
    const struct value_member members[] = {
        { STR("fits"), value_bool(fits) },
        { STR("nearest"), counts_value(arena, gpu->mig, &nearest) },
        { STR("placement"), placement_value(arena, &placement) },
        { STR("problems"), values_problems(arena, &problems) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

const struct function function_mig_fits = {
    .name = "mig_fits",
    .summary = "Whether MIG instances fit on one GPU",
    .doc =
        "Whether a set of MIG instances fits on one GPU of an instance type: an object with "
        "`fits`; `placement`, a list of objects with `profile` and the memory slice at which the "
        "instance may `start`; `nearest`, the nearest set that fits; and `problems`, objects with "
        "`severity`, `path` and `sentence`.",
    .parameters = fits_parameters,
    .result = &fits_type,
    .run = run_fits,
};
