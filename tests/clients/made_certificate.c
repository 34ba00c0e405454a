/* A self-signed certificate from OpenSSL. */
#include "tests/clients/made_certificate.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static X509 *sign(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    ck_assert_int_gt(X509_sign(certificate, key, EVP_sha256()), 0);
    return certificate;
}

static struct str take(struct arena *arena, BIO *bio)
{
    char *bytes;
    long len = BIO_get_mem_data(bio, &bytes);
    struct str text = str_copy_bytes(arena, bytes, (size_t)len);
    BIO_free(bio);
    return text;
}

struct made_certificate made_certificate(struct arena *arena)
{
    unsigned char passphrase[] = "secret";
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = sign(key);
    BIO *out[3] = { BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()) };
    ck_assert_int_eq(PEM_write_bio_X509(out[0], certificate), 1);
    ck_assert_int_eq(PEM_write_bio_PrivateKey(out[1], key, NULL, NULL, 0, NULL, NULL), 1);
    ck_assert_int_eq(
        PEM_write_bio_PrivateKey(out[2], key, EVP_aes_128_cbc(), passphrase, 6, NULL, NULL), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return (struct made_certificate){ take(arena, out[0]), take(arena, out[1]),
                                      take(arena, out[2]) };
}
