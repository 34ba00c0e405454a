/* The JSON files of case folders. */
#pragma once

#include "base/json.h"

/* The text of PATH, or at == NULL where there is no such file. */
struct str case_file_text(struct arena *arena, struct str path);

/* The JSON in PATH, or NULL where there is no such file.  Ends the test where it is no JSON. */
json_t *case_file_read(struct arena *arena, struct str path);

/* A copy of JSON, which stands in FOLDER, in which each object with "$from" is what that file
 * (beside FOLDER's others) holds, itself expanded, with the members beside "$from" merged into it
 * as by RFC 7396: null removes. */
json_t *case_file_expand(struct arena *arena, struct str folder, const json_t *json);

/* INTO changed by what FROM says, as by RFC 7396; members whose name begins with "$" are left out.
 */
void case_file_merge(struct arena *arena, json_t *into, const json_t *from);

void case_file_write(struct arena *arena, struct str path, const json_t *json);

/* JSON over several lines, with sorted keys. */
struct str case_file_pretty(struct arena *arena, const json_t *json);
