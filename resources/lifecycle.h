/* What happens to any resource: validate, plan, read, apply, import, upgrade.
 *
 * One function a protocol call, free of protobuf: values in, values and diagnostics out.  They know
 * no resource by name; what differs stands in rows, drivers and hooks. */
#pragma once

#include "resources/resource.h"

/* What Read, Apply and Import give back. */
struct lifecycle_state {
    const struct value *state; /* null: gone */
    struct str private;
    const struct value *identity; /* object of identity attributes, null: none */
};

bool lifecycle_validate(struct call *call, const struct context *context,
                        const struct resource *resource, const struct value *config);

/* PRIVATE is prior_private; on return what Apply is to get. */
bool lifecycle_plan(struct call *call, const struct context *context,
                    const struct resource *resource, struct plan *plan, struct str *private);

bool lifecycle_read(struct call *call, const struct context *context,
                    const struct resource *resource, const struct value *state, struct str private,
                    struct lifecycle_state *out);

/* Also where it returns false, *OUT describes what exists. */
bool lifecycle_apply(struct call *call, const struct context *context,
                     const struct resource *resource, const struct value *prior,
                     const struct value *planned, struct str private, struct lifecycle_state *out);

/* From an import id, or (id.at == NULL) from an identity object. */
bool lifecycle_import(struct call *call, const struct context *context,
                      const struct resource *resource, struct str id, const struct value *identity,
                      struct lifecycle_state *out);

/* A state of any earlier version as JSON, made to fit the rows of today. */
const struct value *lifecycle_upgrade(struct call *call, const struct resource *resource,
                                      struct str json);

/* The type of RESOURCE's identity object, and the identity of STATE. */
const struct type *lifecycle_identity_type(struct arena *arena, const struct resource *resource);
const struct value *lifecycle_identity(struct arena *arena, const struct resource *resource,
                                       const struct value *state);
