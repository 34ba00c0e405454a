/* The protocol's schema of a resource, made from its rows. */
#pragma once

#include "schema/attr.h"
#include "tfplugin6.pb-c.h"

/* A schema of VERSION with the text DOC, in ARENA. */
Tfplugin6__Schema *schema_emit(struct arena *arena, const struct attr *rows, int64_t version,
                               const char *doc);
