/* Kubernetes manifests as people keep them: YAML documents one behind the other, or lists. */
#pragma once

#include "base/json.h"
#include "gpu/problem.h"

#define MANIFEST_LIMIT 1000

struct manifests {
    json_t **objects;  /* JSON objects with apiVersion and kind, in the arena */
    struct str *paths; /* of each, for problems: "" where there is one only, else "[1]" */
    size_t count;
};

/* Reads TEXT into *OUT.  What is no manifest becomes a fatal problem and is left out; nothing is
 * added to CALL.  Lists ("kind: List") are taken apart, empty documents skipped. */
void manifests_read(struct call *call, struct str text, struct manifests *out,
                    struct problems *problems);

/* Appends VALUE as a YAML document in block style, members in their order. */
void manifest_print(struct buf *out, const json_t *value);
