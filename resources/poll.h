/* Waiting until an API has got somewhere: a look, a pause, another look. */
#pragma once

#include "base/call.h"

/* The first pause, unless a test says otherwise; each is twice the one before, up to the last. */
#define POLL_FIRST_MS 1000
#define POLL_LIMIT_MS 30000

/* One wait; zeroed to begin with. */
struct poll {
    int64_t pause_ms;
};

/* Pauses before the next look.  False with an error added, as of `call_sleep`, where the deadline
 * or a cancel cuts it short; WAITING_FOR goes into that error. */
MUST_CHECK bool poll_pause(struct call *call, struct poll *poll, const char *waiting_for);

/* The length of the first pause of every wait from now on: for tests, which have no real API to
 * wait for. */
void poll_set_first_ms(int64_t first_ms);
