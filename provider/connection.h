/* One client of the server: a socket, TLS where asked, and the HTTP/2 connection on top. */
#pragma once

#include "provider/h2.h"

struct connection;

/* Takes over FD, a connected non-blocking socket; TLS may be NULL, EVENTS must outlive the
 * connection.  NULL, with FD closed, where memory is used up. */
struct connection *connection_open(int fd, SSL_CTX *tls, const struct h2_events *events);

/* Says good-bye to the peer if it can and frees all; the streams are closed. */
void connection_close(struct connection *connection);

int connection_fd(const struct connection *connection);

/* What to poll for. */
short connection_wants(const struct connection *connection);

/* Whether there is more to do at once, whatever poll says. */
bool connection_is_ready(const struct connection *connection);

/* Receives where READABLE, then sends what there is.  False where the connection is over. */
MUST_CHECK bool connection_work(struct connection *connection, bool readable);

/* Whether all that there is to send went out. */
bool connection_is_flushed(const struct connection *connection);

/* The HTTP/2 connection, owned by this one. */
struct h2_connection *connection_h2(struct connection *connection);
