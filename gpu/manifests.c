/* Splitting, reading and printing manifests. */
#include "gpu/manifests.h"

#include "base/yaml.h"

struct reading {
    struct call *call;
    struct manifests *out;
    struct problems *problems;
    bool is_alone; /* the text is one document */
};

static bool is_separator(struct str line)
{
    return str_starts(line, "---") && !str_trim(str_slice(line, 3, line.len)).len;
}

/* Takes the text up to the next separator off *REST. */
static struct str next_document(struct str *rest)
{
    size_t from = 0;
    while (from < rest->len) {
        size_t end = str_find(*rest, '\n', from);
        struct str line = str_slice(*rest, from, end);
        if (is_separator(line)) {
            struct str document = str_slice(*rest, 0, from);
            *rest = str_slice(*rest, end + 1, rest->len);
            return document;
        }
        from = end + 1;
    }
    struct str document = *rest;
    *rest = (struct str){ 0 };
    return document;
}

static void add_object(struct reading *reading, json_t *object, struct str path)
{
    struct manifests *out = reading->out;
    if (out->count == MANIFEST_LIMIT) {
        problem_add(reading->problems, PROBLEM_FATAL, path,
                    "The text has more than %d objects; the others were not looked at.",
                    MANIFEST_LIMIT);
        return;
    }
    if (!json_str_at(object, "apiVersion").at || !json_str_at(object, "kind").at) {
        problem_add(reading->problems, PROBLEM_FATAL, path,
                    "This is no Kubernetes manifest: it needs `apiVersion` and `kind`.");
        return;
    }
    out->objects[out->count] = object;
    out->paths[out->count++] = path;
}

static void add_document(struct reading *reading, struct str text, size_t number)
{
    struct arena *arena = reading->call->arena;
    struct str path = reading->is_alone ? STR("") : str_print(arena, "[%zu]", number);
    struct call inner = { .arena = arena };
    json_t *document = yaml_parse(&inner, NULL, text, "the manifest");
    if (!document) {
        problem_add(reading->problems, PROBLEM_FATAL, path, "%.*s", STR_ARG(inner.first->detail));
        return;
    }
    if (json_is_null(document))
        return;
    json_t *items = json_object_get(document, "items");
    if (!str_is(json_str_at(document, "kind"), "List") || !json_is_array(items)) {
        add_object(reading, document, path);
        return;
    }
    for (size_t i = 0; i < json_array_size(items); i++)
        if (reading->out->count < MANIFEST_LIMIT)
            add_object(reading, json_array_get(items, i),
                       str_print(arena, "%.*sitems[%zu]", STR_ARG(path), i));
}

void manifests_read(struct call *call, struct str text, struct manifests *out,
                    struct problems *problems)
{
    *out = (struct manifests){ ARENA_NEW_ARRAY(call->arena, json_t *, MANIFEST_LIMIT),
                               ARENA_NEW_ARRAY(call->arena, struct str, MANIFEST_LIMIT), 0 };
    struct str rest = text;
    size_t documents = 0;
    while (rest.at)
        documents += str_trim(next_document(&rest)).len > 0;
    struct reading reading = { call, out, problems, documents == 1 };
    rest = text;
    for (size_t number = 0; rest.at && number <= MANIFEST_LIMIT;) {
        struct str document = str_copy(call->arena, next_document(&rest));
        if (str_trim(document).len)
            add_document(&reading, document, number++);
    }
    if (!documents)
        problem_add(problems, PROBLEM_FATAL, STR(""), "The text is empty.");
}

static void print_value(struct buf *out, const json_t *value, int indent, bool behind_dash);

static void print_scalar(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        yaml_add_string(out, json_str(value));
    else if (json_is_object(value))
        buf_add_text(out, "{}");
    else if (json_is_array(value))
        buf_add_text(out, "[]");
    else
        buf_add_str(out, json_print(out->arena, value));
    buf_add_byte(out, '\n');
}

static bool is_block(const json_t *value)
{
    return json_object_size(value) || json_array_size(value);
}

static void print_object(struct buf *out, const json_t *object, int indent, bool behind_dash)
{
    const char *key;
    json_t *member;
    bool first = behind_dash;
    json_object_foreach ((json_t *)object, key, member) {
        buf_print(out, "%*s", first ? 0 : indent, "");
        yaml_add_string(out, str_of(key));
        buf_add_byte(out, ':');
        first = false;
        print_value(out, member, indent + (json_is_array(member) ? 0 : 2), false);
    }
}

static void print_array(struct buf *out, const json_t *array, int indent)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        buf_print(out, "%*s-", indent, "");
        print_value(out, json_array_get(array, i), indent + 2, true);
    }
}

/* The value behind "key:" or "-". */
static void print_value(struct buf *out, const json_t *value, int indent, bool behind_dash)
{
    bool nested_list = behind_dash && json_is_array(value);
    if (!is_block(value) || (json_is_object(value) && behind_dash) || nested_list)
        buf_add_byte(out, nested_list && is_block(value) ? '\n' : ' ');
    else
        buf_add_byte(out, '\n');
    if (!is_block(value))
        print_scalar(out, value);
    else if (json_is_object(value))
        print_object(out, value, indent, behind_dash);
    else
        print_array(out, value, indent);
}

void manifest_print(struct buf *out, const json_t *value)
{
    if (json_is_object(value) && is_block(value))
        print_object(out, value, 0, false);
    else if (is_block(value))
        print_array(out, value, 0);
    else
        print_scalar(out, value);
}
