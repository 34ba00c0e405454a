/* One thread around curl_multi: admission by host, cancelling, deadlines, recycled handles. */
#include "clients/http_loop.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LOOP_STACK_BYTES ((size_t)1024 * 1024)
/* How soon a cancel or a deadline is noticed. */
#define CHECK_EVERY_MS 20
/* Nothing to look after; a submission wakes the loop. */
#define IDLE_POLL_MS 3600000
#define IDLE_HANDLES 32
#define KEPT_CONNECTIONS 128

/* The requests under way to one host, and those that wait for their turn. */
struct http_host {
    struct http_host *next;
    char *authority;
    unsigned in_flight;
    struct http_transfer *first_waiting, *last_waiting;
};

/* What only the loop's thread touches. */
struct reactor {
    CURLM *multi;
    CURLSH *share;
    CURL *idle[IDLE_HANDLES];
    size_t idle_count;
    struct http_host *hosts;
    struct http_transfer *transfers; /* all of them, running or waiting */
};

/* What callers and the thread share. */
static struct {
    pthread_mutex_t mutex;
    bool open;
    bool running;
    bool closing;
    pthread_t thread;
    CURLM *multi; /* for waking only */
    struct http_transfer *submitted;
} loop = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static struct http_host *host_of(struct reactor *reactor, struct str authority)
{
    for (struct http_host *host = reactor->hosts; host; host = host->next)
        if (str_is(authority, host->authority))
            return host;
    struct http_host *host = calloc(1, sizeof *host);
    char *name = host ? strndup(authority.at, authority.len) : NULL;
    if (!name) {
        free(host);
        return NULL;
    }
    host->authority = name;
    host->next = reactor->hosts;
    reactor->hosts = host;
    return host;
}

static void drop_host_if_idle(struct reactor *reactor, struct http_host *host)
{
    if (host->in_flight || host->first_waiting)
        return;
    struct http_host **link = &reactor->hosts;
    while (*link != host)
        link = &(*link)->next;
    *link = host->next;
    free(host->authority);
    free(host);
}

static CURL *take_handle(struct reactor *reactor)
{
    CURL *easy = reactor->idle_count ? reactor->idle[--reactor->idle_count] : curl_easy_init();
    if (easy)
        curl_easy_setopt(easy, CURLOPT_SHARE, reactor->share);
    return easy;
}

static void give_handle(struct reactor *reactor, CURL *easy)
{
    if (reactor->idle_count == IDLE_HANDLES) {
        curl_easy_cleanup(easy);
        return;
    }
    /* Forgets every pointer into the transfer; connections and TLS sessions stay. */
    curl_easy_reset(easy);
    reactor->idle[reactor->idle_count++] = easy;
}

static void remove_waiting(struct http_host *host, struct http_transfer *transfer)
{
    struct http_transfer *before = NULL;
    for (struct http_transfer *t = host->first_waiting; t; before = t, t = t->next_waiting) {
        if (t != transfer)
            continue;
        if (before)
            before->next_waiting = t->next_waiting;
        else
            host->first_waiting = t->next_waiting;
        if (host->last_waiting == t)
            host->last_waiting = before;
        return;
    }
}

static void unlink_transfer(struct reactor *reactor, struct http_transfer *transfer)
{
    if (transfer->previous)
        transfer->previous->next = transfer->next;
    else
        reactor->transfers = transfer->next;
    if (transfer->next)
        transfer->next->previous = transfer->previous;
}

/* From here on the transfer is the caller's again. */
static void acknowledge(struct http_transfer *transfer)
{
    pthread_mutex_lock(&loop.mutex);
    transfer->done = true;
    pthread_cond_signal(&transfer->finished);
    pthread_mutex_unlock(&loop.mutex);
}

static void start_waiting(struct reactor *reactor, struct http_host *host);

static void finish(struct reactor *reactor, struct http_transfer *transfer,
                   enum http_outcome outcome)
{
    struct http_host *host = transfer->server;
    transfer->outcome = outcome;
    transfer->ended_ms = clock_wall_ms();
    if (transfer->easy) {
        long status = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
        transfer->status = (int)status;
        transfer->maybe_sent = http_transfer_was_sent(transfer) && outcome != HTTP_UNRESOLVED &&
                               outcome != HTTP_UNREACHED && outcome != HTTP_TLS_REFUSED;
        curl_multi_remove_handle(reactor->multi, transfer->easy);
        give_handle(reactor, transfer->easy);
        transfer->easy = NULL;
        host->in_flight--;
    } else if (host) {
        remove_waiting(host, transfer);
    }
    unlink_transfer(reactor, transfer);
    acknowledge(transfer);
    if (host) {
        start_waiting(reactor, host);
        drop_host_if_idle(reactor, host);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a && (a < b || !b) ? a : b;
}

/* Hands the transfer to libcurl; false where there is no memory for it. */
static bool start(struct reactor *reactor, struct http_transfer *transfer)
{
    CURL *easy = take_handle(reactor);
    if (!easy)
        return false;
    int64_t timeout = transfer->request->timeout_ms;
    transfer->deadline_ms = earlier(transfer->deadline_ms,
                                    clock_monotonic_ms() + (timeout ? timeout : HTTP_TIMEOUT_MS));
    transfer->started_ms = clock_wall_ms();
    transfer->easy = easy;
    if (http_transfer_configure(transfer) &&
        curl_multi_add_handle(reactor->multi, easy) == CURLM_OK) {
        transfer->server->in_flight++;
        return true;
    }
    transfer->easy = NULL;
    give_handle(reactor, easy);
    return false;
}

static void start_waiting(struct reactor *reactor, struct http_host *host)
{
    while (host->first_waiting && host->in_flight < HTTP_IN_FLIGHT_PER_HOST) {
        struct http_transfer *transfer = host->first_waiting;
        remove_waiting(host, transfer);
        if (!start(reactor, transfer)) {
            /* Ended by the next check, since a list of transfers may be being walked here. */
            transfer->stopped_by = HTTP_NO_MEMORY;
            transfer->server = NULL;
        }
    }
}

static void admit(struct reactor *reactor, struct http_transfer *transfer)
{
    transfer->previous = NULL;
    transfer->next = reactor->transfers;
    if (transfer->next)
        transfer->next->previous = transfer;
    reactor->transfers = transfer;
    transfer->started_ms = clock_wall_ms();
    transfer->deadline_ms = transfer->call->deadline_ms;
    transfer->next_waiting = NULL;
    bool late = transfer->deadline_ms && clock_monotonic_ms() >= transfer->deadline_ms;
    if (late || call_cancelled(transfer->call)) {
        finish(reactor, transfer, late ? HTTP_TIMED_OUT : HTTP_CANCELLED);
        return;
    }
    struct http_host *host = transfer->server = host_of(reactor, transfer->authority);
    if (!host) {
        transfer->stopped_by = HTTP_NO_MEMORY;
        return;
    }
    if (host->last_waiting && host->first_waiting)
        host->last_waiting->next_waiting = transfer;
    else
        host->first_waiting = transfer;
    host->last_waiting = transfer;
    start_waiting(reactor, host);
    drop_host_if_idle(reactor, host);
}

static void check(struct reactor *reactor, struct http_transfer *transfer, int64_t now)
{
    if (!transfer->easy && transfer->stopped_by != HTTP_ANSWERED) {
        finish(reactor, transfer, transfer->stopped_by);
        return;
    }
    if (!transfer->cancel_seen && call_cancelled(transfer->call)) {
        transfer->cancel_seen = true;
        if (!transfer->request->survives_cancel || !http_transfer_was_sent(transfer)) {
            finish(reactor, transfer, HTTP_CANCELLED);
            return;
        }
        transfer->deadline_ms = earlier(transfer->deadline_ms, now + HTTP_WRITE_GRACE_MS);
    }
    if (transfer->deadline_ms && now >= transfer->deadline_ms)
        finish(reactor, transfer, transfer->cancel_seen ? HTTP_CANCELLED : HTTP_TIMED_OUT);
}

static void check_all(struct reactor *reactor)
{
    int64_t now = clock_monotonic_ms();
    for (struct http_transfer *transfer = reactor->transfers, *next; transfer; transfer = next) {
        next = transfer->next;
        check(reactor, transfer, now);
    }
}

static void finish_ended(struct reactor *reactor)
{
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(reactor->multi, &left));) {
        struct http_transfer *transfer = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        finish(reactor, transfer, http_transfer_outcome(transfer, result));
    }
}

/* Takes what callers submitted, oldest first; false where the loop shall end. */
static bool take_submitted(struct reactor *reactor)
{
    pthread_mutex_lock(&loop.mutex);
    struct http_transfer *newest = loop.submitted;
    bool closing = loop.closing;
    loop.submitted = NULL;
    pthread_mutex_unlock(&loop.mutex);
    struct http_transfer *oldest = NULL;
    while (newest) {
        struct http_transfer *next = newest->next_waiting;
        newest->next_waiting = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct http_transfer *next = oldest->next_waiting;
        admit(reactor, oldest);
        oldest = next;
    }
    return !closing;
}

static void close_reactor(struct reactor *reactor)
{
    while (reactor->transfers)
        finish(reactor, reactor->transfers, HTTP_CANCELLED);
    while (reactor->idle_count)
        curl_easy_cleanup(reactor->idle[--reactor->idle_count]);
    curl_multi_cleanup(reactor->multi);
    curl_share_cleanup(reactor->share);
    free(reactor);
}

static void *run(void *argument)
{
    struct reactor *reactor = argument;
    while (take_submitted(reactor)) {
        int running;
        curl_multi_perform(reactor->multi, &running);
        finish_ended(reactor);
        check_all(reactor);
        curl_multi_poll(reactor->multi, NULL, 0, reactor->transfers ? CHECK_EVERY_MS : IDLE_POLL_MS,
                        NULL);
    }
    close_reactor(reactor);
    return NULL;
}

static struct reactor *make_reactor(void)
{
    struct reactor *reactor = calloc(1, sizeof *reactor);
    if (!reactor)
        return NULL;
    reactor->multi = curl_multi_init();
    reactor->share = curl_share_init();
    if (!reactor->multi || !reactor->share) {
        curl_multi_cleanup(reactor->multi);
        curl_share_cleanup(reactor->share);
        free(reactor);
        return NULL;
    }
    curl_multi_setopt(reactor->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    curl_share_setopt(reactor->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return reactor;
}

/* The thread takes no signals; SIGPIPE above all, which OpenSSL's writes would raise. */
static bool start_thread(struct reactor *reactor)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_attr_init(&attributes))
        return false;
    pthread_attr_setstacksize(&attributes, LOOP_STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&loop.thread, &attributes, run, reactor) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

/* With the mutex held. */
static bool ensure_running(void)
{
    if (loop.running)
        return true;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return false;
    struct reactor *reactor = make_reactor();
    if (reactor) {
        loop.multi = reactor->multi;
        loop.running = start_thread(reactor);
        if (!loop.running)
            close_reactor(reactor);
    }
    if (!loop.running)
        curl_global_cleanup();
    return loop.running;
}

void http_loop_open(void)
{
    pthread_mutex_lock(&loop.mutex);
    loop.open = true;
    pthread_mutex_unlock(&loop.mutex);
}

void http_loop_close(void)
{
    pthread_mutex_lock(&loop.mutex);
    bool running = loop.running && !loop.closing;
    loop.open = false;
    loop.closing = running || loop.closing;
    if (running)
        curl_multi_wakeup(loop.multi);
    pthread_mutex_unlock(&loop.mutex);
    if (!running)
        return;
    pthread_join(loop.thread, NULL);
    curl_global_cleanup();
    pthread_mutex_lock(&loop.mutex);
    loop.running = loop.closing = false;
    loop.multi = NULL;
    pthread_mutex_unlock(&loop.mutex);
}

bool http_loop_run(struct http_transfer *transfer)
{
    pthread_mutex_lock(&loop.mutex);
    if (!loop.open || loop.closing || !ensure_running()) {
        transfer->outcome = loop.open && !loop.closing ? HTTP_NO_MEMORY : HTTP_CANCELLED;
        pthread_mutex_unlock(&loop.mutex);
        return false;
    }
    pthread_cond_init(&transfer->finished, NULL);
    transfer->next_waiting = loop.submitted;
    loop.submitted = transfer;
    curl_multi_wakeup(loop.multi);
    while (!transfer->done)
        pthread_cond_wait(&transfer->finished, &loop.mutex);
    pthread_mutex_unlock(&loop.mutex);
    pthread_cond_destroy(&transfer->finished);
    return true;
}
