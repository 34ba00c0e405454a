/* jansson's values with the lifetime of an arena, parsed strictly and printed canonically. */
#include "base/json.h"

#include "base/encoding.h"

/* What arena_defer takes at most; reserved before a value exists, so that noting it cannot fail. */
#define DEFERRAL_BYTES ((size_t)64)

#define DECODE_FLAGS (JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL)

/* The one way to an arena's out-of-memory exit is a request that cannot be met. */
static void run_out(struct arena *arena)
{
    (void)arena_alloc(arena, SIZE_MAX);
}

static void release_value(void *value)
{
    json_decref(value);
}

json_t *json_keep(struct arena *arena, json_t *value)
{
    if (!value)
        run_out(arena);
    arena_defer(arena, release_value, value);
    return value;
}

/* Looked at before parsing, because jansson recurses and its own limit is four times ours. */
static bool nests_too_deep(struct str text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{') && ++depth > JSON_DEPTH_LIMIT)
            return true;
        else if (!in_string && (c == ']' || c == '}') && depth)
            depth--;
    }
    return false;
}

static json_t *decode(struct arena *arena, struct str text, json_error_t *error)
{
    arena_reserve(arena, DEFERRAL_BYTES);
    json_t *value = json_loadb(text.len ? text.at : "", text.len, DECODE_FLAGS, error);
    return value ? json_keep(arena, value) : NULL;
}

json_t *json_try_parse(struct arena *arena, struct str text)
{
    json_error_t error;
    return nests_too_deep(text) || str_has(text, '\0') ? NULL : decode(arena, text, &error);
}

json_t *json_parse(struct call *call, const struct path *at, struct str text, const char *what)
{
    json_error_t error;
    if (nests_too_deep(text))
        return fail_null(call, at, "JSON nests too deep",
                         "Expected JSON of at most %d levels in %s, found more.", JSON_DEPTH_LIMIT,
                         what);
    /* jansson skips a NUL that follows a number. */
    if (str_has(text, '\0'))
        return fail_null(call, at, "Invalid JSON",
                         "Expected JSON in %s, found a NUL byte at offset %zu.", what,
                         str_find(text, '\0', 0));
    json_t *value = decode(call->arena, text, &error);
    if (value)
        return value;
    if (json_error_code(&error) == json_error_out_of_memory)
        run_out(call->arena);
    if (json_error_code(&error) == json_error_premature_end_of_input || !str_trim(text).len)
        return fail_null(call, at, "Incomplete JSON",
                         "Expected JSON in %s, found that it ends too early, after %zu bytes.",
                         what, text.len);
    /* jansson quotes the text around the fault, which may be a secret. */
    struct str problem = str_of(error.text);
    for (size_t i = 0; i < problem.len; i++)
        if (str_starts(str_slice(problem, i, problem.len), " near "))
            problem.len = i;
    return fail_null(call, at, "Invalid JSON",
                     "Expected JSON in %s, found a fault in line %d, column %d: %.*s.", what,
                     error.line, error.column, STR_ARG(problem));
}

json_t *json_new_object(struct arena *arena)
{
    arena_reserve(arena, DEFERRAL_BYTES);
    return json_keep(arena, json_object());
}

json_t *json_new_array(struct arena *arena)
{
    arena_reserve(arena, DEFERRAL_BYTES);
    return json_keep(arena, json_array());
}

/* JSON has no way to carry other bytes, and a lost call would be worse than a marked character. */
static struct str replace_invalid(struct arena *arena, struct str s)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    while (s.len) {
        size_t len = utf8_length(s);
        if (len)
            buf_add(&out, s.at, len);
        else
            buf_add_text(&out, "\xEF\xBF\xBD");
        s = str_slice(s, len ? len : 1, s.len);
    }
    return buf_str(&out);
}

json_t *json_new_str(struct arena *arena, struct str s)
{
    arena_reserve(arena, DEFERRAL_BYTES);
    json_t *value = json_stringn(s.len ? s.at : "", s.len);
    if (!value) {
        s = replace_invalid(arena, s);
        arena_reserve(arena, DEFERRAL_BYTES);
        value = json_stringn(s.at, s.len);
    }
    return json_keep(arena, value);
}

json_t *json_new_int(struct arena *arena, int64_t number)
{
    arena_reserve(arena, DEFERRAL_BYTES);
    return json_keep(arena, json_integer(number));
}

json_t *json_new_bool(struct arena *arena, bool flag)
{
    return json_keep(arena, json_boolean(flag));
}

void json_set(struct arena *arena, json_t *object, const char *key, json_t *value)
{
    if (json_object_set(object, key, value) == 0)
        return;
    struct str valid = replace_invalid(arena, str_of(key));
    if (json_object_set(object, valid.at, value) != 0)
        run_out(arena);
}

void json_add(struct arena *arena, json_t *array, json_t *value)
{
    if (json_array_append(array, value) != 0)
        run_out(arena);
}

static json_t *step(const json_t *from, struct str name)
{
    int64_t index;
    if (json_is_object(from))
        return json_object_getn(from, name.at, name.len);
    if (json_is_array(from) && str_to_int(name, &index) && index >= 0)
        return json_array_get(from, (size_t)index);
    return NULL;
}

json_t *json_at(const json_t *root, const char *path)
{
    struct str rest = str_of(path);
    struct str name;
    json_t *found = NULL;
    while (str_split(&rest, '.', &name)) {
        found = step(root, name);
        root = found;
    }
    return found;
}

struct str json_str(const json_t *value)
{
    if (!json_is_string(value))
        return (struct str){ 0 };
    return (struct str){ json_string_value(value), json_string_length(value) };
}

struct str json_str_at(const json_t *root, const char *path)
{
    return json_str(json_at(root, path));
}

static int add_printed(const char *bytes, size_t len, void *out)
{
    return buf_try_add(out, bytes, len) ? 0 : -1;
}

struct str json_print(struct arena *arena, const json_t *value)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    if (!value)
        return STR("");
    if (json_dump_callback(value, add_printed, &out,
                           JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY) != 0)
        run_out(arena);
    return buf_str(&out);
}
