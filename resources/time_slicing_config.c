/* time_slicing_config: the ConfigMap that tells NVIDIA's device plugin how GPUs are shared. */
#include "gpu/device_plugin_parse.h"
#include "gpu/replicas.h"
#include "resources/config_map.h"
#include "resources/named_blocks.h"
#include "schema/check.h"

static const char *const strategies[] = { "time-slicing", "mps", "none", NULL };
static const char *const mig_strategies[] = { "none", "single", "mixed", NULL };

static const struct check check_strategy = { check_words, .words = strategies };
static const struct check check_mig_strategy = { check_words, .words = mig_strategies };

static bool whole_number_valid(struct str s)
{
    int64_t number;
    return str_to_int(s, &number);
}

static const struct check check_replicas = { check_valid, .valid = whole_number_valid,
                                             .doc = "a whole number" };

static const struct attr config_rows[] = {
    { "name", &type_string, REQUIRED, .check = &check_config_key,
      .doc = "Key of the configuration, by which nodes choose it (node label "
             "`nvidia.com/device-plugin.config`)." },
    { "strategy", &type_string, OPTIONAL | COMPUTED, .default_json = "\"time-slicing\"",
      .check = &check_strategy,
      .doc = "How GPUs are shared: `time-slicing`, `mps`, or `none` for whole GPUs." },
    { "replicas", &type_number_map, OPTIONAL, .check = &check_replicas,
      .doc =
          "Shares of each device, by resource: `nvidia.com/gpu`, or `nvidia.com/mig-PROFILE` under "
          "the MIG strategy `mixed`. At least 2; at most 48 with MPS, 16 on a V100 and older." },
    { "mig_strategy", &type_string, OPTIONAL | COMPUTED, .default_json = "\"none\"",
      .check = &check_mig_strategy,
      .doc =
          "How MIG instances are advertised: `none`, `single` (as `nvidia.com/gpu`) or `mixed` (as "
          "`nvidia.com/mig-PROFILE`)." },
    { "rename_by_default", &type_bool, OPTIONAL,
      .doc = "Advertise shares as `NAME.shared` instead of `NAME`." },
    { "fail_requests_greater_than_one", &type_bool, OPTIONAL,
      .doc =
          "Refuse pods that ask for more than one share, which would not get them more of the GPU. "
          "The plugin's default is false with time-slicing and true with MPS." },
    { "fail_on_init_error", &type_bool, OPTIONAL,
      .doc = "Let the plugin fail where it finds no GPU, instead of waiting." },
    { "mps_root", &type_string, OPTIONAL, .doc = "Folder of the MPS control daemon on the node." },
    { "nvidia_driver_root", &type_string, OPTIONAL, .doc = "Root of the driver on the node." },
    { "nvidia_dev_root", &type_string, OPTIONAL, .doc = "Root of the device nodes on the node." },
    { "gdrcopy_enabled", &type_bool, OPTIONAL, .doc = "Give pods GDRCopy's devices." },
    { "gds_enabled", &type_bool, OPTIONAL, .doc = "Give pods GPUDirect Storage's devices." },
    { "mofed_enabled", &type_bool, OPTIONAL, .doc = "Give pods MOFED's devices." },
    { "use_node_feature_api", &type_bool, OPTIONAL,
      .doc = "Let GPU feature discovery write NodeFeature objects." },
    { "device_discovery_strategy", &type_string, OPTIONAL,
      .doc = "How devices are found: `auto`, `nvml` or `tegra`." },
    { "pass_device_specs", &type_bool, OPTIONAL,
      .doc = "Pass device nodes to the container too, for kubelet's static CPU manager." },
    { "device_list_strategy", &type_string_list, OPTIONAL,
      .doc = "How devices are handed to containers: `envvar`, `volume-mounts`, `cdi-annotations`, "
             "`cdi-cri`." },
    { "device_id_strategy", &type_string, OPTIONAL,
      .doc = "What names a device: `uuid` or `index`." },
    { "cdi_annotation_prefix", &type_string, OPTIONAL, .doc = "Prefix of CDI annotations." },
    { "nvidia_ctk_path", &type_string, OPTIONAL, .doc = "Path of nvidia-ctk on the node." },
    { "container_driver_root", &type_string, OPTIONAL,
      .doc = "Where the driver's root is mounted in the plugin's container." },
    { "shared_devices_allocation_policy", &type_string, OPTIONAL,
      .doc = "How shares are spread over GPUs: `distributed` or `packed`; the plugin knows it from "
             "0.20 on." },
    { "gfd_oneshot", &type_bool, OPTIONAL, .doc = "GPU feature discovery: label once and exit." },
    { "gfd_no_timestamp", &type_bool, OPTIONAL,
      .doc = "GPU feature discovery: no timestamp label." },
    { "gfd_sleep_interval", &type_string, OPTIONAL, .codec = &codec_duration,
      .doc = "GPU feature discovery: time between two runs." },
    { "gfd_output_file", &type_string, OPTIONAL, .doc = "GPU feature discovery: its output file." },
    { "gfd_machine_type_file", &type_string, OPTIONAL,
      .doc = "GPU feature discovery: the file that names the machine." },
    { 0 },
};

static enum option option_of(const struct value *v)
{
    if (v->kind != VALUE_BOOL)
        return OPTION_UNSET;
    return v->flag ? OPTION_TRUE : OPTION_FALSE;
}

static struct str_list list_of(struct arena *arena, const struct value *v)
{
    if (v->kind != VALUE_SEQUENCE)
        return (struct str_list){ 0 };
    struct str *items = ARENA_NEW_ARRAY(arena, struct str, v->count);
    for (size_t i = 0; i < v->count; i++)
        items[i] = value_text(v->items[i]);
    return (struct str_list){ items, v->count };
}

static enum sharing_strategy strategy_of(const struct value *v)
{
    if (v->kind == VALUE_STRING && str_is(v->text, "mps"))
        return SHARING_MPS;
    if (v->kind == VALUE_STRING && str_is(v->text, "none"))
        return SHARING_NONE;
    return SHARING_TIME_SLICING;
}

static struct device_plugin_sharing sharing_of(struct arena *arena, const struct value *block)
{
    const struct value *replicas = value_at(block, "replicas");
    size_t count = replicas->kind == VALUE_MEMBERS ? replicas->count : 0;
    struct device_plugin_replicas *resources =
        ARENA_NEW_ARRAY(arena, struct device_plugin_replicas, count);
    for (size_t i = 0; i < count; i++) {
        resources[i].name = replicas->members[i].name;
        (void)value_to_int(replicas->members[i].value, &resources[i].replicas);
    }
    return (struct device_plugin_sharing){
        .strategy = strategy_of(value_at(block, "strategy")),
        .rename_by_default = option_of(value_at(block, "rename_by_default")),
        .fail_requests_greater_than_one =
            option_of(value_at(block, "fail_requests_greater_than_one")),
        .resources = resources,
        .resource_count = count,
    };
}

/* The model of one config block, wholly known. */
static struct device_plugin_config model_of(struct arena *arena, const struct value *block)
{
    struct device_plugin_config config = { .sharing = sharing_of(arena, block) };
    for (size_t i = 0; i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        const struct value *v = value_at(block, field->attribute);
        if (field->kind == FIELD_OPTION)
            *device_plugin_option(&config, field) = option_of(v);
        else if (field->kind == FIELD_LIST)
            *device_plugin_list(&config, field) = list_of(arena, v);
        else
            *device_plugin_text(&config, field) = value_text(v);
    }
    if (!config.mig_strategy.at)
        config.mig_strategy = STR("none");
    return config;
}

static const struct value *value_of_option(enum option option)
{
    return option == OPTION_UNSET ? &value_null : value_bool(option == OPTION_TRUE);
}

static const struct value *value_of_text(struct arena *arena, struct str text)
{
    return text.at ? value_string(arena, text) : &value_null;
}

static const struct value *value_of_list(struct arena *arena, struct str_list list)
{
    if (!list.at)
        return &value_null;
    const struct value **items = ARENA_NEW_ARRAY(arena, const struct value *, list.count);
    for (size_t i = 0; i < list.count; i++)
        items[i] = value_string(arena, list.at[i]);
    return value_sequence(arena, items, list.count);
}

static const struct value *value_of_replicas(struct arena *arena,
                                             const struct device_plugin_sharing *sharing)
{
    if (!sharing->resource_count)
        return &value_null;
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, sharing->resource_count);
    for (size_t i = 0; i < sharing->resource_count; i++)
        members[i] = (struct value_member){ sharing->resources[i].name,
                                            value_int(arena, sharing->resources[i].replicas) };
    return value_members(arena, members, sharing->resource_count);
}

static const struct value *block_of(struct arena *arena, struct device_plugin_config *config)
{
    static const char *const names[] = {
        [SHARING_NONE] = "none", [SHARING_TIME_SLICING] = "time-slicing", [SHARING_MPS] = "mps"
    };
    const struct value *block = attr_empty(arena, config_rows);
#define WITH(name, value) block = value_with(arena, block, STR(name), value)
    for (size_t i = 0; i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        const struct value *v =
            field->kind == FIELD_OPTION ? value_of_option(*device_plugin_option(config, field))
            : field->kind == FIELD_LIST ? value_of_list(arena, *device_plugin_list(config, field))
                                        : value_of_text(arena, *device_plugin_text(config, field));
        if (attr_find(config_rows, str_of(field->attribute)))
            block = value_with(arena, block, str_of(field->attribute), v);
    }
    if (!config->mig_strategy.at)
        WITH("mig_strategy", value_string(arena, STR("none")));
    WITH("strategy", value_string(arena, str_of(names[config->sharing.strategy])));
    WITH("replicas", value_of_replicas(arena, &config->sharing));
    WITH("rename_by_default", value_of_option(config->sharing.rename_by_default));
    WITH("fail_requests_greater_than_one",
         value_of_option(config->sharing.fail_requests_greater_than_one));
#undef WITH
    return block;
}

static const struct value *derive_rendered(struct call *call, const struct derivation *from)
{
    struct named_blocks configs;
    if (!named_blocks_read(call->arena, value_at(from->planned, "config"), &configs))
        return &value_unknown;
    struct value_member *members = ARENA_NEW_ARRAY(call->arena, struct value_member, configs.count);
    for (size_t i = 0; i < configs.count; i++) {
        members[i] = (struct value_member){ configs.rows[i].name, &value_unknown };
        if (!value_is_wholly_known(configs.rows[i].block))
            continue;
        struct device_plugin_config config = model_of(call->arena, configs.rows[i].block);
        members[i].value =
            value_string(call->arena, device_plugin_config_render(call->arena, &config));
    }
    return value_members(call->arena, members, configs.count);
}

/* A live text in which the plugin ignores something is not what we would write. */
static bool same_document(struct call *call, struct str prior, struct str derived)
{
    struct problems in_prior = problems_make(call->arena);
    struct problems in_derived = problems_make(call->arena);
    struct device_plugin_config a;
    struct device_plugin_config b;
    device_plugin_config_parse(call, prior, NULL, &a, &in_prior);
    device_plugin_config_parse(call, derived, NULL, &b, &in_derived);
    return !problems_count(&in_prior, PROBLEM_IGNORED) &&
           !problems_count(&in_prior, PROBLEM_FATAL) && device_plugin_config_equal(&a, &b);
}

/* Key to a map of numbers that PICK makes of a configuration. */
static const struct value *numbers_by_key(struct call *call, const struct value *list,
                                          const struct value *(*pick)(struct arena *arena,
                                                                      const struct value *block))
{
    struct named_blocks configs;
    if (!value_is_wholly_known(list) || !named_blocks_read(call->arena, list, &configs))
        return &value_unknown;
    struct value_member *keys = ARENA_NEW_ARRAY(call->arena, struct value_member, configs.count);
    for (size_t i = 0; i < configs.count; i++)
        keys[i] =
            (struct value_member){ configs.rows[i].name, pick(call->arena, configs.rows[i].block) };
    return value_members(call->arena, keys, configs.count);
}

static const struct value *advertised_of(struct arena *arena, const struct value *block)
{
    struct device_plugin_config config = model_of(arena, block);
    struct advertised_list list = advertised_per_gpu(arena, &config, MIG_NOT_KNOWN, NULL, 0);
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, list.count);
    for (size_t i = 0; i < list.count; i++)
        members[i] =
            (struct value_member){ list.rows[i].resource, value_int(arena, list.rows[i].count) };
    return value_members(arena, members, list.count);
}

static const struct value *replicas_of(struct arena *arena, const struct value *block)
{
    (void)arena;
    const struct value *replicas = value_at(block, "replicas");
    return value_is_set(replicas) ? replicas : &value_empty_members;
}

static const struct value *derive_advertised(struct call *call, const struct derivation *from)
{
    return numbers_by_key(call, value_at(from->planned, "config"), advertised_of);
}

static const struct value *derive_replicas(struct call *call, const struct derivation *from)
{
    return numbers_by_key(call, value_at(from->planned, "config"), replicas_of);
}

static void warn_of_problems(struct call *call, struct str key, const struct problems *problems)
{
    const struct path *at = PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("rendered")), key);
    for (const struct problem *problem = problems->first; problem; problem = problem->next)
        warn(call, at, "The live configuration has a mistake",
             "%.*s%s%.*s The next apply writes it as this resource's configuration says.",
             STR_ARG(problem->path), problem->path.len ? ": " : "", STR_ARG(problem->sentence));
}

/* The block of one live text; one that means what BEFORE meant keeps BEFORE. */
static const struct value *parse_one(struct call *call, struct str key, struct str text,
                                     const struct value *before)
{
    struct problems problems = problems_make(call->arena);
    struct device_plugin_config live;
    device_plugin_config_parse(call, text, NULL, &live, &problems);
    if (value_is_set(before) && value_is_wholly_known(before)) {
        struct device_plugin_config known = model_of(call->arena, before);
        if (device_plugin_config_equal(&known, &live))
            return before;
    } else {
        warn_of_problems(call, key, &problems);
    }
    return value_with(call->arena, block_of(call->arena, &live), STR("name"),
                      value_string(call->arena, key));
}

static const struct value *parse_config(struct call *call, const struct derivation *from)
{
    return named_blocks_parse(call, value_at(from->planned, "rendered"),
                              value_at(from->prior, "config"), parse_one);
}

/* Whether the model can express the numbers of shares.  A fraction has its error from the row's
 * check. */
static bool replicas_fit(struct call *call, const struct path *at, const struct value *block,
                         bool *ok)
{
    const struct value *replicas = value_at(block, "replicas");
    bool whole = true;
    for (size_t i = 0; replicas->kind == VALUE_MEMBERS && i < replicas->count; i++) {
        int64_t number;
        whole = whole && value_to_int(replicas->members[i].value, &number);
        if (value_is_null(replicas->members[i].value))
            *ok = fail(call, PATH_AT_KEY(at, replicas->members[i].name), "Missing value",
                       "Expected a whole number of at least 2, found null. Leave the resource out "
                       "where it is not to be shared.");
    }
    if (whole && replicas->kind == VALUE_MEMBERS && replicas->count &&
        strategy_of(value_at(block, "strategy")) == SHARING_NONE)
        *ok = fail(call, at, "Arguments exclude each other",
                   "With the strategy `none` GPUs are whole, so nothing would read `replicas`. "
                   "Leave it out, or choose `time-slicing` or `mps`.");
    return whole;
}

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("config"));
    const struct value *configs = value_at(config, "config");
    bool ok = named_blocks_check(call, at, configs);
    for (size_t i = 0; configs->kind == VALUE_SEQUENCE && i < configs->count; i++) {
        const struct path *here = PATH_AT_INDEX(at, (int64_t)i);
        if (!value_is_wholly_known(configs->items[i]) ||
            !replicas_fit(call, PATH_AT_ATTRIBUTE(here, STR("replicas")), configs->items[i], &ok))
            continue;
        struct problems problems = problems_make(call->arena);
        struct device_plugin_config model = model_of(call->arena, configs->items[i]);
        device_plugin_config_check(&model, NULL, &problems);
        ok &= problems_report(call, here, "Wrong sharing configuration", &problems);
    }
    return ok;
}

static const struct attr rows[] = {
    ROWS_CLUSTER,
    ROWS_CONFIG_MAP("kube-system"),
    { "config", NULL, UNSENT, .nesting = BLOCK_LIST, .rows = config_rows, .parse = parse_config,
      .key = "name", .min_items = 1, .doc = "A sharing configuration." },
    { "rendered", &type_string_map, COMPUTED, .api = "data", .derive = derive_rendered,
      .derived_equal = same_document,
      .doc = "The file of each key, as the device plugin reads it." },
    { "checksum", &type_string, COMPUTED | UNSENT, .derive = derive_checksum,
      .doc = "SHA-256 over `rendered`: it changes when what the plugin reads changes." },
    { "replicas", &type_number_map_map, COMPUTED | UNSENT, .derive = derive_replicas,
      .doc = "Key to `replicas` of that configuration, for resources that need the same number." },
    { "advertised", &type_number_map_map, COMPUTED | UNSENT, .derive = derive_advertised,
      .doc = "Key to resource to shares of each GPU (of each MIG instance for MIG resources)." },
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

const struct resource time_slicing_config = {
    .name = "time_slicing_config",
    .doc = "The ConfigMap that tells NVIDIA's device plugin how GPUs are shared: by time-slicing "
           "or by "
           "MPS, key by key. Mistakes that the plugin would ignore in silence are errors here.",
    .rows = rows,
    .driver = &kubernetes_object_driver,
    .kubernetes = &config_map_kind,
    .identity = "namespace name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = validate,
};
