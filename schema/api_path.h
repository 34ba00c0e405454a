/* Places in an API's JSON object, as rows name them. */
#pragma once

#include "schema/attr.h"

/* The path of ROW below the path UP ("" is the root): UP itself where the row's api is "", else UP
 * and the row's own steps, or the camelCase of its name. */
struct str api_path_of(struct arena *arena, struct str up, const struct attr *row);

/* Takes the first step off *PATH: `spec.labels["a.b"]` gives spec, labels, a.b. False at the end.
 */
bool api_path_next(struct str *path, struct str *step);

/* What stands at PATH in ROOT, or NULL. */
json_t *api_path_get(const json_t *root, struct str path);

/* Puts VALUE at PATH, making objects on the way. */
void api_path_put(struct arena *arena, json_t *root, struct str path, json_t *value);

/* The camelCase of a snake_case name: max_unavailable_percentage gives maxUnavailablePercentage. */
struct str api_name(struct arena *arena, struct str name);
