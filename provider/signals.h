/* Signals: what core's user presses must not end the plugin, what asks it to end does so in order.
 */
#pragma once

#include <stdbool.h>

/* Installs the handlers, once and before any thread starts.  SIGTERM and SIGHUP ask for the end,
 * and SIGINT does where INTERRUPT_ENDS; otherwise SIGINT is core's business, which then calls
 * StopProvider.  SIGPIPE does nothing.  Handlers and not SIG_IGN, which programs that we start
 * would inherit.  Returns the descriptor that is readable once the end was asked for, or -1. */
int signals_open(bool interrupt_ends);
