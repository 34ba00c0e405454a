/* The provider's side of go-plugin's AutoMTLS: a certificate of its own, and one client it trusts.
 */
#pragma once

#include <openssl/ssl.h>

#include "base/attributes.h"
#include "base/str.h"

/* OpenSSL without reading a configuration file, which costs time at each start and lets the
 * environment change what the plugin does.  Called once, before anything else of OpenSSL. */
void tls_open(void);

/* A key on P-256 and a certificate for "localhost" that it signed; what Go's client needs of it was
 * measured (facts 1.3).  False where OpenSSL fails. */
MUST_CHECK bool tls_make_certificate(EVP_PKEY **key, X509 **certificate);

/* CERTIFICATE as the handshake line wants it: DER in base64 without padding.  at == NULL where
 * OpenSSL fails. */
struct str tls_print_certificate(struct arena *arena, X509 *certificate);

/* A context for servers that shows CERTIFICATE, wants HTTP/2, TLS 1.2 or later, and accepts exactly
 * the client that holds the one certificate in CLIENT_PEM.  NULL where CLIENT_PEM is not one
 * certificate or OpenSSL fails; the caller frees it. */
MUST_CHECK SSL_CTX *tls_make_context(EVP_PKEY *key, X509 *certificate, struct str client_pem);
