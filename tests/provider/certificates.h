/* Certificates as core makes them, and a client that uses them; made at run time. */
#pragma once

#include <openssl/ssl.h>

#include "base/str.h"

/* A key on P-521, a certificate for it, and its PEM text in ARENA. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    struct str pem;
};

struct identity identity_make(struct arena *arena);
void identity_free(struct identity *identity);

/* A client's context that trusts TRUSTED, shows IDENTITY (NULL: nothing), speaks up to VERSION and
 * offers PROTOCOL ("h2"; NULL: nothing). */
SSL_CTX *identity_client(const struct identity *identity, X509 *trusted, int version,
                         const char *protocol);
