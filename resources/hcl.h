/* Objects of our rows as HCL: configurations that can be pasted. */
#pragma once

#include "schema/attr.h"

/* Appends S as a quoted string in which nothing is a template. */
void hcl_string(struct buf *out, struct str s);

/* Appends V as an expression on one line. */
void hcl_value(struct buf *out, const struct value *v);

/* Appends `resource "TYPE" "LABEL" { ... }` for OBJECT of ROWS: what is null, computed or a default
 * is left out.  Laid out as `terraform fmt` does it. */
void hcl_resource(struct buf *out, const char *type, struct str label, const struct attr *rows,
                  const struct value *object);

/* NAME as a label: letters, digits and '_'. */
struct str hcl_label(struct arena *arena, struct str name);
