/* Self-signed certificates that pin each other, through OpenSSL. */
#include "provider/tls.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"

#define BACKDATED_SECONDS (-5 * 60L)
#define VALID_SECONDS (10L * 365 * 24 * 3600)
#define SERIAL_BITS 127

void tls_open(void)
{
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_SSL_STRINGS |
                         OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
                     NULL);
}

static bool add_extension(X509 *certificate, int nid, const char *text)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
    bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool set = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
               BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set;
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), BACKDATED_SECONDS) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), VALID_SECONDS) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, NID_key_usage,
                         "critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign") &&
           add_extension(certificate, NID_ext_key_usage, "clientAuth,serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, "DNS:localhost") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool tls_make_certificate(EVP_PKEY **key, X509 **certificate)
{
    *key = EVP_EC_gen("P-256");
    *certificate = X509_new();
    if (*key && *certificate && fill_certificate(*certificate, *key))
        return true;
    X509_free(*certificate);
    EVP_PKEY_free(*key);
    *certificate = NULL;
    *key = NULL;
    return false;
}

struct str tls_print_certificate(struct arena *arena, X509 *certificate)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len <= 0)
        return (struct str){ 0 };
    struct str text = base64_encode_raw(arena, (struct str){ (const char *)der, (size_t)len });
    OPENSSL_free(der);
    return text;
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

static bool fill_context(SSL_CTX *context, EVP_PKEY *key, X509 *certificate)
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
           SSL_CTX_use_certificate(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, key) == 1;
}

SSL_CTX *tls_make_context(EVP_PKEY *key, X509 *certificate, struct str client_pem)
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
