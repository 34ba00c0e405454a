/* The kind and the checksum of ConfigMaps. */
#include "resources/config_map.h"

#include "base/encoding.h"

const struct kubernetes_kind config_map_kind = { "",   "v1", "ConfigMap", "configmaps",
                                                 NULL, NULL, NULL };

/* Keys and texts with their lengths, so that no two maps hash alike by concatenation. */
const struct value *derive_checksum(struct call *call, const struct derivation *from)
{
    const struct value *texts = value_at(from->planned, "rendered");
    if (!value_is_wholly_known(texts) || texts->kind != VALUE_MEMBERS)
        return &value_unknown;
    struct buf all = buf_make(call->arena, BUF_LIMIT);
    for (size_t i = 0; i < texts->count; i++) {
        struct str key = texts->members[i].name;
        struct str text = value_text(texts->members[i].value);
        buf_print(&all, "%zu:%.*s%zu:%.*s", key.len, STR_ARG(key), text.len, STR_ARG(text));
    }
    return value_string(call->arena, sha256_hex(call->arena, buf_str(&all)));
}
