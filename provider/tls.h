/* The provider's side of go-plugin's AutoMTLS: a certificate of its own, and one client it trusts.
 */
#pragma once

#include <openssl/ssl.h>

#include "base/attributes.h"
#include "base/str.h"

/* OpenSSL without reading a configuration file, which costs time at each start and lets the
 * environment change what the plugin does.  Called once, before anything else of OpenSSL. */
void tls_open(void);

/* A key on P-256 and, as DER in ARENA, a certificate for "localhost" that it signed; what Go's
 * client needs of it was measured (docs/internals/protocol.md).  at == NULL, and *KEY == NULL,
 * where OpenSSL fails; the caller frees the key. */
struct str tls_make_certificate(struct arena *arena, EVP_PKEY **key);

/* A context for servers that shows CERTIFICATE (DER), wants HTTP/2, TLS 1.2 or later, and accepts
 * exactly the client that holds the one certificate in CLIENT_PEM.  NULL where CLIENT_PEM is not
 * one certificate or OpenSSL fails; the caller frees it. */
MUST_CHECK SSL_CTX *tls_make_context(EVP_PKEY *key, struct str certificate, struct str client_pem);
