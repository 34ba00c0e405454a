/* Certificates for tests. */
#include "tests/provider/certificates.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <string.h>

struct identity identity_make(struct arena *arena)
{
    struct identity identity = { EVP_EC_gen("P-521"), X509_new(), { 0 } };
    X509 *certificate = identity.certificate;
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -30);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    X509_set_pubkey(certificate, identity.key);
    ck_assert_int_gt(X509_sign(certificate, identity.key, EVP_sha512()), 0);

    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    PEM_write_bio_X509(bio, certificate);
    long len = BIO_get_mem_data(bio, &text);
    identity.pem = str_copy_bytes(arena, text, (size_t)len);
    BIO_free(bio);
    return identity;
}

void identity_free(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

SSL_CTX *identity_client(const struct identity *identity, X509 *trusted, int version,
                         const char *protocol)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_min_proto_version(context, version);
    /* Old versions of TLS are only spoken at OpenSSL's lowest level of security. */
    SSL_CTX_set_security_level(context, 0);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), trusted);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (identity) {
        SSL_CTX_use_certificate(context, identity->certificate);
        SSL_CTX_use_PrivateKey(context, identity->key);
    }
    if (protocol) {
        unsigned char list[32] = { (unsigned char)strlen(protocol) };
        memcpy(list + 1, protocol, strlen(protocol));
        SSL_CTX_set_alpn_protos(context, list, (unsigned)strlen(protocol) + 1);
    }
    return context;
}
