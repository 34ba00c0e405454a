/* The lenient reader of device plugin configurations. */
#include "gpu/device_plugin_parse.h"

#include <inttypes.h>
#include <strings.h>

#include "base/yaml.h"
#include "gpu/kubernetes_names.h"
#include "gpu/replicas.h"

/* Keys that are no row of `device_plugin_fields`, with where they belong.  What is said of
 * timeSlicing holds for mps. */
struct known_key {
    const char *name;
    const char *parent;
};

#define SHARED "sharing.timeSlicing"
#define ENTRY "sharing.timeSlicing.resources[]"

static const struct known_key other_keys[] = {
    { "version", "" },
    { "flags", "" },
    { "resources", "" },
    { "sharing", "" },
    { "imex", "" },
    { "plugin", "flags" },
    { "gfd", "flags" },
    { "timeSlicing", "sharing" },
    { "mps", "sharing" },
    { "renameByDefault", SHARED },
    { "failRequestsGreaterThanOne", SHARED },
    { "resources", SHARED },
    { "name", ENTRY },
    { "replicas", ENTRY },
    { "rename", ENTRY },
    { "devices", ENTRY },
    { "channelIDs", "imex" },
    { "required", "imex" },
};

#define OTHER_KEYS (sizeof other_keys / sizeof *other_keys)
#define MOST_KEYS 64

struct reader {
    struct arena *arena;
    struct problems *problems;
    struct device_plugin_config *out;
};

/* An object being read: where it stands in the text, and what it is. */
struct place {
    const json_t *object;
    const char *parent; /* as in known_key */
    struct str path;    /* as a user sees it */
};

static struct known_key key_at(size_t index)
{
    if (index < OTHER_KEYS)
        return other_keys[index];
    const struct device_plugin_field *field = &device_plugin_fields[index - OTHER_KEYS];
    return (struct known_key){ field->name, field->parent };
}

static size_t key_count(void)
{
    return OTHER_KEYS + device_plugin_field_count;
}

/* Objects below timeSlicing and mps are read from a map, so that case counts there. */
static bool case_counts(const struct place *place)
{
    return str_starts(str_of(place->parent), SHARED);
}

static struct str path_of(const struct reader *reader, const struct place *place, const char *key)
{
    if (place->path.len == 0)
        return str_of(key);
    return str_print(reader->arena, "%.*s.%s", STR_ARG(place->path), key);
}

/* What the plugin takes for NAME.  Of keys that differ in case it takes the last in byte order. */
static const json_t *member(const struct place *place, const char *name)
{
    const json_t *found = json_object_get(place->object, name);
    const char *found_key = found != NULL ? name : NULL, *key;
    json_t *value;
    if (case_counts(place))
        return json_is_null(found) ? NULL : found;
    json_object_foreach ((json_t *)place->object, key, value) {
        if (strcasecmp(key, name) == 0 &&
            (found_key == NULL || str_order(str_of(key), str_of(found_key)) > 0)) {
            found = value;
            found_key = key;
        }
    }
    return json_is_null(found) ? NULL : found;
}

/* Where the key is known elsewhere: its parent, or NULL. */
static const char *belongs_to(const char *key)
{
    for (size_t i = 0; i < key_count(); i++)
        if (strcasecmp(key, key_at(i).name) == 0)
            return key_at(i).parent;
    return NULL;
}

static const char *nearest_key(const struct place *place, const char *key, bool anywhere,
                               const char **parent)
{
    const char *names[MOST_KEYS];
    const char *parents[MOST_KEYS];
    size_t count = 0;
    for (size_t i = 0; i < key_count() && count < MOST_KEYS; i++) {
        struct known_key known = key_at(i);
        if (anywhere || str_is(str_of(known.parent), place->parent)) {
            names[count] = known.name;
            parents[count++] = known.parent;
        }
    }
    const char *nearest = str_nearest(str_of(key), names, count);
    *parent = "";
    for (size_t i = 0; i < count; i++)
        if (names[i] == nearest)
            *parent = parents[i];
    return nearest;
}

static void report_unknown(struct reader *reader, const struct place *place, const char *key)
{
    struct str path = path_of(reader, place, key);
    const char *parent = belongs_to(key);
    if (parent != NULL) {
        problem_add(reader->problems, PROBLEM_IGNORED, path,
                    "The device plugin ignores \"%s\" here; it belongs %s%s.", key,
                    parent[0] ? "under " : "at the top level", parent);
        return;
    }
    const char *nearest = nearest_key(place, key, /* anywhere */ false, &parent);
    if (nearest != NULL) {
        problem_add(reader->problems, PROBLEM_IGNORED, path,
                    "The device plugin ignores the unknown key \"%s\".  Did you mean \"%s\"?", key,
                    nearest);
        return;
    }
    nearest = nearest_key(place, key, /* anywhere */ true, &parent);
    problem_add(reader->problems, PROBLEM_IGNORED, path,
                "The device plugin ignores the unknown key \"%s\"%s%s%s%s%s", key,
                nearest ? ".  Did you mean \"" : ".", nearest ? nearest : "",
                !nearest    ? ""
                : parent[0] ? "\" under "
                            : "\" at the top level",
                nearest ? parent : "", nearest ? "?" : "");
}

/* Says of each key of PLACE what the plugin does not read, or reads by luck. */
static void report_keys(struct reader *reader, const struct place *place)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)place->object, key, value) {
        const char *name = NULL;
        for (size_t i = 0; i < key_count() && name == NULL; i++)
            if (str_is(str_of(key_at(i).parent), place->parent) &&
                strcasecmp(key, key_at(i).name) == 0)
                name = key_at(i).name;
        if (name == NULL)
            report_unknown(reader, place, key);
        else if (!str_is(str_of(key), name) && case_counts(place))
            problem_add(reader->problems, PROBLEM_IGNORED, path_of(reader, place, key),
                        "The device plugin ignores \"%s\": here the key must be spelt \"%s\".", key,
                        name);
        else if (!str_is(str_of(key), name))
            problem_add(reader->problems, PROBLEM_SUSPICIOUS, path_of(reader, place, key),
                        "\"%s\" is read as \"%s\"; spell it so.", key, name);
    }
}

static void report_type(struct reader *reader, struct str path, const char *expected)
{
    problem_add(reader->problems, PROBLEM_FATAL, path,
                "The device plugin expects %s here and does not start.", expected);
}

/* The object NAME of PLACE; its `object` is NULL where there is none, or it is no object (which is
 * reported). */
static struct place enter(struct reader *reader, const struct place *place, const char *name,
                          const char *parent)
{
    struct place inner = { member(place, name), parent, path_of(reader, place, name) };
    if (inner.object != NULL && !json_is_object(inner.object)) {
        report_type(reader, inner.path, "a mapping");
        inner.object = NULL;
    }
    if (inner.object != NULL)
        report_keys(reader, &inner);
    return inner;
}

static struct str read_text(struct reader *reader, const struct place *place, const char *name)
{
    const json_t *value = member(place, name);
    if (value == NULL)
        return (struct str){ 0 };
    if (json_is_string(value))
        return str_copy(reader->arena, json_str(value));
    report_type(reader, path_of(reader, place, name),
                json_is_number(value) || json_is_boolean(value) ? "a text (in quotes)" : "a text");
    return (struct str){ 0 };
}

static enum option read_option(struct reader *reader, const struct place *place, const char *name)
{
    const json_t *value = member(place, name);
    if (value == NULL)
        return OPTION_UNSET;
    if (json_is_boolean(value))
        return json_is_true(value) ? OPTION_TRUE : OPTION_FALSE;
    report_type(reader, path_of(reader, place, name), "true or false, without quotes,");
    return OPTION_UNSET;
}

static struct str_list read_list(struct reader *reader, const struct place *place, const char *name)
{
    const json_t *value = member(place, name);
    if (value == NULL)
        return (struct str_list){ 0 };
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    struct str *texts = ARENA_NEW_ARRAY(reader->arena, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *element = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_string(element)) {
            report_type(reader, path_of(reader, place, name), "a text or a list of texts");
            return (struct str_list){ 0 };
        }
        texts[i] = str_copy(reader->arena, json_str(element));
    }
    return (struct str_list){ texts, count };
}

/* A number is a count of nanoseconds. */
static struct str read_duration(struct reader *reader, const struct place *place, const char *name)
{
    const json_t *value = member(place, name);
    if (!json_is_number(value))
        return read_text(reader, place, name);
    return str_print(reader->arena, "%" PRId64 "ns", (int64_t)json_number_value(value));
}

static void read_fields(struct reader *reader, const struct place *place)
{
    for (size_t i = 0; place->object != NULL && i < device_plugin_field_count; i++) {
        const struct device_plugin_field *field = &device_plugin_fields[i];
        if (!str_is(str_of(field->parent), place->parent))
            continue;
        switch (field->kind) {
        case FIELD_TEXT:
            *device_plugin_text(reader->out, field) = read_text(reader, place, field->name);
            break;
        case FIELD_DURATION:
            *device_plugin_text(reader->out, field) = read_duration(reader, place, field->name);
            break;
        case FIELD_OPTION:
            *device_plugin_option(reader->out, field) = read_option(reader, place, field->name);
            break;
        case FIELD_LIST:
            *device_plugin_list(reader->out, field) = read_list(reader, place, field->name);
            break;
        }
    }
}

static void read_flags(struct reader *reader, const struct place *root)
{
    struct place flags = enter(reader, root, "flags", "flags");
    if (flags.object == NULL)
        return;
    read_fields(reader, &flags);
    struct place plugin = enter(reader, &flags, "plugin", "flags.plugin");
    read_fields(reader, &plugin);
    struct place gfd = enter(reader, &flags, "gfd", "flags.gfd");
    read_fields(reader, &gfd);
}

static bool is_digits(struct str s)
{
    int64_t number = 0;
    return s.len > 0 && s.at[0] != '-' && str_to_int(s, &number);
}

/* An index, the index of a MIG instance ("0:1"), or the UUID of a GPU or an instance. */
static bool device_valid(const json_t *device)
{
    struct str text = json_str(device);
    size_t colon = str_find(text, ':', 0);
    if (json_is_integer(device))
        return json_integer_value(device) >= 0;
    if (str_starts(text, "GPU-") || str_starts(text, "MIG-"))
        return text.len == sizeof "GPU-01234567-89ab-cdef-0123-456789abcdef" - 1;
    return is_digits(str_slice(text, 0, colon)) &&
           (colon == text.len || is_digits(str_slice(text, colon + 1, text.len)));
}

static bool devices_valid(const json_t *devices)
{
    if (json_is_integer(devices))
        return json_integer_value(devices) > 0;
    for (size_t i = 0; i < json_array_size(devices); i++)
        if (!device_valid(json_array_get(devices, i)))
            return false;
    return json_is_array(devices) || str_is(json_str(devices), "all");
}

static bool rename_valid(const struct reader *reader, struct str name)
{
    struct str full = full_resource_name(reader->arena, name);
    struct str rest = str_slice(full, sizeof NVIDIA_PREFIX - 1, full.len);
    return name.at != NULL && full.len <= 63 && dns_subdomain_valid(rest);
}

/* Fields that are read, and refused where they are wrong, but then thrown away with a line in the
 * plugin's log. */
static void report_stripped(struct reader *reader, const struct place *entry)
{
    const json_t *rename = json_object_get(entry->object, "rename");
    const json_t *devices = json_object_get(entry->object, "devices");
    if (rename != NULL && !rename_valid(reader, json_str(rename)))
        report_type(reader, path_of(reader, entry, "rename"), "the name of a resource");
    else if (rename != NULL)
        problem_add(reader->problems, PROBLEM_IGNORED, path_of(reader, entry, "rename"),
                    "The device plugin throws \"rename\" away: resources cannot be renamed one by "
                    "one.  renameByDefault gives all of them the suffix \".shared\".");
    if (devices != NULL && !devices_valid(devices))
        report_type(reader, path_of(reader, entry, "devices"),
                    "\"all\", a number of devices or a list of them");
    else if (devices != NULL && !str_is(json_str(devices), "all"))
        problem_add(reader->problems, PROBLEM_IGNORED, path_of(reader, entry, "devices"),
                    "The device plugin throws \"devices\" away: all GPUs of a node have the same "
                    "number of replicas.  Use another configuration on other nodes.");
}

static bool read_entry(struct reader *reader, const struct place *entry,
                       struct device_plugin_replicas *out)
{
    const json_t *name = member(entry, "name"), *replicas = member(entry, "replicas");
    report_keys(reader, entry);
    report_stripped(reader, entry);
    if (!json_is_string(name))
        report_type(reader, path_of(reader, entry, "name"), "the name of a resource");
    if (!json_is_integer(replicas))
        report_type(reader, path_of(reader, entry, "replicas"), "a whole number of at least 2");
    if (!json_is_string(name) || !json_is_integer(replicas))
        return false;
    out->name = full_resource_name(reader->arena, str_copy(reader->arena, json_str(name)));
    out->replicas = json_integer_value(replicas);
    return true;
}

static void read_resources(struct reader *reader, const struct place *shared,
                           struct device_plugin_sharing *sharing)
{
    const json_t *list = member(shared, "resources");
    size_t count = json_array_size(list);
    if (list != NULL && !json_is_array(list)) {
        report_type(reader, path_of(reader, shared, "resources"), "a list");
        return;
    }
    struct device_plugin_replicas *entries =
        ARENA_NEW_ARRAY(reader->arena, struct device_plugin_replicas, count + 1);
    sharing->resources = entries;
    for (size_t i = 0; i < count; i++) {
        struct place entry = { json_array_get(list, i), ENTRY,
                               str_print(reader->arena, "%.*s.resources[%zu]",
                                         STR_ARG(shared->path), i) };
        if (!json_is_object(entry.object))
            report_type(reader, entry.path, "a mapping with name and replicas");
        else if (read_entry(reader, &entry, &entries[sharing->resource_count]))
            sharing->resource_count++;
    }
}

static void read_shared(struct reader *reader, const struct place *shared,
                        enum sharing_strategy strategy)
{
    struct device_plugin_sharing *sharing = &reader->out->sharing;
    *sharing = (struct device_plugin_sharing){ .strategy = strategy };
    sharing->rename_by_default = read_option(reader, shared, "renameByDefault");
    sharing->fail_requests_greater_than_one =
        read_option(reader, shared, "failRequestsGreaterThanOne");
    read_resources(reader, shared, sharing);
}

/* Whether PLACE has the key NAME without a value. */
static bool has_null(const struct place *place, const char *name)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)place->object, key, value)
        if (strcasecmp(key, name) == 0 && json_is_null(value))
            return true;
    return false;
}

static void read_sharing(struct reader *reader, const struct place *root)
{
    struct place sharing = enter(reader, root, "sharing", "sharing");
    if (sharing.object == NULL)
        return;
    if (has_null(&sharing, "timeSlicing"))
        report_type(reader, path_of(reader, &sharing, "timeSlicing"), "a mapping with resources");
    struct place slicing = enter(reader, &sharing, "timeSlicing", SHARED);
    struct place mps = enter(reader, &sharing, "mps", SHARED);
    if (slicing.object != NULL)
        read_shared(reader, &slicing, SHARING_TIME_SLICING);
    if (mps.object == NULL)
        return;
    if (slicing.object != NULL)
        problem_add(reader->problems, PROBLEM_IGNORED, slicing.path,
                    "Both timeSlicing and mps are given: the device plugin uses mps and ignores "
                    "timeSlicing.  Keep one of them.");
    read_shared(reader, &mps, SHARING_MPS);
    if (reader->out->mps_root.at == NULL)
        problem_add(reader->problems, PROBLEM_SUSPICIOUS, mps.path,
                    "flags.mpsRoot is not set: the device plugin starts only where its "
                    "environment has MPS_ROOT (/run/nvidia/mps in NVIDIA's chart).");
}

static void read_imex(struct reader *reader, const struct place *root)
{
    struct place imex = enter(reader, root, "imex", "imex");
    if (imex.object == NULL)
        return;
    reader->out->imex_required = read_option(reader, &imex, "required");
    const json_t *channels = member(&imex, "channelIDs");
    if (channels == NULL)
        return;
    const json_t *first = json_array_get(channels, 0);
    size_t count = json_array_size(channels);
    if (!json_is_array(channels) || count > 1 ||
        (count == 1 && !(json_is_integer(first) && json_integer_value(first) == 0)))
        report_type(reader, path_of(reader, &imex, "channelIDs"), "[] or [0]");
    else
        reader->out->imex_channel = count == 1 ? OPTION_TRUE : OPTION_FALSE;
}

static void read_root(struct reader *reader, const struct place *root)
{
    report_keys(reader, root);
    struct str version = read_text(reader, root, "version");
    if (version.len > 0 && !str_is(version, "v1"))
        problem_add(reader->problems, PROBLEM_FATAL, STR("version"),
                    "The version is \"%.*s\"; the device plugin knows only \"v1\".",
                    STR_ARG(version));
    const json_t *resources = member(root, "resources");
    if (resources != NULL && !json_is_object(resources))
        report_type(reader, STR("resources"), "a mapping");
    else if (resources != NULL)
        problem_add(reader->problems, PROBLEM_IGNORED, STR("resources"),
                    "The device plugin throws \"resources\" away: resources cannot be renamed.");
    read_flags(reader, root);
    read_sharing(reader, root);
    read_imex(reader, root);
}

void device_plugin_config_parse(struct call *call, struct str text,
                                const struct device_plugin_target *target,
                                struct device_plugin_config *out, struct problems *problems)
{
    struct call silent = *call;
    silent.first = silent.last = NULL;
    silent.errors = 0;
    *out = (struct device_plugin_config){ 0 };
    const json_t *root = yaml_parse(&silent, NULL, text, "the configuration");
    if (root == NULL) {
        problem_add(problems, PROBLEM_FATAL, STR(""), "%.*s",
                    STR_ARG(silent.last ? silent.last->detail : STR("It is no YAML document.")));
        return;
    }
    if (json_is_null(root)) {
        problem_add(problems, PROBLEM_SUSPICIOUS, STR(""),
                    "The configuration is empty, so nothing is shared.");
        return;
    }
    if (!json_is_object(root)) {
        problem_add(problems, PROBLEM_FATAL, STR(""),
                    "A device plugin configuration is a mapping with version, flags and sharing, "
                    "but this is none.");
        return;
    }
    struct reader reader = { call->arena, problems, out };
    read_root(&reader, &(struct place){ root, "", STR("") });
    device_plugin_config_check(out, target, problems);
}
