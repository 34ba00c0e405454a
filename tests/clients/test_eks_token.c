/* Tokens: their form, their end, and their cache. */
#include "clients/eks_token.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "tests/clients/aws_fixture.h"

static struct aws_config config;
static struct aws_client client;
static struct eks_token token;

static void begin(void)
{
    aws_begin();
    config = aws_resolve_static();
    ck_assert(aws_client_make(&aws_call, NULL, &config, (struct str){ 0 }, &client));
}

static void end(void)
{
    eks_token_close();
    aws_end();
}

/* The URL within a token. */
static struct str url_of(struct str text)
{
    static const char start[] = "k8s-aws-v1.";
    ck_assert(str_starts(text, start));
    ck_assert(!str_has(text, '='));
    size_t len = text.len - strlen(start);
    char *standard = arena_alloc(&aws_arena, len + 1);
    memcpy(standard, text.at + strlen(start), len);
    for (char *c = standard; *c; c++)
        *c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
    return base64_decode(&aws_arena, str_of(standard));
}

START_TEST(the_url_is_what_botocore_signs)
{
    struct aws_credentials credentials = { .access_key = STR("AKIDTEST"),
                                           .secret_key = STR("secret/test+key") };
    struct str text =
        eks_token_make(&aws_arena, &credentials, STR("eu-west-1"), STR("sandbox"), 1795253405000);
    struct str url = url_of(text);
    ck_assert_msg(str_is(url,
                         "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity"
                         "&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                         "&X-Amz-Credential=AKIDTEST%2F20261121%2Feu-west-1%2Fsts%2Faws4_request"
                         "&X-Amz-Date=20261121T093005Z&X-Amz-Expires=60"
                         "&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature="
                         "8ed21033b93a32c98bc9ee0887a37888928ef9805a8e28b0f2df735e9876758c"),
                  "%.*s", STR_ARG(url));
}
END_TEST

START_TEST(own_endpoints_do_not_matter)
{
    config.endpoints[AWS_STS] = (struct aws_value){ STR("http://127.0.0.1:1"), STR("a test") };
    config.dualstack = true;
    ck_assert(eks_token_get(&aws_call, NULL, &client, STR("c1"), &token));
    ck_assert(str_starts(url_of(token.text), "https://sts.eu-west-1.amazonaws.com/?"));
}
END_TEST

START_TEST(tokens_last_fourteen_minutes)
{
    int64_t before = clock_wall_ms();
    ck_assert(eks_token_get(&aws_call, NULL, &client, STR("c1"), &token));
    ck_assert_int_ge(token.expires_ms, before + EKS_TOKEN_LIFE_MS);
    ck_assert_int_le(token.expires_ms, clock_wall_ms() + EKS_TOKEN_LIFE_MS);
}
END_TEST

static struct str get(const struct aws_client *from, const char *subject)
{
    ck_assert(eks_token_get(&aws_call, NULL, from, str_of(subject), &token));
    return token.text;
}

START_TEST(tokens_are_cached_by_cluster_region_and_identity)
{
    struct str first = get(&client, "c1");
    atomic_store(config.skew_ms, 7000); /* another one made now would differ */
    ck_assert(str_equal(get(&client, "c1"), first));
    ck_assert(!str_equal(get(&client, "c2"), first));
    struct aws_client elsewhere = client;
    elsewhere.region = STR("us-east-1");
    ck_assert(str_contains(url_of(get(&elsewhere, "c1")), "us-east-1"));
    struct aws_config other = aws_resolve(&(struct aws_settings){
        .region = STR("eu-west-1"), .access_key = STR("AKIDOTHER"), .secret_key = STR("s") });
    struct aws_client someone = { .config = &other, .region = STR("eu-west-1") };
    ck_assert(str_contains(url_of(get(&someone, "c1")), "AKIDOTHER"));
    ck_assert(str_equal(get(&client, "c1"), first));
    eks_token_drop(&client, STR("c1"));
    ck_assert(!str_equal(get(&client, "c1"), first));
    eks_token_drop(&client, STR("never"));
}
END_TEST

START_TEST(the_corrected_clock_counts)
{
    atomic_store(config.skew_ms, -clock_wall_ms());
    ck_assert(str_contains(url_of(get(&client, "c1")), "X-Amz-Date=19700101T0000"));
}
END_TEST

START_TEST(failures)
{
    config = aws_resolve(&(struct aws_settings){ .region = STR("eu-west-1") });
    ck_assert(!eks_token_get(&aws_call, NULL, &client, STR("c1"), &token));
    aws_expect_error("needed for the token of the cluster c1");
    static const char *const bad[] = { "", "a b", "a\nb", "\xc3\xa9" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!eks_token_get(&aws_call, NULL, &client, str_of(bad[i]), &token));
        aws_expect_error("cannot be the name of an EKS cluster");
    }
}
END_TEST

START_TEST(long_session_tokens_are_reported)
{
    char session[3200];
    memset(session, 'x', sizeof session);
    struct aws_settings settings = { .region = STR("eu-west-1"),
                                     .access_key = STR("A"),
                                     .secret_key = STR("s"),
                                     .token = { session, 2400 } };
    config = aws_resolve(&settings);
    ck_assert(eks_token_get(&aws_call, NULL, &client, STR("c1"), &token));
    ck_assert_uint_le(token.text.len, EKS_TOKEN_LIMIT);
    settings.token.len = sizeof session;
    config = aws_resolve(&settings);
    ck_assert(!eks_token_get(&aws_call, NULL, &client, STR("c1"), &token));
    aws_expect_error("EKS accepts 4096");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("eks_token");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, the_url_is_what_botocore_signs);
    tcase_add_test(tests, own_endpoints_do_not_matter);
    tcase_add_test(tests, tokens_last_fourteen_minutes);
    tcase_add_test(tests, tokens_are_cached_by_cluster_region_and_identity);
    tcase_add_test(tests, the_corrected_clock_counts);
    tcase_add_test(tests, failures);
    tcase_add_test(tests, long_session_tokens_are_reported);
    Suite *suite = suite_create("eks_token");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
