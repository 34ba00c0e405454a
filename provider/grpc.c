/* The I/O thread: accepts clients, moves their bytes, answers what must not wait, and ends in
 * order. */
#include "provider/grpc.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "provider/connection.h"
#include "provider/grpc_call.h"

/* How soon the death of the parent is noticed. */
#define PARENT_POLL_MS 1000

/* How long no client is accepted after the system refused one; poll would report it without end. */
#define ACCEPT_PAUSE_MS 100

enum { POLL_WAKE, POLL_END, POLL_LISTENER, POLL_FIRST_CLIENT };

struct server {
    const struct grpc_server_options *options;
    struct grpc_outbox outbox;
    struct worker_pool pool;
    struct h2_events events;
    struct connection *connections[GRPC_CONNECTION_LIMIT];
    size_t connection_count;
    size_t running; /* calls that have a worker, or wait for one */
    uint64_t last_id;
    bool accept_paused; /* for one round */
    pid_t parent;
    int64_t ending_ms; /* on the monotonic clock: when to end at the latest; 0: not ending */
};

/* What the I/O thread answers by itself. */
struct builtin {
    struct grpc_method method; /* `run` is NULL: that is how they are told apart */
    void (*answer)(struct server *server, struct h2_stream *stream);
};

/* From here on nothing new begins, and what runs should stop. */
static void begin_end(struct server *server)
{
    if (server->ending_ms)
        return;
    server->ending_ms = clock_monotonic_ms() + GRPC_ENDING_MS;
    atomic_store(&server->outbox.ending, true);
    atomic_store(&server->outbox.stopped, true);
    for (size_t i = 0; i < server->connection_count; i++)
        h2_finish_open(connection_h2(server->connections[i]));
}

static void answer_bytes(struct h2_stream *stream, const char *bytes, size_t len)
{
    struct parcel *parcel = parcel_make(len);
    if (!parcel) {
        h2_finish(stream, GRPC_RESOURCE_EXHAUSTED, "Out of memory for the answer.");
        return;
    }
    parcel_add(parcel, bytes, len);
    h2_send(stream, parcel);
    h2_finish(stream, GRPC_OK, NULL);
}

static void answer_empty(struct h2_stream *stream)
{
    static const char empty[H2_PREFIX_BYTES] = { 0 };
    answer_bytes(stream, empty, sizeof empty);
}

static void answer_stop(struct server *server, struct h2_stream *stream)
{
    atomic_store(&server->outbox.stopped, true);
    answer_empty(stream);
}

static void answer_shutdown(struct server *server, struct h2_stream *stream)
{
    answer_empty(stream);
    begin_end(server);
}

static void answer_stdio(struct server *server, struct h2_stream *stream)
{
    h2_start(stream);
    if (server->ending_ms)
        h2_finish(stream, GRPC_OK, NULL);
}

/* HealthCheckResponse with status = SERVING. */
static void answer_health(struct server *server, struct h2_stream *stream)
{
    static const char serving[] = { 0, 0, 0, 0, 2, 0x08, 0x01 };
    (void)server;
    answer_bytes(stream, serving, sizeof serving);
}

static const struct builtin builtins[] = {
    { { "/tfplugin6.Provider/StopProvider", NULL }, answer_stop },
    { { "/plugin.GRPCController/Shutdown", NULL }, answer_shutdown },
    { { "/plugin.GRPCStdio/StreamStdio", NULL }, answer_stdio },
    { { "/grpc.health.v1.Health/Check", NULL }, answer_health },
};

static const void *find_method(void *context, struct str path)
{
    const struct server *server = context;
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (str_is(path, builtins[i].method.path))
            return &builtins[i].method;
    for (size_t i = 0; i < server->options->method_count; i++)
        if (str_is(path, server->options->methods[i].path))
            return &server->options->methods[i];
    return NULL;
}

static void start_call(struct server *server, struct h2_stream *h2,
                       const struct grpc_method *method, struct str request)
{
    struct grpc_stream *stream = arena_try_alloc(h2_stream_arena(h2), sizeof *stream);
    if (!stream) {
        h2_finish(h2, GRPC_RESOURCE_EXHAUSTED, "Out of memory for the call.");
        return;
    }
    stream->task.run = grpc_call_run;
    stream->outbox = &server->outbox;
    stream->h2 = h2;
    stream->method = method;
    stream->request = request;
    stream->id = ++server->last_id;
    if (!worker_pool_run(&server->pool, &stream->task)) {
        h2_finish(h2, GRPC_UNAVAILABLE, "The system gives the provider no thread for the call.");
        return;
    }
    h2_stream_keep(h2, stream);
    server->running++;
}

static void on_request(void *context, struct h2_stream *stream, const void *method,
                       struct str message)
{
    struct server *server = context;
    const struct grpc_method *found = method;
    if (found->run)
        start_call(server, stream, found, message);
    else
        ((const struct builtin *)method)->answer(server, stream);
}

static void on_sent(void *context, struct h2_stream *stream, size_t len)
{
    (void)context;
    if (h2_stream_user(stream))
        grpc_call_sent(h2_stream_user(stream), len);
}

static void on_closed(void *context, struct h2_stream *stream)
{
    (void)context;
    if (h2_stream_user(stream))
        grpc_call_cancel(h2_stream_user(stream));
}

static void accept_clients(struct server *server)
{
    while (server->connection_count < GRPC_CONNECTION_LIMIT) {
        int fd = accept4(server->options->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct connection *connection =
            fd >= 0 ? connection_open(fd, server->options->tls, &server->events) : NULL;
        if (!connection) {
            server->accept_paused = fd >= 0 || errno != EAGAIN;
            return;
        }
        server->connections[server->connection_count++] = connection;
        if (server->options->many_connections && !server->ending_ms)
            atomic_store(&server->outbox.stopped, false);
    }
}

static void work_on_clients(struct server *server, const struct pollfd *polled, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->connection_count; i++) {
        struct connection *connection = server->connections[i];
        bool readable = connection_is_ready(connection) ||
                        (i < count && polled[i].revents & (POLLIN | POLLHUP | POLLERR));
        if (connection_work(connection, readable))
            server->connections[kept++] = connection;
        else
            connection_close(connection);
    }
    server->connection_count = kept;
}

static void close_clients(struct server *server)
{
    for (size_t i = 0; i < server->connection_count; i++)
        connection_close(server->connections[i]);
    server->connection_count = 0;
}

static int poll_timeout(const struct server *server)
{
    for (size_t i = 0; i < server->connection_count; i++)
        if (connection_is_ready(server->connections[i]))
            return 0;
    if (!server->ending_ms)
        return server->accept_paused ? ACCEPT_PAUSE_MS : PARENT_POLL_MS;
    int64_t left = server->ending_ms - clock_monotonic_ms();
    return left > 0 ? (int)left : 0;
}

/* Fills POLLED and waits; returns how many clients were polled. */
static size_t wait_for_work(struct server *server, struct pollfd *polled)
{
    bool accepting = !server->ending_ms && !server->accept_paused &&
                     server->connection_count < GRPC_CONNECTION_LIMIT;
    polled[POLL_WAKE] = (struct pollfd){ server->outbox.wake, POLLIN, 0 };
    polled[POLL_END] = (struct pollfd){ server->ending_ms ? -1 : server->options->end, POLLIN, 0 };
    polled[POLL_LISTENER] =
        (struct pollfd){ accepting ? server->options->listener : -1, POLLIN, 0 };
    for (size_t i = 0; i < server->connection_count; i++)
        polled[POLL_FIRST_CLIENT + i] =
            (struct pollfd){ connection_fd(server->connections[i]),
                             connection_wants(server->connections[i]), 0 };
    nfds_t count = POLL_FIRST_CLIENT + server->connection_count;
    if (poll(polled, count, poll_timeout(server)) < 0)
        for (size_t i = 0; i < count; i++)
            polled[i].revents = 0;
    server->accept_paused = false;
    return server->connection_count;
}

static void serve_once(struct server *server)
{
    struct pollfd polled[POLL_FIRST_CLIENT + GRPC_CONNECTION_LIMIT];
    size_t clients = wait_for_work(server, polled);
    if (polled[POLL_WAKE].revents) {
        uint64_t count;
        ssize_t len = read(server->outbox.wake, &count, sizeof count);
        (void)len;
    }
    if (polled[POLL_END].revents)
        begin_end(server);
    server->running -= grpc_outbox_empty(&server->outbox);
    if (polled[POLL_LISTENER].revents)
        accept_clients(server);
    work_on_clients(server, polled + POLL_FIRST_CLIENT, clients);
    if (!server->options->many_connections && getppid() != server->parent)
        begin_end(server);
}

static bool is_over(const struct server *server)
{
    if (!server->ending_ms)
        return false;
    if (clock_monotonic_ms() >= server->ending_ms)
        return true;
    for (size_t i = 0; i < server->connection_count; i++)
        if (!connection_is_flushed(server->connections[i]))
            return false;
    return server->running == 0;
}

static bool open_server(struct server *server, const struct grpc_server_options *options)
{
    *server = (struct server){ .options = options, .parent = getppid() };
    server->events = (struct h2_events){ server, find_method, on_request, on_sent, on_closed };
    server->outbox.wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->outbox.wake < 0)
        return false;
    pthread_mutex_init(&server->outbox.mutex, NULL);
    pthread_cond_init(&server->outbox.drained, NULL);
    worker_pool_init(&server->pool);
    return true;
}

/* False where calls are still running: what they use must stay. */
static bool close_server(struct server *server)
{
    close_clients(server);
    close(server->options->listener);
    int64_t left = server->ending_ms - clock_monotonic_ms();
    if (!worker_pool_close(&server->pool, left > 0 ? left : 0))
        return false;
    (void)grpc_outbox_empty(&server->outbox);
    close(server->outbox.wake);
    pthread_cond_destroy(&server->outbox.drained);
    pthread_mutex_destroy(&server->outbox.mutex);
    return true;
}

int grpc_serve(const struct grpc_server_options *options)
{
    struct arena arena = arena_make(NULL);
    struct server *server = arena_try_alloc(&arena, sizeof *server);
    if (!server || !open_server(server, options)) {
        log_write(NULL, LOG_ERROR, "provider", "No memory or no file descriptor to serve with",
                  NULL, 0);
        arena_release(&arena);
        close(options->listener);
        return 1;
    }
    while (!is_over(server))
        serve_once(server);
    if (close_server(server))
        arena_release(&arena);
    else
        log_write(NULL, LOG_WARN, "provider", "Ending although calls are still running", NULL, 0);
    return 0;
}
