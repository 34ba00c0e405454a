/* The provider block's rows, and making a configuration of it. */
#include "provider/config.h"

#include <pthread.h>

#include "gpu/kubernetes_names.h"
#include "resources/connections.h"
#include "resources/rows_common.h"
#include "resources/tags.h"
#include "schema/check.h"

static const char *const retry_modes[] = { "standard", "adaptive", NULL };
static const struct check check_retry_mode = { check_words, .words = retry_modes };
static const struct check check_retries = { check_range, .min = 0, .max = 100 };

static const struct attr endpoints_rows[] = {
    { "eks", &type_string, OPTIONAL, .doc = "Endpoint of Amazon EKS." },
    { "sts", &type_string, OPTIONAL, .doc = "Endpoint of AWS STS." },
    { "sso", &type_string, OPTIONAL, .doc = "Endpoint of the IAM Identity Center portal." },
    { "sso_oidc", &type_string, OPTIONAL,
      .doc = "Endpoint of IAM Identity Center's OIDC service." },
    { 0 },
};

static const struct attr ignore_tags_rows[] = {
    { "keys", &type_string_set, OPTIONAL, .doc = "Keys of tags that are left alone." },
    { "key_prefixes", &type_string_set, OPTIONAL,
      .doc = "Prefixes of keys of tags that are left alone." },
    { 0 },
};

static const struct attr kubernetes_rows[] = {
    { "host", &type_string, OPTIONAL, .doc = "Address of the API server." },
    { "cluster_ca_certificate", &type_string, OPTIONAL,
      .doc = "Certificates (PEM) that the API server's is checked against." },
    { "token", &type_string, OPTIONAL | SENSITIVE, .doc = "Bearer token." },
    { "client_certificate", &type_string, OPTIONAL, .doc = "Client certificate (PEM)." },
    { "client_key", &type_string, OPTIONAL | SENSITIVE,
      .doc = "Key of the client certificate (PEM)." },
    { "tls_server_name", &type_string, OPTIONAL,
      .doc = "Name that the API server's certificate is checked for instead of the host." },
    { "insecure", &type_bool, OPTIONAL, .doc = "Do not check the API server's certificate." },
    { "proxy_url", &type_string, OPTIONAL, .doc = "Proxy on the way to the API server." },
    { "config_path", &type_string, OPTIONAL, .doc = "A kubeconfig file." },
    { "config_paths", &type_string_list, OPTIONAL,
      .doc = "Several kubeconfig files; the first that defines an entry wins." },
    { "config_context", &type_string, OPTIONAL,
      .doc = "Context of the kubeconfig. Its current one when left out." },
    { 0 },
};

const char config_doc[] =
    "Shares GPUs on Amazon EKS: node groups, Karpenter node pools, MIG layouts "
    "and time-slicing, checked at plan.";

const struct attr config_rows[] = {
    { "cluster_name", &type_string, OPTIONAL, .check = &check_cluster_name,
      .doc = "Name of the EKS cluster. May be unknown at plan. Endpoint, certificate authority and "
             "token "
             "follow from it." },
    { "region", &type_string, OPTIONAL,
      .doc = "AWS region. Else `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's." },
    { "default_tags", &type_string_map, OPTIONAL, .check = &check_tag_value,
      .key_check = &check_tag_key, .doc = "Tags for every AWS object that the provider makes." },
    { "ignore_tags", NULL, .nesting = BLOCK_SINGLE, .rows = ignore_tags_rows,
      .doc = "Tags that others write and that the provider leaves alone." },
    { "profile", &type_string, OPTIONAL, .doc = "Profile of the shared files." },
    { "access_key", &type_string, OPTIONAL, .doc = "AWS access key id." },
    { "secret_key", &type_string, OPTIONAL | SENSITIVE, .doc = "AWS secret access key." },
    { "token", &type_string, OPTIONAL | SENSITIVE, .doc = "AWS session token." },
    { "shared_config_files", &type_string_list, OPTIONAL,
      .doc = "Shared config files. Else `AWS_CONFIG_FILE` or `~/.aws/config`." },
    { "shared_credentials_files", &type_string_list, OPTIONAL,
      .doc = "Shared credentials files. Else `AWS_SHARED_CREDENTIALS_FILE` or "
             "`~/.aws/credentials`." },
    { "max_retries", &type_number, OPTIONAL, .check = &check_retries,
      .doc = "How often a failed request to AWS is repeated." },
    { "retry_mode", &type_string, OPTIONAL, .check = &check_retry_mode,
      .doc = "How requests to AWS are repeated: `standard`." },
    { "custom_ca_bundle", &type_string, OPTIONAL,
      .doc = "File of certificates that AWS' endpoints are checked against." },
    { "http_proxy", &type_string, OPTIONAL, .doc = "Proxy for http endpoints of AWS." },
    { "https_proxy", &type_string, OPTIONAL, .doc = "Proxy for https endpoints of AWS." },
    { "no_proxy", &type_string, OPTIONAL, .doc = "Hosts that are reached without a proxy." },
    { "use_fips_endpoint", &type_bool, OPTIONAL, .doc = "Use FIPS endpoints of AWS." },
    { "use_dualstack_endpoint", &type_bool, OPTIONAL, .doc = "Use dual-stack endpoints of AWS." },
    { "endpoints", NULL, .nesting = BLOCK_SINGLE, .rows = endpoints_rows,
      .doc = "Endpoints of AWS services of one's own." },
    { "kubernetes", NULL, .nesting = BLOCK_SINGLE, .rows = kubernetes_rows,
      .doc = "Goes to one API server past EKS; excludes `cluster_name`." },
    { 0 },
};

const struct rule config_rules[] = {
    { AT_MOST_ONE_OF, NULL, "cluster_name kubernetes" },
    { ALL_OR_NONE_OF, NULL, "access_key secret_key" },
    { AT_MOST_ONE_OF, "kubernetes", "config_path config_paths" },
    { ALL_OR_NONE_OF, "kubernetes", "client_certificate client_key" },
    { 0 },
};

static const struct context unconfigured = {
    .cluster_name_unknown = true,
    .region_unknown = true,
    .connection_unknown = true,
    .default_tags = &value_unknown,
    .ignored_tags = &value_null,
};

/* The configuration of the process: replaced as a whole, never changed in place. */
static pthread_mutex_t current_mutex = PTHREAD_MUTEX_INITIALIZER;
static const struct context *current = &unconfigured;

const struct context *config_context(void)
{
    pthread_mutex_lock(&current_mutex);
    const struct context *context = current;
    pthread_mutex_unlock(&current_mutex);
    return context;
}

static struct str text_at(const struct value *object, const char *name)
{
    return value_text(value_at(object, name));
}

static enum aws_flag flag_at(const struct value *object, const char *name)
{
    const struct value *v = value_at(object, name);
    if (v->kind != VALUE_BOOL)
        return AWS_UNSET;
    return v->flag ? AWS_ON : AWS_OFF;
}

static const struct str *texts_at(struct arena *arena, const struct value *object, const char *name,
                                  size_t *count)
{
    const struct value *list = value_at(object, name);
    *count = list->kind == VALUE_SEQUENCE ? list->count : 0;
    struct str *texts = ARENA_NEW_ARRAY(arena, struct str, *count);
    for (size_t i = 0; i < *count; i++)
        texts[i] = value_text(list->items[i]);
    return texts;
}

static struct aws_settings aws_settings_of(struct arena *arena, const struct value *config)
{
    const struct value *endpoints = value_at(config, "endpoints");
    struct aws_settings settings = {
        .region = text_at(config, "region"),
        .profile = text_at(config, "profile"),
        .access_key = text_at(config, "access_key"),
        .secret_key = text_at(config, "secret_key"),
        .token = text_at(config, "token"),
        .retry_mode = text_at(config, "retry_mode"),
        .ca_bundle = text_at(config, "custom_ca_bundle"),
        .http_proxy = text_at(config, "http_proxy"),
        .https_proxy = text_at(config, "https_proxy"),
        .no_proxy = text_at(config, "no_proxy"),
        .fips = flag_at(config, "use_fips_endpoint"),
        .dualstack = flag_at(config, "use_dualstack_endpoint"),
        .endpoints = { [AWS_EKS] = text_at(endpoints, "eks"),
                       [AWS_STS] = text_at(endpoints, "sts"),
                       [AWS_SSO] = text_at(endpoints, "sso"),
                       [AWS_SSO_OIDC] = text_at(endpoints, "sso_oidc") },
    };
    settings.config_files =
        texts_at(arena, config, "shared_config_files", &settings.config_file_count);
    settings.credentials_files =
        texts_at(arena, config, "shared_credentials_files", &settings.credentials_file_count);
    settings.has_max_retries = value_to_int(value_at(config, "max_retries"), &settings.max_retries);
    return settings;
}

static struct kubernetes_settings kubernetes_settings_of(struct arena *arena,
                                                         const struct value *config)
{
    static const struct path at = { NULL, PATH_ATTRIBUTE, { "kubernetes", 10 }, 0 };
    const struct value *block = value_at(config, "kubernetes");
    struct kubernetes_settings settings = {
        .at = &at,
        .host = text_at(block, "host"),
        .cluster_ca_certificate = text_at(block, "cluster_ca_certificate"),
        .token = text_at(block, "token"),
        .client_certificate = text_at(block, "client_certificate"),
        .client_key = text_at(block, "client_key"),
        .tls_server_name = text_at(block, "tls_server_name"),
        .insecure = value_flag(value_at(block, "insecure"), false),
        .proxy_url = text_at(block, "proxy_url"),
        .config_path = text_at(block, "config_path"),
        .config_context = text_at(block, "config_context"),
    };
    settings.config_paths = texts_at(arena, block, "config_paths", &settings.config_path_count);
    return settings;
}

/* Whether something without which nobody can be reached is not known yet. */
static bool connection_is_unknown(const struct value *config)
{
    static const char *const harmless[] = { "cluster_name", "default_tags", "ignore_tags" };
    for (size_t i = 0; i < config->count; i++) {
        bool matters = true;
        for (size_t j = 0; j < sizeof harmless / sizeof *harmless; j++)
            matters = matters && !str_is(config->members[i].name, harmless[j]);
        if (matters && !value_is_wholly_known(config->members[i].value))
            return true;
    }
    return false;
}

/* Everything lives in an arena that the process keeps: calls under way may still use the last one.
 */
static struct context *make_context(struct call *call, struct arena *kept,
                                    const struct value *config)
{
    const struct value *copy = value_copy(kept, config);
    struct context *context = ARENA_NEW(kept, struct context);
    *context = (struct context){
        .cluster_name = text_at(copy, "cluster_name"),
        .cluster_name_unknown = value_is_unknown(value_at(copy, "cluster_name")),
        .region_unknown = value_is_unknown(value_at(copy, "region")),
        .connection_unknown = connection_is_unknown(copy),
        .has_kubernetes = !value_is_null(value_at(copy, "kubernetes")),
        .default_tags = value_at(copy, "default_tags"),
        .ignored_tags = value_at(copy, "ignore_tags"),
    };
    if (context->connection_unknown) {
        context->region = text_at(copy, "region");
        return context;
    }
    const struct connections_options options = {
        .aws = aws_settings_of(kept, copy),
        .has_kubernetes = context->has_kubernetes,
        .kubernetes = kubernetes_settings_of(kept, copy),
    };
    context->connections = connections_make(call, &options, &context->region);
    return context->connections ? context : NULL;
}

bool config_use(struct call *call, const struct value *config)
{
    struct arena *kept = arena_make_kept(call->arena->on_out_of_memory);
    if (!kept)
        return fail(call, NULL, "Out of memory", "The configuration could not be kept.");
    const struct context *context = make_context(call, kept, config);
    kept->on_out_of_memory = NULL;
    if (!context)
        return false;
    pthread_mutex_lock(&current_mutex);
    current = context;
    pthread_mutex_unlock(&current_mutex);
    return true;
}
