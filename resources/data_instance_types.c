/* instance_types: EC2 instance types with a GPU, out of the table of this provider. */
#include "gpu/instance_types.h"
#include "gpu/replicas.h"
#include "resources/resource.h"
#include "resources/values.h"
#include "schema/check.h"

#include <stdlib.h>

static const char *const architectures[] = { "amd64", "arm64", NULL };
static const char *const manufacturers[] = { "nvidia", "amd", NULL };
static const struct check check_arch = { check_words, .words = architectures };
static const struct check check_manufacturer = { check_words, .words = manufacturers };
static const struct check check_count = { check_range, .min = 0, .max = 1000000000 };

static const struct type_member row_members[] = {
    TYPE_MEMBER("arch", &type_string),
    TYPE_MEMBER("efa_interfaces", &type_number),
    TYPE_MEMBER("gpu", &type_string),
    TYPE_MEMBER("gpu_label", &type_string),
    TYPE_MEMBER("gpu_memory_mib", &type_number),
    TYPE_MEMBER("gpu_name", &type_string),
    TYPE_MEMBER("gpus", &type_number),
    TYPE_MEMBER("hypervisor", &type_string),
    TYPE_MEMBER("manufacturer", &type_string),
    TYPE_MEMBER("max_pods", &type_number),
    TYPE_MEMBER("memory_mib", &type_number),
    TYPE_MEMBER("mig_profiles", &type_string_list),
    TYPE_MEMBER("mps_max_replicas", &type_number),
    TYPE_MEMBER("name", &type_string),
    TYPE_MEMBER("refused", &type_string),
    TYPE_MEMBER("usd_per_hour", &type_number),
    TYPE_MEMBER("vcpu", &type_number),
};
static const struct type row_type = OBJECT_TYPE(row_members);
static const struct type row_list = { .kind = TYPE_LIST, .element = &row_type };

static const struct attr rows[] = {
    { "gpus", &type_string_list, OPTIONAL,
      .doc = "Only types with one of these GPUs, like `a100-40gb`, `l4` or `h100`." },
    { "min_gpus", &type_number, OPTIONAL, .check = &check_count,
      .doc =
          "Only types with at least so many whole GPUs. Types with a fraction of one (g6f, gr6f) "
          "have 0." },
    { "min_gpu_memory_mib", &type_number, OPTIONAL, .check = &check_count,
      .doc = "Only types whose GPUs have at least so much memory each, in MiB." },
    { "mig_capable", &type_bool, OPTIONAL,
      .doc = "Only types whose GPUs can be divided by MIG, or with `false` only others." },
    { "arch", &type_string, OPTIONAL, .check = &check_arch,
      .doc = "Only types of this architecture: `amd64` or `arm64`." },
    { "manufacturer", &type_string, OPTIONAL | COMPUTED, .default_json = "\"nvidia\"",
      .check = &check_manufacturer, .doc = "Who made the GPU: `nvidia` or `amd`." },
    { "names", &type_string_list, COMPUTED,
      .doc = "The types that are left, the cheapest first, those of unknown price last." },
    { "instance_types", &row_list, COMPUTED,
      .doc =
          "The same types as objects with `name`; `gpu` (the name that this provider takes), "
          "`gpu_label` (Karpenter's), `gpu_name`, `manufacturer`; `gpus` and `gpu_memory_mib` of "
          "each; `vcpu`, `memory_mib`, `arch`, `hypervisor`, `max_pods` (without prefix "
          "delegation), `efa_interfaces`; `mig_profiles`, empty without MIG; `mps_max_replicas`, "
          "the most that the device plugin takes; `usd_per_hour` on demand in us-east-1, null "
          "where it is not known; and `refused`, why a type cannot be used any more." },
    { "price_date", &type_string, COMPUTED, .doc = "When the prices were read." },
    { 0 },
};

struct filter {
    const struct gpu_model *const *gpus;
    size_t gpu_count;
    int64_t min_gpus, min_gpu_memory_mib;
    const struct value *mig_capable;
    struct str arch, manufacturer;
};

static bool is_among(const struct gpu_model *gpu, const struct gpu_model *const *gpus, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gpus[i] == gpu)
            return true;
    return count == 0;
}

static bool passes(const struct filter *filter, const struct instance_type *type)
{
    bool mig = type->gpu->mig && type->gpus > 0;
    if (!value_is_null(filter->mig_capable) && value_flag(filter->mig_capable, false) != mig)
        return false;
    return is_among(type->gpu, filter->gpus, filter->gpu_count) && type->gpus >= filter->min_gpus &&
           type->gpu_memory_mib >= filter->min_gpu_memory_mib &&
           (!filter->arch.at || str_is(filter->arch, type->arch)) &&
           str_is(filter->manufacturer, type->gpu->manufacturer);
}

static int order_by_price(const void *a, const void *b)
{
    const struct instance_type *const *left = a;
    const struct instance_type *const *right = b;
    double x = (*left)->usd_per_hour;
    double y = (*right)->usd_per_hour;
    if ((x > 0) != (y > 0))
        return x > 0 ? -1 : 1;
    if (x < y || x > y)
        return x < y ? -1 : 1;
    return str_order(str_of((*left)->name), str_of((*right)->name));
}

static const struct value *profile_names(struct arena *arena, const struct instance_type *type)
{
    const struct mig_geometry *geometry = type->gpus > 0 ? type->gpu->mig : NULL;
    struct str names[MIG_PROFILE_LIMIT];
    size_t count = geometry ? geometry->profile_count : 0;
    for (size_t i = 0; i < count; i++)
        names[i] = str_of(geometry->profiles[i].name);
    return values_text_list(arena, names, count);
}

static const struct value *row_value(struct arena *arena, const struct instance_type *type)
{
    const struct gpu_model *gpu = type->gpu;
    const struct value_member members[] = {
        { STR("name"), values_text(arena, str_of(type->name)) },
        { STR("gpu"), values_text(arena, str_of(gpu->name)) },
        { STR("gpu_label"), values_text(arena, str_of(gpu->label)) },
        { STR("gpu_name"), values_text(arena, str_of(gpu->marketing)) },
        { STR("manufacturer"), values_text(arena, str_of(gpu->manufacturer)) },
        { STR("gpus"), value_int(arena, type->gpus) },
        { STR("gpu_memory_mib"), values_int_or_null(arena, type->gpu_memory_mib) },
        { STR("vcpu"), values_int_or_null(arena, type->vcpu) },
        { STR("memory_mib"), values_int_or_null(arena, type->memory_mib) },
        { STR("arch"), values_text(arena, str_of(type->arch)) },
        { STR("hypervisor"),
          values_text(arena, type->hypervisor[0] ? str_of(type->hypervisor) : STR("none")) },
        { STR("max_pods"), values_int_or_null(arena, type->max_pods) },
        { STR("efa_interfaces"), value_int(arena, type->efa) },
        { STR("mig_profiles"), profile_names(arena, type) },
        { STR("mps_max_replicas"), value_int(arena, replicas_mps_limit(gpu)) },
        { STR("usd_per_hour"), values_number_or_null(arena, type->usd_per_hour) },
        { STR("refused"), values_text(arena, str_of(gpu->refused)) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

static bool read_gpus(struct call *call, const struct value *config, struct filter *filter)
{
    struct str *names = values_texts(call->arena, value_at(config, "gpus"), &filter->gpu_count);
    const struct gpu_model **gpus =
        ARENA_NEW_ARRAY(call->arena, const struct gpu_model *, filter->gpu_count);
    bool ok = true;
    for (size_t i = 0; i < filter->gpu_count; i++) {
        gpus[i] = gpu_model_find(names[i]);
        const char *nearest = gpu_model_nearest(names[i]);
        if (!gpus[i])
            ok = fail(call, PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("gpus")), (int64_t)i),
                      "Unknown GPU", "`%.*s` is no GPU that this provider knows.%s%s%s",
                      STR_ARG(names[i]), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                      nearest ? "`?" : "");
    }
    filter->gpus = gpus;
    return ok;
}

static const struct value *read_instance_types(struct call *call, const struct context *context,
                                               const struct value *given)
{
    (void)context;
    struct arena *arena = call->arena;
    const struct value *config = values_with_defaults(call, rows, given);
    if (!config)
        return NULL;
    struct filter filter = {
        .min_gpus = values_int(value_at(config, "min_gpus"), 0),
        .min_gpu_memory_mib = values_int(value_at(config, "min_gpu_memory_mib"), 0),
        .mig_capable = value_at(config, "mig_capable"),
        .arch = value_text(value_at(config, "arch")),
        .manufacturer = value_text(value_at(config, "manufacturer")),
    };
    if (!read_gpus(call, config, &filter))
        return NULL;
    const struct instance_type **found =
        ARENA_NEW_ARRAY(arena, const struct instance_type *, instance_type_count);
    size_t count = 0;
    for (size_t i = 0; i < instance_type_count; i++)
        if (passes(&filter, &instance_type_rows[i]))
            found[count++] = &instance_type_rows[i];
    qsort(found, count, sizeof *found, order_by_price);
    struct str *names = ARENA_NEW_ARRAY(arena, struct str, count);
    const struct value **objects = ARENA_NEW_ARRAY(arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = str_of(found[i]->name);
        objects[i] = row_value(arena, found[i]);
    }
    const struct value_member results[] = {
        { STR("names"), values_text_list(arena, names, count) },
        { STR("instance_types"), value_sequence(arena, objects, count) },
        { STR("price_date"), value_string(arena, str_of(instance_types_price_date)) },
    };
    return values_with(arena, config, results, sizeof results / sizeof *results);
}

const struct data_source instance_types = {
    .name = "instance_types",
    .doc =
        "EC2 instance types with a GPU, what each can share, and what it costs. They come from a "
        "table inside the provider: neither credentials nor a cluster are needed.",
    .rows = rows,
    .read = read_instance_types,
};
