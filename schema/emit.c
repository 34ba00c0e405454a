/* Rows to tfplugin6 schema messages. */
#include "schema/emit.h"

#include "schema/description.h"

static Tfplugin6__Schema__Attribute *emit_attribute(struct arena *arena, const struct attr *row)
{
    Tfplugin6__Schema__Attribute *attribute = ARENA_NEW(arena, Tfplugin6__Schema__Attribute);
    tfplugin6__schema__attribute__init(attribute);
    struct buf type = buf_make(arena, BUF_LIMIT);
    type_print(&type, row->type);
    struct str json = buf_str(&type);
    attribute->name = (char *)row->name;
    attribute->type = (ProtobufCBinaryData){ json.len, (uint8_t *)json.at };
    attribute->description = (char *)schema_description(arena, row).at;
    attribute->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    attribute->required = !!(row->flags & REQUIRED);
    attribute->optional = !!(row->flags & OPTIONAL);
    attribute->computed = !!(row->flags & COMPUTED);
    attribute->sensitive = !!(row->flags & SENSITIVE);
    attribute->write_only = !!(row->flags & WRITE_ONLY);
    if (row->deprecated) {
        attribute->deprecated = true;
        attribute->deprecation_message = (char *)row->deprecated;
    }
    return attribute;
}

static Tfplugin6__Schema__Block *emit_rows(struct arena *arena, const struct attr *rows,
                                           const char *doc);

static Tfplugin6__Schema__NestedBlock *emit_block(struct arena *arena, const struct attr *row)
{
    static const Tfplugin6__Schema__NestedBlock__NestingMode modes[] = {
        [BLOCK_SINGLE] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE,
        [BLOCK_LIST] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST,
        [BLOCK_MAP] = TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__MAP,
    };
    Tfplugin6__Schema__NestedBlock *block = ARENA_NEW(arena, Tfplugin6__Schema__NestedBlock);
    tfplugin6__schema__nested_block__init(block);
    block->type_name = (char *)row->name;
    block->block = emit_rows(arena, row->rows, schema_description(arena, row).at);
    block->nesting = modes[row->nesting];
    block->min_items = row->min_items;
    block->max_items = row->max_items;
    if (row->deprecated) {
        block->block->deprecated = true;
        block->block->deprecation_message = (char *)row->deprecated;
    }
    return block;
}

static Tfplugin6__Schema__Block *emit_rows(struct arena *arena, const struct attr *rows,
                                           const char *doc)
{
    size_t count = 0;
    FOR_EACH_ROW (row, rows)
        count++;
    Tfplugin6__Schema__Block *block = ARENA_NEW(arena, Tfplugin6__Schema__Block);
    tfplugin6__schema__block__init(block);
    block->description = (char *)doc;
    block->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    block->attributes = ARENA_NEW_ARRAY(arena, Tfplugin6__Schema__Attribute *, count);
    block->block_types = ARENA_NEW_ARRAY(arena, Tfplugin6__Schema__NestedBlock *, count);
    FOR_EACH_ROW (row, rows) {
        if (row->nesting == NOT_A_BLOCK)
            block->attributes[block->n_attributes++] = emit_attribute(arena, row);
        else
            block->block_types[block->n_block_types++] = emit_block(arena, row);
    }
    return block;
}

Tfplugin6__Schema *schema_emit(struct arena *arena, const struct attr *rows, int64_t version,
                               const char *doc)
{
    Tfplugin6__Schema *schema = ARENA_NEW(arena, Tfplugin6__Schema);
    tfplugin6__schema__init(schema);
    schema->version = version;
    schema->block = emit_rows(arena, rows, doc);
    return schema;
}
