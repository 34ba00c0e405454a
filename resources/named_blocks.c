/* Reading, checking, parsing and ordering named blocks. */
#include "resources/named_blocks.h"

static struct str name_of(const struct value *block)
{
    return value_text(value_at(block, "name"));
}

bool named_blocks_read(struct arena *arena, const struct value *list, struct named_blocks *out)
{
    if (list->kind != VALUE_SEQUENCE)
        return false;
    out->rows = ARENA_NEW_ARRAY(arena, struct named_block, list->count);
    out->count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        out->rows[i] = (struct named_block){ name_of(list->items[i]), list->items[i] };
        if (!out->rows[i].name.at)
            return false;
    }
    return true;
}

bool named_blocks_check(struct call *call, const struct path *at, const struct value *list)
{
    bool ok = true;
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++) {
        struct str name = name_of(list->items[i]);
        for (size_t j = 0; name.at && j < i; j++)
            if (str_equal(name, name_of(list->items[j])))
                ok = fail(
                    call, PATH_AT_ATTRIBUTE(PATH_AT_INDEX(at, (int64_t)i), STR("name")),
                    "Name given twice",
                    "`%.*s` is the name of the block at index %zu already; each may stand once.",
                    STR_ARG(name), j);
    }
    return ok;
}

static const struct value *find(const struct value *list, struct str name)
{
    for (size_t i = 0; list->kind == VALUE_SEQUENCE && i < list->count; i++)
        if (str_equal(name, name_of(list->items[i])))
            return list->items[i];
    return &value_null;
}

const struct value *
named_blocks_parse(struct call *call, const struct value *texts, const struct value *before,
                   const struct value *(*parse)(struct call *call, struct str name, struct str text,
                                                const struct value *before))
{
    size_t count = texts->kind == VALUE_MEMBERS ? texts->count : 0;
    const struct value **blocks = ARENA_NEW_ARRAY(call->arena, const struct value *, count);
    for (size_t i = 0; i < count; i++) {
        struct str name = texts->members[i].name;
        blocks[i] = parse(call, name, value_text(texts->members[i].value), find(before, name));
    }
    return named_blocks_order(call->arena, value_sequence(call->arena, blocks, count), before);
}

const struct value *named_blocks_order(struct arena *arena, const struct value *list,
                                       const struct value *before)
{
    const struct value **ordered = ARENA_NEW_ARRAY(arena, const struct value *, list->count);
    size_t count = 0;
    for (size_t i = 0; before->kind == VALUE_SEQUENCE && i < before->count; i++) {
        const struct value *block = find(list, name_of(before->items[i]));
        if (value_is_set(block))
            ordered[count++] = block;
    }
    for (size_t i = 0; i < list->count; i++)
        if (!value_is_set(find(before, name_of(list->items[i]))))
            ordered[count++] = list->items[i];
    return value_sequence(arena, ordered, count);
}
