/* What is wrong with a document or a typed configuration, found without asking anyone.
 *
 * Checks in this folder collect problems instead of adding diagnostics, so that a data source can
 * list them, a function can return them and a resource can turn them into errors and warnings. */
#pragma once

#include "base/call.h"

enum problem_severity {
    PROBLEM_FATAL,      /* the component refuses it, or it contradicts what is known: an error */
    PROBLEM_IGNORED,    /* the component drops it in silence, so it cannot be meant: an error */
    PROBLEM_SUSPICIOUS, /* may be right, or newer than our tables: a warning */
};

struct problem {
    struct problem *next;
    enum problem_severity severity;
    struct str path;     /* in the document: "sharing.timeSlicing.resources[0].replicas", or "" */
    struct str block;    /* the repeated block at fault, "device_group"; at == NULL: none */
    int64_t index;       /* which of those blocks */
    struct str field;    /* the attribute of ours at fault: "replicas"; at == NULL: the whole */
    struct str key;      /* the key within a map attribute: "nvidia.com/gpu"; at == NULL: none */
    struct str sentence; /* whole sentences: what, found, expected, nearest valid value */
};

/* In the order they were found. */
struct problems {
    struct arena *arena;
    struct problem *first, *last;
    size_t count;
};

/* An empty list whose members live in ARENA. */
struct problems problems_make(struct arena *arena);

/* Appends a problem.  PATH is copied; FORMAT gives the sentence.  The result may be given `field`
 * and `key` by the caller. */
NEVER_NULL struct problem *problem_add(struct problems *problems, enum problem_severity severity,
                                       struct str path, const char *format, ...) PRINTF_LIKE(4, 5);

/* As `problem_add` with `field` and `key` (which may be the empty view) set and an empty path. */
void problem_add_field(struct problems *problems, enum problem_severity severity, const char *field,
                       struct str key, const char *format, ...) PRINTF_LIKE(5, 6);

/* How many have SEVERITY. */
size_t problems_count(const struct problems *problems, enum problem_severity severity);

/* "fatal", "ignored" or "suspicious", for outputs. */
const char *problem_severity_name(enum problem_severity severity);

/* Adds each problem to CALL as a diagnostic with SUMMARY: below AT where it has a block, field or
 * key, else with its path in front of the sentence; suspicious ones as warnings, the others as
 * errors. False where an error was added. */
bool problems_report(struct call *call, const struct path *at, const char *summary,
                     const struct problems *problems);
