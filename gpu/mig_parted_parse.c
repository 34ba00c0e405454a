/* The strict reader of mig-parted documents. */
#include "gpu/mig_parted_parse.h"

#include "base/yaml.h"

static const char *const top_keys[] = { "version", "mig-configs" };
static const char *const group_keys[] = { "device-filter", "devices", "mig-enabled",
                                          "mig-devices" };

struct reader {
    struct arena *arena;
    struct problems *problems;
};

static void report_keys(struct reader *reader, const json_t *object, struct str path,
                        const char *const *keys, size_t count)
{
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)object, key, value) {
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || str_is(str_of(key), keys[i]);
        const char *nearest = str_nearest(str_of(key), keys, count);
        if (!known)
            problem_add(reader->problems, PROBLEM_FATAL, path,
                        "mig-parted refuses the unknown key \"%s\"%s%s%s", key,
                        nearest ? ".  Did you mean \"" : ".", nearest ? nearest : "",
                        nearest ? "\"?" : "");
    }
}

static void report(struct reader *reader, struct str path, const char *key, const char *expected)
{
    problem_add(reader->problems, PROBLEM_FATAL, path, "mig-parted expects %s as \"%s\".", expected,
                key);
}

static void read_filter(struct reader *reader, const json_t *group, struct str path,
                        struct mig_parted_group *out)
{
    const json_t *value = json_object_get(group, "device-filter");
    if (value == NULL || json_is_null(value))
        return;
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    struct str *filters = ARENA_NEW_ARRAY(reader->arena, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *filter = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_string(filter)) {
            report(reader, path, "device-filter", "a text or a list of texts");
            return;
        }
        filters[i] = str_copy(reader->arena, json_str(filter));
    }
    out->device_filter = (struct str_list){ filters, count };
}

static void read_devices(struct reader *reader, const json_t *group, struct str path,
                         struct mig_parted_group *out)
{
    const json_t *value = json_object_get(group, "devices");
    out->all_devices = str_is(json_str(value), "all");
    if (out->all_devices)
        return;
    size_t count = json_array_size(value);
    int64_t *devices = ARENA_NEW_ARRAY(reader->arena, int64_t, count + 1);
    bool good = json_is_array(value);
    for (size_t i = 0; i < count; i++) {
        good = good && json_is_integer(json_array_get(value, i));
        devices[i] = json_integer_value(json_array_get(value, i));
    }
    if (!good) {
        report(reader, path, "devices", "\"all\" or a list of indexes");
        return;
    }
    out->devices = devices;
    out->device_count = count;
}

static void read_instances(struct reader *reader, const json_t *group, struct str path,
                           struct mig_parted_group *out)
{
    json_t *value = json_object_get(group, "mig-devices"), *count;
    const char *profile;
    if (value == NULL && !out->mig_enabled)
        return;
    if (!json_is_object(value)) {
        report(reader, path, "mig-devices", "a mapping of profiles to counts");
        return;
    }
    struct mig_device *devices =
        ARENA_NEW_ARRAY(reader->arena, struct mig_device, json_object_size(value) + 1);
    out->mig_devices = devices;
    json_object_foreach (value, profile, count) {
        if (!json_is_integer(count)) {
            report(reader, path, profile, "a whole number");
            continue;
        }
        devices[out->mig_device_count++] =
            (struct mig_device){ str_copy(reader->arena, str_of(profile)),
                                 json_integer_value(count) };
    }
}

static void read_group(struct reader *reader, const json_t *group, struct str path,
                       struct mig_parted_group *out)
{
    if (!json_is_object(group)) {
        problem_add(reader->problems, PROBLEM_FATAL, path,
                    "mig-parted expects a mapping with devices and mig-enabled here.");
        return;
    }
    report_keys(reader, group, path, group_keys, sizeof group_keys / sizeof *group_keys);
    read_filter(reader, group, path, out);
    read_devices(reader, group, path, out);
    const json_t *enabled = json_object_get(group, "mig-enabled");
    if (!json_is_boolean(enabled))
        report(reader, path, "mig-enabled", "true or false");
    out->mig_enabled = json_is_true(enabled);
    if (json_is_boolean(enabled))
        read_instances(reader, group, path, out);
}

static void read_layout(struct reader *reader, const char *name, const json_t *groups,
                        struct mig_parted_layout *out)
{
    struct str path = str_print(reader->arena, "mig-configs[\"%s\"]", name);
    size_t count = json_array_size(groups);
    struct mig_parted_group *rows =
        ARENA_NEW_ARRAY(reader->arena, struct mig_parted_group, count + 1);
    *out = (struct mig_parted_layout){ str_copy(reader->arena, str_of(name)), rows, count };
    if (count == 0)
        problem_add(reader->problems, PROBLEM_FATAL, path,
                    "mig-parted expects a list with at least one group of devices here.");
    for (size_t i = 0; i < count; i++)
        read_group(reader, json_array_get(groups, i),
                   str_print(reader->arena, "%.*s[%zu]", STR_ARG(path), i), &rows[i]);
}

static void read_root(struct reader *reader, const json_t *root, struct mig_parted_config *out)
{
    json_t *layouts = json_object_get(root, "mig-configs"), *groups;
    const char *name;
    report_keys(reader, root, STR(""), top_keys, sizeof top_keys / sizeof *top_keys);
    if (!str_is(json_str(json_object_get(root, "version")), "v1"))
        report(reader, STR(""), "version", "v1");
    if (!json_is_object(layouts)) {
        report(reader, STR(""), "mig-configs", "a mapping of names to layouts");
        return;
    }
    struct mig_parted_layout *rows =
        ARENA_NEW_ARRAY(reader->arena, struct mig_parted_layout, json_object_size(layouts) + 1);
    out->layouts = rows;
    json_object_foreach (layouts, name, groups)
        read_layout(reader, name, groups, &rows[out->layout_count++]);
}

void mig_parted_config_parse(struct call *call, struct str text, struct mig_parted_config *out,
                             struct problems *problems)
{
    struct call silent = *call;
    silent.first = silent.last = NULL;
    silent.errors = 0;
    *out = (struct mig_parted_config){ 0 };
    const json_t *root = yaml_parse(&silent, NULL, text, "the document");
    if (root == NULL) {
        problem_add(problems, PROBLEM_FATAL, STR(""), "%.*s",
                    STR_ARG(silent.last ? silent.last->detail : STR("It is no YAML document.")));
        return;
    }
    if (!json_is_object(root)) {
        problem_add(problems, PROBLEM_FATAL, STR(""),
                    "A mig-parted document is a mapping with version and mig-configs, but this is "
                    "none.");
        return;
    }
    struct reader reader = { call->arena, problems };
    read_root(&reader, root, out);
}
