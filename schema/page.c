/* Rows to Markdown, in the layout that readers of the registry know. */
#include "schema/page.h"

#include <stdlib.h>
#include <string.h>

#include "schema/description.h"

enum part {
    PART_REQUIRED,
    PART_OPTIONAL,
    PART_READ_ONLY,
    PARTS,
};

static const char *const part_names[] = { "Required", "Optional", "Read-Only" };

static enum part part_of(const struct attr *row)
{
    if (row->nesting != NOT_A_BLOCK)
        return row->min_items ? PART_REQUIRED : PART_OPTIONAL;
    if (row->flags & REQUIRED)
        return PART_REQUIRED;
    return row->flags & OPTIONAL ? PART_OPTIONAL : PART_READ_ONLY;
}

static int order_rows(const void *a, const void *b)
{
    const struct attr *const *left = a;
    const struct attr *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* The rows sorted by name, up to NULL. */
static const struct attr **sorted_rows(struct arena *arena, const struct attr *rows)
{
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        count++;
    const struct attr **sorted = ARENA_NEW_ARRAY(arena, const struct attr *, count + 1);
    count = 0;
    FOR_EACH_ROW (row, rows)
        sorted[count++] = row;
    qsort(sorted, count, sizeof *sorted, order_rows);
    return sorted;
}

static void add_type(struct buf *out, const struct type *type)
{
    static const char *const names[] = {
        [TYPE_STRING] = "String",   [TYPE_NUMBER] = "Number", [TYPE_BOOL] = "Boolean",
        [TYPE_DYNAMIC] = "Dynamic", [TYPE_LIST] = "List of ", [TYPE_SET] = "Set of ",
        [TYPE_MAP] = "Map of ",     [TYPE_TUPLE] = "Tuple",   [TYPE_OBJECT] = "Object",
    };
    buf_add_text(out, names[type->kind]);
    if (type->element)
        add_type(out, type->element);
}

static void add_attribute(struct buf *out, const struct attr *row)
{
    buf_print(out, "- `%s` (", row->name);
    add_type(out, row->type);
    if (row->flags & SENSITIVE)
        buf_add_text(out, ", Sensitive");
    if (row->deprecated)
        buf_add_text(out, ", Deprecated");
    if (row->flags & WRITE_ONLY)
        buf_add_text(out, ", Write-only");
    buf_print(out, ") %s", schema_description(out->arena, row).at);
    if (row->deprecated)
        buf_print(out, " %s", row->deprecated);
    buf_add_byte(out, '\n');
}

static void add_block(struct buf *out, struct str up, const struct attr *row)
{
    static const char *const kinds[] = {
        [BLOCK_SINGLE] = "", [BLOCK_LIST] = " List", [BLOCK_MAP] = " Map"
    };
    buf_print(out, "- `%s` (Block%s", row->name, kinds[row->nesting]);
    if (row->nesting == BLOCK_SINGLE)
        buf_print(out, ", %s", row->min_items ? "Required" : "Optional");
    if (row->nesting == BLOCK_LIST && row->min_items)
        buf_print(out, ", Min: %lld", (long long)row->min_items);
    if (row->nesting == BLOCK_LIST && row->max_items)
        buf_print(out, ", Max: %lld", (long long)row->max_items);
    if (row->deprecated)
        buf_add_text(out, ", Deprecated");
    buf_print(out, ") %s", schema_description(out->arena, row).at);
    if (row->deprecated)
        buf_print(out, " %s", row->deprecated);
    buf_print(out, " (see [below for nested schema](#nestedblock--%.*s%s))\n", STR_ARG(up),
              row->name);
}

/* The three lists of an object's members; UP is the anchor's part that stands for the blocks
 * around, HEADING the form of a list's heading. */
static void add_parts(struct buf *out, struct str up, const char *heading,
                      const struct attr *const *sorted)
{
    for (int part = 0; part < PARTS; part++) {
        bool first = true;
        for (size_t i = 0; sorted[i]; i++) {
            if ((int)part_of(sorted[i]) != part)
                continue;
            if (first)
                buf_print(out, "\n%s%s%s\n\n", heading, part_names[part], heading[0] ? "" : ":");
            first = false;
            if (sorted[i]->nesting == NOT_A_BLOCK)
                add_attribute(out, sorted[i]);
            else
                add_block(out, up, sorted[i]);
        }
    }
}

/* `a--b--` as readers write it, `a.b.`. */
static struct str dotted(struct arena *arena, struct str anchor)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; i < anchor.len; i++) {
        bool is_mark = anchor.at[i] == '-';
        buf_add_byte(&out, is_mark ? '.' : anchor.at[i]);
        i += is_mark;
    }
    return buf_str(&out);
}

static void add_nested(struct buf *out, struct str up, const struct attr *const *sorted)
{
    for (size_t i = 0; sorted[i]; i++) {
        const struct attr *row = sorted[i];
        if (row->nesting == NOT_A_BLOCK)
            continue;
        struct str anchor = str_print(out->arena, "%.*s%s", STR_ARG(up), row->name);
        struct str below = str_print(out->arena, "%s--", anchor.at);
        const struct attr **inner = sorted_rows(out->arena, row->rows);
        buf_print(out, "\n<a id=\"nestedblock--%s\"></a>\n### Nested Schema for `%s`\n", anchor.at,
                  dotted(out->arena, anchor).at);
        add_parts(out, below, "", inner);
        add_nested(out, below, inner);
    }
}

/* The first paragraph, indented as a YAML block. */
static void add_front_matter(struct buf *out, const struct page *page, const char *kind)
{
    buf_print(out, "---\npage_title: \"%s %s%s\"\n%sdescription: |-\n  ", page->name, kind,
              page->kind == PAGE_PROVIDER ? "" : " - gpushare",
              page->kind == PAGE_PROVIDER ? "" : "subcategory: \"\"\n");
    for (const char *at = page->doc; *at && !(at[0] == '\n' && at[1] == '\n'); at++) {
        buf_add_byte(out, *at);
        if (*at == '\n' && at[1])
            buf_add_text(out, "  ");
    }
    buf_add_text(out, "\n---\n");
}

static void add_code(struct buf *out, const char *language, struct str text)
{
    buf_print(out, "\n```%s\n", language);
    buf_add_str(out, text);
    buf_print(out, "%s```\n", str_ends(text, "\n") ? "" : "\n");
}

static void add_text(struct buf *out, const char *heading, struct str text)
{
    struct str trimmed = str_trim(text);
    if (!trimmed.len)
        return;
    if (heading)
        buf_print(out, "\n## %s\n", heading);
    buf_add_byte(out, '\n');
    buf_add_str(out, trimmed);
    buf_add_byte(out, '\n');
}

static void add_import(struct buf *out, const struct page *page)
{
    if (!page->import_form.at)
        return;
    add_text(out, "Import", page->import_form);
    if (page->import_example.at)
        add_code(out,
                 str_starts(str_trim(page->import_example), "import {") ? "terraform" : "shell",
                 page->import_example);
}

void page_write(struct buf *out, const struct page *page)
{
    static const char *const kinds[] = { [PAGE_RESOURCE] = "Resource",
                                         [PAGE_DATA_SOURCE] = "Data Source",
                                         [PAGE_PROVIDER] = "Provider" };
    const char *kind = kinds[page->kind];
    const struct attr **sorted = sorted_rows(out->arena, page->rows);
    add_front_matter(out, page, kind);
    if (page->kind == PAGE_PROVIDER)
        buf_print(out, "\n# %s Provider\n", page->name);
    else
        buf_print(out, "\n# %s (%s)\n", page->name, kind);
    add_text(out, NULL, str_of(page->doc));
    add_text(out, NULL, page->notes);
    if (page->example.at) {
        buf_add_text(out, "\n## Example Usage\n");
        add_code(out, "terraform", page->example);
    }
    buf_add_text(out, "\n## Schema\n");
    add_parts(out, STR(""), "### ", sorted);
    add_nested(out, STR(""), sorted);
    add_import(out, page);
    add_text(out, "Permissions", page->permissions);
}
