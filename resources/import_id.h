/* Import ids: [CLUSTER:]PART[/PART...][@REGION]. */
#pragma once

#include "resources/resource.h"

/* An object of RESOURCE's rows in which only what the id names is set.  NULL with an error added,
 * which shows the expected form, where ID does not have it. */
const struct value *import_id_parse(struct call *call, const struct context *context,
                                    const struct resource *resource, struct str id);

/* The id of OBJECT. */
struct str import_id_print(struct arena *arena, const struct resource *resource,
                           const struct value *object);

/* The form of RESOURCE's ids, for messages and pages: "[CLUSTER:]NAMESPACE/NAME[@REGION]". */
struct str import_id_form(struct arena *arena, const struct resource *resource);
