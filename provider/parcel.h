/* Bytes that pass from one thread to another and live until both are done with them.
 *
 * A parcel owns an arena of its own, so it can be made by one thread and released by another. */
#pragma once

#include "base/buf.h"

struct parcel {
    struct parcel *next; /* for the list of whoever holds it */
    struct arena arena;
    size_t room;
    size_t len;
    char bytes[];
};

/* An empty parcel with room for ROOM bytes; NULL where memory is used up. */
struct parcel *parcel_make(size_t room);

/* Gives *PARCEL room for ROOM bytes at least; it may move.  False, with *PARCEL as it was, where
 * memory is used up. */
MUST_CHECK bool parcel_grow(struct parcel **parcel, size_t room);

/* Appends LEN bytes, for which there must be room. */
void parcel_add(struct parcel *parcel, const void *bytes, size_t len);

/* PARCEL may be NULL. */
void parcel_release(struct parcel *parcel);
