/* Mistakes in tables of rows, found by a test over every table there is. */
#pragma once

#include "base/buf.h"
#include "schema/attr.h"

/* Appends one line for each mistake in ROWS ("WHO.block.name: what is wrong"), blocks inside
 * included.  IS_BLOCK: ROWS are a block's, so that what only root rows may have is wrong.  True
 * where there is none.
 *
 * The rules are core's (docs/internals/protocol.md, "Schema checks") and those on which the other
 * functions of this folder rely without looking. */
bool attr_lint(struct buf *complaints, const char *who, const struct attr *rows, bool is_block);
