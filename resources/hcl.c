/* Values to text of configurations. */
#include "resources/hcl.h"

#include <string.h>

#define INDENT 2

void hcl_string(struct buf *out, struct str s)
{
    buf_add_byte(out, '"');
    for (size_t i = 0; i < s.len; i++) {
        bool opens = (s.at[i] == '$' || s.at[i] == '%') && i + 1 < s.len && s.at[i + 1] == '{';
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\')
            buf_add_byte(out, '\\');
        if (opens)
            buf_add_byte(out, s.at[i]);
        if (c == '\n')
            buf_add_text(out, "\\n");
        else if (c == '\t')
            buf_add_text(out, "\\t");
        else if (c == '\r')
            buf_add_text(out, "\\r");
        else if (c < 0x20)
            buf_print(out, "\\u%04X", c);
        else
            buf_add_byte(out, s.at[i]);
    }
    buf_add_byte(out, '"');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_letter(s.at[i]) && (i == 0 || s.at[i] < '0' || s.at[i] > '9'))
            return false;
    return s.len > 0;
}

struct str hcl_label(struct arena *arena, struct str name)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    if (!name.len || !is_letter(name.at[0]))
        buf_add_byte(&out, '_');
    for (size_t i = 0; i < name.len; i++) {
        bool is_digit = name.at[i] >= '0' && name.at[i] <= '9';
        buf_add_byte(&out, is_letter(name.at[i]) || is_digit ? name.at[i] : '_');
    }
    return buf_str(&out);
}

static void add_members(struct buf *out, const struct value *v)
{
    buf_add_text(out, v->count ? "{ " : "{}");
    for (size_t i = 0; i < v->count; i++) {
        buf_add_text(out, i ? ", " : "");
        if (is_identifier(v->members[i].name))
            buf_add_str(out, v->members[i].name);
        else
            hcl_string(out, v->members[i].name);
        buf_add_text(out, " = ");
        hcl_value(out, v->members[i].value);
    }
    buf_add_text(out, v->count ? " }" : "");
}

void hcl_value(struct buf *out, const struct value *v)
{
    switch (v->kind) {
    case VALUE_STRING:
        hcl_string(out, v->text);
        return;
    case VALUE_NUMBER:
        buf_add_str(out, v->text);
        return;
    case VALUE_BOOL:
        buf_add_text(out, v->flag ? "true" : "false");
        return;
    case VALUE_MEMBERS:
        add_members(out, v);
        return;
    case VALUE_SEQUENCE:
        buf_add_byte(out, '[');
        for (size_t i = 0; i < v->count; i++) {
            buf_add_text(out, i ? ", " : "");
            hcl_value(out, v->items[i]);
        }
        buf_add_byte(out, ']');
        return;
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        buf_add_text(out, "null");
        return;
    }
}

static bool is_default(struct arena *arena, const struct attr *row, const struct value *v)
{
    struct call call = { .arena = arena };
    const struct value *standard = row->default_json ? attr_default(&call, row) : NULL;
    return standard && value_equal(standard, v);
}

static bool is_written(struct arena *arena, const struct attr *row, const struct value *v)
{
    return row->nesting == NOT_A_BLOCK && (row->flags & (REQUIRED | OPTIONAL)) && value_is_set(v) &&
           !is_default(arena, row, v);
}

static void add_rows(struct buf *out, int indent, const struct attr *rows,
                     const struct value *object);

static void add_block(struct buf *out, int indent, const struct attr *row, struct str label,
                      const struct value *v, bool *first)
{
    if (!value_is_set(v))
        return;
    buf_print(out, "%s%*s%s", *first ? "" : "\n", indent, "", row->name);
    if (label.at) {
        buf_add_byte(out, ' ');
        hcl_string(out, label);
    }
    buf_add_text(out, " {\n");
    add_rows(out, indent + INDENT, row->rows, v);
    buf_print(out, "%*s}\n", indent, "");
    *first = false;
}

static void add_blocks(struct buf *out, int indent, const struct attr *row, const struct value *v,
                       bool *first)
{
    struct str none = { 0 };
    if (row->nesting == BLOCK_SINGLE)
        add_block(out, indent, row, none, v, first);
    for (size_t i = 0; row->nesting == BLOCK_LIST && i < v->count; i++)
        add_block(out, indent, row, none, v->items[i], first);
    for (size_t i = 0; row->nesting == BLOCK_MAP && i < v->count; i++)
        add_block(out, indent, row, v->members[i].name, v->members[i].value, first);
}

/* Attributes first, their values below each other; then the blocks. */
static void add_rows(struct buf *out, int indent, const struct attr *rows,
                     const struct value *object)
{
    int width = 0;
    bool first = true;
    FOR_EACH_ROW (row, rows) {
        int length = (int)strlen(row->name);
        if (is_written(out->arena, row, value_at(object, row->name)) && length > width)
            width = length;
    }
    FOR_EACH_ROW (row, rows) {
        const struct value *v = value_at(object, row->name);
        if (!is_written(out->arena, row, v))
            continue;
        buf_print(out, "%*s%-*s = ", indent, "", width, row->name);
        hcl_value(out, v);
        buf_add_byte(out, '\n');
        first = false;
    }
    FOR_EACH_ROW (row, rows)
        if (row->nesting != NOT_A_BLOCK)
            add_blocks(out, indent, row, value_at(object, row->name), &first);
}

void hcl_resource(struct buf *out, const char *type, struct str label, const struct attr *rows,
                  const struct value *object)
{
    buf_print(out, "resource \"%s\" \"%.*s\" {\n", type, STR_ARG(label));
    add_rows(out, INDENT, rows, object);
    buf_add_text(out, "}\n");
}
