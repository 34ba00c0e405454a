/* The driver of resources that are Kubernetes objects: server-side apply along the rows.
 *
 * Create is an apply that carries resourceVersion "1", so that nothing is taken over by accident;
 * an update sends what is planned; what we set is remembered in private state, so that a value
 * which another manager took is restored without force_conflicts, and one that we never set is not.
 */
#pragma once

#include "resources/operation.h"

struct kubernetes_kind {
    const char *group; /* "" for the core group */
    const char *version;
    const char *kind;
    const char *plural;
    const char *manager; /* field manager; NULL: "gpushare" */

    /* Objects that the deleted one owns and whose end its deletion waits for; NULL: none. */
    const struct kubernetes_kind *dependents;
    const char *dependents_label; /* whose value is the owner's name */
};

#define FIELD_MANAGER "gpushare"

#define KUBERNETES_TIMEOUTS                                                                        \
    {                                                                                              \
        .create_s = 60, .read_s = 60, .update_s = 60, .delete_s = 300                              \
    }

extern const struct driver kubernetes_object_driver;

/* The whole body that OBJECT sends: encoded rows, apiVersion and kind. */
json_t *kubernetes_object_body(struct call *call, const struct resource *resource,
                               const struct value *object);

/* Adds one warning that names who wrote the paths which the change from PRIOR to PLANNED restores,
 * where EVIDENCE (see private_state.h) knows. */
void kubernetes_object_warn_drift(struct call *call, const struct resource *resource,
                                  const struct value *prior, const struct value *planned,
                                  const json_t *evidence);
