/* What a provider function is: a row of facts and one pure C function.
 *
 * Core calls functions at any time, also before the provider is configured, and expects the same
 * result for the same arguments. */
#pragma once

#include "schema/value.h"

struct function_parameter {
    const char *name;
    const struct type *type;
    bool nullable;   /* null may be given; else core refuses it */
    const char *doc; /* one sentence or more */
};

struct function {
    const char *name;
    const char *summary;                         /* a few words without a full stop */
    const char *doc;                             /* Markdown, whole sentences: what comes back */
    const struct function_parameter *parameters; /* up to one without name */
    const struct type *result;

    /* The result from ARGUMENTS, which are wholly known and as many as PARAMETERS.  NULL with an
     * error added; its path begins with PATH_AT_INDEX, the argument at fault, where one is. */
    const struct value *(*run)(struct call *call, const struct value *const *arguments);
};

/* Everything that the provider offers, ended by NULL. */
extern const struct function *const registry_functions[];

/* By name ("mig_layouts"), or NULL. */
const struct function *registry_find_function(struct str name);

size_t function_parameter_count(const struct function *function);

/* "mig_fits(instance_type string, mig_devices map of number) object": how it is called. */
struct str function_signature(struct arena *arena, const struct function *function);
