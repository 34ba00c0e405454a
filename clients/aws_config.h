/* What the provider block, the environment and the shared files say about AWS, resolved once.
 *
 * Order everywhere: the provider's argument, the environment, the profile.  Resolving reads files
 * and asks nobody; a missing region or missing credentials is no error until something needs them.
 */
#pragma once

#include <stdatomic.h>

#include "clients/aws_credentials.h"
#include "clients/http.h"
#include "clients/ini.h"
#include "clients/retry.h"

enum aws_service { AWS_EKS, AWS_STS, AWS_SSO, AWS_SSO_OIDC };
#define AWS_SERVICES 4

enum aws_flag { AWS_UNSET, AWS_OFF, AWS_ON };

/* What the provider block gave; zero everywhere: nothing. */
struct aws_settings {
    struct str region, profile;
    struct str access_key, secret_key, token;
    const struct str *config_files, *credentials_files;
    size_t config_file_count, credentials_file_count;
    bool has_max_retries;
    int64_t max_retries;
    struct str retry_mode;
    struct str ca_bundle;
    struct str http_proxy, https_proxy, no_proxy;
    enum aws_flag fips, dualstack;
    struct str endpoints[AWS_SERVICES];
};

/* A value and where it was written, for messages. */
struct aws_value {
    struct str text; /* at == NULL: nowhere */
    struct str source;
};

struct aws_files {
    const struct ini **config, **credentials; /* later files override earlier ones */
    size_t config_count, credentials_count;
    struct str missing; /* names of default files that do not exist; empty where none */
};

struct aws_config {
    struct aws_settings settings;
    struct aws_files files;
    struct aws_value profile; /* never empty: "default" where nothing names one */
    bool profile_is_argument;
    struct aws_value region;
    struct aws_value endpoints[AWS_SERVICES]; /* only those that someone configured */
    bool fips, dualstack;
    bool skew_correction;
    unsigned max_attempts;
    struct http_tls tls, plain_tls; /* for https and for http endpoints */
    struct str identity;            /* equal for configurations that give equal credentials */
    struct retry_quota *quota;
    _Atomic int64_t *skew_ms; /* server's clock minus ours */
};

/* Resolves SETTINGS; everything in *OUT lives as long as CALL's arena.  False with an error added
 * where a file, a flag, a profile or a number is wrong. */
MUST_CHECK bool aws_config_resolve(struct call *call, const struct path *at,
                                   const struct aws_settings *settings, struct aws_config *out);

/* The value of KEY in PROFILE; the credentials files come before the config files. */
struct aws_value aws_profile_value(struct arena *arena, const struct aws_config *config,
                                   struct str profile, const char *key);
/* Whether any file has PROFILE. */
bool aws_profile_exists(struct arena *arena, const struct aws_config *config, struct str profile);

/* "eks", as it is written in [services] sections and in the provider's endpoints block. */
const char *aws_service_key(enum aws_service service);
