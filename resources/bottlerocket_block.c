/* Between the block's values, the model and the text of user data. */
#include "resources/bottlerocket_block.h"

#include "schema/check.h"

static bool natural_number_valid(struct str s)
{
    int64_t number;
    return str_to_int(s, &number) && number > 0;
}

static const struct check check_replicas = { check_valid, .valid = natural_number_valid,
                                             .doc = "a whole number of at least 2" };

#define ROWS_SHARES(REPLICAS)                                                                      \
    { "replicas", &type_number, OPTIONAL, .check = &check_replicas, .doc = (REPLICAS) },           \
    {                                                                                              \
        "rename_by_default", &type_bool, OPTIONAL,                                                 \
            .doc = "Advertise shares as `nvidia.com/gpu.shared`. Bottlerocket's default is true, " \
                   "other than that of the device plugin elsewhere."                               \
    }

static const struct attr time_slicing_rows[] = {
    ROWS_SHARES("Shares of each GPU, or of each MIG instance. Bottlerocket's default is 2."),
    { "fail_requests_greater_than_one", &type_bool, OPTIONAL,
      .doc = "Refuse pods that ask for more than one share. Bottlerocket's default is true." },
    { 0 },
};

static const struct attr mps_rows[] = {
    ROWS_SHARES("Shares of each GPU, 2 to 48. Bottlerocket's default is 2."),
    { 0 },
};

const struct attr bottlerocket_rows[] = {
    { "enabled", &type_bool, OPTIONAL,
      .doc = "Whether the built-in device plugin runs; Bottlerocket knows it from 1.63 on." },
    { "pass_device_specs", &type_bool, OPTIONAL,
      .doc = "Pass device nodes to containers too. Bottlerocket's default is true." },
    { "device_id_strategy", &type_string, OPTIONAL,
      .doc = "What names a device: `index` (Bottlerocket's default) or `uuid`." },
    { "device_list_strategy", &type_string_list, OPTIONAL,
      .doc = "How devices are handed to containers: `volume-mounts` (Bottlerocket's default), "
             "`envvar` or `cdi-cri`. More than one needs a newer Bottlerocket." },
    { "time_slicing", NULL, .nesting = BLOCK_SINGLE, .rows = time_slicing_rows,
      .doc =
          "Shares GPUs, or MIG instances, by time-slicing; Bottlerocket knows it from 1.25 on." },
    { "mps", NULL, .nesting = BLOCK_SINGLE, .rows = mps_rows,
      .doc = "Shares GPUs through MPS; Bottlerocket knows it from 1.54 on. It excludes "
             "`time_slicing` and `mig_profiles`." },
    { "mig_profiles", &type_string_map, OPTIONAL,
      .doc = "Divides GPUs by MIG when a node boots: the GPU's model and memory (`a100.40gb`) to a "
             "profile (`1g.5gb`) that all of them get, or to a number of equal parts (1, 2, 3, 4 "
             "or 7; `a100.40gb`, `a100.80gb`, `h100.80gb` and `h200.141gb` only). The device "
             "plugin then runs with the strategy `single`: instances are `nvidia.com/gpu`. "
             "Bottlerocket knows it from 1.34 on." },
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
    if (v->kind != VALUE_SEQUENCE || !v->count)
        return (struct str_list){ 0 };
    struct str *items = ARENA_NEW_ARRAY(arena, struct str, v->count);
    for (size_t i = 0; i < v->count; i++)
        items[i] = value_text(v->items[i]);
    return (struct str_list){ items, v->count };
}

static void add_shares(struct bottlerocket_settings *settings, const struct value *shares)
{
    (void)value_to_int(value_at(shares, "replicas"), &settings->replicas);
    if (settings->replicas < 0)
        settings->replicas = 0;
    settings->rename_by_default = option_of(value_at(shares, "rename_by_default"));
    settings->fail_requests_greater_than_one =
        option_of(value_at(shares, "fail_requests_greater_than_one"));
}

static void add_profiles(struct arena *arena, struct bottlerocket_settings *settings,
                         const struct value *map)
{
    if (map->kind != VALUE_MEMBERS)
        return;
    struct bottlerocket_mig_profile *rows =
        ARENA_NEW_ARRAY(arena, struct bottlerocket_mig_profile, map->count);
    for (size_t i = 0; i < map->count; i++)
        rows[i] = (struct bottlerocket_mig_profile){ map->members[i].name,
                                                     value_text(map->members[i].value) };
    settings->mig_profiles = rows;
    settings->mig_profile_count = map->count;
}

struct bottlerocket_settings bottlerocket_settings_of(struct arena *arena,
                                                      const struct value *block)
{
    const struct value *slicing = value_at(block, "time_slicing");
    const struct value *mps = value_at(block, "mps");
    struct bottlerocket_settings settings = {
        .enabled = option_of(value_at(block, "enabled")),
        .pass_device_specs = option_of(value_at(block, "pass_device_specs")),
        .device_id_strategy = value_text(value_at(block, "device_id_strategy")),
        .device_list_strategy = list_of(arena, value_at(block, "device_list_strategy")),
        .sharing = value_is_set(mps)       ? SHARING_MPS
                   : value_is_set(slicing) ? SHARING_TIME_SLICING
                                           : SHARING_NONE,
    };
    add_shares(&settings, value_is_set(mps) ? mps : slicing);
    add_profiles(arena, &settings, value_at(block, "mig_profiles"));
    return settings;
}

static const struct value *value_of_option(enum option option)
{
    return option == OPTION_UNSET ? &value_null : value_bool(option == OPTION_TRUE);
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

static const struct value *value_of_profiles(struct arena *arena,
                                             const struct bottlerocket_settings *settings)
{
    size_t count = settings->mig_profile_count;
    if (!count)
        return &value_null;
    struct value_member *members = ARENA_NEW_ARRAY(arena, struct value_member, count);
    for (size_t i = 0; i < count; i++)
        members[i] =
            (struct value_member){ settings->mig_profiles[i].gpu,
                                   value_string(arena, settings->mig_profiles[i].profile) };
    return value_members(arena, members, count);
}

static const struct value *value_of_shares(struct arena *arena, const struct attr *rows,
                                           const struct bottlerocket_settings *settings)
{
    const struct value *block = attr_empty(arena, rows);
    if (settings->replicas)
        block = value_with(arena, block, STR("replicas"), value_int(arena, settings->replicas));
    block = value_with(arena, block, STR("rename_by_default"),
                       value_of_option(settings->rename_by_default));
    if (attr_find(rows, STR("fail_requests_greater_than_one")))
        block = value_with(arena, block, STR("fail_requests_greater_than_one"),
                           value_of_option(settings->fail_requests_greater_than_one));
    return block;
}

static const struct value *block_of(struct arena *arena,
                                    const struct bottlerocket_settings *settings)
{
    const struct value *block = attr_empty(arena, bottlerocket_rows);
#define WITH(name, value) block = value_with(arena, block, STR(name), value)
    WITH("enabled", value_of_option(settings->enabled));
    WITH("pass_device_specs", value_of_option(settings->pass_device_specs));
    if (settings->device_id_strategy.at)
        WITH("device_id_strategy", value_string(arena, settings->device_id_strategy));
    WITH("device_list_strategy", value_of_list(arena, settings->device_list_strategy));
    WITH("mig_profiles", value_of_profiles(arena, settings));
    if (settings->sharing == SHARING_TIME_SLICING)
        WITH("time_slicing", value_of_shares(arena, time_slicing_rows, settings));
    if (settings->sharing == SHARING_MPS)
        WITH("mps", value_of_shares(arena, mps_rows, settings));
#undef WITH
    return block;
}

bool bottlerocket_block_check(struct call *call, const struct path *at, const struct value *block)
{
    bool slicing = value_is_set(value_at(block, "time_slicing"));
    bool mps = value_is_set(value_at(block, "mps"));
    if (slicing && mps)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("mps")), "Arguments exclude each other",
                    "GPUs are shared by `time_slicing` or by `mps`, not by both. Leave one block "
                    "out.");
    if (!value_is_set(block) || !value_is_wholly_known(block))
        return true;
    struct bottlerocket_settings settings = bottlerocket_settings_of(call->arena, block);
    struct problems in_shares = problems_make(call->arena);
    struct problems problems = problems_make(call->arena);
    bottlerocket_shares_check(&settings, &in_shares);
    bottlerocket_settings_check(&settings, &problems);
    const struct path *shares = PATH_AT_ATTRIBUTE(at, mps ? STR("mps") : STR("time_slicing"));
    bool ok = problems_report(call, shares, "Wrong number of shares", &in_shares);
    return problems_report(call, at, "Wrong Bottlerocket settings", &problems) && ok;
}

const struct value *derive_user_data(struct call *call, const struct derivation *from)
{
    const struct value *own = value_at(from->planned, "user_data");
    const struct value *block = value_at(from->planned, "bottlerocket_settings");
    if (value_is_unknown(own) || !value_is_wholly_known(block))
        return &value_unknown;
    if (value_is_null(block))
        return own;
    struct bottlerocket_settings settings = bottlerocket_settings_of(call->arena, block);
    struct str text = value_is_set(own) ? value_text(own) : STR("");
    return value_string(call->arena, bottlerocket_user_data(call->arena, text, &settings));
}

/* User data taken apart. */
struct parts {
    const struct value *own;
    const struct value *block;
};

static struct parts take_apart(struct arena *arena, struct str text)
{
    struct bottlerocket_settings settings;
    struct str rest;
    if (!bottlerocket_user_data_parse(arena, text, &settings, &rest))
        return (struct parts){ value_string(arena, text), &value_null };
    return (struct parts){ rest.at ? value_string(arena, rest) : &value_null,
                           block_of(arena, &settings) };
}

static bool same_own(const struct value *a, const struct value *b)
{
    if (!value_is_set(a) || !value_is_set(b))
        return value_equal(a, b);
    return str_equal(str_trim(value_text(a)), str_trim(value_text(b)));
}

bool same_user_data(struct call *call, struct str prior, struct str derived)
{
    struct parts a = take_apart(call->arena, prior);
    struct parts b = take_apart(call->arena, derived);
    return value_is_set(a.block) && same_own(a.own, b.own) && value_equal(a.block, b.block);
}

/* Whether what was there before still says what the live text says. */
static bool stays(struct call *call, const struct derivation *from)
{
    if (!value_is_set(from->prior))
        return false;
    const struct value *before = value_at(from->prior, "rendered_user_data");
    const struct value *live = value_at(from->planned, "rendered_user_data");
    if (!value_is_set(before) || value_equal(before, live))
        return true;
    return value_is_set(live) && same_user_data(call, value_text(before), value_text(live));
}

const struct value *parse_rendered_user_data(struct call *call, const struct derivation *from)
{
    (void)call;
    bool is_ours =
        !value_is_set(from->prior) || !value_is_null(value_at(from->prior, "rendered_user_data"));
    return is_ours ? value_at(from->planned, "rendered_user_data") : &value_null;
}

/* The parts of the live text; a table that was never configured is the user's own text. */
static struct parts live_parts(struct call *call, const struct derivation *from)
{
    const struct value *live = value_at(from->planned, "rendered_user_data");
    if (!value_is_set(live))
        return (struct parts){ &value_null, &value_null };
    bool knows_table =
        !value_is_set(from->prior) || value_is_set(value_at(from->prior, "bottlerocket_settings"));
    if (!knows_table)
        return (struct parts){ live, &value_null };
    return take_apart(call->arena, value_text(live));
}

const struct value *parse_user_data(struct call *call, const struct derivation *from)
{
    const struct value *before = value_at(from->prior, "user_data");
    if (stays(call, from))
        return before;
    const struct value *own = live_parts(call, from).own;
    return same_own(own, before) ? before : own;
}

const struct value *parse_bottlerocket_block(struct call *call, const struct derivation *from)
{
    if (stays(call, from))
        return value_at(from->prior, "bottlerocket_settings");
    return live_parts(call, from).block;
}
