/* The source of the environment variables. */
#include "clients/aws_credentials.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/aws_fixture.h"

static struct aws_credentials found;
static struct str why;

static enum aws_source_outcome ask(void)
{
    struct aws_config config = { 0 };
    why = (struct str){ 0 };
    return credentials_environment(&aws_call, &config, &found, &why);
}

START_TEST(both_spellings)
{
    setenv("AWS_ACCESS_KEY", "OLD", 1);
    setenv("AWS_SECRET_KEY", "old", 1);
    ck_assert_int_eq(ask(), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.access_key, "OLD"));
    ck_assert(str_is(found.secret_key, "old"));
    ck_assert_ptr_null(found.session_token.at);
    setenv("AWS_ACCESS_KEY_ID", "NEW", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "new", 1);
    setenv("AWS_SESSION_TOKEN", "t", 1);
    ck_assert_int_eq(ask(), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.access_key, "NEW"));
    ck_assert(str_is(found.secret_key, "new"));
    ck_assert(str_is(found.session_token, "t"));
}
END_TEST

START_TEST(nothing_and_half)
{
    ck_assert_int_eq(ask(), AWS_SOURCE_NOTHING);
    setenv("AWS_SESSION_TOKEN", "t", 1);
    ck_assert_int_eq(ask(), AWS_SOURCE_NOTHING);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "", 1);
    ck_assert_int_eq(ask(), AWS_SOURCE_FAILED);
    ck_assert(str_is(why, "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"));
    unsetenv("AWS_ACCESS_KEY_ID");
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    ck_assert_int_eq(ask(), AWS_SOURCE_FAILED);
    ck_assert(str_is(why, "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("credentials_environment");
    tcase_add_checked_fixture(tests, aws_begin, aws_end);
    tcase_add_test(tests, both_spellings);
    tcase_add_test(tests, nothing_and_half);
    Suite *suite = suite_create("credentials_environment");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
