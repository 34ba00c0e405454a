/* The chain's order, what it says when it finds nothing, and the cache. */
#include "clients/aws_credentials.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/aws_fixture.h"

static struct aws_credentials found;
static struct aws_problem problem;

static bool get(const struct aws_settings *settings)
{
    struct aws_config config = aws_resolve(settings);
    problem = (struct aws_problem){ 0 };
    aws_credentials_close();
    return aws_credentials_get(&aws_call, &config, &found, &problem);
}

static void expect_problem(const char *words)
{
    ck_assert_msg(str_contains(problem.detail, words), "%s", problem.detail.at);
}

START_TEST(the_order)
{
    aws_write(".aws/credentials", "[default]\naws_access_key_id = FILE\n"
                                  "aws_secret_access_key = s\n[dev]\naws_access_key_id = DEV\n"
                                  "aws_secret_access_key = s\naws_session_token = t\n");
    ck_assert(get(&(struct aws_settings){ 0 }));
    ck_assert(str_is(found.access_key, "FILE"));
    ck_assert(str_contains(found.source, "the profile \"default\""));
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    ck_assert(get(&(struct aws_settings){ 0 }));
    ck_assert(str_is(found.access_key, "ENV"));
    ck_assert(str_contains(found.source, "AWS_ACCESS_KEY_ID"));
    /* AWS_PROFILE gives way to keys in the environment, the provider's profile does not. */
    setenv("AWS_PROFILE", "dev", 1);
    ck_assert(get(&(struct aws_settings){ 0 }));
    ck_assert(str_is(found.access_key, "ENV"));
    ck_assert(get(&(struct aws_settings){ .profile = STR("dev") }));
    ck_assert(str_is(found.access_key, "DEV"));
    ck_assert(str_is(found.session_token, "t"));
    ck_assert(get(&(struct aws_settings){
        .profile = STR("dev"), .access_key = STR("ARG"), .secret_key = STR("s") }));
    ck_assert(str_is(found.access_key, "ARG"));
    ck_assert(str_contains(found.source, "access_key"));
}
END_TEST

START_TEST(nothing_found_lists_each_source)
{
    ck_assert(!get(&(struct aws_settings){ 0 }));
    ck_assert(str_is(problem.summary, "No AWS credentials found"));
    expect_problem("access_key and secret_key are not set");
    expect_problem("profile is not set");
    expect_problem("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    expect_problem("there is no profile \"default\" (missing: ~/.aws/config");
    ck_assert_uint_eq(aws_call.errors, 0);
}
END_TEST

START_TEST(half_a_source_stops_the_chain)
{
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    aws_write(".aws/credentials", "[default]\naws_access_key_id = FILE\n"
                                  "aws_secret_access_key = s\n");
    ck_assert(!get(&(struct aws_settings){ 0 }));
    ck_assert(str_is(problem.summary, "AWS credentials cannot be used"));
    expect_problem("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
    ck_assert(!str_contains(problem.detail, "shared files"));
}
END_TEST

START_TEST(a_named_profile_has_no_stand_in)
{
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    aws_write(".aws/config", "[profile empty]\nregion = x\n");
    ck_assert(!get(&(struct aws_settings){ .profile = STR("empty") }));
    expect_problem("the profile \"empty\" has no aws_access_key_id");
}
END_TEST

START_TEST(the_cache_keeps_and_forgets)
{
    setenv("AWS_ACCESS_KEY_ID", "ONE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "s", 1);
    struct aws_config config = aws_resolve(&(struct aws_settings){ 0 });
    ck_assert(aws_credentials_get(&aws_call, &config, &found, &problem));
    setenv("AWS_ACCESS_KEY_ID", "TWO", 1);
    struct aws_credentials again;
    ck_assert(aws_credentials_get(&aws_call, &config, &again, &problem));
    ck_assert(str_is(again.access_key, "ONE"));
    aws_credentials_drop(&config);
    /* What was lent stays readable until the arena ends. */
    ck_assert(str_is(again.access_key, "ONE"));
    ck_assert_ptr_null(again.session_token.at);
    ck_assert(aws_credentials_get(&aws_call, &config, &found, &problem));
    ck_assert(str_is(found.access_key, "TWO"));
    aws_credentials_drop(&config);
    aws_credentials_drop(&config);
}
END_TEST

START_TEST(configurations_keep_apart)
{
    struct aws_config one =
        aws_resolve(&(struct aws_settings){ .access_key = STR("A"), .secret_key = STR("s") });
    struct aws_config two =
        aws_resolve(&(struct aws_settings){ .access_key = STR("B"), .secret_key = STR("s") });
    for (int i = 0; i < 2; i++) {
        ck_assert(aws_credentials_get(&aws_call, &one, &found, &problem));
        ck_assert(str_is(found.access_key, "A"));
        ck_assert(aws_credentials_get(&aws_call, &two, &found, &problem));
        ck_assert(str_is(found.access_key, "B"));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aws_credentials");
    tcase_add_checked_fixture(tests, aws_begin, aws_end);
    tcase_add_test(tests, the_order);
    tcase_add_test(tests, nothing_found_lists_each_source);
    tcase_add_test(tests, half_a_source_stops_the_chain);
    tcase_add_test(tests, a_named_profile_has_no_stand_in);
    tcase_add_test(tests, the_cache_keeps_and_forgets);
    tcase_add_test(tests, configurations_keep_apart);
    Suite *suite = suite_create("aws_credentials");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
