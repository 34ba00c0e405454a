/* Non-blocking reads and writes between a socket, OpenSSL and an HTTP/2 connection. */
#include "provider/connection.h"

#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

#define READ_BYTES ((size_t)16 * 1024)
/* Reads in a row before the others have their turn. */
#define READS_IN_A_ROW 16
#define WRITE_BYTES ((size_t)32 * 1024)

struct connection {
    struct arena arena;
    int fd;
    SSL *ssl; /* NULL: plain */
    struct h2_connection *h2;
    bool blocked;     /* the last write, or TLS on behalf of a read, must wait for the socket */
    bool more;        /* reading stopped before all was read */
    struct str chunk; /* of h2's, not yet copied */
    size_t out_len, out_sent;
    unsigned char in[READ_BYTES], out[WRITE_BYTES];
};

static SSL *open_tls(SSL_CTX *context, int fd)
{
    SSL *ssl = SSL_new(context);
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

struct connection *connection_open(int fd, SSL_CTX *tls, const struct h2_events *events)
{
    struct arena arena = arena_make(NULL);
    struct connection *connection = arena_try_alloc(&arena, sizeof *connection);
    if (!connection) {
        close(fd);
        return NULL;
    }
    connection->arena = arena;
    connection->fd = fd;
    connection->ssl = tls ? open_tls(tls, fd) : NULL;
    connection->h2 = h2_open(events);
    if (!connection->h2 || (tls && !connection->ssl)) {
        connection_close(connection);
        return NULL;
    }
    return connection;
}

void connection_close(struct connection *connection)
{
    if (connection->h2)
        h2_close(connection->h2);
    if (connection->ssl) {
        if (SSL_is_init_finished(connection->ssl))
            (void)SSL_shutdown(connection->ssl);
        SSL_free(connection->ssl);
        ERR_clear_error();
    }
    close(connection->fd);
    struct arena arena = connection->arena;
    arena_release(&arena);
}

int connection_fd(const struct connection *connection)
{
    return connection->fd;
}

short connection_wants(const struct connection *connection)
{
    return (short)(POLLIN | (connection->blocked ? POLLOUT : 0));
}

bool connection_is_ready(const struct connection *connection)
{
    return connection->more;
}

bool connection_is_flushed(const struct connection *connection)
{
    return connection->out_len == 0 && connection->chunk.len == 0;
}

struct h2_connection *connection_h2(struct connection *connection)
{
    return connection->h2;
}

/* > 0: bytes moved; 0: the peer is gone or the transport failed; < 0: wait. */
static int tls_outcome(struct connection *connection, int result, bool established)
{
    if (result > 0)
        return result;
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_WRITE:
        connection->blocked = true;
        return -1;
    case SSL_ERROR_WANT_READ:
        return -1;
    case SSL_ERROR_SSL:
        if (!established)
            log_write(NULL, LOG_WARN, "provider",
                      "A client failed the TLS handshake: it is not the one that started this "
                      "provider, or offers neither TLS 1.2 nor HTTP/2",
                      NULL, 0);
        return 0;
    default:
        return 0;
    }
}

static int plain_outcome(struct connection *connection, ssize_t result, bool writing)
{
    if (result > 0)
        return (int)result;
    if (result < 0 && (errno == EAGAIN || errno == EINTR)) {
        connection->blocked = writing || connection->blocked;
        return -1;
    }
    return 0;
}

static int transport_read(struct connection *connection)
{
    if (!connection->ssl)
        return plain_outcome(connection, recv(connection->fd, connection->in, READ_BYTES, 0),
                             /* writing */ false);
    bool established = SSL_is_init_finished(connection->ssl);
    ERR_clear_error();
    return tls_outcome(connection, SSL_read(connection->ssl, connection->in, (int)READ_BYTES),
                       established);
}

static int transport_write(struct connection *connection, const unsigned char *bytes, size_t len)
{
    if (!connection->ssl)
        return plain_outcome(connection, send(connection->fd, bytes, len, MSG_NOSIGNAL),
                             /* writing */ true);
    bool established = SSL_is_init_finished(connection->ssl);
    ERR_clear_error();
    return tls_outcome(connection, SSL_write(connection->ssl, bytes, (int)len), established);
}

static bool receive(struct connection *connection)
{
    connection->more = false;
    for (int i = 0; i < READS_IN_A_ROW; i++) {
        int len = transport_read(connection);
        if (len < 0)
            return true;
        if (len == 0)
            return false;
        struct str bytes = { (const char *)connection->in, (size_t)len };
        if (!h2_receive(connection->h2, bytes))
            return true; /* what it still has to say goes out first */
    }
    connection->more = true;
    return true;
}

/* Gathers frames, most of which are small, into one write. */
static void gather(struct connection *connection)
{
    while (connection->out_len < WRITE_BYTES) {
        if (!connection->chunk.len)
            connection->chunk = h2_output(connection->h2);
        size_t len = WRITE_BYTES - connection->out_len;
        if (len > connection->chunk.len)
            len = connection->chunk.len;
        if (!len)
            return;
        memcpy(connection->out + connection->out_len, connection->chunk.at, len);
        connection->out_len += len;
        connection->chunk = str_slice(connection->chunk, len, connection->chunk.len);
    }
}

static bool flush(struct connection *connection)
{
    /* The TLS handshake is driven by reads; nothing can be written before it is through. */
    if (connection->ssl && !SSL_is_init_finished(connection->ssl))
        return true;
    for (;;) {
        if (connection->out_sent == connection->out_len) {
            connection->out_sent = connection->out_len = 0;
            gather(connection);
        }
        if (!connection->out_len)
            return true;
        int len = transport_write(connection, connection->out + connection->out_sent,
                                  connection->out_len - connection->out_sent);
        if (len < 0)
            return true;
        if (len == 0)
            return false;
        connection->out_sent += (size_t)len;
    }
}

bool connection_work(struct connection *connection, bool readable)
{
    connection->blocked = false;
    if (readable && !receive(connection))
        return false;
    if (!flush(connection))
        return false;
    return !h2_is_over(connection->h2) || !connection_is_flushed(connection);
}
