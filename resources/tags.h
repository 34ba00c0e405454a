/* AWS tags: what the user writes, what the provider adds by default, and both together. */
#pragma once

#include "resources/rows_common.h"

/* `tags`, for us alone, and `tags_all`, which is sent; CALL is the update call that carries it. */
#define ROWS_TAGS(CALL)                                                                            \
    { "tags_all",                                                                                  \
      &type_string_map,                                                                            \
      COMPUTED,                                                                                    \
      .api = "tags",                                                                               \
      .call = CALL,                                                                                \
      .derive = derive_tags_all,                                                                   \
      .parse = parse_tags_all,                                                                     \
      .foreign_keys = "aws:",                                                                      \
      .doc = "All tags: `tags` and the provider's `default_tags`." },                              \
    {                                                                                              \
        "tags", &type_string_map, OPTIONAL | UNSENT,                                               \
            .parse = parse_tags, .check = &check_tag_value, .key_check = &check_tag_key,           \
            .doc = "AWS tags. They go over the provider's `default_tags` of the same key."         \
    }

extern const struct check check_tag_key, check_tag_value;

const struct value *derive_tags_all(struct call *call, const struct derivation *from);
const struct value *parse_tags(struct call *call, const struct derivation *from);
/* Drops what the provider's `ignore_tags` names. */
const struct value *parse_tags_all(struct call *call, const struct derivation *from);
