/* The text that describes a row to a reader: in the protocol's schema and on its page. */
#pragma once

#include "schema/attr.h"

/* The whole text of ROW: what it is, what it must be, what it is when left out. */
struct str schema_description(struct arena *arena, const struct attr *row);
