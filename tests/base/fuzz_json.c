/* Fuzzes the JSON reader: what it accepts must print, and read back as an equal value. */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    json_t *value = json_parse(&call, NULL, (struct str){ (const char *)bytes, len }, "the input");
    if ((value == NULL) != (call.errors == 1))
        abort();
    if (value) {
        json_t *again = json_try_parse(&arena, json_print(&arena, value));
        if (!again || !json_equal(value, again))
            abort();
    }
    arena_release(&arena);
    return 0;
}
