/* Fuzzes the JSON form of values and types: what is accepted is written the same way after a round.
 */
#include "schema/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_type(struct arena *arena, struct str text)
{
    struct call call = { .arena = arena };
    const struct type *type = type_parse(&call, text);
    if ((type == NULL) != (call.errors == 1))
        abort();
    if (!type)
        return;
    struct buf out = buf_make(arena, BUF_LIMIT);
    type_print(&out, type);
    const struct type *again = type_parse(&call, buf_str(&out));
    if (!again || !type_equal(type, again))
        abort();
}

static struct str written(struct arena *arena, const struct value *v)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    value_to_json(&out, &type_dynamic, v);
    return buf_str(&out);
}

static void check_value(struct arena *arena, struct str text)
{
    struct call call = { .arena = arena };
    const struct value *v = value_from_json(&call, &type_dynamic, text, false);
    if ((v == NULL) != (call.errors == 1))
        abort();
    if (!v)
        return;
    struct str once = written(arena, v);
    const struct value *again = value_from_json(&call, &type_dynamic, once, false);
    if (!again || !str_equal(once, written(arena, again)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena = arena_make(NULL);
    struct str text = { (const char *)bytes, len };
    check_type(&arena, text);
    check_value(&arena, text);
    arena_release(&arena);
    return 0;
}
