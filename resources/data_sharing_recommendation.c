/* sharing_recommendation: which way of sharing suits tasks, and the configuration that does it. */
#include "gpu/recommendation.h"
#include "resources/resource.h"
#include "resources/values.h"
#include "schema/check.h"

/* In the order of enum isolation_need and enum autoscaler. */
static const char *const isolations[] = { "none", "memory", "fault", NULL };
static const char *const autoscalers[] = { "none", "cluster-autoscaler", "karpenter", "auto-mode",
                                           NULL };
static const char *const latencies[] = { "tolerant", "steady", NULL };
static const struct check check_isolation = { check_words, .words = isolations };
static const struct check check_autoscaler = { check_words, .words = autoscalers };
static const struct check check_latency = { check_words, .words = latencies };
static const struct check check_memory = { check_range, .min = 1, .max = 100000000 };

static bool part_valid(struct str s)
{
    const struct value number = { .kind = VALUE_NUMBER, .text = s };
    double part = values_double(&number, 0);
    return part > 0 && part <= 1;
}

static const struct check check_part = { check_valid, .valid = part_valid,
                                         .doc = "more than 0 and at most 1" };

static const struct type_member way_members[] = {
    TYPE_MEMBER("hcl", &type_string),           TYPE_MEMBER("mig_profile", &type_string),
    TYPE_MEMBER("points", &type_number),        TYPE_MEMBER("possible", &type_bool),
    TYPE_MEMBER("reasons", &type_string_list),  TYPE_MEMBER("replicas", &type_number),
    TYPE_MEMBER("tasks_per_gpu", &type_number), TYPE_MEMBER("way", &type_string),
};
static const struct type way_type = OBJECT_TYPE(way_members);
static const struct type way_list = { .kind = TYPE_LIST, .element = &way_type };

static const struct attr rows[] = {
    { "instance_type", &type_string, OPTIONAL | COMPUTED,
      .doc = "The instance type whose GPUs are meant, like `g5.xlarge`." },
    { "gpu", &type_string, OPTIONAL | COMPUTED,
      .doc =
          "The GPU that is meant, like `a100-40gb`; the cheapest instance type with it is taken." },
    { "isolation", &type_string, OPTIONAL | COMPUTED, .default_json = "\"none\"",
      .check = &check_isolation,
      .doc =
          "What tasks must be kept from: `none` (they trust each other), `memory` (none may take "
          "another's) or `fault` (nor end another)." },
    { "memory_mib", &type_number, OPTIONAL, .check = &check_memory,
      .doc = "GPU memory of each task in MiB, its CUDA context included." },
    { "utilisation", &type_number, OPTIONAL, .check = &check_part,
      .doc = "The part of a GPU's time that a task uses, like `0.22`." },
    { "latency", &type_string, OPTIONAL | COMPUTED, .default_json = "\"tolerant\"",
      .check = &check_latency,
      .doc = "Whether tasks can wait: `tolerant`, or `steady` where latency must not depend on "
             "others." },
    { "autoscaler", &type_string, OPTIONAL | COMPUTED, .default_json = "\"none\"",
      .check = &check_autoscaler,
      .doc = "What adds nodes: `none`, `cluster-autoscaler`, `karpenter` or `auto-mode`." },
    { "best", &type_string, COMPUTED, .doc = "The way with the most points." },
    { "ways", &way_list, COMPUTED,
      .doc =
          "All ways, the best first, those that are not possible last: objects with `way` "
          "(`time-slicing`, `mps`, `mig`, `mig-with-time-slicing`, `dra` or `none`), `possible`, "
          "`points` from 0 to 100, `tasks_per_gpu`, `replicas`, `mig_profile`, `reasons`, and "
          "`hcl`, the resources of this provider that do it." },
    { 0 },
};

static const struct rule rules[] = {
    { EXACTLY_ONE_OF, NULL, "instance_type gpu" },
    { RULES_END, NULL, NULL },
};

static int index_of(const char *const *words, struct str word)
{
    for (int i = 0; words[i]; i++)
        if (str_is(word, words[i]))
            return i;
    return 0;
}

/* The cheapest row with GPU; one with a price goes before one without. */
static const struct instance_type *type_with(const struct gpu_model *gpu)
{
    const struct instance_type *best = NULL;
    for (size_t i = 0; i < instance_type_count; i++) {
        const struct instance_type *row = &instance_type_rows[i];
        bool is_cheaper = !best || best->usd_per_hour <= 0 ||
                          (row->usd_per_hour > 0 && row->usd_per_hour < best->usd_per_hour);
        if (row->gpu == gpu && row->gpus > 0 && is_cheaper)
            best = row;
    }
    return best;
}

static const struct instance_type *find_type(struct call *call, const struct value *config)
{
    struct str type = value_text(value_at(config, "instance_type"));
    struct str name = value_text(value_at(config, "gpu"));
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("gpu"));
    if (type.at)
        return values_instance_type(call, PATH_AT_ATTRIBUTE(NULL, STR("instance_type")), type);
    const struct gpu_model *gpu = gpu_model_find(name);
    const char *nearest = gpu_model_nearest(name);
    if (!gpu)
        return fail_null(call, at, "Unknown GPU",
                         "`%.*s` is no GPU that this provider knows.%s%s%s", STR_ARG(name),
                         nearest ? " Did you mean `" : "", nearest ? nearest : "",
                         nearest ? "`?" : "");
    const struct instance_type *found = type_with(gpu);
    return found ? found
                 : fail_null(call, at, "No instance type",
                             "No instance type with the GPU %s is in this provider's table.",
                             gpu->marketing);
}

static const struct value *way_value(struct arena *arena, const struct recommendation *way)
{
    const struct value_member members[] = {
        { STR("way"), values_text(arena, str_of(sharing_way_names[way->way])) },
        { STR("possible"), value_bool(way->possible) },
        { STR("points"), value_int(arena, way->points) },
        { STR("tasks_per_gpu"), values_int_or_null(arena, way->tasks_per_gpu) },
        { STR("replicas"), values_int_or_null(arena, way->replicas) },
        { STR("mig_profile"), values_text(arena, way->profile) },
        { STR("reasons"), values_text_list(arena, way->reasons, way->reason_count) },
        { STR("hcl"), values_text(arena, way->hcl) },
    };
    return value_members(arena, members, sizeof members / sizeof *members);
}

static const struct value *read_recommendation(struct call *call, const struct context *context,
                                               const struct value *given)
{
    (void)context;
    struct arena *arena = call->arena;
    const struct value *config = values_with_defaults(call, rows, given);
    const struct instance_type *type = config ? find_type(call, config) : NULL;
    if (!type)
        return NULL;
    struct str autoscaler = value_text(value_at(config, "autoscaler"));
    const struct sharing_need need = {
        .type = type,
        .isolation =
            (enum isolation_need)index_of(isolations, value_text(value_at(config, "isolation"))),
        .memory_mib = values_int(value_at(config, "memory_mib"), 0),
        .utilisation = values_double(value_at(config, "utilisation"), 0),
        .needs_steady_latency = str_is(value_text(value_at(config, "latency")), "steady"),
        .autoscaler = (enum autoscaler)index_of(autoscalers, autoscaler),
    };
    struct recommendation found[WAYS];
    const struct value **ways = ARENA_NEW_ARRAY(arena, const struct value *, WAYS);
    recommendation_make(arena, &need, found);
    for (int i = 0; i < WAYS; i++)
        ways[i] = way_value(arena, &found[i]);
    struct str gpu = value_text(value_at(config, "gpu"));
    struct str best = str_of(found[0].possible ? sharing_way_names[found[0].way] : NULL);
    const struct value_member results[] = {
        { STR("instance_type"), value_string(arena, str_of(type->name)) },
        { STR("gpu"), value_string(arena, gpu.at ? gpu : str_of(type->gpu->name)) },
        { STR("best"), values_text(arena, best) },
        { STR("ways"), value_sequence(arena, ways, WAYS) },
    };
    return values_with(arena, config, results, sizeof results / sizeof *results);
}

const struct data_source sharing_recommendation = {
    .name = "sharing_recommendation",
    .doc =
        "Which way of sharing GPUs suits tasks: time-slicing, MPS, MIG, MIG with time-slicing, DRA "
        "or none, ranked, each with reasons and the configuration that does it. It needs neither "
        "credentials nor a cluster.",
    .rows = rows,
    .rules = rules,
    .read = read_recommendation,
};
