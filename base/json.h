/* JSON of API bodies: jansson's values with the lifetime of an arena.
 *
 * Every `json_t *` that a function here returns is borrowed: the arena drops it.  Numbers that
 * jansson cannot hold exactly (2^63, long fractions) are Terraform values' business and go through
 * schema/value_json.h instead. */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "base/call.h"

/* Nesting accepted in any document from outside. */
#define JSON_DEPTH_LIMIT 512

/* Parses TEXT, whose origin WHAT names in the message ("the answer of the Kubernetes API server").
 * NULL with an error added where it is not JSON, nests too deep, or an object has a key twice. */
MUST_CHECK json_t *json_parse(struct call *call, const struct path *at, struct str text,
                              const char *what);

/* As `json_parse`, but silent: NULL without a diagnostic. For bodies that may be anything. */
json_t *json_try_parse(struct arena *arena, struct str text);

/* Hands VALUE (a new reference) to the arena and returns it; a NULL value counts as out of memory.
 */
NEVER_NULL json_t *json_keep(struct arena *arena, json_t *value);

/* New values, kept by the arena. */
NEVER_NULL json_t *json_new_object(struct arena *arena);
NEVER_NULL json_t *json_new_array(struct arena *arena);
NEVER_NULL json_t *json_new_str(struct arena *arena, struct str s);
NEVER_NULL json_t *json_new_int(struct arena *arena, int64_t number);
NEVER_NULL json_t *json_new_bool(struct arena *arena, bool flag);

/* object[key] = VALUE and array[] = VALUE; the value stays borrowed by the caller too. */
void json_set(struct arena *arena, json_t *object, const char *key, json_t *value);
void json_add(struct arena *arena, json_t *array, json_t *value);

/* What stands at PATH ("metadata.labels"), whose steps are separated by dots; a step that is all
 * digits indexes an array.  NULL where nothing is there.  For keys that hold dots themselves use
 * jansson's json_object_get. */
json_t *json_at(const json_t *root, const char *path);

/* The text of a string value; the view with at == NULL for anything else, NULL included. */
struct str json_str(const json_t *value);
/* `json_str(json_at(root, path))`. */
struct str json_str_at(const json_t *root, const char *path);

/* Compact text with sorted keys, so that equal values print equally. */
struct str json_print(struct arena *arena, const json_t *value);
