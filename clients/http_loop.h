/* The thread that runs all transfers, and the only owner of libcurl's handles. */
#pragma once

#include "clients/http_transfer.h"

/* Allows the loop to start; its thread begins with the first transfer. */
void http_loop_open(void);

/* Cancels what is under way, ends the thread and gives everything back.  Without a loop a no-op. */
void http_loop_close(void);

/* Runs TRANSFER and waits until the loop has let go of it.  False where no loop could be started;
 * transfer->outcome then says why. */
bool http_loop_run(struct http_transfer *transfer);
