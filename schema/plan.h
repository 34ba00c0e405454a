/* The plan: what a resource will be, made from its rows, its configuration and its prior state.
 *
 * The rules are Terraform's (docs/internals/protocol.md, "Plan"): a configured value is kept as it
 * is or, where it means the same as the prior one, the prior one; a computed value becomes unknown
 * only on create or when something really changes. */
#pragma once

#include "schema/attr.h"

struct plan {
    /* In. */
    const struct attr *rows;
    const struct value *config; /* the object, or null: destroy */
    const struct value *prior;  /* the object, or null: create */
    const void *context;        /* for derive functions */

    /* Out. */
    const struct value *planned;
    const struct path *const *replaces; /* attributes whose change needs a new object */
    size_t replace_count;
    bool changed; /* something of the real object changes, or it is created or destroyed */
};

/* Fills PLAN's results. False with an error added where it cannot be planned. */
MUST_CHECK bool plan_make(struct call *call, struct plan *plan);

/* Whether PLAN keeps the rules that core enforces ("Provider produced invalid plan").  False, with
 * an error that names the attribute, where our own planning broke one: nothing wrong ever leaves.
 */
MUST_CHECK bool plan_self_check(struct call *call, const struct plan *plan);

/* Whether core accepts PLANNED for the block ROW, at each index of a list and each key of a map. */
bool plan_block_is_valid(const struct attr *row, const struct value *config,
                         const struct value *prior, const struct value *planned);

/* The state after a successful apply: PLANNED with its unknowns filled from DECODED, null where
 * that has nothing. */
const struct value *plan_fill(struct arena *arena, const struct value *planned,
                              const struct value *decoded);
