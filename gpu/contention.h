/* What tasks lose to each other when they share a GPU by time-slicing: measured curves.
 *
 * The curves were measured on one H200 with the time-slices that its driver sets by default; a
 * curve of one's own may take their place. */
#pragma once

#include "base/str.h"

#define CONTENTION_POINT_LIMIT 16

struct contention_point {
    int64_t tasks;     /* on one GPU at once */
    double throughput; /* of all of them together, where one alone has 1 */
    double p99;        /* the 99th percentile of latency, where one alone has 1 */
};

struct contention_curve {
    const char *name; /* "saturating"; NULL: the user's own */
    const char *doc;  /* what was measured, a part of a sentence */
    size_t count;     /* at least 1 */
    struct contention_point points[CONTENTION_POINT_LIMIT]; /* tasks ascending */
};

/* "saturating", "inference" and "bursty". */
extern const struct contention_curve contention_curves[];
extern const size_t contention_curve_count;

/* The curve called NAME, or NULL. */
const struct contention_curve *contention_find(struct str name);

/* The measured curve that suits tasks which use a GPU for the share UTILISATION of the time:
 * "bursty" up to a third, else, also where it is not known (0), "saturating". */
const struct contention_curve *contention_for(double utilisation);

/* What the measured curve that suits UTILISATION says of TASKS on one GPU.  Bursty tasks that are
 * busy more or less than those that were measured count by the load that they make together. */
struct contention_point contention_of(double utilisation, int64_t tasks);

/* What CURVE says of TASKS (at least 1) on one GPU: a straight line between two points; behind the
 * last one the GPU gives no more, and latency grows with the number of tasks. */
struct contention_point contention_at(const struct contention_curve *curve, int64_t tasks);
