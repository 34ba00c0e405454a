/* The JSON body of a request, made from rows and a value. */
#pragma once

#include "schema/attr.h"

/* Everything that is sent of OBJECT (an object of ROWS, wholly known where it is sent): null
 * attributes, empty lists of blocks, and UNSENT and READ_ONLY rows are left out.  In CALL's arena.
 */
json_t *encode_body(struct call *call, const struct attr *rows, const struct value *object);

/* The JSON form of one value of ROW, or NULL where nothing is sent for it. */
json_t *encode_value(struct arena *arena, const struct attr *row, const struct value *v);
