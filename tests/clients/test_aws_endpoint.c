/* Endpoints of all partitions, as botocore's rule sets resolve them, and configured ones. */
#include "clients/aws_endpoint.h"

#include <check.h>

static struct arena arena;
static struct aws_config config;
static struct aws_endpoint endpoint;
static struct aws_problem problem;

static void begin(void)
{
    arena = arena_make(NULL);
    config = (struct aws_config){ 0 };
}

static void end(void)
{
    arena_release(&arena);
}

static const struct {
    enum aws_service service;
    const char *region;
    bool fips, dualstack;
    const char *url;
} rows[] = {
    { AWS_EKS, "eu-west-1", false, false, "https://eks.eu-west-1.amazonaws.com" },
    { AWS_EKS, "eu-west-1", false, true, "https://eks.eu-west-1.api.aws" },
    { AWS_EKS, "eu-west-1", true, false, "https://fips.eks.eu-west-1.amazonaws.com" },
    { AWS_EKS, "eu-west-1", true, true, "https://eks-fips.eu-west-1.api.aws" },
    { AWS_EKS, "cn-north-1", false, false, "https://eks.cn-north-1.amazonaws.com.cn" },
    { AWS_EKS, "cn-north-1", false, true, "https://eks.cn-north-1.api.amazonwebservices.com.cn" },
    { AWS_EKS, "cn-north-1", true, false, "https://eks-fips.cn-north-1.amazonaws.com.cn" },
    { AWS_EKS, "cn-north-1", true, true,
      "https://eks-fips.cn-north-1.api.amazonwebservices.com.cn" },
    { AWS_EKS, "us-gov-west-1", false, false, "https://eks.us-gov-west-1.amazonaws.com" },
    { AWS_EKS, "us-gov-west-1", false, true, "https://eks.us-gov-west-1.api.aws" },
    { AWS_EKS, "us-gov-west-1", true, false, "https://eks.us-gov-west-1.amazonaws.com" },
    { AWS_EKS, "us-gov-west-1", true, true, "https://eks-fips.us-gov-west-1.api.aws" },
    { AWS_EKS, "us-iso-east-1", false, false, "https://eks.us-iso-east-1.c2s.ic.gov" },
    { AWS_EKS, "us-iso-east-1", false, true, "https://eks.us-iso-east-1.api.aws.ic.gov" },
    { AWS_EKS, "us-iso-east-1", true, false, "https://eks-fips.us-iso-east-1.c2s.ic.gov" },
    { AWS_EKS, "us-iso-east-1", true, true, "https://eks-fips.us-iso-east-1.api.aws.ic.gov" },
    { AWS_EKS, "us-isob-east-1", false, false, "https://eks.us-isob-east-1.sc2s.sgov.gov" },
    { AWS_EKS, "us-isob-east-1", false, true, "https://eks.us-isob-east-1.api.aws.scloud" },
    { AWS_EKS, "us-isob-east-1", true, false, "https://eks-fips.us-isob-east-1.sc2s.sgov.gov" },
    { AWS_EKS, "us-isob-east-1", true, true, "https://eks-fips.us-isob-east-1.api.aws.scloud" },
    { AWS_EKS, "eu-isoe-west-1", false, false, "https://eks.eu-isoe-west-1.cloud.adc-e.uk" },
    { AWS_EKS, "eu-isoe-west-1", false, true, "https://eks.eu-isoe-west-1.api.cloud-aws.adc-e.uk" },
    { AWS_EKS, "eu-isoe-west-1", true, false, "https://eks-fips.eu-isoe-west-1.cloud.adc-e.uk" },
    { AWS_EKS, "eu-isoe-west-1", true, true,
      "https://eks-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk" },
    { AWS_EKS, "us-isof-south-1", false, false, "https://eks.us-isof-south-1.csp.hci.ic.gov" },
    { AWS_EKS, "us-isof-south-1", false, true, "https://eks.us-isof-south-1.api.aws.hci.ic.gov" },
    { AWS_EKS, "us-isof-south-1", true, false, "https://eks-fips.us-isof-south-1.csp.hci.ic.gov" },
    { AWS_EKS, "us-isof-south-1", true, true,
      "https://eks-fips.us-isof-south-1.api.aws.hci.ic.gov" },
    { AWS_EKS, "eusc-de-east-1", false, false, "https://eks.eusc-de-east-1.amazonaws.eu" },
    { AWS_EKS, "eusc-de-east-1", false, true,
      "https://eks.eusc-de-east-1.api.amazonwebservices.eu" },
    { AWS_EKS, "eusc-de-east-1", true, false, "https://eks-fips.eusc-de-east-1.amazonaws.eu" },
    { AWS_EKS, "eusc-de-east-1", true, true,
      "https://eks-fips.eusc-de-east-1.api.amazonwebservices.eu" },
    { AWS_STS, "eu-west-1", false, false, "https://sts.eu-west-1.amazonaws.com" },
    { AWS_STS, "eu-west-1", false, true, "https://sts.eu-west-1.api.aws" },
    { AWS_STS, "eu-west-1", true, false, "https://sts-fips.eu-west-1.amazonaws.com" },
    { AWS_STS, "eu-west-1", true, true, "https://sts-fips.eu-west-1.api.aws" },
    { AWS_STS, "cn-north-1", false, false, "https://sts.cn-north-1.amazonaws.com.cn" },
    { AWS_STS, "cn-north-1", false, true, "https://sts.cn-north-1.api.amazonwebservices.com.cn" },
    { AWS_STS, "cn-north-1", true, false, "https://sts-fips.cn-north-1.amazonaws.com.cn" },
    { AWS_STS, "cn-north-1", true, true,
      "https://sts-fips.cn-north-1.api.amazonwebservices.com.cn" },
    { AWS_STS, "us-gov-west-1", false, false, "https://sts.us-gov-west-1.amazonaws.com" },
    { AWS_STS, "us-gov-west-1", false, true, "https://sts.us-gov-west-1.api.aws" },
    { AWS_STS, "us-gov-west-1", true, false, "https://sts.us-gov-west-1.amazonaws.com" },
    { AWS_STS, "us-gov-west-1", true, true, "https://sts-fips.us-gov-west-1.api.aws" },
    { AWS_STS, "us-iso-east-1", false, false, "https://sts.us-iso-east-1.c2s.ic.gov" },
    { AWS_STS, "us-iso-east-1", false, true, "https://sts.us-iso-east-1.api.aws.ic.gov" },
    { AWS_STS, "us-iso-east-1", true, false, "https://sts-fips.us-iso-east-1.c2s.ic.gov" },
    { AWS_STS, "us-iso-east-1", true, true, "https://sts-fips.us-iso-east-1.api.aws.ic.gov" },
    { AWS_STS, "us-isob-east-1", false, false, "https://sts.us-isob-east-1.sc2s.sgov.gov" },
    { AWS_STS, "us-isob-east-1", false, true, "https://sts.us-isob-east-1.api.aws.scloud" },
    { AWS_STS, "us-isob-east-1", true, false, "https://sts-fips.us-isob-east-1.sc2s.sgov.gov" },
    { AWS_STS, "us-isob-east-1", true, true, "https://sts-fips.us-isob-east-1.api.aws.scloud" },
    { AWS_STS, "eu-isoe-west-1", false, false, "https://sts.eu-isoe-west-1.cloud.adc-e.uk" },
    { AWS_STS, "eu-isoe-west-1", false, true, "https://sts.eu-isoe-west-1.api.cloud-aws.adc-e.uk" },
    { AWS_STS, "eu-isoe-west-1", true, false, "https://sts-fips.eu-isoe-west-1.cloud.adc-e.uk" },
    { AWS_STS, "eu-isoe-west-1", true, true,
      "https://sts-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk" },
    { AWS_STS, "us-isof-south-1", false, false, "https://sts.us-isof-south-1.csp.hci.ic.gov" },
    { AWS_STS, "us-isof-south-1", false, true, "https://sts.us-isof-south-1.api.aws.hci.ic.gov" },
    { AWS_STS, "us-isof-south-1", true, false, "https://sts-fips.us-isof-south-1.csp.hci.ic.gov" },
    { AWS_STS, "us-isof-south-1", true, true,
      "https://sts-fips.us-isof-south-1.api.aws.hci.ic.gov" },
    { AWS_STS, "eusc-de-east-1", false, false, "https://sts.eusc-de-east-1.amazonaws.eu" },
    { AWS_STS, "eusc-de-east-1", false, true,
      "https://sts.eusc-de-east-1.api.amazonwebservices.eu" },
    { AWS_STS, "eusc-de-east-1", true, false, "https://sts-fips.eusc-de-east-1.amazonaws.eu" },
    { AWS_STS, "eusc-de-east-1", true, true,
      "https://sts-fips.eusc-de-east-1.api.amazonwebservices.eu" },
};

START_TEST(all_partitions)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        config.fips = rows[i].fips;
        config.dualstack = rows[i].dualstack;
        ck_assert(aws_endpoint_resolve(&arena, &config, rows[i].service, str_of(rows[i].region),
                                       &endpoint, &problem));
        ck_assert_msg(str_is(endpoint.url, rows[i].url), "%s, not %s", endpoint.url.at,
                      rows[i].url);
        ck_assert_ptr_null(endpoint.source.at);
        ck_assert(str_is(endpoint.signing_name, rows[i].service == AWS_EKS ? "eks" : "sts"));
    }
}
END_TEST

START_TEST(other_services)
{
    ck_assert(
        aws_endpoint_resolve(&arena, &config, AWS_SSO, STR("eu-west-1"), &endpoint, &problem));
    ck_assert_str_eq(endpoint.url.at, "https://portal.sso.eu-west-1.amazonaws.com");
    config.fips = true;
    ck_assert(aws_endpoint_resolve(&arena, &config, AWS_SSO_OIDC, STR("cn-north-1"), &endpoint,
                                   &problem));
    ck_assert_str_eq(endpoint.url.at, "https://oidc-fips.cn-north-1.amazonaws.com.cn");
}
END_TEST

START_TEST(partitions_by_region)
{
    ck_assert_str_eq(aws_partition_of(STR("il-central-1"))->id, "aws");
    ck_assert_str_eq(aws_partition_of(STR("xx-new-1"))->id, "aws");
    ck_assert_str_eq(aws_partition_of(STR("us-isob-east-1"))->id, "aws-iso-b");
    ck_assert_str_eq(aws_partition_of(STR("us-iso-west-1"))->id, "aws-iso");
    ck_assert_str_eq(aws_partition_of(STR("eusc-de-east-1"))->id, "aws-eusc");
}
END_TEST

START_TEST(token_hosts_ignore_the_configuration)
{
    ck_assert_str_eq(aws_token_host(&arena, STR("us-gov-west-1")).at,
                     "sts.us-gov-west-1.amazonaws.com");
    ck_assert_str_eq(aws_token_host(&arena, STR("cn-north-1")).at,
                     "sts.cn-north-1.amazonaws.com.cn");
    ck_assert_str_eq(aws_token_host(&arena, STR("eu-west-1")).at, "sts.eu-west-1.amazonaws.com");
}
END_TEST

static bool resolve_own(const char *url)
{
    config.endpoints[AWS_EKS] =
        (struct aws_value){ str_of(url), STR("the environment variable AWS_ENDPOINT_URL") };
    problem = (struct aws_problem){ 0 };
    return aws_endpoint_resolve(&arena, &config, AWS_EKS, STR("eu-west-1"), &endpoint, &problem);
}

START_TEST(configured_endpoints)
{
    ck_assert(resolve_own("http://127.0.0.1:4566/base//"));
    ck_assert(str_is(endpoint.url, "http://127.0.0.1:4566/base"));
    ck_assert(str_contains(endpoint.source, "AWS_ENDPOINT_URL"));
    ck_assert(str_is(endpoint.signing_name, "eks"));
    static const char *const bad[] = { "127.0.0.1",     "ftp://host",    "https://",
                                       "https:///path", "https://:443",  "https://h?q",
                                       "https://h#f",   "https://u:p@h", "https://a b" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!resolve_own(bad[i]), "%s", bad[i]);
        ck_assert(str_contains(problem.detail, bad[i]));
        ck_assert(str_contains(problem.detail, "AWS_ENDPOINT_URL"));
    }
}
END_TEST

START_TEST(configured_endpoints_exclude_variants)
{
    config.fips = true;
    ck_assert(!resolve_own("https://eks.example.test"));
    ck_assert(str_contains(problem.detail, "FIPS"));
    config.fips = false;
    config.dualstack = true;
    ck_assert(!resolve_own("https://eks.example.test"));
    ck_assert(str_contains(problem.detail, "dual-stack"));
}
END_TEST

START_TEST(regions_must_fit_into_a_host)
{
    static const char *const bad[] = { "",   "EU-west-1", "eu west", "evil.test/",
                                       "-a", "a-",        "a.b",     "a@b" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!aws_region_is_valid(str_of(bad[i])));
        ck_assert(
            !aws_endpoint_resolve(&arena, &config, AWS_EKS, str_of(bad[i]), &endpoint, &problem));
        ck_assert(str_contains(problem.detail, "eu-west-1"));
    }
    ck_assert(aws_region_is_valid(STR("us-gov-east-1")));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("aws_endpoint");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, all_partitions);
    tcase_add_test(tests, other_services);
    tcase_add_test(tests, partitions_by_region);
    tcase_add_test(tests, token_hosts_ignore_the_configuration);
    tcase_add_test(tests, configured_endpoints);
    tcase_add_test(tests, configured_endpoints_exclude_variants);
    tcase_add_test(tests, regions_must_fit_into_a_host);
    Suite *suite = suite_create("aws_endpoint");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
