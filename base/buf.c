/* Growing buffers with a sticky failure. */
#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#define FIRST_ROOM ((size_t)256)

struct buf buf_make(struct arena *arena, size_t limit)
{
    return (struct buf){ .arena = arena, .limit = limit };
}

static void fail_buf(struct buf *buf)
{
    buf->failed = true;
    buf->len = 0;
}

/* Room for LEN more bytes and a NUL; the old bytes stay behind in the arena until it is released.
 */
static bool make_room(struct buf *buf, size_t len, bool may_jump)
{
    if (buf->failed || len > buf->limit - buf->len) {
        fail_buf(buf);
        return false;
    }
    if (buf->room - buf->len > len)
        return true;
    size_t room = buf->room ? buf->room : FIRST_ROOM;
    while (room - buf->len <= len)
        room *= 2;
    char *bytes = may_jump ? arena_alloc(buf->arena, room) : arena_try_alloc(buf->arena, room);
    if (!bytes) {
        fail_buf(buf);
        return false;
    }
    if (buf->len)
        memcpy(bytes, buf->bytes, buf->len);
    buf->bytes = bytes;
    buf->room = room;
    return true;
}

static bool append(struct buf *buf, const void *bytes, size_t len, bool may_jump)
{
    if (!make_room(buf, len, may_jump))
        return false;
    if (len)
        memcpy(buf->bytes + buf->len, bytes, len);
    buf->len += len;
    buf->bytes[buf->len] = '\0';
    return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    (void)append(buf, bytes, len, true);
}

bool buf_try_add(struct buf *buf, const void *bytes, size_t len)
{
    return append(buf, bytes, len, false);
}

void buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.at, s.len);
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_byte(struct buf *buf, char byte)
{
    buf_add(buf, &byte, 1);
}

void buf_print(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length >= 0 && make_room(buf, (size_t)length, true)) {
        vsnprintf(buf->bytes + buf->len, (size_t)length + 1, format, again);
        buf->len += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

struct str buf_str(struct buf *buf)
{
    return buf->len ? (struct str){ buf->bytes, buf->len } : STR("");
}
