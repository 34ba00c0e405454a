/* Fuzzes the msgpack decoder: what it accepts is written the same way again after one round. */
#include "schema/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* One of each kind of type; the first byte of the input chooses, and dynamic is any type at all. */
static const char *const types[] = {
    "\"dynamic\"",
    "\"string\"",
    "\"number\"",
    "[\"list\",\"number\"]",
    "[\"set\",\"string\"]",
    "[\"map\",[\"list\",\"bool\"]]",
    "[\"tuple\",[\"string\",\"number\"]]",
    "[\"object\",{\"a\":\"string\",\"b\":[\"set\",\"number\"],\"c\":\"dynamic\"}]",
};

static struct str written(struct arena *arena, const struct type *type, const struct value *v)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    value_to_msgpack(&out, type, v);
    return buf_str(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    const struct type *type =
        type_parse(&call, str_of(types[bytes[0] % (sizeof types / sizeof *types)]));
    if (!type)
        abort();
    struct str input = { (const char *)bytes + 1, len - 1 };
    const struct value *v = value_from_msgpack(&call, type, input);
    if ((v == NULL) != (call.errors == 1))
        abort();
    if (v) {
        struct str once = written(&arena, type, v);
        const struct value *again = value_from_msgpack(&call, type, once);
        if (!again || !str_equal(once, written(&arena, type, again)))
            abort();
    }
    arena_release(&arena);
    return 0;
}
