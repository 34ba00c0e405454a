/* TLS between a client like core and our context, over memory: who gets in and who does not. */
#include "provider/tls.h"

#include "tests/provider/certificates.h"

#include <check.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static EVP_PKEY *key;
static X509 *certificate;
static struct str der;
static struct identity core;

static void setup(void)
{
    tls_open();
    arena = arena_make(NULL);
    der = tls_make_certificate(&arena, &key);
    ck_assert_ptr_nonnull(der.at);
    const unsigned char *at = (const unsigned char *)der.at;
    certificate = d2i_X509(NULL, &at, (long)der.len);
    ck_assert_ptr_nonnull(certificate);
    ck_assert_ptr_eq(at, der.at + der.len);
    core = identity_make(&arena);
}

static void teardown(void)
{
    identity_free(&core);
    X509_free(certificate);
    EVP_PKEY_free(key);
    arena_release(&arena);
}

/* Shakes hands over two memory buffers; whether both sides are content. */
static bool shake(SSL_CTX *server_context, SSL_CTX *client_context, struct str *protocol)
{
    SSL *server = SSL_new(server_context), *client = SSL_new(client_context);
    BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());
    BIO_up_ref(to_server);
    BIO_up_ref(to_client);
    SSL_set_bio(server, to_server, to_client);
    SSL_set_bio(client, to_client, to_server);
    SSL_set1_host(client, "localhost");
    SSL_set_tlsext_host_name(client, "localhost");
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    for (int i = 0; i < 10; i++) {
        SSL_do_handshake(client);
        SSL_do_handshake(server);
    }
    bool content = SSL_is_init_finished(server) && SSL_is_init_finished(client);
    const unsigned char *chosen;
    unsigned len;
    SSL_get0_alpn_selected(server, &chosen, &len);
    *protocol = str_copy_bytes(&arena, chosen, len);
    SSL_free(server);
    SSL_free(client);
    return content;
}

static bool try_client(const struct identity *identity, int version, const char *offered,
                       struct str *chosen)
{
    SSL_CTX *server = tls_make_context(key, der, core.pem);
    ck_assert_ptr_nonnull(server);
    SSL_CTX *client = identity_client(identity, certificate, version, offered);
    bool content = shake(server, client, chosen);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    return content;
}

START_TEST(core_gets_in)
{
    struct str chosen;
    ck_assert(try_client(&core, _i ? TLS1_3_VERSION : TLS1_2_VERSION, "h2", &chosen));
    ck_assert(str_is(chosen, "h2"));
}
END_TEST

START_TEST(stranger_stays_out)
{
    struct str chosen;
    struct identity stranger = identity_make(&arena);
    ck_assert(!try_client(&stranger, _i ? TLS1_3_VERSION : TLS1_2_VERSION, "h2", &chosen));
    identity_free(&stranger);
}
END_TEST

START_TEST(nobody_stays_out)
{
    struct str chosen;
    ck_assert(!try_client(NULL, _i ? TLS1_3_VERSION : TLS1_2_VERSION, "h2", &chosen));
}
END_TEST

START_TEST(old_tls_is_refused)
{
    struct str chosen;
    ck_assert(!try_client(&core, TLS1_1_VERSION, "h2", &chosen));
}
END_TEST

START_TEST(other_protocols_are_refused)
{
    struct str chosen;
    ck_assert(!try_client(&core, TLS1_3_VERSION, "http/1.1", &chosen));
}
END_TEST

START_TEST(client_without_alpn_is_let_in)
{
    struct str chosen;
    ck_assert(try_client(&core, TLS1_3_VERSION, NULL, &chosen));
    ck_assert_uint_eq(chosen.len, 0);
}
END_TEST

static const char *const not_certificates[] = {
    "",
    "nonsense",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
};

START_TEST(client_text_must_be_a_certificate)
{
    ck_assert_ptr_null(tls_make_context(key, der, str_of(not_certificates[_i])));
}
END_TEST

START_TEST(key_must_fit_the_certificate)
{
    ck_assert_ptr_null(tls_make_context(core.key, der, core.pem));
}
END_TEST

/* What Go's client looks at (facts 1.3). */
START_TEST(certificate_is_what_go_wants)
{
    ck_assert_int_eq(X509_verify(certificate, key), 1);
    ck_assert_int_eq(
        X509_check_host(certificate, "localhost", 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL), 1);
    uint32_t purposes = X509_get_extended_key_usage(certificate);
    ck_assert_uint_eq(purposes & (XKU_SSL_SERVER | XKU_SSL_CLIENT),
                      XKU_SSL_SERVER | XKU_SSL_CLIENT);
    ck_assert(X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE);
    ck_assert_int_eq(X509_check_ca(certificate), 1);
    ck_assert_int_lt(X509_cmp_current_time(X509_get0_notBefore(certificate)), 0);
    ck_assert_int_gt(X509_cmp_current_time(X509_get0_notAfter(certificate)), 0);
    ck_assert_int_eq(X509_get_version(certificate), X509_VERSION_3);
    ck_assert_int_eq(EVP_PKEY_get_bits(X509_get0_pubkey(certificate)), 256);
}
END_TEST

START_TEST(no_two_are_alike)
{
    EVP_PKEY *other_key;
    struct str other_der = tls_make_certificate(&arena, &other_key);
    const unsigned char *at = (const unsigned char *)other_der.at;
    X509 *other = d2i_X509(NULL, &at, (long)other_der.len);
    ck_assert_int_eq(EVP_PKEY_eq(key, other_key), 0);
    ck_assert_int_ne(
        ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate), X509_get0_serialNumber(other)), 0);
    X509_free(other);
    EVP_PKEY_free(other_key);
}
END_TEST

/* Signatures differ in length; whatever it is, the certificate stays well-formed. */
START_TEST(every_signature_fits)
{
    for (int i = 0; i < 300; i++) {
        EVP_PKEY *other_key;
        struct str other_der = tls_make_certificate(&arena, &other_key);
        const unsigned char *at = (const unsigned char *)other_der.at;
        X509 *other = d2i_X509(NULL, &at, (long)other_der.len);
        ck_assert_ptr_nonnull(other);
        ck_assert_ptr_eq(at, other_der.at + other_der.len);
        ck_assert_int_eq(X509_verify(other, other_key), 1);
        unsigned char *again = NULL;
        ck_assert_int_eq(i2d_re_X509_tbs(other, &again), 296);
        ck_assert_int_eq(memcmp(again, other_der.at + 4, 296), 0);
        OPENSSL_free(again);
        X509_free(other);
        EVP_PKEY_free(other_key);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tls");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, core_gets_in, 0, 2);
    tcase_add_loop_test(tests, stranger_stays_out, 0, 2);
    tcase_add_loop_test(tests, nobody_stays_out, 0, 2);
    tcase_add_test(tests, old_tls_is_refused);
    tcase_add_test(tests, other_protocols_are_refused);
    tcase_add_test(tests, client_without_alpn_is_let_in);
    tcase_add_loop_test(tests, client_text_must_be_a_certificate, 0, 3);
    tcase_add_test(tests, key_must_fit_the_certificate);
    tcase_add_test(tests, certificate_is_what_go_wants);
    tcase_add_test(tests, no_two_are_alike);
    tcase_add_test(tests, every_signature_fits);
    Suite *suite = suite_create("tls");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
