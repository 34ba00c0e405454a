/* Pauses that double. */
#include "resources/poll.h"

static _Atomic int64_t first_pause_ms = POLL_FIRST_MS;

void poll_set_first_ms(int64_t first_ms)
{
    atomic_store(&first_pause_ms, first_ms);
}

bool poll_pause(struct call *call, struct poll *poll, const char *waiting_for)
{
    poll->pause_ms = poll->pause_ms ? poll->pause_ms * 2 : atomic_load(&first_pause_ms);
    if (poll->pause_ms > POLL_LIMIT_MS)
        poll->pause_ms = POLL_LIMIT_MS;
    return call_sleep(call, poll->pause_ms, waiting_for);
}
