/* What a resource remembers beside its state: bytes that core keeps and nobody sees.
 *
 * They hold no secret and no volatile value: which paths we set, who else wrote one of them, and
 * whether the object is just being imported. */
#pragma once

#include "base/json.h"

struct private_state {
    bool import;       /* Read fills in everything, as there is no prior state */
    json_t *set_paths; /* array of strings: the leaf paths of the last body that we applied */
    json_t *
        evidence; /* array of {path, manager, operation, time}: who wrote our paths, seen by Read */
};

/* Reads what `private_state_write` wrote; anything else (another version's) counts as empty. */
struct private_state private_state_read(struct arena *arena, struct str bytes);

struct str private_state_write(struct arena *arena, const struct private_state *state);

/* Whether PATH is among the paths that we set. */
bool private_state_has_set(const struct private_state *state, struct str path);
