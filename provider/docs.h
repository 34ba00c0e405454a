/* The pages under docs/: from the tables of the provider and from the files under examples/. */
#pragma once

#include "resources/function.h"
#include "resources/resource.h"

/* Writes index.md, resources/NAME.md, data-sources/NAME.md and functions/NAME.md into DIRECTORY
 * (made where it is missing).  Examples are read relative to the current directory:
 * examples/provider/provider.tf, examples/resources/gpushare_NAME/resource.tf with import.sh beside
 * it, and examples/data-sources/gpushare_NAME/data-source.tf, and
 * examples/functions/NAME/function.tf.  False with an error added where one of them is missing or a
 * page cannot be written. */
MUST_CHECK bool docs_write(struct call *call, struct str directory);

/* Markdown: the least RBAC rules and IAM policy that RESOURCE needs. */
struct str docs_resource_permissions(struct arena *arena, const struct resource *resource);
struct str docs_data_source_permissions(struct arena *arena, const struct data_source *source);

/* Markdown: how RESOURCE is imported, by id and by identity. */
struct str docs_import_form(struct arena *arena, const struct resource *resource);

/* The page of FUNCTION with its example. */
struct str docs_function_page(struct arena *arena, const struct function *function,
                              struct str example_text);
