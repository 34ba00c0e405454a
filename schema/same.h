/* When two values of a row mean the same though they differ. */
#pragma once

#include "schema/attr.h"

/* Whether A and B, both set, mean the same for ROW: equal, equal by its codec (element by element),
 * or the same elements of an UNORDERED list in another order. */
bool same_meaning(const struct attr *row, const struct value *a, const struct value *b);

/* The element of the list LIST (of a block with ROW->key) that has the same key members as ELEMENT,
 * or NULL. Without a key: the element at INDEX, or NULL. */
const struct value *same_element(const struct attr *row, const struct value *list,
                                 const struct value *element, size_t index);

/* Whether list blocks A and B hold the same elements, in whatever order where ROW has a key. */
bool same_elements(const struct attr *row, const struct value *a, const struct value *b);

/* Whether A and B, objects of ROWS (or null), mean the same throughout. */
bool same_object(const struct attr *rows, const struct value *a, const struct value *b);
