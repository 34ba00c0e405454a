/* One call: what every function that can fail takes first.
 *
 * A call is one RPC.  It holds the arena, the diagnostics that the user will see, the deadline and
 * the wish to be cancelled.  A function that returns bool or a pointer and fails has added exactly
 * one error itself; its callers add nothing. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/str.h"

/* A place in a configuration, built on the stack while walking down; NULL is the whole object.
 * Exactly one of the three selectors of the protocol applies. */
enum path_step {
    PATH_ATTRIBUTE, /* .name: an attribute or block of an object */
    PATH_KEY,       /* ["name"]: an element of a map */
    PATH_INDEX,     /* [index]: an element of a list */
};

struct path {
    const struct path *up;
    enum path_step step;
    struct str name;
    int64_t index;
};

#define PATH_AT_ATTRIBUTE(up, text) (&(const struct path){ (up), PATH_ATTRIBUTE, (text), 0 })
#define PATH_AT_KEY(up, text) (&(const struct path){ (up), PATH_KEY, (text), 0 })
#define PATH_AT_INDEX(up, number) (&(const struct path){ (up), PATH_INDEX, { 0 }, (number) })

/* PATH as a user writes it: config["any"].replicas, taint[2].key. */
struct str path_print(struct arena *arena, const struct path *path);

/* A copy that outlives the stack it was built on. */
const struct path *path_copy(struct arena *arena, const struct path *path);

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

struct diagnostic {
    struct diagnostic *next;
    enum severity severity;
    struct str summary;
    struct str detail;
    const struct path *at; /* NULL: the whole object */
};

struct call {
    struct arena *arena;
    struct diagnostic *first, *last; /* in the order they were added */
    unsigned errors;
    int64_t deadline_ms;           /* on the monotonic clock; 0: none */
    const atomic_bool *cancelled;  /* set by StopProvider or a stream reset; may be NULL */
    const atomic_bool *cancelled2; /* a second source of the same wish; may be NULL */
    const char *rpc;               /* for logs: "PlanResourceChange" */
    const char *type_name;         /* for logs: "gpushare_node_group", or NULL */
    uint64_t request_id;           /* for logs */
};

/* Adds an error at AT.  SUMMARY is one short line without a full stop, DETAIL one or more whole
 * sentences: what was expected, what was found, what to do.  Neither may hold a secret.
 * Always returns false, so that `return fail(...)` works; for a pointer result use `fail_null`. */
bool fail(struct call *call, const struct path *at, const char *summary, const char *detail, ...)
    PRINTF_LIKE(4, 5);
#define fail_null(...) (fail(__VA_ARGS__) ? NULL : NULL)

/* Adds a warning at AT. */
void warn(struct call *call, const struct path *at, const char *summary, const char *detail, ...)
    PRINTF_LIKE(4, 5);

/* Whether the call should end early. */
bool call_cancelled(const struct call *call);

/* What is left until the deadline, at least 0; INT64_MAX without one. */
int64_t call_left_ms(const struct call *call);

/* Sleeps for MS milliseconds, less where the deadline or a cancel comes first.  False, with an
 * error added, when it was cut short; WAITING_FOR goes into that error ("the node group gpu to
 * become ACTIVE"). */
MUST_CHECK bool call_sleep(struct call *call, int64_t ms, const char *waiting_for);

/* Milliseconds on the monotonic clock. */
int64_t clock_monotonic_ms(void);
/* Milliseconds since 1970 (UTC). */
int64_t clock_wall_ms(void);
