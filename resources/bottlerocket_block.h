/* The block `bottlerocket_settings`, and user data that is made of it.
 *
 * A resource with these rows has `user_data` (the user's own text), `bottlerocket_settings` (this
 * block) and `rendered_user_data` (what the API gets: the first with the second behind it). */
#pragma once

#include "gpu/bottlerocket.h"
#include "resources/rows_common.h"

extern const struct attr bottlerocket_rows[];

/* The model of BLOCK, wholly known. */
struct bottlerocket_settings bottlerocket_settings_of(struct arena *arena,
                                                      const struct value *block);

/* Checks BLOCK, which stands AT, as far as it is known.  False with an error added. */
bool bottlerocket_block_check(struct call *call, const struct path *at, const struct value *block);

/* Of `rendered_user_data`: from `user_data` and `bottlerocket_settings`. */
const struct value *derive_user_data(struct call *call, const struct derivation *from);

/* Whether two texts of `rendered_user_data` say the same. */
bool same_user_data(struct call *call, struct str prior, struct str derived);

/* Of the three: what the live text says.  One that was never ours is nobody's drift. */
const struct value *parse_rendered_user_data(struct call *call, const struct derivation *from);
const struct value *parse_user_data(struct call *call, const struct derivation *from);
const struct value *parse_bottlerocket_block(struct call *call, const struct derivation *from);
