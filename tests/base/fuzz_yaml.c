/* Fuzzes the YAML reader: one error where it refuses, and strings survive being written and read.
 */
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_string(struct call *call, json_t *value)
{
    struct buf out = buf_make(call->arena, BUF_LIMIT);
    struct str text = json_str(value);
    yaml_add_string(&out, text);
    json_t *again = yaml_parse(call, NULL, buf_str(&out), "the written scalar");
    if (!again || !str_equal(json_str(again), text))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    json_t *value = yaml_parse(&call, NULL, (struct str){ (const char *)bytes, len }, "the input");
    if ((value == NULL) != (call.errors == 1))
        abort();
    if (json_is_string(value))
        check_string(&call, value);
    arena_release(&arena);
    return 0;
}
