/* Walking and making paths in JSON objects. */
#include "schema/api_path.h"

#include "base/json.h"

struct str api_name(struct arena *arena, struct str name)
{
    char *out = arena_alloc(arena, name.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool starts_word = i > 0 && name.at[i - 1] == '_';
        if (name.at[i] == '_')
            continue;
        bool is_lower = name.at[i] >= 'a' && name.at[i] <= 'z';
        out[len++] = starts_word && is_lower ? (char)(name.at[i] - 32) : name.at[i];
    }
    return (struct str){ out, len };
}

struct str api_path_of(struct arena *arena, struct str up, const struct attr *row)
{
    struct str own = row->api ? str_of(row->api) : api_name(arena, str_of(row->name));
    if (own.len == 0)
        return up;
    if (up.len == 0)
        return own;
    return str_print(arena, "%.*s%s%.*s", STR_ARG(up), own.at[0] == '[' ? "" : ".", STR_ARG(own));
}

bool api_path_next(struct str *path, struct str *step)
{
    if (path->len == 0)
        return false;
    if (path->at[0] == '[') {
        size_t end = str_find(*path, ']', 0);
        *step = str_slice(*path, 2, end > 3 ? end - 1 : 2);
        *path = str_slice(*path, end + 1, path->len);
    } else {
        size_t end = 0;
        while (end < path->len && path->at[end] != '.' && path->at[end] != '[')
            end++;
        *step = str_slice(*path, 0, end);
        *path = str_slice(*path, end, path->len);
    }
    if (path->len && path->at[0] == '.')
        *path = str_slice(*path, 1, path->len);
    return true;
}

json_t *api_path_get(const json_t *root, struct str path)
{
    const json_t *at = root;
    struct str step;
    while (at && api_path_next(&path, &step))
        at = json_object_getn(at, step.at, step.len);
    return (json_t *)at;
}

void api_path_put(struct arena *arena, json_t *root, struct str path, json_t *value)
{
    json_t *at = root;
    struct str step;
    while (api_path_next(&path, &step)) {
        const char *name = str_copy(arena, step).at;
        if (path.len == 0) {
            json_set(arena, at, name, value);
            return;
        }
        json_t *below = json_object_get(at, name);
        if (!json_is_object(below)) {
            below = json_new_object(arena);
            json_set(arena, at, name, below);
        }
        at = below;
    }
}
