/* Two tables, partitions and services, and the names that follow from them. */
#include "clients/aws_endpoint.h"

#include <string.h>

/* botocore's partitions.json; the standard partition stands last, since it takes every region. */
static const struct aws_partition partitions[] = {
    { "aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false },
    { "aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", true },
    { "aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", false },
    { "aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", false },
    { "aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", false },
    { "aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", false },
    { "aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", false },
    { "aws", "", "amazonaws.com", "api.aws", false },
};

struct service_hosts {
    const char *plain;
    const char *fips;
    const char *standard_fips; /* in the partition "aws" without dual-stack, where it differs */
    const char *signing_name;
};

static const struct service_hosts services[AWS_SERVICES] = {
    [AWS_EKS] = { "eks", "eks-fips", "fips.eks", "eks" },
    [AWS_STS] = { "sts", "sts-fips", NULL, "sts" },
    [AWS_SSO] = { "portal.sso", "portal.sso-fips", NULL, "awsssoportal" },
    [AWS_SSO_OIDC] = { "oidc", "oidc-fips", NULL, "sso-oauth" },
};

const struct aws_partition *aws_partition_of(struct str region)
{
    const struct aws_partition *partition = partitions;
    while (!str_starts(region, partition->region_prefix))
        partition++;
    return partition;
}

bool aws_region_is_valid(struct str region)
{
    for (size_t i = 0; i < region.len; i++) {
        char c = region.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (c != '-' || i == 0 || i + 1 == region.len))
            return false;
    }
    return region.len > 0 && region.len <= 63;
}

static const char *host_prefix(const struct aws_config *config, enum aws_service service,
                               const struct aws_partition *partition)
{
    const struct service_hosts *hosts = &services[service];
    if (!config->fips)
        return hosts->plain;
    if (config->dualstack)
        return hosts->fips;
    if (partition->plain_is_fips)
        return hosts->plain;
    return hosts->standard_fips && strcmp(partition->id, "aws") == 0 ? hosts->standard_fips
                                                                     : hosts->fips;
}

static bool is_url(struct str url)
{
    size_t scheme = str_starts(url, "https://") ? 8 : str_starts(url, "http://") ? 7 : 0;
    if (!scheme || url.len == scheme || str_has(url, '?') || str_has(url, '#') ||
        str_has(url, ' ') || str_has(url, '@'))
        return false;
    return url.at[scheme] != '/' && url.at[scheme] != ':';
}

static bool use_configured(struct arena *arena, const struct aws_config *config,
                           const struct aws_value *configured, struct aws_endpoint *out,
                           struct aws_problem *problem)
{
    if (config->fips || config->dualstack) {
        problem->summary = STR("Contradictory AWS endpoints");
        problem->detail = str_print(
            arena,
            "An endpoint of your own (%.*s, set by %.*s) cannot be combined with %s endpoints. "
            "Remove one of the two.",
            STR_ARG(configured->text), STR_ARG(configured->source),
            config->fips ? "FIPS" : "dual-stack");
        return false;
    }
    if (!is_url(configured->text)) {
        problem->summary = STR("Malformed AWS endpoint");
        problem->detail = str_print(arena,
                                    "%.*s is \"%.*s\"; expected an http or https URL with a host, "
                                    "without user, query and fragment.",
                                    STR_ARG(configured->source), STR_ARG(configured->text));
        return false;
    }
    out->url = configured->text;
    while (str_ends(out->url, "/"))
        out->url.len--;
    out->source = configured->source;
    return true;
}

bool aws_endpoint_resolve(struct arena *arena, const struct aws_config *config,
                          enum aws_service service, struct str region, struct aws_endpoint *out,
                          struct aws_problem *problem)
{
    *out = (struct aws_endpoint){ .signing_name = str_of(services[service].signing_name) };
    if (!aws_region_is_valid(region)) {
        problem->summary = STR("Invalid AWS region");
        problem->detail = str_print(arena,
                                    "\"%.*s\" is no AWS region: expected small letters, digits and "
                                    "hyphens, such as eu-west-1.",
                                    STR_ARG(region));
        return false;
    }
    if (config->endpoints[service].text.at)
        return use_configured(arena, config, &config->endpoints[service], out, problem);
    const struct aws_partition *partition = aws_partition_of(region);
    out->url = str_print(arena, "https://%s.%.*s.%s", host_prefix(config, service, partition),
                         STR_ARG(region),
                         config->dualstack ? partition->dualstack_suffix : partition->suffix);
    return true;
}

struct str aws_token_host(struct arena *arena, struct str region)
{
    return str_print(arena, "sts.%.*s.%s", STR_ARG(region), aws_partition_of(region)->suffix);
}
