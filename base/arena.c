/* Bump allocation in blocks that double in size, and a list of deferred calls. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BLOCK_BYTES ((size_t)16 * 1024)
#define LARGEST_STEP_BYTES ((size_t)1024 * 1024)
#define ALIGNMENT ((size_t)16)

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(16) unsigned char memory[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*run)(void *);
    void *argument;
};

struct arena arena_make(jmp_buf *on_out_of_memory)
{
    return (struct arena){ .limit_bytes = ARENA_LIMIT_BYTES, .on_out_of_memory = on_out_of_memory };
}

struct arena *arena_make_kept(jmp_buf *on_out_of_memory)
{
    struct arena *arena = malloc(sizeof *arena);
    if (arena)
        *arena = arena_make(on_out_of_memory);
    return arena;
}

void arena_release(struct arena *arena)
{
    while (arena->deferred) {
        struct arena_deferred *deferred = arena->deferred;
        arena->deferred = deferred->next;
        deferred->run(deferred->argument);
    }
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->blocks = NULL;
    arena->held_bytes = 0;
}

/* calloc, because callers rely on zeroed memory and fresh pages are zero already. */
static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t step = arena->held_bytes < FIRST_BLOCK_BYTES ? FIRST_BLOCK_BYTES : arena->held_bytes;
    if (step > LARGEST_STEP_BYTES)
        step = LARGEST_STEP_BYTES;
    if (size < step)
        size = step;
    if (arena->limit_bytes && size > arena->limit_bytes - arena->held_bytes)
        return NULL;
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->held_bytes += size;
    return block;
}

void *arena_try_alloc(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = size ? (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1) : ALIGNMENT;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) {
        block = add_block(arena, size);
        if (!block)
            return NULL;
    }
    void *memory = block->memory + block->used;
    block->used += size;
    return memory;
}

static _Noreturn void out_of_memory(struct arena *arena)
{
    if (arena->on_out_of_memory)
        longjmp(*arena->on_out_of_memory, 1);
    fputs("out of memory\n", stderr);
    abort();
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *memory = arena_try_alloc(arena, size);
    if (!memory)
        out_of_memory(arena);
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory(arena);
    return arena_alloc(arena, total);
}

void arena_reserve(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->blocks;
    if (block && block->size - block->used >= size)
        return;
    if (!add_block(arena, size))
        out_of_memory(arena);
}

void arena_defer(struct arena *arena, void (*run)(void *), void *argument)
{
    struct arena_deferred *deferred = arena_alloc(arena, sizeof *deferred);
    *deferred = (struct arena_deferred){ arena->deferred, run, argument };
    arena->deferred = deferred;
}
