/* Self-signed certificates that pin each other, through OpenSSL. */
#include "provider/tls.h"

#include "base/buf.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

#define POINT_BYTES 65 /* of P-256, uncompressed */
#define SERIAL_BYTES 16
#define SIGNATURE_LIMIT 80

void tls_open(void)
{
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_SSL_STRINGS |
                         OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
                     NULL);
}

#define LOCALHOST 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'
#define NAME_LOCALHOST                                                                             \
    0x30, 0x14, 0x31, 0x12, 0x30, 0x10, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x09, LOCALHOST
#define ECDSA_WITH_SHA256 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02

/* The TBSCertificate (RFC 5280) but for serial number and public key.  Written down in DER, because
 * OpenSSL's encoders take as long as making the key, and every run of Terraform starts the provider
 * several times.  The dates are the widest that UTCTime holds, so that no clock matters. */
static const unsigned char before_serial[] = {
    0x30, 0x82, 0x01, 0x24, 0xa0, 0x03, 0x02, 0x01, 0x02, 0x02, SERIAL_BYTES,
};
static const unsigned char before_key[] = {
    ECDSA_WITH_SHA256,
    NAME_LOCALHOST,
    /* 2000-01-01 to 2049-12-31 */
    0x30,
    0x1e,
    0x17,
    0x0d,
    '0',
    '0',
    '0',
    '1',
    '0',
    '1',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    'Z',
    0x17,
    0x0d,
    '4',
    '9',
    '1',
    '2',
    '3',
    '1',
    '2',
    '3',
    '5',
    '9',
    '5',
    '9',
    'Z',
    NAME_LOCALHOST,
    /* a point on prime256v1 */
    0x30,
    0x59,
    0x30,
    0x13,
    0x06,
    0x07,
    0x2a,
    0x86,
    0x48,
    0xce,
    0x3d,
    0x02,
    0x01,
    0x06,
    0x08,
    0x2a,
    0x86,
    0x48,
    0xce,
    0x3d,
    0x03,
    0x01,
    0x07,
    0x03,
    0x42,
    0x00,
};
static const unsigned char after_key[] = {
    0xa3,
    0x58,
    0x30,
    0x56,
    /* basicConstraints: a CA */
    0x30,
    0x0f,
    0x06,
    0x03,
    0x55,
    0x1d,
    0x13,
    0x01,
    0x01,
    0xff,
    0x04,
    0x05,
    0x30,
    0x03,
    0x01,
    0x01,
    0xff,
    /* keyUsage: digitalSignature, keyEncipherment, keyAgreement, keyCertSign */
    0x30,
    0x0e,
    0x06,
    0x03,
    0x55,
    0x1d,
    0x0f,
    0x01,
    0x01,
    0xff,
    0x04,
    0x04,
    0x03,
    0x02,
    0x02,
    0xac,
    /* extKeyUsage: serverAuth, clientAuth */
    0x30,
    0x1d,
    0x06,
    0x03,
    0x55,
    0x1d,
    0x25,
    0x04,
    0x16,
    0x30,
    0x14,
    0x06,
    0x08,
    0x2b,
    0x06,
    0x01,
    0x05,
    0x05,
    0x07,
    0x03,
    0x01,
    0x06,
    0x08,
    0x2b,
    0x06,
    0x01,
    0x05,
    0x05,
    0x07,
    0x03,
    0x02,
    /* subjectAltName: DNS:localhost */
    0x30,
    0x14,
    0x06,
    0x03,
    0x55,
    0x1d,
    0x11,
    0x04,
    0x0d,
    0x30,
    0x0b,
    0x82,
    0x09,
    LOCALHOST,
};
static const unsigned char signature_algorithm[] = { ECDSA_WITH_SHA256 };

static bool sign(EVP_PKEY *key, struct str bytes, unsigned char *signature, size_t *len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_signed =
        context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(context, signature, len, (const unsigned char *)bytes.at, bytes.len) == 1;
    EVP_MD_CTX_free(context);
    return is_signed;
}

static struct str fill_certificate(struct arena *arena, EVP_PKEY *key)
{
    unsigned char serial[SERIAL_BYTES], point[POINT_BYTES], signature[SIGNATURE_LIMIT];
    size_t point_len = 0, signature_len = sizeof signature;
    if (RAND_bytes(serial, sizeof serial) != 1 ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
                                        &point_len) != 1 ||
        point_len != sizeof point)
        return (struct str){ 0 };
    /* DER: positive, and in no more bytes than needed. */
    serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40);

    struct buf body = buf_make(arena, BUF_LIMIT);
    buf_add(&body, before_serial, sizeof before_serial);
    buf_add(&body, serial, sizeof serial);
    buf_add(&body, before_key, sizeof before_key);
    buf_add(&body, point, sizeof point);
    buf_add(&body, after_key, sizeof after_key);
    if (!sign(key, buf_str(&body), signature, &signature_len))
        return (struct str){ 0 };

    size_t len = body.len + sizeof signature_algorithm + 3 + signature_len;
    const unsigned char head[] = { 0x30, 0x82, (unsigned char)(len >> 8), (unsigned char)len };
    const unsigned char bits[] = { 0x03, (unsigned char)(signature_len + 1), 0 };
    struct buf out = buf_make(arena, BUF_LIMIT);
    buf_add(&out, head, sizeof head);
    buf_add_str(&out, buf_str(&body));
    buf_add(&out, signature_algorithm, sizeof signature_algorithm);
    buf_add(&out, bits, sizeof bits);
    buf_add(&out, signature, signature_len);
    return buf_str(&out);
}

struct str tls_make_certificate(struct arena *arena, EVP_PKEY **key)
{
    *key = EVP_EC_gen("P-256");
    struct str certificate = *key ? fill_certificate(arena, *key) : (struct str){ 0 };
    if (!certificate.at) {
        EVP_PKEY_free(*key);
        *key = NULL;
    }
    return certificate;
}

/* The trust is in one certificate, not in a chain, a name or a date: whoever showed it in the
 * environment and proves to hold its key is the process that started us. */
static int is_expected_client(X509_STORE_CTX *store, void *expected)
{
    const X509 *shown = X509_STORE_CTX_get0_cert(store);
    if (shown && X509_cmp(shown, expected) == 0)
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
    return 0;
}

/* Clients of newer gRPC refuse a server that does not choose "h2" (facts 1.3). */
static int choose_h2(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_len,
                     const unsigned char *offered, unsigned offered_len, void *argument)
{
    (void)ssl;
    (void)argument;
    static const unsigned char h2[] = { 2, 'h', '2' };
    for (unsigned i = 0; i + sizeof h2 <= offered_len; i += offered[i] + 1U) {
        if (memcmp(offered + i, h2, sizeof h2) == 0) {
            *chosen = offered + i + 1;
            *chosen_len = offered[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static X509 *parse_certificate(struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

static void free_certificate(void *parent, void *certificate, CRYPTO_EX_DATA *data, int index,
                             long argument, void *pointer)
{
    (void)parent;
    (void)data;
    (void)index;
    (void)argument;
    (void)pointer;
    X509_free(certificate);
}

static bool fill_context(SSL_CTX *context, EVP_PKEY *key, struct str certificate)
{
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_alpn_select_cb(context, choose_h2, NULL);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_use_certificate_ASN1(context, (int)certificate.len,
                                        (const unsigned char *)certificate.at) == 1 &&
           SSL_CTX_use_PrivateKey(context, key) == 1;
}

SSL_CTX *tls_make_context(EVP_PKEY *key, struct str certificate, struct str client_pem)
{
    X509 *client = parse_certificate(client_pem);
    SSL_CTX *context = client ? SSL_CTX_new(TLS_server_method()) : NULL;
    int slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_certificate);
    if (!context || slot < 0 || SSL_CTX_set_ex_data(context, slot, client) != 1) {
        X509_free(client);
        SSL_CTX_free(context);
        return NULL;
    }
    SSL_CTX_set_cert_verify_callback(context, is_expected_client, client);
    if (!fill_context(context, key, certificate)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}
