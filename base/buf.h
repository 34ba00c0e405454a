/* A byte buffer that grows in an arena, for building messages, bodies and documents.
 *
 * It is born with a maximum.  Once an append does not fit, the buffer is failed: it stays empty and
 * later appends do nothing, so that only `buf_failed` at the end needs a look. */
#pragma once

#include "base/str.h"

struct buf {
    struct arena *arena;
    char *bytes;
    size_t len;
    size_t room;
    size_t limit;
    bool failed;
};

/* The largest message or body that is built or accepted anywhere. */
#define BUF_LIMIT ((size_t)256 * 1024 * 1024)

struct buf buf_make(struct arena *arena, size_t limit);

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_add_str(struct buf *buf, struct str s);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_byte(struct buf *buf, char byte);
void buf_print(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* As `buf_add`, for callbacks of libraries: false (and nothing appended) where memory or the limit
 * is used up; never jumps. */
bool buf_try_add(struct buf *buf, const void *bytes, size_t len);

static inline bool buf_failed(const struct buf *buf)
{
    return buf->failed;
}

/* What was built, NUL-terminated; borrowed from the arena.  The empty string where the buffer
 * failed. */
struct str buf_str(struct buf *buf);
