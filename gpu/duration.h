/* Durations as Go writes them: "60m", "1h30m", "1.5s". */
#pragma once

#include "base/str.h"

/* Reads S as Go's time.ParseDuration does (units ns us µs ms s m h), in nanoseconds; false where it
 * is no duration or does not fit. */
bool duration_parse(struct str s, int64_t *nanoseconds);

bool duration_valid(struct str s);

/* Whether both mean the same time ("60m" and "1h"); texts that are no durations ("Never") are equal
 * only when they are the same text. */
bool duration_equal(struct str a, struct str b);
