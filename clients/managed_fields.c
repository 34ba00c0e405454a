/* The trees of fieldsV1, followed along a printed path. */
#include "clients/managed_fields.h"

#include <stdlib.h>
#include <string.h>

size_t managed_fields_read(struct arena *arena, const json_t *object,
                           struct managed_fields_entry **out)
{
    json_t *list = json_at(object, "metadata.managedFields"), *item;
    size_t count = 0, i;
    *out = ARENA_NEW_ARRAY(arena, struct managed_fields_entry, json_array_size(list) + 1);
    json_array_foreach (list, i, item) {
        struct managed_fields_entry entry = {
            .manager = json_str_at(item, "manager"),
            .operation = json_str_at(item, "operation"),
            .api_version = json_str_at(item, "apiVersion"),
            .time = json_str_at(item, "time"),
            .subresource = json_str_at(item, "subresource"),
            .fields = json_object_get(item, "fieldsV1"),
        };
        if (entry.manager.at && entry.operation.at && json_is_object(entry.fields))
            (*out)[count++] = entry;
    }
    return count;
}

/* Go's %q, for what occurs in keys. */
static void print_quoted(struct buf *out, struct str text)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"' || c == '\\')
            buf_print(out, "\\%c", c);
        else if (c == '\n')
            buf_add_text(out, "\\n");
        else if (c == '\t')
            buf_add_text(out, "\\t");
        else if ((unsigned char)c < ' ')
            buf_print(out, "\\x%02x", (unsigned)(unsigned char)c);
        else
            buf_add_byte(out, c);
    }
    buf_add_byte(out, '"');
}

static void print_scalar(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        print_quoted(out, json_str(value));
    else
        buf_add_str(out, json_print(out->arena, value));
}

static int order_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **sorted_keys(struct arena *arena, const json_t *object)
{
    const char **keys = ARENA_NEW_ARRAY(arena, const char *, json_object_size(object) + 1);
    size_t count = 0;
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at))
        keys[count++] = json_object_iter_key(at);
    qsort(keys, count, sizeof *keys, order_keys);
    return keys;
}

/* A key of fieldsV1 ("f:data", "k:{...}") as it stands in a printed path; at == NULL for "." and
 * for kinds that are not known. */
static struct str print_element(struct arena *arena, const char *key, const json_t **content)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    struct str rest = str_of(key[0] && key[1] == ':' ? key + 2 : "");
    *content = NULL;
    switch (key[0] && key[1] == ':' ? key[0] : '\0') {
    case 'f':
        return str_print(arena, ".%.*s", STR_ARG(rest));
    case 'i':
        return str_print(arena, "[%.*s]", STR_ARG(rest));
    case 'v':
        *content = json_try_parse(arena, rest);
        buf_add_text(&out, "[=");
        if (*content)
            print_scalar(&out, *content);
        break;
    case 'k':
        *content = json_try_parse(arena, rest);
        for (const char **name = sorted_keys(arena, *content); *name; name++) {
            buf_print(&out, "%s%s=", out.len ? "," : "[", *name);
            print_scalar(&out, json_object_get(*content, *name));
        }
        break;
    default:
        return (struct str){ 0 };
    }
    buf_add_byte(&out, ']');
    return buf_str(&out);
}

static bool item_fits(const json_t *item, const json_t *keys)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)(uintptr_t)keys, name, value)
        if (!json_equal(json_object_get(item, name), value))
            return false;
    return true;
}

/* What the element KEY selects of the live VALUE; NULL where it is not there. */
static const json_t *child_of(const json_t *value, const char *key, const json_t *content)
{
    size_t i;
    json_t *item;
    if (key[0] == 'f')
        return json_object_get(value, key + 2);
    json_array_foreach (value, i, item) {
        if (key[0] == 'k' && item_fits(item, content))
            return item;
        if (key[0] == 'v' && json_equal(item, content))
            return item;
        if (key[0] == 'i' && (int64_t)i == strtoll(key + 2, NULL, 10))
            return item;
    }
    return NULL;
}

/* Owned as one piece: nothing but perhaps the item itself is recorded below. */
static bool is_leaf(const json_t *fields)
{
    size_t count = json_object_size(fields);
    return count == 0 || (count == 1 && json_object_get(fields, "."));
}

static bool owns(struct arena *arena, const json_t *fields, const json_t *value, struct str path)
{
    const char *key;
    json_t *below;
    if (path.len == 0)
        return true;
    json_object_foreach ((json_t *)(uintptr_t)fields, key, below) {
        const json_t *content;
        struct str element = print_element(arena, key, &content);
        if (!element.at || !str_starts(path, element.at))
            continue;
        struct str rest = str_slice(path, element.len, path.len);
        if (rest.len && rest.at[0] != '.' && rest.at[0] != '[')
            continue;
        const json_t *child = child_of(value, key, content);
        /* A label "app" is no map above the label "app.kubernetes.io/name": only what is one is. */
        if (rest.len && is_leaf(below) && (json_is_object(child) || json_is_array(child)))
            return true;
        if (owns(arena, below, child, rest))
            return true;
    }
    return false;
}

static bool entry_owns(struct call *call, const json_t *object,
                       const struct managed_fields_entry *entry, struct str path)
{
    return path.len > 0 && owns(call->arena, entry->fields, object, path);
}

/* Newest first; entries without a time last. */
static int order_entries(const void *a, const void *b)
{
    const struct managed_fields_entry *left = a, *right = b;
    return str_order(right->time, left->time);
}

size_t managed_fields_owners(struct call *call, const json_t *object, struct str path,
                             struct managed_fields_entry **out)
{
    size_t count = managed_fields_read(call->arena, object, out), kept = 0;
    for (size_t i = 0; i < count; i++)
        if (entry_owns(call, object, &(*out)[i], path))
            (*out)[kept++] = (*out)[i];
    qsort(*out, kept, sizeof **out, order_entries);
    return kept;
}

bool managed_fields_has(struct call *call, const json_t *object, struct str manager,
                        const char *operation, struct str path)
{
    struct managed_fields_entry *entries;
    size_t count = managed_fields_read(call->arena, object, &entries);
    for (size_t i = 0; i < count; i++)
        if (str_equal(entries[i].manager, manager) && str_is(entries[i].operation, operation) &&
            entry_owns(call, object, &entries[i], path))
            return true;
    return false;
}

bool managed_fields_only_manager(struct call *call, const json_t *object, struct str manager)
{
    struct managed_fields_entry *entries;
    size_t count = managed_fields_read(call->arena, object, &entries);
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].subresource.len)
            continue;
        if (!str_equal(entries[i].manager, manager))
            return false;
        found = true;
    }
    return found;
}

struct str managed_fields_print(struct arena *arena, const struct managed_fields_entry *entry)
{
    return str_print(arena, "\"%.*s\" (%.*s%s%.*s%s%.*s)", STR_ARG(entry->manager),
                     STR_ARG(entry->operation), entry->subresource.len ? " of " : "",
                     STR_ARG(entry->subresource), entry->time.len ? " at " : "",
                     STR_ARG(entry->time));
}

/* What identifies an object is never booked to a manager (apimachinery, managedfields/stripmeta).
 */
static bool is_identity(struct str path)
{
    static const char *const stripped[] = {
        ".apiVersion",
        ".kind",
        ".metadata",
        ".metadata.name",
        ".metadata.namespace",
        ".metadata.uid",
        ".metadata.generation",
        ".metadata.creationTimestamp",
        ".metadata.selfLink",
        ".metadata.resourceVersion",
        ".metadata.clusterName",
    };
    for (size_t i = 0; i < sizeof stripped / sizeof *stripped; i++)
        if (str_is(path, stripped[i]))
            return true;
    return str_starts(path, ".metadata.managedFields");
}

/* Counts the leaves below VALUE and, where OUT->at is set, writes them down. */
static void walk(struct arena *arena, const json_t *value, struct str path,
                 struct managed_fields_paths *out)
{
    const char *key;
    json_t *below;
    if (!json_is_object(value) || json_object_size(value) == 0) {
        if (path.len == 0 || is_identity(path))
            return;
        if (out->at)
            out->at[out->count] = path;
        out->count++;
        return;
    }
    json_object_foreach ((json_t *)(uintptr_t)value, key, below)
        walk(arena, below, str_print(arena, "%.*s.%s", STR_ARG(path), key), out);
}

static int order_paths(const void *a, const void *b)
{
    return str_order(*(const struct str *)a, *(const struct str *)b);
}

struct managed_fields_paths managed_fields_paths_of(struct arena *arena, const json_t *body)
{
    struct managed_fields_paths paths = { 0 };
    walk(arena, body, STR(""), &paths);
    paths =
        (struct managed_fields_paths){ .at = ARENA_NEW_ARRAY(arena, struct str, paths.count + 1) };
    walk(arena, body, STR(""), &paths);
    qsort(paths.at, paths.count, sizeof *paths.at, order_paths);
    return paths;
}

json_t *managed_fields_value(const json_t *object, struct str path)
{
    const char *key;
    json_t *below;
    if (path.len == 0)
        return (json_t *)(uintptr_t)object;
    if (path.at[0] != '.')
        return NULL;
    path = str_slice(path, 1, path.len);
    json_object_foreach ((json_t *)(uintptr_t)object, key, below) {
        size_t len = strlen(key);
        if (!str_starts(path, key) || (len < path.len && path.at[len] != '.'))
            continue;
        json_t *found = managed_fields_value(below, str_slice(path, len, path.len));
        if (found)
            return found;
    }
    return NULL;
}
