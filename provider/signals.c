/* Signal handlers that only leave a note for the I/O thread. */
#include "provider/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int note = -1;

static void ask_for_end(int number)
{
    int saved = errno;
    const uint64_t one = 1;
    ssize_t written = write(note, &one, sizeof one);
    (void)written;
    (void)number;
    errno = saved;
}

static void do_nothing(int number)
{
    (void)number;
}

static bool install(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    return sigaction(number, &action, NULL) == 0;
}

int signals_open(bool interrupt_ends)
{
    if (note < 0)
        note = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool installed = note >= 0 && install(SIGTERM, ask_for_end) && install(SIGHUP, ask_for_end) &&
                     install(SIGINT, interrupt_ends ? ask_for_end : do_nothing) &&
                     install(SIGPIPE, do_nothing);
    return installed ? note : -1;
}
