/* Private state as a small JSON object. */
#include "resources/private_state.h"

struct private_state private_state_read(struct arena *arena, struct str bytes)
{
    struct private_state state = { 0 };
    json_t *root = bytes.len ? json_try_parse(arena, bytes) : NULL;
    if (!json_is_object(root))
        return state;
    state.import = json_is_true(json_object_get(root, "import"));
    json_t *set_paths = json_object_get(root, "set");
    json_t *evidence = json_object_get(root, "evidence");
    state.set_paths = json_is_array(set_paths) ? set_paths : NULL;
    state.evidence = json_is_array(evidence) ? evidence : NULL;
    return state;
}

struct str private_state_write(struct arena *arena, const struct private_state *state)
{
    json_t *root = json_new_object(arena);
    if (state->import)
        json_set(arena, root, "import", json_new_bool(arena, true));
    if (json_array_size(state->set_paths))
        json_set(arena, root, "set", state->set_paths);
    if (json_array_size(state->evidence))
        json_set(arena, root, "evidence", state->evidence);
    return json_print(arena, root);
}

bool private_state_has_set(const struct private_state *state, struct str path)
{
    for (size_t i = 0; i < json_array_size(state->set_paths); i++)
        if (str_equal(json_str(json_array_get(state->set_paths, i)), path))
            return true;
    return false;
}
