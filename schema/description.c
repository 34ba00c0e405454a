/* Rows to sentences. */
#include "schema/description.h"

struct str schema_description(struct arena *arena, const struct attr *row)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add_text(&out, row->doc);
    if (row->check && row->check->doc)
        buf_print(&out, " Must be %s.", row->check->doc);
    if (row->key_check && row->key_check->doc)
        buf_print(&out, " Each key must be %s.", row->key_check->doc);
    if (row->default_json)
        buf_print(&out, " Default: `%s`.", row->default_json);
    if ((row->flags & REPLACES) && row->nesting == BLOCK_SINGLE)
        buf_add_text(&out, " Adding or removing it creates the object anew.");
    else if (row->flags & REPLACES)
        buf_add_text(&out, " A change creates the object anew.");
    return buf_str(&out);
}
