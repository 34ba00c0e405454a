/* Certificates and keys for tests, made when they are needed. */
#pragma once

#include "base/str.h"

struct made_certificate {
    struct str certificate;   /* self-signed, PEM */
    struct str key;           /* its EC key, PEM */
    struct str encrypted_key; /* the same with a passphrase */
};

struct made_certificate made_certificate(struct arena *arena);
