/* Values as the case folders write them: JSON in which an unknown is a string of its own. */
#pragma once

#include "base/json.h"
#include "schema/attr.h"

/* How an unknown value is written. */
#define CASE_UNKNOWN "(known after apply)"

/* An object of ROWS from JSON (NULL: the null object); what JSON leaves out is null, or an empty
 * list or map block.  Ends the test where JSON does not fit. */
const struct value *case_value_read(struct call *call, const struct attr *rows, const json_t *json);

/* The JSON form of V: numbers as numbers, and what is null (or empty, of a block) left out.  JSON
 * null where V is null. */
json_t *case_value_write(struct arena *arena, const struct attr *rows, const struct value *v);
