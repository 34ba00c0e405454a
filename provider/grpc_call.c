/* A call on its worker, and the hand-over of its answer to the I/O thread. */
#include "provider/grpc_call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* Called with the mutex held. */
static void announce(struct grpc_stream *stream)
{
    struct grpc_outbox *outbox = stream->outbox;
    if (stream->has_news)
        return;
    stream->has_news = true;
    stream->next_news = outbox->first;
    outbox->first = stream;
    /* Fails only where the counter is full, and then it is readable anyway. */
    const uint64_t one = 1;
    ssize_t written = write(outbox->wake, &one, sizeof one);
    (void)written;
}

static struct parcel *wrap(struct str message)
{
    const unsigned char prefix[H2_PREFIX_BYTES] = { 0, (unsigned char)(message.len >> 24),
                                                    (unsigned char)(message.len >> 16),
                                                    (unsigned char)(message.len >> 8),
                                                    (unsigned char)message.len };
    struct parcel *parcel =
        message.len <= GRPC_MESSAGE_LIMIT ? parcel_make(sizeof prefix + message.len) : NULL;
    if (!parcel)
        return NULL;
    parcel_add(parcel, prefix, sizeof prefix);
    parcel_add(parcel, message.at, message.len);
    return parcel;
}

bool grpc_send(struct grpc_stream *stream, struct str message)
{
    struct grpc_outbox *outbox = stream->outbox;
    struct parcel *parcel = wrap(message);
    pthread_mutex_lock(&outbox->mutex);
    while (stream->queued_bytes > GRPC_QUEUE_BYTES && !atomic_load(&stream->cancelled))
        pthread_cond_wait(&outbox->drained, &outbox->mutex);
    bool taken = parcel && !atomic_load(&stream->cancelled);
    if (taken) {
        if (stream->first)
            stream->last->next = parcel;
        else
            stream->first = parcel;
        stream->last = parcel;
        stream->queued_bytes += parcel->len;
        announce(stream);
    }
    stream->lost_message = stream->lost_message || !parcel;
    pthread_mutex_unlock(&outbox->mutex);
    if (!taken)
        parcel_release(parcel);
    return taken;
}

static void describe(struct grpc_stream *stream, char text[H2_STATUS_TEXT_LIMIT])
{
    const struct diagnostic *error = stream->call.first;
    while (error && error->severity != SEVERITY_ERROR)
        error = error->next;
    if (error)
        snprintf(text, H2_STATUS_TEXT_LIMIT, "%s: %s", error->summary.at, error->detail.at);
}

/* Apart from its caller, because locals changed after setjmp are lost at the jump. */
static enum grpc_status run_method(struct grpc_stream *stream, char text[H2_STATUS_TEXT_LIMIT])
{
    if (setjmp(stream->out_of_memory)) {
        snprintf(text, H2_STATUS_TEXT_LIMIT,
                 "The provider ran out of memory in this call; it goes on serving others.");
        return GRPC_RESOURCE_EXHAUSTED;
    }
    stream->arena = arena_make(&stream->out_of_memory);
    stream->call = (struct call){
        .arena = &stream->arena,
        .cancelled = &stream->cancelled,
        .cancelled2 = &stream->outbox->stopped,
        .rpc = strrchr(stream->method->path, '/') + 1,
        .request_id = stream->id,
    };
    enum grpc_status status = stream->method->run(&stream->call, stream, stream->request);
    if (status != GRPC_OK)
        describe(stream, text);
    return status;
}

static void log_end(const struct grpc_stream *stream, enum grpc_status status, int64_t began_ms)
{
    char ms[24], number[16];
    if (!log_enabled(LOG_DEBUG))
        return;
    snprintf(ms, sizeof ms, "%" PRId64, clock_monotonic_ms() - began_ms);
    snprintf(number, sizeof number, "%d", (int)status);
    LOG(&stream->call, LOG_DEBUG, "provider", "Answered a call",
        { "tf_req_duration_ms", str_of(ms) }, { "grpc_status", str_of(number) });
}

void grpc_call_run(struct worker_task *task)
{
    struct grpc_stream *stream = (struct grpc_stream *)task;
    struct grpc_outbox *outbox = stream->outbox;
    char text[H2_STATUS_TEXT_LIMIT] = "";
    enum grpc_status status = GRPC_CANCELLED;
    int64_t began_ms = clock_monotonic_ms();
    if (!atomic_load(&stream->cancelled) && !atomic_load(&outbox->ending)) {
        status = run_method(stream, text);
        log_end(stream, status, began_ms);
        arena_release(&stream->arena);
    }
    pthread_mutex_lock(&outbox->mutex);
    if (stream->lost_message && status == GRPC_OK)
        status = GRPC_RESOURCE_EXHAUSTED;
    stream->status = status;
    memcpy(stream->status_text, text, sizeof text);
    stream->finished = true;
    announce(stream);
    pthread_mutex_unlock(&outbox->mutex);
}

static void hand_over(struct h2_stream *h2, struct parcel *parcel)
{
    while (parcel) {
        struct parcel *next = parcel->next;
        h2_send(h2, parcel);
        parcel = next;
    }
}

size_t grpc_outbox_empty(struct grpc_outbox *outbox)
{
    size_t finished_calls = 0;
    pthread_mutex_lock(&outbox->mutex);
    struct grpc_stream *stream;
    while ((stream = outbox->first)) {
        outbox->first = stream->next_news;
        stream->has_news = false;
        struct parcel *parcels = stream->first;
        stream->first = NULL;
        bool finished = stream->finished;
        pthread_mutex_unlock(&outbox->mutex);

        hand_over(stream->h2, parcels);
        if (finished) {
            finished_calls++;
            h2_finish(stream->h2, stream->status,
                      stream->status_text[0] ? stream->status_text : NULL);
            h2_stream_release(stream->h2);
        }
        pthread_mutex_lock(&outbox->mutex);
    }
    pthread_mutex_unlock(&outbox->mutex);
    return finished_calls;
}

void grpc_call_sent(struct grpc_stream *stream, size_t len)
{
    pthread_mutex_lock(&stream->outbox->mutex);
    stream->queued_bytes -= len;
    pthread_cond_broadcast(&stream->outbox->drained);
    pthread_mutex_unlock(&stream->outbox->mutex);
}

void grpc_call_cancel(struct grpc_stream *stream)
{
    pthread_mutex_lock(&stream->outbox->mutex);
    atomic_store(&stream->cancelled, true);
    pthread_cond_broadcast(&stream->outbox->drained);
    pthread_mutex_unlock(&stream->outbox->mutex);
}
