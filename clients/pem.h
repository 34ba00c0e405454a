/* Certificates and keys in PEM form, checked before a connection is tried.
 *
 * libcurl says little about a malformed certificate; these checks name the member of the
 * configuration that holds it and the usual mistake (base64 that was not decoded, a file's path in
 * place of its text).  No text of a certificate or key is quoted. */
#pragma once

#include "base/call.h"

/* Checks that TEXT holds at least one certificate and that every one of them parses; WHAT names it
 * ("the cluster's certificate authority in /home/x/.kube/config").  False with an error added. */
MUST_CHECK bool pem_check_certificates(struct call *call, const struct path *at, struct str text,
                                       const char *what);

/* Checks that KEY is a private key without a passphrase that belongs to the first certificate of
 * CERTIFICATE; WHAT names the pair ("the client certificate of ...").  False with an error added.
 */
MUST_CHECK bool pem_check_pair(struct call *call, const struct path *at, struct str certificate,
                               struct str key, const char *what);
