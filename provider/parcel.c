/* Parcels: one allocation each, inside the arena that it carries. */
#include "provider/parcel.h"

#include <string.h>

struct parcel *parcel_make(size_t room)
{
    struct arena arena = arena_make(NULL);
    struct parcel *parcel =
        room < ARENA_LIMIT_BYTES ? arena_try_alloc(&arena, sizeof *parcel + room) : NULL;
    if (!parcel)
        return NULL;
    parcel->room = room;
    parcel->arena = arena;
    return parcel;
}

bool parcel_grow(struct parcel **parcel, size_t room)
{
    if ((*parcel)->room >= room)
        return true;
    struct parcel *larger = parcel_make(room);
    if (!larger)
        return false;
    parcel_add(larger, (*parcel)->bytes, (*parcel)->len);
    larger->next = (*parcel)->next;
    parcel_release(*parcel);
    *parcel = larger;
    return true;
}

void parcel_add(struct parcel *parcel, const void *bytes, size_t len)
{
    if (len)
        memcpy(parcel->bytes + parcel->len, bytes, len);
    parcel->len += len;
}

void parcel_release(struct parcel *parcel)
{
    if (!parcel)
        return;
    /* The arena lies in its own memory. */
    struct arena arena = parcel->arena;
    arena_release(&arena);
}
