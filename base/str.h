/* Strings as views with a length.
 *
 * A `struct str` borrows its bytes.  One made by a function here that takes an arena is also
 * NUL-terminated, so `.at` may go to a C library; a view into something else may not be. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct str {
    const char *at;
    size_t len;
};

/* A view of a string literal. */
#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

/* The two arguments that "%.*s" takes. */
#define STR_ARG(s) (int)(s).len, (s).at

/* A view of a C string; NULL gives the empty view with at == NULL. */
struct str str_of(const char *text);

/* Copies into ARENA, NUL-terminated. */
struct str str_copy(struct arena *arena, struct str s);
struct str str_copy_bytes(struct arena *arena, const void *at, size_t len);

/* printf into ARENA. */
struct str str_print(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
struct str str_vprint(struct arena *arena, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

bool str_equal(struct str a, struct str b);
bool str_is(struct str s, const char *text);
/* Bytewise order, as qsort wants it: < 0, 0, > 0. */
int str_order(struct str a, struct str b);
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
bool str_has(struct str s, char byte);

/* The position of BYTE from position FROM on, or s.len. */
size_t str_find(struct str s, char byte, size_t from);
/* The position of the last BYTE, or s.len. */
size_t str_find_last(struct str s, char byte);
/* Whether NEEDLE occurs in S. */
bool str_contains(struct str s, const char *needle);

/* Bytes FROM to TO (exclusive), both held within S. */
struct str str_slice(struct str s, size_t from, size_t to);
/* Without blanks, tabs and line ends at both sides. */
struct str str_trim(struct str s);
/* Takes what stands before the next BYTE off *REST and puts it into *PART; false when *REST is used
 * up (at == NULL). */
bool str_split(struct str *rest, char byte, struct str *part);

/* Reads the whole of S as a decimal integer. */
bool str_to_int(struct str s, int64_t *out);

/* The number of edits (insert, delete, replace, swap) from A to B, for "did you mean". */
unsigned str_distance(struct str a, struct str b);
/* The word of WORDS (COUNT of them) nearest to S, or NULL where none is near. */
const char *str_nearest(struct str s, const char *const *words, size_t count);

/* S in lower case (ASCII). */
struct str str_lower(struct arena *arena, struct str s);
