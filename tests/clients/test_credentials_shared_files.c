/* The source of the shared files: keys, and kinds of profiles that it does not read. */
#include "clients/aws_credentials.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/aws_fixture.h"

static struct aws_credentials found;
static struct str why;

static enum aws_source_outcome ask(const char *profile)
{
    struct aws_config config = aws_resolve(&(struct aws_settings){ .profile = str_of(profile) });
    why = (struct str){ 0 };
    return profile ? credentials_named_profile(&aws_call, &config, &found, &why)
                   : credentials_shared_files(&aws_call, &config, &found, &why);
}

START_TEST(keys_of_both_files)
{
    aws_write(".aws/config", "[profile dev]\naws_access_key_id = CONFIG\n"
                             "aws_secret_access_key = c\n");
    ck_assert_int_eq(ask("dev"), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.access_key, "CONFIG"));
    aws_write(".aws/credentials", "[dev]\naws_access_key_id = KEYS\naws_secret_access_key = k\n"
                                  "aws_session_token = t\n");
    ck_assert_int_eq(ask("dev"), AWS_SOURCE_FOUND);
    ck_assert(str_is(found.access_key, "KEYS"));
    ck_assert(str_is(found.secret_key, "k"));
    ck_assert(str_is(found.session_token, "t"));
    ck_assert(str_contains(found.source, "credentials"));
    ck_assert(!str_contains(found.source, "KEYS"));
}
END_TEST

START_TEST(half_keys)
{
    aws_write(".aws/credentials", "[default]\naws_access_key_id = A\n");
    ck_assert_int_eq(ask(NULL), AWS_SOURCE_FAILED);
    ck_assert(str_contains(why, "has aws_access_key_id but not aws_secret_access_key"));
    aws_write(".aws/credentials", "[default]\naws_secret_access_key = s\n");
    ck_assert_int_eq(ask(NULL), AWS_SOURCE_FAILED);
    ck_assert(str_contains(why, "has aws_secret_access_key but not aws_access_key_id"));
}
END_TEST

START_TEST(no_keys)
{
    ck_assert_int_eq(ask(NULL), AWS_SOURCE_NOTHING);
    ck_assert(str_contains(why, "there is no profile \"default\""));
    aws_write(".aws/config", "[profile dev]\nregion = x\n");
    ck_assert_int_eq(ask("dev"), AWS_SOURCE_FAILED);
    ck_assert(str_contains(why, "has no aws_access_key_id"));
    struct aws_config config = aws_resolve(&(struct aws_settings){ 0 });
    ck_assert_int_eq(credentials_named_profile(&aws_call, &config, &found, &why),
                     AWS_SOURCE_NOTHING);
}
END_TEST

START_TEST(other_kinds_are_named)
{
    static const struct {
        const char *line, *words;
    } rows[] = {
        { "role_arn = arn:aws:iam::1:role/x\nsource_profile = y", "a role that has to be assumed" },
        { "sso_session = corp\nsso_account_id = 1", "a login to IAM Identity Center" },
        { "sso_start_url = https://x", "a login to IAM Identity Center" },
        { "credential_process = /bin/x", "a command that prints credentials" },
        { "login_session = x", "aws login" },
        { "web_identity_token_file = /x", "a web identity token" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        aws_write(".aws/config", str_print(&aws_arena, "[default]\n%s\n", rows[i].line).at);
        ck_assert_int_eq(ask(NULL), AWS_SOURCE_FAILED);
        ck_assert_msg(str_contains(why, rows[i].words), "%s", why.at);
        ck_assert(str_contains(why, "--profile default"));
    }
}
END_TEST

START_TEST(keys_beside_other_kinds)
{
    static const char keys[] = "aws_access_key_id = A\naws_secret_access_key = s\n";
    aws_write(".aws/config",
              str_print(&aws_arena, "[default]\n%scredential_process = /bin/x\n", keys).at);
    ck_assert_int_eq(ask(NULL), AWS_SOURCE_FOUND);
    aws_write(".aws/config", str_print(&aws_arena, "[default]\n%srole_arn = r\n", keys).at);
    ck_assert_int_eq(ask(NULL), AWS_SOURCE_FAILED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("credentials_shared_files");
    tcase_add_checked_fixture(tests, aws_begin, aws_end);
    tcase_add_test(tests, keys_of_both_files);
    tcase_add_test(tests, half_keys);
    tcase_add_test(tests, no_keys);
    tcase_add_test(tests, other_kinds_are_named);
    tcase_add_test(tests, keys_beside_other_kinds);
    Suite *suite = suite_create("credentials_shared_files");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
