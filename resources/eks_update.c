/* Deltas between two encoded objects in the forms that EKS wants. */
#include "resources/eks_update.h"

#include "base/json.h"
#include "schema/api_path.h"
#include "schema/encode.h"

/* "addOrUpdate" + "Labels" */
static void put(struct arena *arena, json_t *into, const char *verb, struct str path, json_t *value)
{
    char *name = (char *)str_copy(arena, path).at;
    if (name[0] >= 'a' && name[0] <= 'z')
        name[0] = (char)(name[0] - 32);
    json_set(arena, into, str_print(arena, "%s%s", verb, name).at, value);
}

static json_t *map_delta(struct arena *arena, struct str path, const json_t *before,
                         const json_t *after)
{
    json_t *changed = json_new_object(arena);
    json_t *removed = json_new_array(arena);
    json_t *delta = json_new_object(arena);
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)after, key, value) {
        json_t *was = json_object_get(before, key);
        if (!was || !json_equal(was, value))
            json_set(arena, changed, key, value);
    }
    json_object_foreach ((json_t *)before, key, value)
        if (!json_object_get(after, key))
            json_add(arena, removed, json_new_str(arena, str_of(key)));
    if (json_object_size(changed))
        put(arena, delta, "addOrUpdate", path, changed);
    if (json_array_size(removed))
        put(arena, delta, "remove", path, removed);
    return delta;
}

static bool same_key(struct arena *arena, const struct attr *row, const json_t *a, const json_t *b)
{
    struct str names = str_of(row->key);
    struct str name;
    while (attr_next_name(&names, &name)) {
        const char *api = api_name(arena, name).at;
        const json_t *left = json_object_get(a, api);
        const json_t *right = json_object_get(b, api);
        if (left && right ? !json_equal(left, right) : left != right)
            return false;
    }
    return true;
}

static json_t *find(struct arena *arena, const struct attr *row, const json_t *list,
                    const json_t *element)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (same_key(arena, row, json_array_get(list, i), element))
            return json_array_get(list, i);
    return NULL;
}

static json_t *set_delta(struct arena *arena, const struct attr *row, struct str path,
                         const json_t *before, const json_t *after)
{
    json_t *changed = json_new_array(arena);
    json_t *removed = json_new_array(arena);
    json_t *delta = json_new_object(arena);
    for (size_t i = 0; i < json_array_size(after); i++) {
        json_t *element = json_array_get(after, i);
        json_t *was = find(arena, row, before, element);
        if (!was || !json_equal(was, element))
            json_add(arena, changed, element);
    }
    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *element = json_array_get(before, i);
        if (!find(arena, row, after, element))
            json_add(arena, removed, element);
    }
    if (json_array_size(changed))
        put(arena, delta, "addOrUpdate", path, changed);
    if (json_array_size(removed))
        put(arena, delta, "remove", path, removed);
    return delta;
}

/* What others write is in no update: it would set back what an autoscaler decided meanwhile. */
static void drop_foreign(const struct operation *operation, const struct attr *block,
                         struct str path, json_t *body)
{
    if (block->nesting != BLOCK_SINGLE)
        return;
    FOR_EACH_ROW (row, block->rows) {
        if (!attr_is_foreign(row, operation->planned))
            continue;
        struct str name = api_name(operation->call->arena, str_of(row->name));
        json_object_del(api_path_get(body, path), name.at);
    }
}

/* A member that is not set any more goes back to its default: left out, EKS would keep it. */
static void restore_defaults(struct arena *arena, const struct attr *block, const json_t *was,
                             json_t *will_be)
{
    if (block->nesting != BLOCK_SINGLE)
        return;
    FOR_EACH_ROW (row, block->rows) {
        struct str path = api_path_of(arena, STR(""), row);
        const struct attr *sibling =
            row->yields_to ? attr_find(block->rows, str_of(row->yields_to)) : NULL;
        struct str other = sibling ? api_path_of(arena, STR(""), sibling) : path;
        bool goes = api_path_get(was, path) || api_path_get(was, other);
        bool stands = api_path_get(will_be, path) || api_path_get(will_be, other);
        if (row->server_default && goes && !stands)
            api_path_put(arena, will_be, path, json_try_parse(arena, str_of(row->server_default)));
    }
}

json_t *eks_update_body(const struct operation *operation, unsigned number)
{
    struct arena *arena = operation->call->arena;
    const struct attr *rows = operation->resource->rows;
    json_t *before = encode_body(operation->call, rows, operation->prior);
    json_t *after = encode_body(operation->call, rows, operation->planned);
    json_t *body = json_new_object(arena);
    FOR_EACH_ROW (row, rows) {
        if (row->call != number || (row->flags & (UNSENT | READ_ONLY)))
            continue;
        struct str path = api_path_of(arena, STR(""), row);
        json_t *was = api_path_get(before, path);
        json_t *will_be = api_path_get(after, path);
        if (was && will_be ? json_equal(was, will_be) : was == will_be)
            continue;
        if (row->form == FORM_WHOLE && !will_be && row->server_default)
            will_be = json_try_parse(arena, str_of(row->server_default));
        else if (row->form == FORM_WHOLE && will_be)
            restore_defaults(arena, row, was, will_be);
        if (row->form == FORM_WHOLE && will_be) {
            api_path_put(arena, body, path, will_be);
            drop_foreign(operation, row, path, body);
        } else if (row->form == FORM_MAP_DELTA) {
            api_path_put(arena, body, path, map_delta(arena, path, was, will_be));
        } else if (row->form == FORM_SET_DELTA) {
            api_path_put(arena, body, path, set_delta(arena, row, path, was, will_be));
        }
    }
    return body;
}

void eks_update_add_arguments(const struct operation *operation, unsigned number, json_t *body)
{
    struct arena *arena = operation->call->arena;
    FOR_EACH_ROW (row, operation->resource->rows) {
        const struct value *v = value_at(operation->planned, row->name);
        if (row->call != number || !(row->flags & UNSENT) || !value_is_set(v))
            continue;
        api_path_put(arena, body, api_path_of(arena, STR(""), row), encode_value(arena, row, v));
    }
}

struct eks_tag_change eks_update_tags(const struct operation *operation)
{
    struct arena *arena = operation->call->arena;
    const struct value *before = value_at(operation->prior, "tags_all");
    const struct value *after = value_at(operation->planned, "tags_all");
    size_t room = value_is_set(before) ? before->count : 0;
    struct http_header *removed = ARENA_NEW_ARRAY(arena, struct http_header, room);
    struct eks_tag_change change = { .added = json_new_object(arena), .removed = removed };
    json_t *tags = json_new_object(arena);
    for (size_t i = 0; i < room; i++)
        if (!value_is_set(value_at_str(after, before->members[i].name)))
            removed[change.removed_count++] =
                (struct http_header){ "tagKeys", before->members[i].name };
    for (size_t i = 0; value_is_set(after) && i < after->count; i++) {
        const struct value_member *member = &after->members[i];
        if (!value_equal(value_at_str(before, member->name), member->value))
            json_set(arena, tags, str_copy(arena, member->name).at,
                     json_new_str(arena, value_text(member->value)));
    }
    json_set(arena, change.added, "tags", tags);
    return change;
}
