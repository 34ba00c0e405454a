/* Credentials from the provider block: access_key, secret_key and token. */
#include "clients/aws_config.h"

enum aws_source_outcome credentials_static(struct call *call, const struct aws_config *config,
                                           struct aws_credentials *out, struct str *why)
{
    const struct aws_settings *settings = &config->settings;
    (void)call;
    if (!settings->access_key.len && !settings->secret_key.len) {
        *why = settings->token.len ? STR("token is set without access_key and secret_key")
                                   : STR("access_key and secret_key are not set");
        return settings->token.len ? AWS_SOURCE_FAILED : AWS_SOURCE_NOTHING;
    }
    if (!settings->access_key.len || !settings->secret_key.len) {
        *why = settings->access_key.len ? STR("access_key is set without secret_key")
                                        : STR("secret_key is set without access_key");
        return AWS_SOURCE_FAILED;
    }
    *out = (struct aws_credentials){
        .access_key = settings->access_key,
        .secret_key = settings->secret_key,
        .session_token = settings->token.len ? settings->token : (struct str){ 0 },
    };
    return AWS_SOURCE_FOUND;
}
