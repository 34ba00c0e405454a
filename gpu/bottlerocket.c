/* Rendering and checking Bottlerocket's device plugin settings. */
#include "gpu/bottlerocket.h"

#include <inttypes.h>

#include "gpu/mig_profiles.h"
#include "gpu/nearest.h"

static void add_option(struct buf *out, const char *key, enum option option)
{
    if (option != OPTION_UNSET)
        buf_print(out, "%s = %s\n", key, option == OPTION_TRUE ? "true" : "false");
}

/* A basic string of TOML. */
static void add_text(struct buf *out, struct str text)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        if (byte < 0x20 || byte == 0x7F)
            buf_print(out, "\\u%04X", byte);
        else if (byte == '"' || byte == '\\')
            buf_print(out, "\\%c", byte);
        else
            buf_add_byte(out, (char)byte);
    }
    buf_add_byte(out, '"');
}

/* One strategy is written as a text, which all versions read; several need a newer one. */
static void add_list(struct buf *out, const char *key, struct str_list list)
{
    if (!list.at)
        return;
    buf_print(out, "%s = ", key);
    if (list.count != 1)
        buf_add_byte(out, '[');
    for (size_t i = 0; i < list.count; i++) {
        buf_add_text(out, i ? ", " : "");
        add_text(out, list.at[i]);
    }
    buf_add_text(out, list.count != 1 ? "]\n" : "\n");
}

static void add_sharing(struct buf *out, const struct bottlerocket_settings *settings)
{
    bool is_mps = settings->sharing == SHARING_MPS;
    if (settings->sharing == SHARING_NONE)
        return;
    buf_print(out, "\n[" BOTTLEROCKET_TABLE ".%s]\n", is_mps ? "mps" : "time-slicing");
    if (settings->replicas)
        buf_print(out, "replicas = %" PRId64 "\n", settings->replicas);
    add_option(out, "rename-by-default", settings->rename_by_default);
    if (!is_mps)
        add_option(out, "fail-requests-greater-than-one", settings->fail_requests_greater_than_one);
}

static void add_mig(struct buf *out, const struct bottlerocket_settings *settings)
{
    if (!settings->mig_profile_count)
        return;
    buf_add_text(out, "\n[" BOTTLEROCKET_TABLE ".mig.profile]\n");
    for (size_t i = 0; i < settings->mig_profile_count; i++) {
        add_text(out, settings->mig_profiles[i].gpu);
        buf_add_text(out, " = ");
        add_text(out, settings->mig_profiles[i].profile);
        buf_add_byte(out, '\n');
    }
}

struct str bottlerocket_settings_render(struct arena *arena,
                                        const struct bottlerocket_settings *settings)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, "[" BOTTLEROCKET_TABLE "]\n");
    add_option(&out, "enabled", settings->enabled);
    add_option(&out, "pass-device-specs", settings->pass_device_specs);
    if (settings->device_id_strategy.at) {
        buf_add_text(&out, "device-id-strategy = ");
        add_text(&out, settings->device_id_strategy);
        buf_add_byte(&out, '\n');
    }
    add_list(&out, "device-list-strategy", settings->device_list_strategy);
    if (settings->sharing != SHARING_NONE)
        buf_print(&out, "device-sharing-strategy = \"%s\"\n",
                  settings->sharing == SHARING_MPS ? "mps" : "time-slicing");
    if (settings->mig_profile_count)
        buf_add_text(&out, "device-partitioning-strategy = \"mig\"\n");
    add_sharing(&out, settings);
    add_mig(&out, settings);
    return buf_str(&out);
}

struct str bottlerocket_user_data(struct arena *arena, struct str own,
                                  const struct bottlerocket_settings *settings)
{
    struct str table = bottlerocket_settings_render(arena, settings);
    own = str_trim(own);
    return own.len ? str_print(arena, "%.*s\n\n%s", STR_ARG(own), table.at) : table;
}

bool bottlerocket_user_data_has_table(struct str text)
{
    return str_contains(text, "kubelet-device-plugins");
}

static const char *const id_strategies[] = { "index", "uuid" };
static const char *const list_strategies[] = { "volume-mounts", "envvar", "cdi-cri" };

static void check_word(struct str word, const char *field, const char *const *words, size_t count,
                       struct problems *problems)
{
    for (size_t i = 0; i < count; i++)
        if (str_is(word, words[i]))
            return;
    const char *nearest = str_nearest(word, words, count);
    struct buf list = buf_make(problems->arena, 4096);
    for (size_t i = 0; i < count; i++)
        buf_print(&list, "%s`%s`", i ? ", " : "", words[i]);
    problem_add_field(problems, PROBLEM_SUSPICIOUS, field, (struct str){ 0 },
                      "Bottlerocket is known to take %s, found `%.*s`.%s%s%s", buf_str(&list).at,
                      STR_ARG(word), nearest ? " Did you mean `" : "", nearest ? nearest : "",
                      nearest ? "`?" : "");
}

void bottlerocket_shares_check(const struct bottlerocket_settings *settings,
                               struct problems *problems)
{
    int64_t replicas = settings->replicas;
    if (settings->sharing == SHARING_NONE || !replicas)
        return;
    if (replicas < 2)
        problem_add_field(problems, PROBLEM_FATAL, "replicas", (struct str){ 0 },
                          "Bottlerocket takes 2 or more shares of a GPU, found %" PRId64
                          ". Leave the block out for whole GPUs.",
                          replicas);
    else if (settings->sharing == SHARING_MPS && replicas > BOTTLEROCKET_MPS_REPLICAS_MAX)
        problem_add_field(problems, PROBLEM_FATAL, "replicas", (struct str){ 0 },
                          "With MPS a GPU has at most %d clients, so Bottlerocket takes 2 to %d "
                          "shares, found %" PRId64 ".",
                          BOTTLEROCKET_MPS_REPLICAS_MAX, BOTTLEROCKET_MPS_REPLICAS_MAX, replicas);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes digits and then WORD off the front of *S. */
static bool skip_number(struct str *s, const char *word)
{
    size_t digits = 0;
    while (digits < s->len && is_digit(s->at[digits]))
        digits++;
    struct str behind = str_slice(*s, digits, s->len);
    if (!digits || !str_starts(behind, word))
        return false;
    *s = str_slice(behind, str_of(word).len, behind.len);
    return true;
}

/* A letter, digits, a dot, digits, "gb". */
static bool is_gpu_name(struct str s)
{
    if (!s.len || s.at[0] < 'a' || s.at[0] > 'z')
        return false;
    s = str_slice(s, 1, s.len);
    return skip_number(&s, ".") && skip_number(&s, "gb") && !s.len;
}

/* A digit, "g.", digits, "gb": no attributes, which the API refuses. */
static bool is_profile_name(struct str s)
{
    if (!s.len || !is_digit(s.at[0]))
        return false;
    s = str_slice(s, 1, s.len);
    if (!str_starts(s, "g."))
        return false;
    s = str_slice(s, 2, s.len);
    return skip_number(&s, "gb") && !s.len;
}

/* "A100-40GB" is "a100.40gb" here. */
static const struct mig_geometry *geometry_of(struct arena *arena, struct str gpu)
{
    for (size_t i = 0; i < MIG_GEOMETRY_COUNT; i++) {
        struct str name = str_lower(arena, str_of(mig_geometries[i].name));
        size_t dash = str_find_last(name, '-');
        struct str model = str_slice(name, 0, dash);
        if (str_equal(gpu, str_print(arena, "%.*s.%.*s", STR_ARG(model),
                                     STR_ARG(str_slice(name, dash + 1, name.len)))))
            return &mig_geometries[i];
    }
    return NULL;
}

/* The GPUs for which a number of parts may stand instead of a profile, and which numbers. */
static bool takes_count(struct str gpu)
{
    return str_is(gpu, "a100.40gb") || str_is(gpu, "a100.80gb") || str_is(gpu, "h100.80gb") ||
           str_is(gpu, "h200.141gb");
}

static void check_profile(const struct bottlerocket_mig_profile *row, struct problems *problems)
{
    const struct mig_geometry *geometry = geometry_of(problems->arena, row->gpu);
    int64_t parts;
    if (str_to_int(row->profile, &parts)) {
        bool known = (parts >= 1 && parts <= 4) || parts == 7;
        if (!known || !takes_count(row->gpu))
            problem_add_field(problems, PROBLEM_FATAL, "mig_profiles", row->gpu,
                              "A number of parts can be 1, 2, 3, 4 or 7, and only for `a100.40gb`, "
                              "`a100.80gb`, `h100.80gb` and `h200.141gb`; found %" PRId64
                              " for `%.*s`. Name a profile, like `1g.5gb`.",
                              parts, STR_ARG(row->gpu));
        return;
    }
    if (!is_profile_name(row->profile)) {
        problem_add_field(problems, PROBLEM_FATAL, "mig_profiles", row->gpu,
                          "Expected a profile without attributes, like `1g.5gb`, or a number of "
                          "parts, found `%.*s`.",
                          STR_ARG(row->profile));
        return;
    }
    if (!geometry || !geometry->profile_count || mig_profile_find(geometry, row->profile))
        return;
    const char *nearest = mig_profile_nearest(geometry, row->profile);
    problem_add_field(problems, PROBLEM_FATAL, "mig_profiles", row->gpu,
                      "The GPU `%.*s` has no profile `%.*s`; it has %s.%s%s%s", STR_ARG(row->gpu),
                      STR_ARG(row->profile), mig_profile_list(problems->arena, geometry).at,
                      nearest ? " Did you mean `" : "", nearest ? nearest : "",
                      nearest ? "`?" : "");
}

static void check_mig(const struct bottlerocket_settings *settings, struct problems *problems)
{
    for (size_t i = 0; i < settings->mig_profile_count; i++) {
        const struct bottlerocket_mig_profile *row = &settings->mig_profiles[i];
        if (!is_gpu_name(row->gpu)) {
            problem_add_field(problems, PROBLEM_FATAL, "mig_profiles", row->gpu,
                              "Expected a GPU's model and memory, like `a100.40gb`, found `%.*s`.",
                              STR_ARG(row->gpu));
            continue;
        }
        if (!geometry_of(problems->arena, row->gpu))
            problem_add_field(problems, PROBLEM_SUSPICIOUS, "mig_profiles", row->gpu,
                              "`%.*s` is no GPU with MIG as far as known; there are `a100.40gb`, "
                              "`a100.80gb`, `h100.80gb`, `h200.141gb` and `a30.24gb`.",
                              STR_ARG(row->gpu));
        check_profile(row, problems);
    }
    if (settings->mig_profile_count && settings->sharing == SHARING_MPS)
        problem_add_field(problems, PROBLEM_FATAL, "mig_profiles", (struct str){ 0 },
                          "With MIG and MPS together the device plugin does not start. Share MIG "
                          "instances by time-slicing, or leave one of the two out.");
}

void bottlerocket_settings_check(const struct bottlerocket_settings *settings,
                                 struct problems *problems)
{
    if (settings->device_id_strategy.at)
        check_word(settings->device_id_strategy, "device_id_strategy", id_strategies,
                   sizeof id_strategies / sizeof *id_strategies, problems);
    for (size_t i = 0; i < settings->device_list_strategy.count; i++)
        check_word(settings->device_list_strategy.at[i], "device_list_strategy", list_strategies,
                   sizeof list_strategies / sizeof *list_strategies, problems);
    check_mig(settings, problems);
}
