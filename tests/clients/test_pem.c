/* Certificates and keys that are right, and the usual mistakes. */
#include "clients/pem.h"

#include "base/encoding.h"
#include "tests/clients/made_certificate.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct call call;
static struct made_certificate made;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    made = made_certificate(&arena);
}

static void teardown(void)
{
    arena_release(&arena);
}

static void expect_error(bool result, const char *summary, const char *part)
{
    ck_assert(!result);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(call.first->summary.at, summary);
    ck_assert_msg(str_contains(call.first->detail, part), "%s", call.first->detail.at);
    ck_assert(str_contains(call.first->detail, "the test"));
    ck_assert(!str_contains(call.first->detail, "BEGIN PRIVATE"));
    call = (struct call){ .arena = &arena };
}

static bool certificates(struct str text)
{
    return pem_check_certificates(&call, NULL, text, "the test");
}

static bool pair(struct str certificate, struct str key)
{
    return pem_check_pair(&call, NULL, certificate, key, "the test");
}

START_TEST(accepts_certificates)
{
    struct made_certificate other = made_certificate(&arena);
    ck_assert(certificates(made.certificate));
    ck_assert(certificates(
        str_print(&arena, "# a comment\n%s\n\n%s", made.certificate.at, other.certificate.at)));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(refuses_damaged_certificates)
{
    struct str cut = str_slice(made.certificate, 0, made.certificate.len / 2);
    expect_error(certificates(cut), "Malformed certificate", "damaged");
    struct str second = str_print(&arena, "%s%.*s", made.certificate.at, STR_ARG(cut));
    expect_error(certificates(second), "Malformed certificate", "damaged");
    struct str foreign = STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect_error(certificates(foreign), "Malformed certificate", "damaged");
}
END_TEST

START_TEST(names_the_usual_mistakes)
{
    expect_error(certificates(base64_encode(&arena, made.certificate)), "Not a certificate",
                 "base64decode()");
    expect_error(certificates(STR("/etc/ca.crt")), "Not a certificate", "file()");
    expect_error(certificates(STR("certs/ca.pem")), "Not a certificate", "file()");
    expect_error(certificates(STR("-----BEGIN CERTIFICATE-----\\nMII\\n")), "Not a certificate",
                 "backslash");
    expect_error(certificates(STR("")), "Not a certificate", "It is empty.");
    expect_error(certificates(STR("hello")), "Not a certificate", "starts with a line");
    expect_error(certificates(made.key), "Not a certificate", "found none");
}
END_TEST

START_TEST(accepts_a_pair)
{
    ck_assert(pair(made.certificate, made.key));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(refuses_pairs_that_cannot_work)
{
    struct made_certificate other = made_certificate(&arena);
    expect_error(pair(made.certificate, other.key), "Key and certificate differ", "belong");
    expect_error(pair(made.certificate, made.encrypted_key), "Encrypted private key", "passphrase");
    expect_error(pair(made.certificate, STR("")), "Not a private key", "empty");
    expect_error(pair(made.certificate, STR("~/client.key")), "Not a private key", "file()");
    expect_error(pair(STR("x"), made.key), "Not a certificate", "PEM");
    expect_error(pair(made.key, made.certificate), "Not a certificate", "PEM");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pem");
    TCase *cases = tcase_create("pem");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, accepts_certificates);
    tcase_add_test(cases, refuses_damaged_certificates);
    tcase_add_test(cases, names_the_usual_mistakes);
    tcase_add_test(cases, accepts_a_pair);
    tcase_add_test(cases, refuses_pairs_that_cannot_work);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
