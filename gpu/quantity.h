/* Kubernetes quantities: "2Gi", "1000m", "1e3".
 *
 * The grammar is the one of k8s.io/apimachinery's resource.Quantity: a signed decimal number, then
 * nothing, a binary suffix (Ki Mi Gi Ti Pi Ei), a decimal one (n u m k M G T P E) or an exponent
 * (e3, E-3).  Arithmetic is exact; a number longer than QUANTITY_DIGITS or an exponent beyond
 * QUANTITY_EXPONENT is refused, as nothing in a cluster is that large. */
#pragma once

#include "base/str.h"

#define QUANTITY_DIGITS 40
#define QUANTITY_EXPONENT 99

bool quantity_valid(struct str s);

/* Whether both mean the same amount ("2048Mi" and "2Gi"); texts that are no quantities are equal
 * only when they are the same text. */
bool quantity_equal(struct str a, struct str b);

/* Puts -1, 0 or 1 into *ORDER as A is less than, equal to or greater than B; false where either is
 * no quantity. */
bool quantity_order(struct str a, struct str b, int *order);

/* The whole number that S means ("80", "1k"), into *OUT; false where S is no quantity, is no whole
 * number or does not fit. */
bool quantity_to_int(struct str s, int64_t *out);
