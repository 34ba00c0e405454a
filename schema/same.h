/* When two values of a row mean the same though they differ. */
#pragma once

#include "schema/attr.h"

/* Whether A and B, both set, mean the same for ROW: equal, equal by its codec (element by element),
 * or the same elements of an UNORDERED list in another order. */
bool same_meaning(const struct attr *row, const struct value *a, const struct value *b);

/* The element of the list LIST (of a block with ROW->key) that has the same key members as ELEMENT,
 * or NULL; of several the one at INDEX.  Without a key: the element at INDEX, or NULL. */
const struct value *same_element(const struct attr *row, const struct value *list,
                                 const struct value *element, size_t index);

/* LIST with the elements that PRIOR has too first, in PRIOR's order; elements of an attribute that
 * mean the same in PRIOR's spelling.  LIST itself where its order means something: neither key nor
 * UNORDERED. */
const struct value *same_order(struct arena *arena, const struct attr *row,
                               const struct value *list, const struct value *prior);

/* Whether list blocks A and B hold the same elements, in whatever order where ROW has a key. */
bool same_elements(const struct attr *row, const struct value *a, const struct value *b);

/* Whether A and B, values of ROW of any kind, mean the same. */
bool same_value(const struct attr *row, const struct value *a, const struct value *b);

/* Whether A and B, objects of ROWS (or null), mean the same throughout. */
bool same_object(const struct attr *rows, const struct value *a, const struct value *b);

/* As `same_value`, but null also means what the API fills in by itself (ROW->server_default), at
 * every depth. */
bool same_to_api(struct arena *arena, const struct attr *row, const struct value *a,
                 const struct value *b);
