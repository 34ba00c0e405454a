/* The state of a resource, read from an API's answer along its rows. */
#pragma once

#include "schema/attr.h"

struct decode_options {
    const struct value *prior; /* the state before (or what was planned); null: an import */
    const void *context;       /* for derive and parse functions */
};

/* Makes the state of ROWS from ANSWER.
 *
 * With a prior state only what it has set is looked at, so that what others own is never drift;
 * values that mean the same keep the prior spelling and order.  Without one (import) everything is
 * taken that differs from what the API fills in by itself, and client-only arguments get their
 * defaults. NULL with an error added where ANSWER does not have the expected form. */
MUST_CHECK const struct value *decode_answer(struct call *call, const struct attr *rows,
                                             const json_t *answer,
                                             const struct decode_options *options);
