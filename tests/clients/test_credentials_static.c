/* The source of the provider block. */
#include "clients/aws_credentials.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/aws_fixture.h"

static struct aws_credentials found;
static struct str why;

static enum aws_source_outcome ask(const char *access, const char *secret, const char *token)
{
    struct aws_config config = { .settings = { .access_key = str_of(access),
                                               .secret_key = str_of(secret),
                                               .token = str_of(token) } };
    why = (struct str){ 0 };
    return credentials_static(&aws_call, &config, &found, &why);
}

START_TEST(whole_keys)
{
    ck_assert_int_eq(ask("A", "S", NULL), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.access_key, "A"));
    ck_assert(str_is(found.secret_key, "S"));
    ck_assert_ptr_null(found.session_token.at);
    ck_assert_int_eq(found.expires_ms, 0);
    ck_assert_int_eq(ask("A", "S", "T"), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.session_token, "T"));
    ck_assert_int_eq(ask("A", "S", ""), AWS_SOURCE_FOUND);
    ck_assert_ptr_null(found.session_token.at);
}
END_TEST

START_TEST(no_keys)
{
    ck_assert_int_eq(ask(NULL, NULL, NULL), AWS_SOURCE_NOTHING);
    ck_assert(str_is(why, "access_key and secret_key are not set"));
    ck_assert_int_eq(ask("", "", ""), AWS_SOURCE_NOTHING);
}
END_TEST

START_TEST(half_keys)
{
    ck_assert_int_eq(ask("A", NULL, NULL), AWS_SOURCE_FAILED);
    ck_assert(str_is(why, "access_key is set without secret_key"));
    ck_assert_int_eq(ask(NULL, "S", NULL), AWS_SOURCE_FAILED);
    ck_assert(str_is(why, "secret_key is set without access_key"));
    ck_assert_int_eq(ask(NULL, NULL, "T"), AWS_SOURCE_FAILED);
    ck_assert(str_is(why, "token is set without access_key and secret_key"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("credentials_static");
    tcase_add_checked_fixture(tests, aws_begin, aws_end);
    tcase_add_test(tests, whole_keys);
    tcase_add_test(tests, no_keys);
    tcase_add_test(tests, half_keys);
    Suite *suite = suite_create("credentials_static");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
