/* Where AWS's services are: partitions, FIPS and dual-stack names, endpoints of one's own. */
#pragma once

#include "clients/aws_config.h"

struct aws_partition {
    const char *id;            /* "aws-cn" */
    const char *region_prefix; /* "cn-"; empty for the standard partition */
    const char *suffix;
    const char *dualstack_suffix;
    bool plain_is_fips; /* the plain hosts are FIPS endpoints already */
};

/* The partition that REGION lies in; the standard one for what is not known. */
const struct aws_partition *aws_partition_of(struct str region);

struct aws_endpoint {
    struct str url;    /* without a slash at the end */
    struct str source; /* where it was configured; at == NULL: AWS's own */
    struct str signing_name;
};

/* SERVICE's endpoint in REGION.  False, with *PROBLEM filled, where the configured one is no URL,
 * or stands together with FIPS or dual-stack. */
bool aws_endpoint_resolve(struct arena *arena, const struct aws_config *config,
                          enum aws_service service, struct str region, struct aws_endpoint *out,
                          struct aws_problem *problem);

/* The host that tokens for EKS have to be made for: the standard regional one of STS, because the
 * verifier refuses dual-stack hosts and endpoints of one's own. */
struct str aws_token_host(struct arena *arena, struct str region);

/* Whether REGION can be part of a host name. */
bool aws_region_is_valid(struct str region);
