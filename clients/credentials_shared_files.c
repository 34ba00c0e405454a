/* Credentials from a profile of ~/.aws/config and ~/.aws/credentials. */
#include "clients/aws_config.h"

/* What a profile can name instead of keys.  They are asked for before the keys, as the SDKs do: a
 * profile with role_arn holds the keys that assume the role. */
static const struct {
    const char *key;
    const char *needs;
} kinds[] = {
    { "role_arn", "a role that has to be assumed" },
    { "web_identity_token_file", "a web identity token" },
    { "sso_session", "a login to IAM Identity Center" },
    { "sso_start_url", "a login to IAM Identity Center" },
    { "login_session", "a login by aws login" },
    { "credential_process", "a command that prints credentials" },
};

static struct str foreign_kind(struct call *call, const struct aws_config *config)
{
    struct str profile = config->profile.text;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct aws_value value = aws_profile_value(call->arena, config, profile, kinds[i].key);
        bool holds_role = i == 0;
        bool has_keys =
            aws_profile_value(call->arena, config, profile, "aws_access_key_id").text.at != NULL;
        if (value.text.at && (holds_role || !has_keys))
            return str_print(
                call->arena,
                "the profile \"%.*s\" needs %s (%.*s), which this provider does not read; `aws "
                "configure export-credentials --profile %.*s --format env` prints keys that can "
                "be put into the environment instead",
                STR_ARG(profile), kinds[i].needs, STR_ARG(value.source), STR_ARG(profile));
    }
    return (struct str){ 0 };
}

static struct str describe_nothing(struct call *call, const struct aws_config *config)
{
    struct str profile = config->profile.text;
    struct str missing = config->files.missing;
    if (aws_profile_exists(call->arena, config, profile))
        return str_print(call->arena, "the profile \"%.*s\" has no aws_access_key_id",
                         STR_ARG(profile));
    if (missing.len)
        return str_print(call->arena, "there is no profile \"%.*s\" (missing: %.*s)",
                         STR_ARG(profile), STR_ARG(missing));
    return str_print(call->arena, "there is no profile \"%.*s\"", STR_ARG(profile));
}

static enum aws_source_outcome read_profile(struct call *call, const struct aws_config *config,
                                            struct aws_credentials *out, struct str *why)
{
    struct arena *arena = call->arena;
    struct str profile = config->profile.text;
    *why = foreign_kind(call, config);
    if (why->at)
        return AWS_SOURCE_FAILED;
    struct aws_value access = aws_profile_value(arena, config, profile, "aws_access_key_id");
    struct aws_value secret = aws_profile_value(arena, config, profile, "aws_secret_access_key");
    if (!access.text.at && !secret.text.at) {
        *why = describe_nothing(call, config);
        return AWS_SOURCE_NOTHING;
    }
    if (!access.text.at || !secret.text.at) {
        *why = str_print(arena, "the profile \"%.*s\" has %s but not %s", STR_ARG(profile),
                         access.text.at ? "aws_access_key_id" : "aws_secret_access_key",
                         access.text.at ? "aws_secret_access_key" : "aws_access_key_id");
        return AWS_SOURCE_FAILED;
    }
    *out = (struct aws_credentials){
        .access_key = access.text,
        .secret_key = secret.text,
        .session_token = aws_profile_value(arena, config, profile, "aws_session_token").text,
        .source = str_print(arena, "the profile \"%.*s\" (%.*s)", STR_ARG(profile),
                            STR_ARG(access.source)),
    };
    return AWS_SOURCE_FOUND;
}

enum aws_source_outcome credentials_named_profile(struct call *call,
                                                  const struct aws_config *config,
                                                  struct aws_credentials *out, struct str *why)
{
    if (!config->profile_is_argument) {
        *why = STR("profile is not set");
        return AWS_SOURCE_NOTHING;
    }
    /* Keys of someone else in the environment must not stand in for the profile that was named. */
    enum aws_source_outcome outcome = read_profile(call, config, out, why);
    return outcome == AWS_SOURCE_NOTHING ? AWS_SOURCE_FAILED : outcome;
}

enum aws_source_outcome credentials_shared_files(struct call *call, const struct aws_config *config,
                                                 struct aws_credentials *out, struct str *why)
{
    return read_profile(call, config, out, why);
}
