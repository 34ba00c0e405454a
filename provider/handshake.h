/* How core and the plugin find each other: environment in, one line on stdout out (go-plugin). */
#pragma once

#include <openssl/ssl.h>

#include "base/call.h"

#define HANDSHAKE_PROTOCOL_VERSION 6

/* The longest path of a Unix socket, without its NUL. */
#define HANDSHAKE_ADDRESS_LIMIT 107

struct handshake {
    int listener; /* for grpc_serve, which closes it */
    char directory[HANDSHAKE_ADDRESS_LIMIT + 1];
    char address[HANDSHAKE_ADDRESS_LIMIT + 1];
    struct str client_pem; /* at == NULL: no TLS */
    EVP_PKEY *key;
    struct str certificate; /* DER, in the call's arena; at == NULL: no TLS */
};

/* Checks that Terraform or OpenTofu started this process and speaks version 6 of the protocol. */
MUST_CHECK bool handshake_check(struct call *call);

/* Listens on a Unix socket in a new directory that only this user may enter, and with TLS (where
 * PLUGIN_CLIENT_CERT is set, and WITH_TLS) makes a certificate.  On failure nothing is left behind.
 */
MUST_CHECK bool handshake_open(struct call *call, bool with_tls, struct handshake *out);

/* The line that core waits for, with its line end. */
struct str handshake_line(struct call *call, const struct handshake *handshake);

/* What a developer is shown in debug mode: how to point Terraform and OpenTofu at this process. */
struct str handshake_reattach(struct call *call, const struct handshake *handshake);

/* The TLS context to serve with, to be made after the line went out because it takes a while; NULL
 * with an error added where that fails.  The caller frees it. */
MUST_CHECK SSL_CTX *handshake_tls(struct call *call, const struct handshake *handshake);

/* Removes socket and directory, and frees the key. */
void handshake_close(struct handshake *handshake);
