/* Opening, checking and reading one file at a time. */
#include "base/file.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)16 * 1024)
#define LONGEST_HOME ((size_t)4096)

static struct str home_of_user(struct arena *arena)
{
    const char *home = getenv("HOME");
    if (home && *home)
        return str_of(home);
    struct passwd entry, *found = NULL;
    char *room = arena_alloc(arena, LONGEST_HOME);
    if (getpwuid_r(getuid(), &entry, room, LONGEST_HOME, &found) == 0 && found)
        return str_of(found->pw_dir);
    return (struct str){ 0 };
}

struct str file_expand(struct arena *arena, struct str path)
{
    if (!str_is(path, "~") && !str_starts(path, "~/"))
        return str_copy(arena, path);
    struct str home = home_of_user(arena);
    if (!home.at)
        return str_copy(arena, path);
    return str_print(arena, "%.*s%.*s", STR_ARG(home), STR_ARG(str_slice(path, 1, path.len)));
}

struct str file_beside(struct arena *arena, struct str of, struct str path)
{
    if (str_starts(path, "/") || str_starts(path, "~"))
        return file_expand(arena, path);
    struct str file = file_expand(arena, of);
    size_t slash = str_find_last(file, '/');
    if (slash == file.len)
        return str_copy(arena, path);
    return str_print(arena, "%.*s%.*s", STR_ARG(str_slice(file, 0, slash + 1)), STR_ARG(path));
}

static struct str reason_of(struct arena *arena, int error)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain)
        return str_print(arena, "error %d", error);
    struct str text = str_of(strerror_l(error, plain));
    char room[128];
    size_t len = text.len < sizeof room ? text.len : sizeof room;
    memcpy(room, text.at, len);
    freelocale(plain);
    return str_copy_bytes(arena, room, len);
}

/* Regular files, and /dev/null, which people name to mean "none". */
static const char *wrong_kind(int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return "its kind cannot be asked";
    if (S_ISREG(about.st_mode) || S_ISCHR(about.st_mode))
        return NULL;
    return S_ISDIR(about.st_mode) ? "it is a folder" : "it is not a regular file";
}

/* Nothing here may jump, since FD is open: only the `try` allocations. */
static enum file_outcome read_whole(struct buf *out, int fd, char *chunk, int *error)
{
    for (;;) {
        ssize_t got = read(fd, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            *error = errno;
            return FILE_BROKEN;
        }
        if (got == 0)
            return FILE_READ;
        if ((size_t)got > out->limit - out->len)
            return FILE_TOO_LARGE;
        if (!buf_try_add(out, chunk, (size_t)got)) {
            *error = ENOMEM;
            return FILE_BROKEN;
        }
    }
}

enum file_outcome file_try_read(struct arena *arena, struct str path, size_t limit,
                                struct str *text, struct str *failure)
{
    struct str expanded = file_expand(arena, path);
    struct buf out = buf_make(arena, limit);
    char *chunk = arena_alloc(arena, CHUNK);
    *text = *failure = (struct str){ 0 };
    if (expanded.len == 0 || str_has(expanded, '\0')) {
        *failure = STR("the path is empty or holds a NUL byte");
        return FILE_MISSING;
    }
    /* O_NONBLOCK: opening a pipe that nobody writes to must not wait. */
    int fd = open(expanded.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        int error = errno;
        *failure = reason_of(arena, error);
        return error == ENOENT || error == ENOTDIR ? FILE_MISSING : FILE_REFUSED;
    }
    int error = 0;
    const char *wrong = wrong_kind(fd);
    enum file_outcome outcome = wrong ? FILE_REFUSED : read_whole(&out, fd, chunk, &error);
    (void)close(fd);
    if (outcome == FILE_READ)
        *text = str_copy(arena, buf_str(&out));
    else if (outcome == FILE_TOO_LARGE)
        *failure = str_print(arena, "it is larger than %zu bytes", limit);
    else
        *failure = wrong ? str_of(wrong) : reason_of(arena, error);
    return outcome;
}

struct str file_read(struct call *call, const struct path *at, struct str path, size_t limit,
                     const char *what)
{
    struct str text, failure;
    switch (file_try_read(call->arena, path, limit, &text, &failure)) {
    case FILE_READ:
        return text;
    case FILE_MISSING:
        fail(call, at, "File not found", "The %s \"%.*s\" cannot be read: %.*s.", what,
             STR_ARG(path), STR_ARG(failure));
        break;
    case FILE_TOO_LARGE:
        fail(call, at, "File too large", "The %s \"%.*s\" is not read: %.*s.", what, STR_ARG(path),
             STR_ARG(failure));
        break;
    case FILE_REFUSED:
    case FILE_BROKEN:
        fail(call, at, "File not readable", "The %s \"%.*s\" cannot be read: %.*s.", what,
             STR_ARG(path), STR_ARG(failure));
        break;
    }
    return (struct str){ 0 };
}
