/* Lists of blocks whose `name` is a key: what a map of blocks would be.
 *
 * Cores cannot evaluate a dynamic block's label from a variable while they validate, so a map block
 * would not work in modules; docs/internals/protocol.md, "Blocks", has the whole story. */
#pragma once

#include "schema/value.h"

struct named_block {
    struct str name;
    const struct value *block;
};

struct named_blocks {
    struct named_block *rows;
    size_t count;
};

/* The blocks of LIST with their names, in order, into *OUT (in ARENA); false where the list or a
 * name is not known. */
bool named_blocks_read(struct arena *arena, const struct value *list, struct named_blocks *out);

/* False with an error added for each name that comes twice in LIST, which stands AT. */
bool named_blocks_check(struct call *call, const struct path *at, const struct value *list);

/* A list of blocks made by PARSE from TEXTS (a map of strings), which gets the block of that name
 * in BEFORE, or null; in the order of `named_blocks_order`. */
const struct value *
named_blocks_parse(struct call *call, const struct value *texts, const struct value *before,
                   const struct value *(*parse)(struct call *call, struct str name, struct str text,
                                                const struct value *before));

/* LIST with the names of BEFORE first, in their order there, and the others behind as they come. */
const struct value *named_blocks_order(struct arena *arena, const struct value *list,
                                       const struct value *before);
