/* Values on the wire: msgpack (DynamicValue), JSON (state files) and numbers as text.
 *
 * The encodings are go-cty's, see docs/internals/protocol.md.  All decoders add one error and
 * return NULL on bytes that do not conform to TYPE. */
#pragma once

#include "schema/value.h"

/* How deep types and values may nest on the wire. */
#define VALUE_DEPTH_LIMIT 512

/* Decodes one msgpack value of TYPE. Trailing bytes are ignored, refinements of unknowns are
 * dropped but for "not null". */
MUST_CHECK const struct value *value_from_msgpack(struct call *call, const struct type *type,
                                                  struct str bytes);

/* Appends V as msgpack: members sorted, numbers as text, `d40000` for unknowns.  V must conform
 * to TYPE; an object's missing members are written as null. */
void value_to_msgpack(struct buf *out, const struct type *type, const struct value *v);

/* Decodes the JSON form (RawState.json, DynamicValue.json).  With IGNORE_UNKNOWN_MEMBERS an object
 * may have members that TYPE lacks (a state written by another version), and missing ones are null.
 */
MUST_CHECK const struct value *value_from_json(struct call *call, const struct type *type,
                                               struct str text, bool ignore_unknown_members);

/* Appends the JSON form; V must be wholly known. */
void value_to_json(struct buf *out, const struct type *type, const struct value *v);

/* The canonical decimal text of a number: an optional minus, digits without leading zeros, an
 * optional fraction without trailing zeros; an exponent only where plain digits would pass 400
 * characters. Accepts JSON and Go float syntax.  at == NULL where TEXT is no finite number. */
struct str number_canonical(struct arena *arena, struct str text);
/* Compares canonical numbers by size. */
int number_order(struct str a, struct str b);
