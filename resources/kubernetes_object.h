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

    /* Of a kind that comes in sets (resources/kubernetes_set.h): the root row whose map holds, by
     * name, the text of each object; NULL: one object, made from the rows. */
    const char *members;

    /* The resource is some fields of an object that others make: it is never created, and deleting
     * the resource gives its fields up. `manager` is its own. */
    bool part;

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

/* The way to the cluster of OPERATION for a write.  False with an error added, also where there is
 * no such cluster. */
bool kubernetes_object_reach(const struct operation *operation,
                             const struct kubernetes_client **client);

/* Fills operation->private->evidence from operation->answer: who else wrote what we had set. */
void kubernetes_object_gather_evidence(struct operation *operation);

/* Adds one warning that names who wrote the paths which the change from PRIOR to PLANNED restores,
 * where EVIDENCE (see private_state.h) knows. */
void kubernetes_object_warn_drift(struct call *call, const struct resource *resource,
                                  const struct value *prior, const struct value *planned,
                                  const json_t *evidence);
