/* Finding the device plugin's table in user data: just enough TOML for what is written there. */
#include "gpu/bottlerocket.h"

/* A key is followed down to this many parts: mig.profile."a100.40gb" has three. */
#define PARTS_LIMIT 8

struct key {
    struct str parts[PARTS_LIMIT];
    size_t count;
};

/* The table as it stands there, both sharing strategies apart. */
struct tables {
    struct arena *arena;
    struct bottlerocket_settings settings;
    struct str sharing, partitioning;
    struct bottlerocket_settings time_slicing, mps;
    bool has_time_slicing, has_mps;
    struct bottlerocket_mig_profile *profiles;
    size_t profile_room;
};

static bool is_bare(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
}

static struct str skip_blanks(struct str s)
{
    size_t at = 0;
    while (at < s.len && (s.at[at] == ' ' || s.at[at] == '\t'))
        at++;
    return str_slice(s, at, s.len);
}

/* Takes a quoted text off the front of *S.  Escapes other than of quotes and backslashes are not
 * understood. */
static bool take_quoted(struct arena *arena, struct str *s, struct str *out)
{
    char quote = s->at[0];
    struct buf text = buf_make(arena, BUF_LIMIT);
    for (size_t i = 1; i < s->len; i++) {
        char c = s->at[i];
        if (c == quote) {
            *out = buf_str(&text);
            *s = str_slice(*s, i + 1, s->len);
            return true;
        }
        if (c == '\\' && quote == '"') {
            char next = i + 1 < s->len ? s->at[i + 1] : 0;
            if (next != '"' && next != '\\')
                return false;
            c = next;
            i++;
        }
        buf_add_byte(&text, c);
    }
    return false;
}

/* Takes a dotted key off the front of *S and puts its parts behind those of KEY. */
static bool take_key(struct arena *arena, struct str *s, struct key *key)
{
    for (;;) {
        *s = skip_blanks(*s);
        if (!s->len || key->count == PARTS_LIMIT)
            return false;
        struct str *part = &key->parts[key->count++];
        if (s->at[0] == '"' || s->at[0] == '\'') {
            if (!take_quoted(arena, s, part))
                return false;
        } else {
            size_t len = 0;
            while (len < s->len && is_bare(s->at[len]))
                len++;
            if (!len)
                return false;
            *part = str_slice(*s, 0, len);
            *s = str_slice(*s, len, s->len);
        }
        *s = skip_blanks(*s);
        if (!s->len || s->at[0] != '.')
            return true;
        *s = str_slice(*s, 1, s->len);
    }
}

/* Nothing but blanks and a comment. */
static bool is_blank(struct str s)
{
    s = str_trim(s);
    return !s.len || s.at[0] == '#';
}

/* The parts of KEY below the table, into *BELOW; false where KEY stands elsewhere. */
static bool is_below(const struct key *key, struct key *below)
{
    static const char *const table[] = { "settings", "kubelet-device-plugins", "nvidia" };
    size_t depth = sizeof table / sizeof *table;
    if (key->count < depth)
        return false;
    for (size_t i = 0; i < depth; i++)
        if (!str_is(key->parts[i], table[i]))
            return false;
    below->count = key->count - depth;
    for (size_t i = 0; i < below->count; i++)
        below->parts[i] = key->parts[i + depth];
    return true;
}

static bool read_option(struct str value, enum option *out)
{
    size_t end = str_find(value, '#', 0);
    value = str_trim(str_slice(value, 0, end));
    if (!str_is(value, "true") && !str_is(value, "false"))
        return false;
    *out = str_is(value, "true") ? OPTION_TRUE : OPTION_FALSE;
    return true;
}

static bool read_number(struct str value, int64_t *out)
{
    size_t end = str_find(value, '#', 0);
    return str_to_int(str_trim(str_slice(value, 0, end)), out) && *out > 0;
}

static bool read_text(struct arena *arena, struct str value, struct str *out)
{
    value = skip_blanks(value);
    return value.len && (value.at[0] == '"' || value.at[0] == '\'') &&
           take_quoted(arena, &value, out) && is_blank(value);
}

/* A text, or an array of texts on one line. */
static bool read_list(struct arena *arena, struct str value, struct str_list *out)
{
    struct str *items = ARENA_NEW_ARRAY(arena, struct str, value.len / 2 + 1);
    *out = (struct str_list){ items, 0 };
    value = skip_blanks(value);
    if (!value.len || value.at[0] != '[') {
        out->count = 1;
        return read_text(arena, value, items);
    }
    value = skip_blanks(str_slice(value, 1, value.len));
    while (value.len && value.at[0] != ']') {
        if ((value.at[0] != '"' && value.at[0] != '\'') ||
            !take_quoted(arena, &value, &items[out->count++]))
            return false;
        value = skip_blanks(value);
        if (value.len && value.at[0] == ',')
            value = skip_blanks(str_slice(value, 1, value.len));
        else if (!value.len || value.at[0] != ']')
            return false;
    }
    return value.len && is_blank(str_slice(value, 1, value.len));
}

static bool read_profile(struct tables *tables, struct str gpu, struct str value)
{
    struct bottlerocket_settings *settings = &tables->settings;
    if (settings->mig_profile_count == tables->profile_room) {
        size_t room = tables->profile_room ? tables->profile_room * 2 : 8;
        struct bottlerocket_mig_profile *rows =
            ARENA_NEW_ARRAY(tables->arena, struct bottlerocket_mig_profile, room);
        for (size_t i = 0; i < settings->mig_profile_count; i++)
            rows[i] = tables->profiles[i];
        tables->profiles = rows;
        tables->profile_room = room;
    }
    struct bottlerocket_mig_profile *row = &tables->profiles[settings->mig_profile_count++];
    row->gpu = gpu;
    settings->mig_profiles = tables->profiles;
    return read_text(tables->arena, value, &row->profile);
}

static bool read_shares(struct bottlerocket_settings *shares, struct str name, struct str value)
{
    if (str_is(name, "replicas"))
        return read_number(value, &shares->replicas);
    if (str_is(name, "rename-by-default"))
        return read_option(value, &shares->rename_by_default);
    return str_is(name, "fail-requests-greater-than-one") &&
           read_option(value, &shares->fail_requests_greater_than_one);
}

static bool read_top(struct tables *tables, struct str name, struct str value)
{
    struct bottlerocket_settings *settings = &tables->settings;
    if (str_is(name, "enabled"))
        return read_option(value, &settings->enabled);
    if (str_is(name, "pass-device-specs"))
        return read_option(value, &settings->pass_device_specs);
    if (str_is(name, "device-id-strategy"))
        return read_text(tables->arena, value, &settings->device_id_strategy);
    if (str_is(name, "device-list-strategy"))
        return read_list(tables->arena, value, &settings->device_list_strategy);
    if (str_is(name, "device-sharing-strategy"))
        return read_text(tables->arena, value, &tables->sharing);
    return str_is(name, "device-partitioning-strategy") &&
           read_text(tables->arena, value, &tables->partitioning);
}

static bool read_member(struct tables *tables, const struct key *key, struct str value)
{
    const struct str *parts = key->parts;
    if (key->count == 1)
        return read_top(tables, parts[0], value);
    if (key->count == 2 && str_is(parts[0], "time-slicing"))
        return read_shares(&tables->time_slicing, parts[1], value);
    if (key->count == 2 && str_is(parts[0], "mps"))
        return !str_is(parts[1], "fail-requests-greater-than-one") &&
               read_shares(&tables->mps, parts[1], value);
    return key->count == 3 && str_is(parts[0], "mig") && str_is(parts[1], "profile") &&
           read_profile(tables, parts[2], value);
}

/* Which strategies the tables show to be meant is what the model can hold. */
static bool fold(struct tables *tables, struct bottlerocket_settings *out)
{
    struct str sharing = tables->sharing.at ? tables->sharing : STR("none");
    struct str partitioning = tables->partitioning.at ? tables->partitioning : STR("none");
    bool is_slicing = str_is(sharing, "time-slicing");
    bool is_mps = str_is(sharing, "mps");
    bool is_mig = str_is(partitioning, "mig");
    *out = tables->settings;
    if ((!is_slicing && !is_mps && !str_is(sharing, "none")) ||
        (!is_mig && !str_is(partitioning, "none")))
        return false;
    if ((tables->has_time_slicing && !is_slicing) || (tables->has_mps && !is_mps) ||
        is_mig != (tables->settings.mig_profile_count > 0))
        return false;
    const struct bottlerocket_settings *shares = is_mps ? &tables->mps : &tables->time_slicing;
    out->sharing = is_mps ? SHARING_MPS : is_slicing ? SHARING_TIME_SLICING : SHARING_NONE;
    out->replicas = shares->replicas;
    out->rename_by_default = shares->rename_by_default;
    out->fail_requests_greater_than_one = shares->fail_requests_greater_than_one;
    return true;
}

/* How often three quotation marks begin or end a text of several lines. */
static bool toggles_long_text(struct str line)
{
    bool toggled = false;
    for (size_t i = 0; i + 2 < line.len; i++) {
        char c = line.at[i];
        if ((c == '"' || c == '\'') && line.at[i + 1] == c && line.at[i + 2] == c) {
            toggled = !toggled;
            i += 2;
        }
    }
    return toggled;
}

struct reader {
    struct tables tables;
    struct key header; /* of the table that the line stands in */
    bool in_table;     /* that is ours */
    bool in_long_text; /* inside a text of several lines */
    bool found;
    struct buf rest;
};

static void note_header(struct reader *reader, const struct key *below)
{
    reader->found = true;
    reader->tables.has_time_slicing |= below->count && str_is(below->parts[0], "time-slicing");
    reader->tables.has_mps |= below->count && str_is(below->parts[0], "mps");
}

/* LINE begins a table.  False where it cannot be read. */
static bool read_header(struct reader *reader, struct str line)
{
    struct key below;
    bool is_array = str_starts(line, "[[");
    struct str s = str_slice(line, is_array ? 2 : 1, line.len);
    reader->header.count = 0;
    if (!take_key(reader->tables.arena, &s, &reader->header) || !s.len || s.at[0] != ']')
        return false;
    reader->in_table = is_below(&reader->header, &below);
    if (reader->in_table)
        note_header(reader, &below);
    return !(is_array && reader->in_table);
}

/* LINE is a member of a table of ours. */
static bool read_assignment(struct reader *reader, struct str line)
{
    struct key key = reader->header;
    struct key below;
    if (!take_key(reader->tables.arena, &line, &key) || !line.len || line.at[0] != '=' ||
        !is_below(&key, &below))
        return false;
    note_header(reader, &(struct key){ .parts = { below.parts[0] }, .count = below.count > 1 });
    return read_member(&reader->tables, &below, str_slice(line, 1, line.len));
}

static bool read_line(struct reader *reader, struct str line)
{
    struct str trimmed = str_trim(line);
    if (!reader->in_long_text && str_starts(trimmed, "[") && !read_header(reader, trimmed))
        return false;
    if (reader->in_table)
        return is_blank(trimmed) || str_starts(trimmed, "[") || read_assignment(reader, trimmed);
    reader->in_long_text ^= toggles_long_text(line);
    buf_add_str(&reader->rest, line);
    buf_add_byte(&reader->rest, '\n');
    return true;
}

bool bottlerocket_user_data_parse(struct arena *arena, struct str user_data,
                                  struct bottlerocket_settings *settings, struct str *rest)
{
    struct reader reader = { .tables.arena = arena, .rest = buf_make(arena, BUF_LIMIT) };
    struct str line;
    while (str_split(&user_data, '\n', &line))
        if (!read_line(&reader, line))
            return false;
    struct str around = str_trim(buf_str(&reader.rest));
    *rest = around.len ? around : (struct str){ 0 };
    return reader.found && !bottlerocket_user_data_has_table(around) &&
           fold(&reader.tables, settings);
}
