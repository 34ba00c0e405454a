/* mig_profiles: how MIG can divide a GPU. */
#include "resources/mig_values.h"
#include "resources/resource.h"
#include "resources/values.h"

static const struct attr rows[] = {
    { "instance_type", &type_string, OPTIONAL,
      .doc = "The instance type whose GPUs are meant, like `p4d.24xlarge`." },
    { "gpu", &type_string, OPTIONAL | COMPUTED,
      .doc = "The GPU that is meant, like `a100-40gb`. Taken from `instance_type` when left out." },
    { "gpu_name", &type_string, COMPUTED, .doc = "The GPU's name in full." },
    { "memory_slices", &type_number, COMPUTED,
      .doc = "Into how many slices its memory is divided." },
    { "max_instances", &type_number, COMPUTED, .doc = "The most instances that one GPU has." },
    { "min_driver", &type_string, COMPUTED,
      .doc = "The least driver version that divides it; null where that is not known." },
    { "profiles", &mig_profile_list_type, COMPUTED,
      .doc =
          "Its profiles, small ones first, as objects with `name`; `resource`, what pods ask for "
          "under the strategy `mixed`; `max`, the most instances of it on one GPU; "
          "`compute_slices` and `memory_slices`; and `starts`, the memory slices at which an "
          "instance may begin." },
    { "layouts", &mig_layout_list_type, COMPUTED,
      .doc = "Every set of instances that fits on one GPU, large instances first, as objects with "
             "`name`; `mig_devices`, as a `device_group` of `gpushare_mig_config` takes it; and "
             "`maximal`, whether nothing more fits. Variants like `+me` are left out." },
    { 0 },
};

static const struct rule rules[] = {
    { EXACTLY_ONE_OF, NULL, "instance_type gpu" },
    { RULES_END, NULL, NULL },
};

static const struct value *read_mig_profiles(struct call *call, const struct context *context,
                                             const struct value *config)
{
    (void)context;
    struct arena *arena = call->arena;
    struct str type = value_text(value_at(config, "instance_type"));
    struct str name = value_text(value_at(config, "gpu"));
    const struct gpu_model *gpu =
        type.at
            ? mig_gpu_of_instance_type(call, PATH_AT_ATTRIBUTE(NULL, STR("instance_type")), type)
            : mig_gpu_of_name(call, PATH_AT_ATTRIBUTE(NULL, STR("gpu")), name);
    if (!gpu)
        return NULL;
    const struct value_member results[] = {
        { STR("gpu"), value_string(arena, name.at ? name : str_of(gpu->name)) },
        { STR("gpu_name"), value_string(arena, str_of(gpu->marketing)) },
        { STR("memory_slices"), value_int(arena, gpu->mig->memory_slices) },
        { STR("max_instances"), value_int(arena, gpu->mig->max_instances) },
        { STR("min_driver"), values_text(arena, str_of(gpu->mig_driver)) },
        { STR("profiles"), mig_profile_values(arena, gpu->mig) },
        { STR("layouts"), mig_layout_values(arena, gpu->mig) },
    };
    return values_with(arena, config, results, sizeof results / sizeof *results);
}

const struct data_source mig_profiles = {
    .name = "mig_profiles",
    .doc = "How MIG can divide a GPU: its profiles, where they may begin, and every layout that "
           "fits. It comes from a table inside the provider: neither credentials nor a cluster are "
           "needed.",
    .rows = rows,
    .rules = rules,
    .read = read_mig_profiles,
};
