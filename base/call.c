/* Diagnostics with a path, deadlines and cancellation. */
#include "base/call.h"

#include <inttypes.h>
#include <time.h>

#include "base/buf.h"

/* How soon a cancel is noticed while sleeping. */
#define CANCEL_POLL_MS 20

#define LONGEST_PATH ((size_t)64 * 1024)

static void print_step(struct buf *out, const struct path *path)
{
    if (!path)
        return;
    print_step(out, path->up);
    switch (path->step) {
    case PATH_ATTRIBUTE:
        buf_print(out, "%s%.*s", path->up ? "." : "", STR_ARG(path->name));
        break;
    case PATH_KEY:
        buf_print(out, "[\"%.*s\"]", STR_ARG(path->name));
        break;
    case PATH_INDEX:
        buf_print(out, "[%" PRId64 "]", path->index);
        break;
    }
}

struct str path_print(struct arena *arena, const struct path *path)
{
    struct buf out = buf_make(arena, LONGEST_PATH);
    print_step(&out, path);
    return buf_str(&out);
}

const struct path *path_copy(struct arena *arena, const struct path *path)
{
    if (!path)
        return NULL;
    struct path *copy = ARENA_NEW(arena, struct path);
    *copy = *path;
    copy->up = path_copy(arena, path->up);
    if (path->name.at)
        copy->name = str_copy(arena, path->name);
    return copy;
}

static void add(struct call *call, enum severity severity, const struct path *at,
                const char *summary, const char *detail, va_list arguments)
{
    struct diagnostic *diagnostic = ARENA_NEW(call->arena, struct diagnostic);
    *diagnostic = (struct diagnostic){ .severity = severity,
                                       .summary = str_copy(call->arena, str_of(summary)),
                                       .detail = str_vprint(call->arena, detail, arguments),
                                       .at = path_copy(call->arena, at) };
    if (call->last)
        call->last->next = diagnostic;
    else
        call->first = diagnostic;
    call->last = diagnostic;
    call->errors += severity == SEVERITY_ERROR;
}

bool fail(struct call *call, const struct path *at, const char *summary, const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add(call, SEVERITY_ERROR, at, summary, detail, arguments);
    va_end(arguments);
    return false;
}

void warn(struct call *call, const struct path *at, const char *summary, const char *detail, ...)
{
    va_list arguments;
    va_start(arguments, detail);
    add(call, SEVERITY_WARNING, at, summary, detail, arguments);
    va_end(arguments);
}

bool call_cancelled(const struct call *call)
{
    return (call->cancelled && atomic_load(call->cancelled)) ||
           (call->cancelled2 && atomic_load(call->cancelled2));
}

int64_t clock_monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t call_left_ms(const struct call *call)
{
    if (!call->deadline_ms)
        return INT64_MAX;
    int64_t left = call->deadline_ms - clock_monotonic_ms();
    return left > 0 ? left : 0;
}

bool call_sleep(struct call *call, int64_t ms, const char *waiting_for)
{
    int64_t until = clock_monotonic_ms() + ms;
    for (;;) {
        if (call_cancelled(call))
            return fail(call, NULL, "Cancelled", "Stopped waiting for %s: cancelled.", waiting_for);
        if (call_left_ms(call) == 0)
            return fail(call, NULL, "Timed out",
                        "Waited for %s until the deadline. Raise the resource's timeouts block "
                        "where this needs longer.",
                        waiting_for);
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0)
            return true;
        if (left > CANCEL_POLL_MS)
            left = CANCEL_POLL_MS;
        nanosleep(&(struct timespec){ .tv_nsec = (long)left * 1000000 }, NULL);
    }
}
