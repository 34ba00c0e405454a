/* Arguments over environment over profile, each with the place it came from. */
#include "clients/aws_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"

struct resolver {
    struct call *call;
    const struct path *at;
    struct aws_config *config;
};

static const struct {
    const char *key;         /* in [services] and in the provider's endpoints block */
    const char *environment; /* its variable */
} services[AWS_SERVICES] = {
    [AWS_EKS] = { "eks", "AWS_ENDPOINT_URL_EKS" },
    [AWS_STS] = { "sts", "AWS_ENDPOINT_URL_STS" },
    [AWS_SSO] = { "sso", "AWS_ENDPOINT_URL_SSO" },
    [AWS_SSO_OIDC] = { "sso_oidc", "AWS_ENDPOINT_URL_SSO_OIDC" },
};

const char *aws_service_key(enum aws_service service)
{
    return services[service].key;
}

static struct str environment(const char *name)
{
    const char *text = getenv(name);
    return text && *text ? str_of(text) : (struct str){ 0 };
}

/* The argument, then the variables in order. */
static struct aws_value pick(struct arena *arena, struct str argument, const char *argument_name,
                             const char *const *variables)
{
    if (argument.len)
        return (struct aws_value){ argument,
                                   str_print(arena, "the provider's argument %s", argument_name) };
    for (; *variables; variables++) {
        struct str text = environment(*variables);
        if (text.at)
            return (struct aws_value){
                str_copy(arena, text), str_print(arena, "the environment variable %s", *variables)
            };
    }
    return (struct aws_value){ 0 };
}

static const struct ini_section *config_section(struct arena *arena, const struct ini *ini,
                                                struct str profile)
{
    struct str long_name = str_print(arena, "profile %.*s", STR_ARG(profile));
    const struct ini_section *section = ini_section_find(ini, long_name);
    return section || !str_is(profile, "default") ? section : ini_section_find(ini, profile);
}

static struct aws_value value_in(struct arena *arena, const struct ini *ini,
                                 const struct ini_section *section, const char *key)
{
    struct str text = ini_value(section, key);
    if (!text.len)
        return (struct aws_value){ 0 };
    return (struct aws_value){ text, str_print(arena, "%s in [%.*s] of %.*s", key,
                                               STR_ARG(section->name), STR_ARG(ini->file)) };
}

struct aws_value aws_profile_value(struct arena *arena, const struct aws_config *config,
                                   struct str profile, const char *key)
{
    const struct aws_files *files = &config->files;
    struct aws_value value = { 0 };
    for (size_t i = files->credentials_count; i > 0 && !value.text.at; i--) {
        const struct ini *ini = files->credentials[i - 1];
        value = value_in(arena, ini, ini_section_find(ini, profile), key);
    }
    for (size_t i = files->config_count; i > 0 && !value.text.at; i--) {
        const struct ini *ini = files->config[i - 1];
        value = value_in(arena, ini, config_section(arena, ini, profile), key);
    }
    return value;
}

bool aws_profile_exists(struct arena *arena, const struct aws_config *config, struct str profile)
{
    const struct aws_files *files = &config->files;
    for (size_t i = 0; i < files->credentials_count; i++)
        if (ini_section_find(files->credentials[i], profile))
            return true;
    for (size_t i = 0; i < files->config_count; i++)
        if (config_section(arena, files->config[i], profile))
            return true;
    return false;
}

struct file_list {
    const struct str *arguments;
    size_t argument_count;
    const char *argument_name;
    const char *variable;
    const char *fallback;
    const char *what;
};

/* Reads one file into *INI; a missing one that nobody named in the provider block is left out. */
static bool read_ini(struct resolver *resolver, const struct file_list *list, struct str path,
                     const struct ini **ini)
{
    struct call *call = resolver->call;
    struct str text, failure, why;
    bool named = list->argument_count > 0;
    if (!named && file_try_read(call->arena, path, INI_LIMIT, &text, &failure) == FILE_MISSING) {
        struct str *missing = &resolver->config->files.missing;
        *missing = str_print(call->arena, "%.*s%s%.*s", STR_ARG(*missing),
                             missing->len ? " and " : "", STR_ARG(path));
        *ini = NULL;
        return true;
    }
    text = file_read(call, resolver->at, path, INI_LIMIT, list->what);
    if (!text.at)
        return false;
    *ini = ini_parse(call->arena, text, path, &why);
    return *ini ||
           fail(call, resolver->at, "Malformed AWS configuration file", "%.*s", STR_ARG(why));
}

static bool read_files(struct resolver *resolver, const struct file_list *list,
                       const struct ini ***out, size_t *count)
{
    struct arena *arena = resolver->call->arena;
    struct str from_environment = environment(list->variable);
    struct str single = from_environment.at ? from_environment : str_of(list->fallback);
    const struct str *paths = list->argument_count ? list->arguments : &single;
    size_t path_count = list->argument_count ? list->argument_count : 1;
    *out = ARENA_NEW_ARRAY(arena, const struct ini *, path_count);
    *count = 0;
    for (size_t i = 0; i < path_count; i++) {
        const struct ini *ini;
        if (!read_ini(resolver, list, str_copy(arena, paths[i]), &ini))
            return false;
        if (ini)
            (*out)[(*count)++] = ini;
    }
    return true;
}

static bool read_all_files(struct resolver *resolver)
{
    const struct aws_settings *settings = &resolver->config->settings;
    struct aws_files *files = &resolver->config->files;
    const struct file_list config = { settings->config_files, settings->config_file_count,
                                      "shared_config_files",  "AWS_CONFIG_FILE",
                                      "~/.aws/config",        "AWS config file" };
    const struct file_list credentials = {
        settings->credentials_files, settings->credentials_file_count,
        "shared_credentials_files",  "AWS_SHARED_CREDENTIALS_FILE",
        "~/.aws/credentials",        "AWS credentials file"
    };
    return read_files(resolver, &config, &files->config, &files->config_count) &&
           read_files(resolver, &credentials, &files->credentials, &files->credentials_count);
}

/* The names of all profiles, for a message. */
static struct str known_profiles(struct arena *arena, const struct aws_files *files)
{
    struct buf out = buf_make(arena, (size_t)4096);
    for (size_t i = 0; i < files->credentials_count + files->config_count; i++) {
        bool credentials = i < files->credentials_count;
        const struct ini *ini =
            credentials ? files->credentials[i] : files->config[i - files->credentials_count];
        for (const struct ini_section *s = ini->sections; s; s = s->next) {
            struct str name = s->name;
            if (!credentials && str_starts(name, "profile "))
                name = str_slice(name, 8, name.len);
            else if (!credentials && !str_is(name, "default"))
                continue;
            buf_print(&out, "%s%.*s", out.len ? ", " : "", STR_ARG(name));
        }
    }
    return out.len ? buf_str(&out) : STR("none");
}

static bool resolve_profile(struct resolver *resolver)
{
    static const char *const variables[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE", NULL };
    struct aws_config *config = resolver->config;
    struct arena *arena = resolver->call->arena;
    config->profile_is_argument = config->settings.profile.len > 0;
    config->profile = pick(arena, config->settings.profile, "profile", variables);
    if (!config->profile.text.at) {
        config->profile = (struct aws_value){ STR("default"), STR("no setting") };
        return true;
    }
    if (aws_profile_exists(arena, config, config->profile.text))
        return true;
    return fail(resolver->call, resolver->at, "Unknown AWS profile",
                "%.*s names the profile \"%.*s\", which the shared files do not have%s%.*s%s. "
                "Profiles found: %.*s.",
                STR_ARG(config->profile.source), STR_ARG(config->profile.text),
                config->files.missing.len ? " (missing: " : "", STR_ARG(config->files.missing),
                config->files.missing.len ? ")" : "",
                STR_ARG(known_profiles(arena, &config->files)));
}

/* As `pick`, and then the profile's KEY. */
static struct aws_value pick_value(struct resolver *resolver, struct str argument,
                                   const char *argument_name, const char *const *variables,
                                   const char *key)
{
    struct aws_config *config = resolver->config;
    struct arena *arena = resolver->call->arena;
    struct aws_value value = pick(arena, argument, argument_name, variables);
    return value.text.at ? value : aws_profile_value(arena, config, config->profile.text, key);
}

static bool resolve_flag(struct resolver *resolver, enum aws_flag argument, const char *variable,
                         const char *key, bool *out)
{
    const char *const variables[] = { variable, NULL };
    if (argument != AWS_UNSET) {
        *out = argument == AWS_ON;
        return true;
    }
    struct aws_value value = pick_value(resolver, (struct str){ 0 }, "", variables, key);
    struct str text = str_lower(resolver->call->arena, value.text);
    *out = str_is(text, "true");
    if (*out || !value.text.at || str_is(text, "false"))
        return true;
    return fail(resolver->call, resolver->at, "Invalid AWS setting",
                "%.*s is \"%.*s\"; expected true or false.", STR_ARG(value.source),
                STR_ARG(value.text));
}

static bool resolve_attempts(struct resolver *resolver)
{
    static const char *const variables[] = { "AWS_MAX_ATTEMPTS", NULL };
    struct aws_config *config = resolver->config;
    int64_t attempts = RETRY_ATTEMPTS;
    if (config->settings.has_max_retries) {
        if (config->settings.max_retries < 0 || config->settings.max_retries > 1000)
            return fail(resolver->call, resolver->at, "Invalid AWS setting",
                        "The provider's argument max_retries is %lld; expected 0 to 1000.",
                        (long long)config->settings.max_retries);
        config->max_attempts = (unsigned)config->settings.max_retries + 1;
        return true;
    }
    struct aws_value value = pick_value(resolver, (struct str){ 0 }, "", variables, "max_attempts");
    if (value.text.at && (!str_to_int(value.text, &attempts) || attempts < 1 || attempts > 1000))
        return fail(resolver->call, resolver->at, "Invalid AWS setting",
                    "%.*s is \"%.*s\"; expected a number from 1 to 1000.", STR_ARG(value.source),
                    STR_ARG(value.text));
    config->max_attempts = (unsigned)attempts;
    return true;
}

/* All modes are served by the standard one; a misspelt mode is still a mistake. */
static bool check_retry_mode(struct resolver *resolver)
{
    static const char *const variables[] = { "AWS_RETRY_MODE", NULL };
    struct aws_value value = pick_value(resolver, resolver->config->settings.retry_mode,
                                        "retry_mode", variables, "retry_mode");
    struct str mode = str_lower(resolver->call->arena, value.text);
    if (!value.text.at || str_is(mode, "standard") || str_is(mode, "adaptive") ||
        str_is(mode, "legacy"))
        return true;
    return fail(resolver->call, resolver->at, "Invalid AWS setting",
                "%.*s is \"%.*s\"; expected standard, adaptive or legacy.", STR_ARG(value.source),
                STR_ARG(value.text));
}

static struct aws_value endpoint_in_files(struct arena *arena, const struct aws_config *config,
                                          enum aws_service service)
{
    struct aws_value name = aws_profile_value(arena, config, config->profile.text, "services");
    struct str section_name = str_print(arena, "services %.*s", STR_ARG(name.text));
    for (size_t i = config->files.config_count; name.text.at && i > 0; i--) {
        const struct ini *ini = config->files.config[i - 1];
        struct str url = ini_nested_value(ini_section_find(ini, section_name),
                                          services[service].key, "endpoint_url");
        if (url.len)
            return (struct aws_value){ url, str_print(arena, "%s endpoint_url in [%s] of %.*s",
                                                      services[service].key, section_name.at,
                                                      STR_ARG(ini->file)) };
    }
    return aws_profile_value(arena, config, config->profile.text, "endpoint_url");
}

static bool resolve_endpoints(struct resolver *resolver)
{
    struct aws_config *config = resolver->config;
    struct arena *arena = resolver->call->arena;
    bool ignored;
    if (!resolve_flag(resolver, AWS_UNSET, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                      "ignore_configured_endpoint_urls", &ignored))
        return false;
    for (int service = 0; service < AWS_SERVICES; service++) {
        const char *const variables[] = { ignored ? NULL : services[service].environment,
                                          "AWS_ENDPOINT_URL", NULL };
        struct str name = str_print(arena, "endpoints.%s", services[service].key);
        struct aws_value *out = &config->endpoints[service];
        *out = pick(arena, config->settings.endpoints[service], name.at, variables);
        if (!out->text.at && !ignored)
            *out = endpoint_in_files(arena, config, (enum aws_service)service);
    }
    return true;
}

static bool resolve_connection(struct resolver *resolver)
{
    static const char *const variables[] = { "AWS_CA_BUNDLE", NULL };
    struct aws_config *config = resolver->config;
    struct arena *arena = resolver->call->arena;
    const struct aws_settings *settings = &config->settings;
    struct aws_value bundle =
        pick_value(resolver, settings->ca_bundle, "custom_ca_bundle", variables, "ca_bundle");
    if (bundle.text.at) {
        struct str text, failure, path = file_expand(arena, bundle.text);
        if (file_try_read(arena, path, INI_LIMIT, &text, &failure) != FILE_READ)
            return fail(resolver->call, resolver->at, "Unreadable CA bundle",
                        "%.*s names the CA bundle %.*s, which cannot be read: %.*s.",
                        STR_ARG(bundle.source), STR_ARG(path), STR_ARG(failure));
        config->tls.ca_pem = text;
    }
    config->plain_tls = config->tls;
    config->tls.no_proxy = config->plain_tls.no_proxy = settings->no_proxy;
    config->tls.proxy = settings->https_proxy;
    config->plain_tls.proxy = settings->http_proxy;
    return true;
}

static void resolve_identity(struct resolver *resolver)
{
    const struct aws_settings *settings = &resolver->config->settings;
    struct arena *arena = resolver->call->arena;
    struct buf all = buf_make(arena, BUF_LIMIT);
    const struct str parts[] = { settings->access_key, settings->secret_key, settings->token,
                                 resolver->config->profile.text };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        buf_print(&all, "%zu:%.*s,", parts[i].len, STR_ARG(parts[i]));
    for (size_t i = 0; i < settings->config_file_count; i++)
        buf_print(&all, "config %.*s,", STR_ARG(settings->config_files[i]));
    for (size_t i = 0; i < settings->credentials_file_count; i++)
        buf_print(&all, "credentials %.*s,", STR_ARG(settings->credentials_files[i]));
    buf_print(&all, "%d", resolver->config->profile_is_argument);
    resolver->config->identity = sha256_hex(arena, buf_str(&all));
}

static void share(struct resolver *resolver)
{
    struct aws_config *config = resolver->config;
    config->quota = ARENA_NEW(resolver->call->arena, struct retry_quota);
    retry_quota_init(config->quota);
    config->skew_ms = ARENA_NEW(resolver->call->arena, _Atomic int64_t);
    atomic_init(config->skew_ms, 0);
}

bool aws_config_resolve(struct call *call, const struct path *at,
                        const struct aws_settings *settings, struct aws_config *out)
{
    static const char *const region_variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", NULL };
    struct resolver resolver = { call, at, out };
    bool no_skew_correction;
    *out = (struct aws_config){ .settings = *settings };
    if (!read_all_files(&resolver) || !resolve_profile(&resolver))
        return false;
    out->region = pick_value(&resolver, settings->region, "region", region_variables, "region");
    if (!resolve_flag(&resolver, settings->fips, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                      &out->fips) ||
        !resolve_flag(&resolver, settings->dualstack, "AWS_USE_DUALSTACK_ENDPOINT",
                      "use_dualstack_endpoint", &out->dualstack) ||
        !resolve_flag(&resolver, AWS_UNSET, "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
                      "disable_clock_skew_correction", &no_skew_correction) ||
        !resolve_attempts(&resolver) || !check_retry_mode(&resolver) ||
        !resolve_endpoints(&resolver) || !resolve_connection(&resolver))
        return false;
    out->skew_correction = !no_skew_correction;
    resolve_identity(&resolver);
    share(&resolver);
    return true;
}
