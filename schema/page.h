/* The registry's page of a resource, a data source or the provider, made from its rows. */
#pragma once

#include "schema/attr.h"

enum page_kind {
    PAGE_RESOURCE,
    PAGE_DATA_SOURCE,
    PAGE_PROVIDER,
};

struct page {
    enum page_kind kind;
    const char *name; /* with the provider's prefix: "gpushare_node_group"; or "gpushare" */
    const char *doc;  /* Markdown; its first paragraph is the page's description */
    const struct attr *rows;
    /* Each may have at == NULL: then its part is left out. */
    struct str example;     /* HCL */
    struct str import_form; /* Markdown: what an id looks like */
    struct str
        import_example; /* shell commands, or an import block where they begin with "import {" */
    struct str permissions; /* Markdown: the least RBAC rules and IAM policy */
    struct str notes;       /* Markdown that comes before the example */
};

/* Appends the page: front matter, text, example, schema (its parts sorted by name, nested blocks
 * under anchors of their own), import, permissions. */
void page_write(struct buf *out, const struct page *page);
