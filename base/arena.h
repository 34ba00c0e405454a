/* Memory that lives as long as one call, released in one step.
 *
 * There are three lifetimes: static const tables, the process, and a call (one RPC).  What a call
 * needs comes from its arena and nobody frees it by hand; `arena_defer` takes what is not memory.
 * An arena belongs to one thread at a time. */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

struct arena_block;
struct arena_deferred;

struct arena {
    struct arena_block *blocks;
    struct arena_deferred *deferred;
    size_t held_bytes;  /* obtained from malloc so far */
    size_t limit_bytes; /* held_bytes may not pass this; 0: no limit */
    jmp_buf *on_out_of_memory;
};

/* What one call may hold at most; a message of 256 MiB and its decoded form fit. */
#define ARENA_LIMIT_BYTES ((size_t)1536 * 1024 * 1024)

/* An empty arena.  Where on_out_of_memory is not NULL, a failing `arena_alloc` jumps there (through
 * frames of our own only); where it is NULL the process ends with a sentence on stderr. */
struct arena arena_make(jmp_buf *on_out_of_memory);

/* An empty arena that the process keeps until it ends, itself in memory of its own.  NULL where
 * there is none. */
struct arena *arena_make_kept(jmp_buf *on_out_of_memory);

/* Runs what was deferred, newest first, and gives all memory back.  The arena is empty after it and
 * may be used again.  Must not run inside a deferred function. */
void arena_release(struct arena *arena);

/* SIZE zeroed bytes, aligned for any type.  Never returns NULL: see `arena_make`. */
NEVER_NULL void *arena_alloc(struct arena *arena, size_t size);

/* An array of COUNT zeroed members; an overflow of COUNT * SIZE counts as out of memory. */
NEVER_NULL void *arena_array(struct arena *arena, size_t count, size_t size);

/* As `arena_alloc`, but returns NULL instead of jumping: for callbacks of libraries, through whose
 * frames nothing may jump. */
void *arena_try_alloc(struct arena *arena, size_t size);

/* Makes sure that the next allocations, up to SIZE bytes together (each rounded up to 16), cannot
 * fail: before a write whose outcome must be recorded whatever happens. */
void arena_reserve(struct arena *arena, size_t size);

/* Calls RUN(ARGUMENT) when the arena is released. */
void arena_defer(struct arena *arena, void (*run)(void *), void *argument);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))
