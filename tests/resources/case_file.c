/* Reading with inclusion, and writing. */
#include "tests/resources/case_file.h"

#include "base/file.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail
#include <stdlib.h>
#include <string.h>

#define FILE_LIMIT ((size_t)1024 * 1024)

struct str case_file_text(struct arena *arena, struct str path)
{
    struct str text = { 0 };
    struct str failure;
    enum file_outcome outcome = file_try_read(arena, path, FILE_LIMIT, &text, &failure);
    ck_assert_msg(outcome == FILE_READ || outcome == FILE_MISSING, "%s: %s", path.at, failure.at);
    return text;
}

json_t *case_file_read(struct arena *arena, struct str path)
{
    struct str text = case_file_text(arena, path);
    if (!text.at)
        return NULL;
    json_error_t error;
    json_t *json = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    ck_assert_msg(json != NULL, "%s, line %d: %s", path.at, error.line, error.text);
    return json_keep(arena, json);
}

void case_file_merge(struct arena *arena, json_t *into, const json_t *from)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)from, name, value) {
        json_t *there = json_object_get(into, name);
        if (name[0] == '$')
            continue;
        if (json_is_null(value))
            json_object_del(into, name);
        else if (json_is_object(there) && json_is_object(value))
            case_file_merge(arena, there, value);
        else
            json_set(arena, into, name, value);
    }
}

static json_t *include(struct arena *arena, struct str folder, struct str name)
{
    struct str path = str_print(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
    json_t *json = case_file_read(arena, path);
    ck_assert_msg(json != NULL, "there is no file %s", path.at);
    return case_file_expand(arena, str_slice(path, 0, str_find_last(path, '/')), json);
}

json_t *case_file_expand(struct arena *arena, struct str folder, const json_t *json)
{
    const char *name;
    json_t *value;
    size_t i;
    json_t *made = NULL;
    if (json_is_array(json)) {
        made = json_new_array(arena);
        json_array_foreach (json, i, value)
            json_add(arena, made, case_file_expand(arena, folder, value));
        return made;
    }
    if (!json_is_object(json))
        return json_keep(arena, json_deep_copy(json));
    made = json_new_object(arena);
    json_object_foreach ((json_t *)json, name, value)
        if (strcmp(name, "$from") != 0)
            json_set(arena, made, name, case_file_expand(arena, folder, value));
    struct str from = json_str_at(json, "$from");
    if (!from.at)
        return made;
    json_t *whole = include(arena, folder, from);
    case_file_merge(arena, whole, made);
    return whole;
}

void case_file_write(struct arena *arena, struct str path, const json_t *json)
{
    struct str name = str_copy(arena, path);
    FILE *file = fopen(name.at, "w");
    ck_assert_msg(file != NULL, "%s cannot be written", name.at);
    ck_assert_int_eq(json_dumpf(json, file, JSON_INDENT(2) | JSON_ENCODE_ANY), 0);
    fputc('\n', file);
    fclose(file);
}

struct str case_file_pretty(struct arena *arena, const json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    struct str copy = str_copy(arena, str_of(text));
    free(text);
    return copy;
}
