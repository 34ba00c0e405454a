/* "Did you mean": the named row of a table nearest to a word. */
#pragma once

#include "base/str.h"

/* ROWS are COUNT structs of ROW_SIZE bytes whose first member is `const char *name`.  The name
 * nearest to WORD (see `str_nearest`), or NULL where none is near. */
const char *nearest_name(struct str word, const void *rows, size_t count, size_t row_size);

/* The row called WORD, or NULL. */
const void *named_row(struct str word, const void *rows, size_t count, size_t row_size);
