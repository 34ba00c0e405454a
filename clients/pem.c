/* PEM texts read with OpenSSL, and the usual mistakes named. */
#include "clients/pem.h"

#include "base/encoding.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Without it OpenSSL asks for a passphrase on the terminal. */
static int no_passphrase(char *room, int size, int for_writing, void *asked)
{
    (void)room;
    (void)size;
    (void)for_writing;
    *(bool *)asked = true;
    return -1;
}

static BIO *bio_of(struct str text)
{
    return text.len && text.len <= INT_MAX ? BIO_new_mem_buf(text.at, (int)text.len) : NULL;
}

/* How many certificates TEXT holds; -1 where one of them does not parse. */
static int count_certificates(struct str text, bool *asked)
{
    BIO *bio = bio_of(text);
    int count = 0;
    ERR_clear_error();
    for (X509 *certificate; bio; count++, X509_free(certificate)) {
        certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, asked);
        if (!certificate)
            break;
    }
    unsigned long error = ERR_peek_last_error();
    bool at_end = !error || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                             ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
    ERR_clear_error();
    BIO_free(bio);
    return at_end ? count : -1;
}

/* Why TEXT, which is no PEM, may have been taken for it. */
static const char *likely_mistake(struct arena *arena, struct str text)
{
    struct str decoded = base64_decode(arena, text);
    if (text.len == 0)
        return "It is empty.";
    if (decoded.at && str_contains(decoded, "-----BEGIN "))
        return "It is the base64 form of a PEM text: pass it through base64decode().";
    if (text.len < 1024 &&
        (str_starts(text, "/") || str_starts(text, "~/") || str_starts(text, "./") ||
         str_ends(text, ".pem") || str_ends(text, ".crt") || str_ends(text, ".key")))
        return "It looks like the path of a file: pass its text with file().";
    if (str_contains(text, "\\n") && str_contains(text, "-----BEGIN "))
        return "Its line ends are written as a backslash and an n; they must be real line ends.";
    return "A PEM text starts with a line such as \"-----BEGIN CERTIFICATE-----\".";
}

bool pem_check_certificates(struct call *call, const struct path *at, struct str text,
                            const char *what)
{
    bool asked = false;
    int count = count_certificates(text, &asked);
    if (count > 0)
        return true;
    if (count < 0)
        return fail(call, at, "Malformed certificate",
                    "A certificate in %s cannot be read: its PEM text is damaged or cut short.",
                    what);
    return fail(call, at, "Not a certificate",
                "Expected at least one certificate in PEM form in %s and found none. %s", what,
                likely_mistake(call->arena, text));
}

enum pair { PAIR_FITS, PAIR_NO_CERTIFICATE, PAIR_ENCRYPTED, PAIR_NO_KEY, PAIR_DIFFERS };

static enum pair try_pair(struct str certificate, struct str key)
{
    bool asked = false;
    BIO *certificate_bio = bio_of(certificate), *key_bio = bio_of(key);
    X509 *first =
        certificate_bio ? PEM_read_bio_X509(certificate_bio, NULL, no_passphrase, &asked) : NULL;
    EVP_PKEY *private =
        key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, no_passphrase, &asked) : NULL;
    enum pair pair = PAIR_FITS;
    if (!first)
        pair = PAIR_NO_CERTIFICATE;
    else if (!private)
        pair = asked ? PAIR_ENCRYPTED : PAIR_NO_KEY;
    else if (X509_check_private_key(first, private) != 1)
        pair = PAIR_DIFFERS;
    ERR_clear_error();
    EVP_PKEY_free(private);
    X509_free(first);
    BIO_free(key_bio);
    BIO_free(certificate_bio);
    return pair;
}

bool pem_check_pair(struct call *call, const struct path *at, struct str certificate,
                    struct str key, const char *what)
{
    switch (try_pair(certificate, key)) {
    case PAIR_FITS:
        break;
    case PAIR_NO_CERTIFICATE:
        return fail(call, at, "Not a certificate", "Expected a certificate in PEM form in %s. %s",
                    what, likely_mistake(call->arena, certificate));
    case PAIR_ENCRYPTED:
        return fail(call, at, "Encrypted private key",
                    "The private key of %s needs a passphrase, and there is nobody to ask. Give a "
                    "key without one, for instance from `openssl pkey`.",
                    what);
    case PAIR_NO_KEY:
        return fail(call, at, "Not a private key", "Expected a private key in PEM form for %s. %s",
                    what, likely_mistake(call->arena, key));
    case PAIR_DIFFERS:
        return fail(call, at, "Key and certificate differ",
                    "The private key of %s does not belong to its certificate.", what);
    }
    return true;
}
