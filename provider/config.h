/* The provider block: its rows, and the one configuration of the process. */
#pragma once

#include "resources/context.h"
#include "schema/attr.h"

extern const struct attr config_rows[];
extern const struct rule config_rules[];
extern const char config_doc[];

/* Makes CONFIG (an object of config_rows; unknown values may be anywhere) the process's
 * configuration. What earlier calls use stays valid.  False with an error added. */
bool config_use(struct call *call, const struct value *config);

/* The configuration now; before the first `config_use` one in which nothing is known. */
NEVER_NULL const struct context *config_context(void);
