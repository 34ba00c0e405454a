/* Credentials from the environment variables of the AWS SDKs. */
#include <stdlib.h>

#include "clients/aws_config.h"

static struct str first_set(struct arena *arena, const char *name, const char *other)
{
    const char *text = getenv(name);
    if ((!text || !*text) && other)
        text = getenv(other);
    return text && *text ? str_copy(arena, str_of(text)) : (struct str){ 0 };
}

enum aws_source_outcome credentials_environment(struct call *call, const struct aws_config *config,
                                                struct aws_credentials *out, struct str *why)
{
    struct arena *arena = call->arena;
    (void)config;
    *out = (struct aws_credentials){
        .access_key = first_set(arena, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"),
        .secret_key = first_set(arena, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"),
        .session_token = first_set(arena, "AWS_SESSION_TOKEN", NULL),
    };
    if (out->access_key.at && out->secret_key.at)
        return AWS_SOURCE_FOUND;
    if (!out->access_key.at && !out->secret_key.at) {
        *why = STR("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
        return AWS_SOURCE_NOTHING;
    }
    *why = out->access_key.at ? STR("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY")
                              : STR("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID");
    return AWS_SOURCE_FAILED;
}
