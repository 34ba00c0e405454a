/* AWS credentials: the chain of sources, and the cache of what they gave.
 *
 * A source is one file with one function and one row in the table of aws_credentials.c.  The order
 * is that of the AWS SDK for Go: the provider's arguments, a profile that the provider names, the
 * environment, then AWS_PROFILE or the profile "default" of the shared files. */
#pragma once

#include "base/call.h"

struct aws_config;

struct aws_credentials {
    struct str access_key;
    struct str secret_key;
    struct str session_token; /* at == NULL: long-lived keys */
    int64_t expires_ms;       /* wall clock; 0: never, as far as is known */
    struct str source;        /* "the environment variables AWS_ACCESS_KEY_ID and ..." */
};

/* A failure that is told later, by whoever knows what it was needed for. */
struct aws_problem {
    struct str summary;
    struct str detail;
};

enum aws_source_outcome {
    AWS_SOURCE_FOUND,
    AWS_SOURCE_NOTHING, /* the next source is asked; *WHY says what was looked for */
    AWS_SOURCE_FAILED,  /* it is meant but cannot be used: no other source is asked */
};

/* Looks in one source.  WHY is a clause without a full stop ("AWS_ACCESS_KEY_ID is not set"). */
typedef enum aws_source_outcome (*aws_source_fn)(struct call *call, const struct aws_config *config,
                                                 struct aws_credentials *out, struct str *why);

/* The credentials for CONFIG, from the cache where they are valid for 5 more minutes; views that
 * live as long as CALL's arena.  False, without a diagnostic, where no source gives any; *PROBLEM
 * then names each source that was tried and what it gave. */
bool aws_credentials_get(struct call *call, const struct aws_config *config,
                         struct aws_credentials *out, struct aws_problem *problem);

/* Forgets what is cached for CONFIG: AWS said that it has expired. */
void aws_credentials_drop(const struct aws_config *config);

/* Forgets everything (the end of the process, and of a test). */
void aws_credentials_close(void);

/* How long before their end credentials are asked for anew. */
#define AWS_CREDENTIALS_MARGIN_MS (5 * 60 * 1000)

/* The sources, one file each. */
enum aws_source_outcome credentials_static(struct call *call, const struct aws_config *config,
                                           struct aws_credentials *out, struct str *why);
enum aws_source_outcome credentials_environment(struct call *call, const struct aws_config *config,
                                                struct aws_credentials *out, struct str *why);
/* The profile that the provider block names; nothing where it names none. */
enum aws_source_outcome credentials_named_profile(struct call *call,
                                                  const struct aws_config *config,
                                                  struct aws_credentials *out, struct str *why);
/* AWS_PROFILE's or the default profile. */
enum aws_source_outcome credentials_shared_files(struct call *call, const struct aws_config *config,
                                                 struct aws_credentials *out, struct str *why);
