/* Who owns which field of a Kubernetes object, read from metadata.managedFields.
 *
 * Paths are written as in the API server's conflicts: ".data.any", `[name="x"]` for an item of a
 * list with keys, `[="x"]` for a member of a set, `[3]` for an index (structured-merge-diff,
 * fieldpath). A name may hold dots itself (".metadata.labels.nvidia.com/gpu.present"); paths are
 * therefore never cut apart but followed along the recorded fields. */
#pragma once

#include "base/json.h"

struct managed_fields_entry {
    struct str manager;
    struct str operation; /* "Apply" or "Update" */
    struct str api_version;
    struct str time;        /* RFC 3339 in UTC, or at == NULL */
    struct str subresource; /* "status", or at == NULL */
    const json_t *fields;   /* fieldsV1 */
};

/* All entries of OBJECT in the order of the object, in *OUT (in ARENA); their number.  Entries that
 * are malformed are left out. */
size_t managed_fields_read(struct arena *arena, const json_t *object,
                           struct managed_fields_entry **out);

/* The entries that own PATH, newest first (those without a time last), in *OUT; their number.  An
 * entry owns a path also where it owns a list or map above it as a whole, or something below it. */
size_t managed_fields_owners(struct call *call, const json_t *object, struct str path,
                             struct managed_fields_entry **out);

/* Whether MANAGER owns PATH by OPERATION ("Apply"). */
bool managed_fields_has(struct call *call, const json_t *object, struct str manager,
                        const char *operation, struct str path);

/* Whether MANAGER, and nobody else, wrote OBJECT.  Writers of subresources (status) do not count.
 */
bool managed_fields_only_manager(struct call *call, const json_t *object, struct str manager);

/* An entry for messages: "kubectl-edit" (Update at 2026-01-02T03:04:05Z). */
struct str managed_fields_print(struct arena *arena, const struct managed_fields_entry *entry);

struct managed_fields_paths {
    struct str *at;
    size_t count;
};

/* The paths that an apply of BODY sets, sorted: objects are walked by key, a list and an empty
 * object are one path.  Left out is what the server never books: apiVersion, kind and the identity
 * in metadata (name, namespace, uid, resourceVersion, generation, creationTimestamp,
 * managedFields). */
struct managed_fields_paths managed_fields_paths_of(struct arena *arena, const json_t *body);

/* The value in OBJECT at PATH, as written by `managed_fields_paths_of`; NULL where there is none.
 */
json_t *managed_fields_value(const json_t *object, struct str path);
