/* Fuzzes the HTTP/2 connection of the server: any bytes after an honest preface. */
#include "provider/h2.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const void *find(void *context, struct str path)
{
    return str_starts(path, "/a") ? context : NULL;
}

/* Echoes, ends with an error, or holds the answer open, as the message says. */
static void on_request(void *context, struct h2_stream *stream, const void *method,
                       struct str message)
{
    if (context != method)
        abort();
    if (message.len % 3 == 0) {
        h2_start(stream);
        return;
    }
    if (message.len % 3 == 1) {
        struct parcel *parcel = parcel_make(message.len);
        if (!parcel)
            abort();
        parcel_add(parcel, message.at, message.len);
        h2_send(stream, parcel);
    }
    h2_finish(stream, GRPC_INTERNAL, "text with % and \n");
}

static void on_sent(void *context, struct h2_stream *stream, size_t len)
{
    if (!context || !stream || !len)
        abort();
}

static void on_closed(void *context, struct h2_stream *stream)
{
    if (!context || h2_stream_user(stream))
        abort();
}

static void drain(struct h2_connection *connection)
{
    while (h2_output(connection).len)
        continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const struct str preface = { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
                                        24 + 9 };
    static int owner;
    const struct h2_events events = { &owner, find, on_request, on_sent, on_closed };
    struct h2_connection *connection = h2_open(&events);
    if (!connection || !h2_receive(connection, preface))
        abort();
    /* The first byte says into what pieces the rest is cut. */
    size_t step = len && bytes[0] ? bytes[0] : 4096;
    for (size_t i = 1; i < len && !h2_is_over(connection); i += step) {
        size_t part = len - i < step ? len - i : step;
        if (!h2_receive(connection, (struct str){ (const char *)bytes + i, part }))
            break;
        drain(connection);
    }
    h2_finish_open(connection);
    drain(connection);
    h2_close(connection);
    return 0;
}
