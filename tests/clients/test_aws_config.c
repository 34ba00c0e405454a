/* Arguments over environment over profile, for every setting. */
#include "clients/aws_config.h"

#include <check.h>
#include <stdlib.h>

#include "tests/clients/aws_fixture.h"

static const struct aws_settings nothing;

static bool try_resolve(const struct aws_settings *settings)
{
    struct aws_config config;
    return aws_config_resolve(&aws_call, NULL, settings, &config);
}

START_TEST(nothing_is_enough)
{
    struct aws_config config = aws_resolve(&nothing);
    ck_assert_ptr_null(config.region.text.at);
    ck_assert(str_is(config.profile.text, "default"));
    ck_assert(!config.profile_is_argument);
    ck_assert_uint_eq(config.max_attempts, 3);
    ck_assert(!config.fips && !config.dualstack);
    ck_assert(config.skew_correction);
    for (int i = 0; i < AWS_SERVICES; i++)
        ck_assert_ptr_null(config.endpoints[i].text.at);
    ck_assert(str_contains(config.files.missing, "/config"));
    ck_assert(str_contains(config.files.missing, "/credentials"));
}
END_TEST

START_TEST(regions_in_order)
{
    aws_write(".aws/config", "[default]\nregion = from-profile\n");
    struct aws_config config = aws_resolve(&nothing);
    ck_assert(str_is(config.region.text, "from-profile"));
    ck_assert(str_contains(config.region.source, "region in [default] of"));
    setenv("AWS_DEFAULT_REGION", "from-default", 1);
    ck_assert(str_is(aws_resolve(&nothing).region.text, "from-default"));
    setenv("AWS_REGION", "from-variable", 1);
    config = aws_resolve(&nothing);
    ck_assert(str_is(config.region.text, "from-variable"));
    ck_assert(str_is(config.region.source, "the environment variable AWS_REGION"));
    config = aws_resolve(&(struct aws_settings){ .region = STR("from-argument") });
    ck_assert(str_is(config.region.text, "from-argument"));
    setenv("AWS_REGION", "", 1);
    ck_assert(str_is(aws_resolve(&nothing).region.text, "from-default"));
}
END_TEST

START_TEST(profiles)
{
    aws_write(".aws/config", "[default]\nregion = d\n[profile dev]\nregion = v\n[plain]\n"
                             "region = p\n");
    aws_write(".aws/credentials", "[keys]\naws_access_key_id = A\n");
    setenv("AWS_PROFILE", "dev", 1);
    struct aws_config config = aws_resolve(&nothing);
    ck_assert(str_is(config.region.text, "v"));
    ck_assert(str_is(config.profile.source, "the environment variable AWS_PROFILE"));
    config = aws_resolve(&(struct aws_settings){ .profile = STR("keys") });
    ck_assert(config.profile_is_argument);
    ck_assert_ptr_null(config.region.text.at);
    /* In the config file a plain name is no profile. */
    ck_assert(!try_resolve(&(struct aws_settings){ .profile = STR("plain") }));
    aws_expect_error("Profiles found: keys, default, dev.");
    setenv("AWS_PROFILE", "typo", 1);
    ck_assert(!try_resolve(&nothing));
    aws_expect_error("AWS_PROFILE names the profile \"typo\"");
}
END_TEST

START_TEST(unknown_profile_names_missing_files)
{
    ck_assert(!try_resolve(&(struct aws_settings){ .profile = STR("dev") }));
    aws_expect_error("missing: ~/.aws/config and ~/.aws/credentials");
}
END_TEST

START_TEST(files_by_argument_and_environment)
{
    struct str one = aws_write("one", "[default]\nregion = one\nmax_attempts = 9\n");
    struct str two = aws_write("two", "[default]\nregion = two\n");
    setenv("AWS_CONFIG_FILE", one.at, 1);
    ck_assert(str_is(aws_resolve(&nothing).region.text, "one"));
    struct str both[] = { one, two };
    struct aws_settings settings = { .config_files = both, .config_file_count = 2 };
    struct aws_config config = aws_resolve(&settings);
    ck_assert(str_is(config.region.text, "two"));
    ck_assert_uint_eq(config.max_attempts, 9);
    both[1] = STR("/nowhere/config");
    ck_assert(!try_resolve(&settings));
    aws_expect_error("/nowhere/config");
    /* A file that only the environment names may be missing. */
    setenv("AWS_CONFIG_FILE", "/nowhere/else", 1);
    ck_assert(str_contains(aws_resolve(&nothing).files.missing, "/nowhere/else"));
}
END_TEST

START_TEST(malformed_files_are_errors)
{
    aws_write(".aws/config", "[default]\nregion\n");
    ck_assert(!try_resolve(&nothing));
    aws_expect_error("line 2");
    aws_write(".aws/config", "");
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/tmp", 1);
    ck_assert(!try_resolve(&nothing));
    aws_expect_error("/tmp");
}
END_TEST

START_TEST(values_of_profiles)
{
    aws_write(".aws/config", "[profile a]\nx = config\ny = config\n[profile default]\nz = long\n"
                             "[default]\nz = short\n");
    aws_write(".aws/credentials", "[a]\nx = credentials\n");
    struct aws_config config = aws_resolve(&nothing);
    ck_assert(str_is(aws_profile_value(&aws_arena, &config, STR("a"), "x").text, "credentials"));
    ck_assert(str_is(aws_profile_value(&aws_arena, &config, STR("a"), "y").text, "config"));
    ck_assert(str_is(aws_profile_value(&aws_arena, &config, STR("default"), "z").text, "long"));
    ck_assert_ptr_null(aws_profile_value(&aws_arena, &config, STR("b"), "x").text.at);
    ck_assert(aws_profile_exists(&aws_arena, &config, STR("a")));
    ck_assert(!aws_profile_exists(&aws_arena, &config, STR("b")));
}
END_TEST

START_TEST(attempts)
{
    aws_write(".aws/config", "[default]\nmax_attempts = 7\n");
    ck_assert_uint_eq(aws_resolve(&nothing).max_attempts, 7);
    setenv("AWS_MAX_ATTEMPTS", "5", 1);
    ck_assert_uint_eq(aws_resolve(&nothing).max_attempts, 5);
    struct aws_settings settings = { .has_max_retries = true, .max_retries = 0 };
    ck_assert_uint_eq(aws_resolve(&settings).max_attempts, 1);
    settings.max_retries = -1;
    ck_assert(!try_resolve(&settings));
    aws_expect_error("max_retries is -1");
    static const char *const bad[] = { "0", "many", "-3", "5000" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("AWS_MAX_ATTEMPTS", bad[i], 1);
        ck_assert(!try_resolve(&nothing));
        aws_expect_error("AWS_MAX_ATTEMPTS");
    }
}
END_TEST

START_TEST(flags)
{
    aws_write(".aws/config", "[default]\nuse_fips_endpoint = True\nuse_dualstack_endpoint=false\n"
                             "disable_clock_skew_correction = true\n");
    struct aws_config config = aws_resolve(&nothing);
    ck_assert(config.fips && !config.dualstack && !config.skew_correction);
    setenv("AWS_USE_FIPS_ENDPOINT", "false", 1);
    setenv("AWS_USE_DUALSTACK_ENDPOINT", "true", 1);
    config = aws_resolve(&nothing);
    ck_assert(!config.fips && config.dualstack);
    config = aws_resolve(&(struct aws_settings){ .fips = AWS_ON, .dualstack = AWS_OFF });
    ck_assert(config.fips && !config.dualstack);
    setenv("AWS_USE_FIPS_ENDPOINT", "yes", 1);
    ck_assert(!try_resolve(&nothing));
    aws_expect_error("AWS_USE_FIPS_ENDPOINT is \"yes\"; expected true or false");
}
END_TEST

START_TEST(retry_modes)
{
    static const char *const good[] = { "standard", "Adaptive", "legacy" };
    for (size_t i = 0; i < 3; i++) {
        setenv("AWS_RETRY_MODE", good[i], 1);
        aws_resolve(&nothing);
    }
    ck_assert(!try_resolve(&(struct aws_settings){ .retry_mode = STR("fast") }));
    aws_expect_error("argument retry_mode is \"fast\"");
}
END_TEST

static void expect_endpoint(const struct aws_settings *settings, enum aws_service service,
                            const char *url, const char *source)
{
    struct aws_config config = aws_resolve(settings);
    ck_assert_msg(str_is(config.endpoints[service].text, url), "%s, not %s",
                  config.endpoints[service].text.at, url);
    ck_assert(str_contains(config.endpoints[service].source, source));
}

START_TEST(endpoints_in_order)
{
    aws_write(".aws/config", "[default]\nendpoint_url = http://profile\n");
    expect_endpoint(&nothing, AWS_EKS, "http://profile", "endpoint_url in [default]");
    aws_write(".aws/config", "[default]\nendpoint_url = http://profile\nservices = mine\n"
                             "[services mine]\neks =\n  endpoint_url = http://services\n");
    expect_endpoint(&nothing, AWS_EKS, "http://services", "eks endpoint_url in [services mine]");
    expect_endpoint(&nothing, AWS_STS, "http://profile", "endpoint_url in [default]");
    setenv("AWS_ENDPOINT_URL", "http://all", 1);
    expect_endpoint(&nothing, AWS_EKS, "http://all", "AWS_ENDPOINT_URL");
    setenv("AWS_ENDPOINT_URL_EKS", "http://eks", 1);
    setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc", 1);
    expect_endpoint(&nothing, AWS_EKS, "http://eks", "AWS_ENDPOINT_URL_EKS");
    expect_endpoint(&nothing, AWS_STS, "http://all", "AWS_ENDPOINT_URL");
    expect_endpoint(&nothing, AWS_SSO_OIDC, "http://oidc", "AWS_ENDPOINT_URL_SSO_OIDC");
    struct aws_settings settings = { .endpoints = { [AWS_EKS] = STR("http://argument") } };
    expect_endpoint(&settings, AWS_EKS, "http://argument", "argument endpoints.eks");
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    expect_endpoint(&settings, AWS_EKS, "http://argument", "argument endpoints.eks");
    ck_assert_ptr_null(aws_resolve(&nothing).endpoints[AWS_EKS].text.at);
}
END_TEST

START_TEST(connections)
{
    struct str bundle = aws_write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
    setenv("AWS_CA_BUNDLE", bundle.at, 1);
    struct aws_settings settings = { .https_proxy = STR("http://p:1"),
                                     .http_proxy = STR("http://p:2"),
                                     .no_proxy = STR("x.test") };
    struct aws_config config = aws_resolve(&settings);
    ck_assert(str_starts(config.tls.ca_pem, "-----BEGIN"));
    ck_assert(str_is(config.tls.proxy, "http://p:1"));
    ck_assert(str_is(config.plain_tls.proxy, "http://p:2"));
    ck_assert(str_is(config.tls.no_proxy, "x.test"));
    ck_assert(!try_resolve(&(struct aws_settings){ .ca_bundle = STR("/nowhere.pem") }));
    aws_expect_error("custom_ca_bundle names the CA bundle /nowhere.pem");
}
END_TEST

START_TEST(identities_differ_with_the_credentials)
{
    aws_write(".aws/credentials", "[a]\nx = 1\n[b]\nx = 1\n");
    struct str first = aws_resolve(&(struct aws_settings){ .profile = STR("a") }).identity;
    struct str same =
        aws_resolve(&(struct aws_settings){ .profile = STR("a"), .region = STR("r") }).identity;
    struct str other = aws_resolve(&(struct aws_settings){ .profile = STR("b") }).identity;
    ck_assert(str_equal(first, same));
    ck_assert(!str_equal(first, other));
    struct str one =
        aws_resolve(&(struct aws_settings){ .access_key = STR("ab"), .secret_key = STR("c") })
            .identity;
    struct str two =
        aws_resolve(&(struct aws_settings){ .access_key = STR("a"), .secret_key = STR("bc") })
            .identity;
    ck_assert(!str_equal(one, two));
}
END_TEST

START_TEST(service_keys)
{
    ck_assert_str_eq(aws_service_key(AWS_EKS), "eks");
    ck_assert_str_eq(aws_service_key(AWS_SSO_OIDC), "sso_oidc");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aws_config");
    tcase_add_checked_fixture(tests, aws_begin, aws_end);
    tcase_add_test(tests, nothing_is_enough);
    tcase_add_test(tests, regions_in_order);
    tcase_add_test(tests, profiles);
    tcase_add_test(tests, unknown_profile_names_missing_files);
    tcase_add_test(tests, files_by_argument_and_environment);
    tcase_add_test(tests, malformed_files_are_errors);
    tcase_add_test(tests, values_of_profiles);
    tcase_add_test(tests, attempts);
    tcase_add_test(tests, flags);
    tcase_add_test(tests, retry_modes);
    tcase_add_test(tests, endpoints_in_order);
    tcase_add_test(tests, connections);
    tcase_add_test(tests, identities_differ_with_the_credentials);
    tcase_add_test(tests, service_keys);
    Suite *suite = suite_create("aws_config");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
