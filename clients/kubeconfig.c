/* Kubeconfig files and the kubernetes block, put together into one checked endpoint. */
#include "clients/kubeconfig.h"

#include "base/encoding.h"
#include "base/file.h"
#include "base/yaml.h"
#include "clients/pem.h"

#include <string.h>

/* How many names a message lists. */
#define NAMES_LISTED 10
#define NAMES_KEPT ((size_t)1000)

struct file {
    struct str path;
    json_t *root;
};

struct reader {
    struct call *call;
    const struct path *at; /* the setting that named the files */
    struct file *files;
    size_t count;
    struct str searched; /* every path asked for, for messages */
};

/* One cluster, user or context. */
struct entry {
    const struct file *file;
    json_t *object;
    const char *kind;
    struct str name;
};

static bool is_text(struct str text)
{
    return memchr(text.at, '\0', text.len) == NULL;
}

static bool check_root(struct reader *reader, const struct file *file)
{
    struct str kind = json_str_at(file->root, "kind");
    struct str version = json_str_at(file->root, "apiVersion");
    if (!json_is_object(file->root))
        return fail(reader->call, reader->at, "Malformed kubeconfig",
                    "Expected a mapping with clusters, users and contexts at the top of the "
                    "kubeconfig \"%.*s\" and found %s.",
                    STR_ARG(file->path),
                    json_is_null(file->root)    ? "nothing"
                    : json_is_array(file->root) ? "a list"
                                                : "a single value");
    if (kind.len && !str_is(kind, "Config"))
        return fail(reader->call, reader->at, "Not a kubeconfig",
                    "Expected kind Config in \"%.*s\" and found %.*s.", STR_ARG(file->path),
                    STR_ARG(kind));
    if (version.len && !str_is(version, "v1"))
        return fail(reader->call, reader->at, "Not a kubeconfig",
                    "Expected apiVersion v1 in \"%.*s\" and found %.*s.", STR_ARG(file->path),
                    STR_ARG(version));
    return true;
}

static bool parse_file(struct reader *reader, struct str path, struct str text)
{
    struct arena *arena = reader->call->arena;
    struct file *file = &reader->files[reader->count];
    struct str what = str_print(arena, "the kubeconfig \"%.*s\"", STR_ARG(path));
    if (!is_text(text))
        return fail(reader->call, reader->at, "Not a kubeconfig",
                    "Expected YAML in \"%.*s\" and found binary data.", STR_ARG(path));
    *file = (struct file){ path, yaml_parse(reader->call, reader->at, text, what.at) };
    if (!file->root || !check_root(reader, file))
        return false;
    reader->count++;
    return true;
}

/* A single file has to be there; of a list, as of KUBECONFIG, missing ones are skipped. */
static bool load_files(struct reader *reader, const struct str *paths, size_t count, bool may_miss)
{
    struct arena *arena = reader->call->arena;
    struct buf searched = buf_make(arena, BUF_LIMIT);
    reader->files = ARENA_NEW_ARRAY(arena, struct file, count);
    for (size_t i = 0; i < count; i++) {
        struct str text, failure;
        struct str path = file_expand(arena, paths[i]);
        buf_print(&searched, "%s\"%.*s\"", i ? ", " : "", STR_ARG(path));
        if (may_miss &&
            file_try_read(arena, path, KUBECONFIG_LIMIT, &text, &failure) == FILE_MISSING)
            continue;
        text = file_read(reader->call, reader->at, path, KUBECONFIG_LIMIT, "kubeconfig");
        if (!text.at || !parse_file(reader, path, text))
            return false;
    }
    reader->searched = buf_str(&searched);
    if (reader->count == 0)
        return fail(reader->call, reader->at, "No kubeconfig found",
                    "None of the files of config_paths exists: %.*s. Create one, correct the "
                    "paths, or set host.",
                    STR_ARG(reader->searched));
    return true;
}

static bool bad_entry(struct reader *reader, const struct entry *entry, const char *key,
                      const char *expected)
{
    return fail(reader->call, reader->at, "Malformed kubeconfig",
                "Expected %s in %s of the %s \"%.*s\" of the kubeconfig \"%.*s\".", expected, key,
                entry->kind, STR_ARG(entry->name), STR_ARG(entry->file->path));
}

/* The list LIST ("clusters") of FILE; NULL with *OK where it is absent. */
static json_t *list_of(struct reader *reader, const struct file *file, const char *list, bool *ok)
{
    json_t *value = json_object_get(file->root, list);
    *ok = true;
    if (!value || json_is_null(value))
        return NULL;
    if (json_is_array(value))
        return value;
    *ok = fail(reader->call, reader->at, "Malformed kubeconfig",
               "Expected a list under %s in the kubeconfig \"%.*s\".", list, STR_ARG(file->path));
    return NULL;
}

static size_t collect_names(struct reader *reader, const char *list, const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < reader->count; i++) {
        json_t *value = json_object_get(reader->files[i].root, list), *item;
        size_t k;
        json_array_foreach (value, k, item) {
            struct str name = json_str_at(item, "name");
            if (name.at && count < NAMES_KEPT)
                names[count++] = name.at;
        }
    }
    return count;
}

/* Says that LIST has no NAME, and which names it has. */
static void fail_missing(struct reader *reader, const char *list, const char *kind, struct str name,
                         struct str wanted_by)
{
    struct arena *arena = reader->call->arena;
    const char **names = ARENA_NEW_ARRAY(arena, const char *, NAMES_KEPT);
    size_t count = collect_names(reader, list, names);
    const char *nearest = str_nearest(name, names, count);
    struct buf hint = buf_make(arena, BUF_LIMIT);
    if (nearest)
        buf_print(&hint, "Did you mean \"%s\"? ", nearest);
    buf_print(&hint, count ? "It has:" : "It has none.");
    for (size_t i = 0; i < count && i < NAMES_LISTED; i++)
        buf_print(&hint, "%s \"%s\"", i ? "," : "", names[i]);
    if (count > NAMES_LISTED)
        buf_print(&hint, " and %zu more", count - NAMES_LISTED);
    struct str summary = str_print(arena, "Unknown kubeconfig %s", kind);
    fail(reader->call, reader->at, summary.at,
         "There is no %s \"%.*s\"%.*s in the kubeconfig %.*s. %.*s%s", kind, STR_ARG(name),
         STR_ARG(wanted_by), STR_ARG(reader->searched), STR_ARG(buf_str(&hint)), count ? "." : "");
}

/* The item of LIST named NAME in FILE, or NULL. */
static json_t *item_of(struct reader *reader, const struct file *file, const char *list,
                       struct str name, bool *ok)
{
    json_t *items = list_of(reader, file, list, ok), *item;
    size_t i;
    json_array_foreach (items, i, item) {
        if (!json_is_object(item) || !json_str_at(item, "name").at) {
            *ok = fail(reader->call, reader->at, "Malformed kubeconfig",
                       "Expected a mapping with a name in %s[%zu] of the kubeconfig \"%.*s\".",
                       list, i, STR_ARG(file->path));
            return NULL;
        }
        if (str_equal(json_str_at(item, "name"), name))
            return item;
    }
    return NULL;
}

/* Finds the first definition of NAME; KIND is the member that holds it ("cluster" in clusters). */
static bool find_entry(struct reader *reader, const char *list, const char *kind, struct str name,
                       struct str wanted_by, struct entry *out)
{
    for (size_t i = 0; i < reader->count; i++) {
        bool ok;
        json_t *item = item_of(reader, &reader->files[i], list, name, &ok);
        if (!ok)
            return false;
        if (!item)
            continue;
        *out = (struct entry){ &reader->files[i], json_object_get(item, kind), kind, name };
        if (json_is_object(out->object))
            return true;
        return bad_entry(reader, out, kind, "a mapping");
    }
    fail_missing(reader, list, kind, name, wanted_by);
    return false;
}

/* A string member; an absent, null or empty one is unset (at == NULL). */
static bool text_member(struct reader *reader, const struct entry *entry, const char *key,
                        struct str *out)
{
    json_t *value = json_object_get(entry->object, key);
    *out = (struct str){ 0 };
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return bad_entry(reader, entry, key,
                         "a string (in quotes, where YAML takes it for something else)");
    if (json_str(value).len)
        *out = json_str(value);
    return true;
}

static bool flag_member(struct reader *reader, const struct entry *entry, const char *key,
                        bool *out)
{
    json_t *value = json_object_get(entry->object, key);
    *out = json_is_true(value);
    if (!value || json_is_null(value) || json_is_boolean(value))
        return true;
    return bad_entry(reader, entry, key, "true or false");
}

/* The text of KEY-data, decoded, or of the file that KEY names; the first wins. */
static bool pem_member(struct reader *reader, const struct entry *entry, const char *key,
                       struct str *out)
{
    struct arena *arena = reader->call->arena;
    struct str data_key = str_print(arena, "%s-data", key);
    struct str data, path;
    *out = (struct str){ 0 };
    if (!text_member(reader, entry, data_key.at, &data) || !text_member(reader, entry, key, &path))
        return false;
    if (data.at) {
        *out = base64_decode(arena, data);
        return out->at ? true : bad_entry(reader, entry, data_key.at, "base64");
    }
    if (!path.at)
        return true;
    *out = file_read(reader->call, reader->at, file_beside(arena, entry->file->path, path),
                     KUBECONFIG_PEM_LIMIT, key);
    return out->at != NULL;
}

static bool read_cluster(struct reader *reader, const struct entry *cluster,
                         struct kubernetes_endpoint *out)
{
    if (!text_member(reader, cluster, "server", &out->server) ||
        !text_member(reader, cluster, "tls-server-name", &out->tls.server_name) ||
        !text_member(reader, cluster, "proxy-url", &out->tls.proxy) ||
        !flag_member(reader, cluster, "insecure-skip-tls-verify", &out->tls.insecure) ||
        !pem_member(reader, cluster, "certificate-authority", &out->tls.ca_pem))
        return false;
    return out->server.at || bad_entry(reader, cluster, "server", "the address of the API server");
}

/* Ways to sign in that need more than this file offers. */
static const struct unsupported {
    const char *key;
    const char *what;
    const char *instead;
} unsupported[] = {
    { "exec", "an exec credential plugin",
      "For an EKS cluster leave the kubernetes block out and set cluster_name: the token is then "
      "made without a plugin. Otherwise give a token." },
    { "auth-provider", "an auth-provider, which Kubernetes removed in 1.26",
      "Give a token or a client certificate." },
    { "username", "a username and password", "Give a token or a client certificate." },
    { "password", "a username and password", "Give a token or a client certificate." },
    { "as", "impersonation", "Use a context whose user has the rights itself." },
    { "as-uid", "impersonation", "Use a context whose user has the rights itself." },
    { "as-groups", "impersonation", "Use a context whose user has the rights itself." },
    { "as-user-extra", "impersonation", "Use a context whose user has the rights itself." },
};

static bool check_supported(struct reader *reader, const struct entry *user)
{
    for (size_t i = 0; i < sizeof unsupported / sizeof *unsupported; i++) {
        json_t *value = json_object_get(user->object, unsupported[i].key);
        if (!value || json_is_null(value))
            continue;
        struct str command = json_str_at(value, "command");
        return fail(reader->call, reader->at, "Unsupported way to sign in",
                    "The user \"%.*s\" of the kubeconfig \"%.*s\" needs %s (\"%s\"%s%.*s), which "
                    "is not supported here. %s",
                    STR_ARG(user->name), STR_ARG(user->file->path), unsupported[i].what,
                    unsupported[i].key, command.len ? ": " : "", STR_ARG(command),
                    unsupported[i].instead);
    }
    return true;
}

static bool read_user(struct reader *reader, const struct entry *user,
                      struct kubernetes_endpoint *out)
{
    struct str token_file;
    if (!check_supported(reader, user) || !text_member(reader, user, "token", &out->token) ||
        !text_member(reader, user, "tokenFile", &token_file) ||
        !pem_member(reader, user, "client-certificate", &out->tls.client_cert_pem) ||
        !pem_member(reader, user, "client-key", &out->tls.client_key_pem))
        return false;
    if (token_file.at)
        out->token_file = file_beside(reader->call->arena, user->file->path, token_file);
    out->credential = str_print(reader->call->arena, "the user \"%.*s\" of \"%.*s\"",
                                STR_ARG(user->name), STR_ARG(user->file->path));
    return true;
}

/* The context to use: the wanted one, else the first current-context. */
static bool choose_context(struct reader *reader, struct str wanted, struct str *out)
{
    *out = wanted;
    for (size_t i = 0; i < reader->count && !out->len; i++) {
        json_t *value = json_object_get(reader->files[i].root, "current-context");
        if (value && !json_is_null(value) && !json_is_string(value))
            return fail(reader->call, reader->at, "Malformed kubeconfig",
                        "Expected a string in current-context of the kubeconfig \"%.*s\".",
                        STR_ARG(reader->files[i].path));
        *out = json_str(value);
    }
    if (out->len)
        return true;
    const char **names = ARENA_NEW_ARRAY(reader->call->arena, const char *, NAMES_KEPT);
    size_t count = collect_names(reader, "contexts", names);
    return fail(reader->call, reader->at, "No kubeconfig context chosen",
                "The kubeconfig %.*s has no current-context. Set config_context%s%s%s.",
                STR_ARG(reader->searched), count ? ", for instance to \"" : "",
                count ? names[0] : "", count ? "\"" : "");
}

static bool has_own_credentials(const struct kubernetes_settings *settings)
{
    return settings->token.at || settings->client_certificate.at;
}

static bool read_context(struct reader *reader, const struct kubernetes_settings *settings,
                         struct kubernetes_endpoint *out)
{
    struct arena *arena = reader->call->arena;
    struct str name, cluster_name, user_name;
    struct entry context = { 0 }, cluster = { 0 }, user = { 0 };
    struct str by =
        settings->config_context.len ? STR(" (config_context)") : STR(" (current-context)");
    if (!choose_context(reader, settings->config_context, &name) ||
        !find_entry(reader, "contexts", "context", name, by, &context) ||
        !text_member(reader, &context, "cluster", &cluster_name) ||
        !text_member(reader, &context, "user", &user_name))
        return false;
    if (!cluster_name.at)
        return bad_entry(reader, &context, "cluster", "the name of a cluster");
    struct str wanted_by = str_print(arena, " (named by the context \"%.*s\")", STR_ARG(name));
    out->name = str_print(arena, "the context \"%.*s\" of \"%.*s\"", STR_ARG(name),
                          STR_ARG(context.file->path));
    if (!find_entry(reader, "clusters", "cluster", cluster_name, wanted_by, &cluster) ||
        !read_cluster(reader, &cluster, out))
        return false;
    if (has_own_credentials(settings))
        return true;
    if (!user_name.at) {
        out->credential =
            str_print(arena, "no user (the context \"%.*s\" names none)", STR_ARG(name));
        return true;
    }
    return find_entry(reader, "users", "user", user_name, wanted_by, &user) &&
           read_user(reader, &user, out);
}

static bool read_files(struct call *call, const struct kubernetes_settings *settings,
                       struct kubernetes_endpoint *out)
{
    bool one = settings->config_path.at != NULL;
    const char *member = one ? "config_path" : "config_paths";
    struct reader reader = { .call = call, .at = PATH_AT_ATTRIBUTE(settings->at, str_of(member)) };
    return load_files(&reader, one ? &settings->config_path : settings->config_paths,
                      one ? 1 : settings->config_path_count, !one) &&
           read_context(&reader, settings, out);
}

static void override_with(const struct kubernetes_settings *settings,
                          struct kubernetes_endpoint *out)
{
    if (settings->host.at)
        out->server = settings->host;
    if (settings->cluster_ca_certificate.at)
        out->tls.ca_pem = settings->cluster_ca_certificate;
    if (settings->tls_server_name.len)
        out->tls.server_name = settings->tls_server_name;
    if (settings->proxy_url.len)
        out->tls.proxy = settings->proxy_url;
    if (settings->insecure)
        out->tls.insecure = true;
    if (has_own_credentials(settings)) {
        out->token = settings->token;
        out->tls.client_cert_pem = settings->client_certificate;
        out->tls.client_key_pem = settings->client_key;
        out->credential = settings->token.at
                              ? STR("the token of the provider's kubernetes block")
                              : STR("the client certificate of the provider's kubernetes block");
    }
    if (!out->credential.at)
        out->credential = STR("no credentials (the kubernetes block names none)");
}

static bool check_settings(struct call *call, const struct kubernetes_settings *settings)
{
    const struct path *at = settings->at;
    bool has_file = settings->config_path.at || settings->config_path_count;
    if (settings->config_path.at && settings->config_path_count)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("config_paths")), "Conflicting settings",
                    "Expected either config_path or config_paths, and found both.");
    if (settings->host.at && has_file)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("host")), "Conflicting settings",
                    "Expected either host or a kubeconfig, and found both: the file's credentials "
                    "would go to another server than the one they were made for.");
    if (!settings->host.at && !has_file)
        return fail(call, at, "No cluster configured",
                    "The kubernetes block does not say where the API server is. Set host, "
                    "config_path or config_paths, or leave the block out and set cluster_name.");
    if (settings->config_context.at && !has_file)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("config_context")), "Conflicting settings",
                    "config_context chooses in a kubeconfig, but neither config_path nor "
                    "config_paths is set.");
    if (settings->client_key.at && !settings->client_certificate.at)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("client_key")), "Conflicting settings",
                    "client_key is set without the client_certificate that it belongs to.");
    return true;
}

static bool is_plain_byte(char c)
{
    return (unsigned char)c > ' ' && (unsigned char)c != 0x7f;
}

static bool is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_plain_byte(text.at[i]))
            return false;
    return true;
}

/* Completes the address and refuses what would be a part of something else.  It is not quoted where
 * it may hold a password. */
static bool check_server(struct call *call, const struct path *at, struct kubernetes_endpoint *out)
{
    struct str url = str_trim(out->server);
    if (url.len && !str_contains(url, "://"))
        url = str_print(call->arena, "https://%.*s", STR_ARG(url));
    bool is_https = str_starts(url, "https://");
    struct str rest = str_slice(url, is_https ? 8 : 7, url.len);
    if (!is_https && !str_starts(url, "http://"))
        return fail(call, at, "Malformed API server address",
                    "Expected an address such as https://10.0.0.1:6443 for %.*s and found %s.",
                    STR_ARG(out->name), url.len ? "another scheme" : "an empty text");
    if (str_has(rest, '@'))
        return fail(call, at, "Malformed API server address",
                    "The address for %.*s holds a user name or password (\"@\"), which is not "
                    "supported. Give a token or a client certificate.",
                    STR_ARG(out->name));
    if (!rest.len || rest.at[0] == '/' || rest.at[0] == ':' || !is_plain(rest) ||
        str_has(rest, '?') || str_has(rest, '#'))
        return fail(call, at, "Malformed API server address",
                    "Expected an address such as https://10.0.0.1:6443 for %.*s; it has no host, "
                    "or holds blanks, \"?\" or \"#\".",
                    STR_ARG(out->name));
    if (!is_https && (out->token.at || out->token_file.at))
        return fail(call, at, "Token over an unencrypted connection",
                    "The address for %.*s starts with http://, so that the token could be read on "
                    "the way. Use https://.",
                    STR_ARG(out->name));
    while (str_ends(url, "/"))
        url.len--;
    out->server = str_copy(call->arena, url);
    return true;
}

static bool check_proxy(struct call *call, const struct path *at, struct str proxy)
{
    if (!proxy.at || str_starts(proxy, "http://") || str_starts(proxy, "https://") ||
        str_starts(proxy, "socks5://") || str_starts(proxy, "socks5h://"))
        return true;
    return fail(call, PATH_AT_ATTRIBUTE(at, STR("proxy_url")), "Malformed proxy address",
                "Expected a proxy that starts with http://, https:// or socks5://.");
}

static bool check_token(struct call *call, const struct path *at, struct str *token,
                        struct str what)
{
    if (!token->at)
        return true;
    *token = str_copy(call->arena, str_trim(*token));
    if (token->len && is_plain(*token))
        return true;
    return fail(call, at, "Malformed token",
                "Expected one token without blanks or line ends from %.*s, and found %s.",
                STR_ARG(what), token->len ? "some in it" : "an empty text");
}

static bool check_tls(struct call *call, const struct path *at,
                      const struct kubernetes_endpoint *endpoint)
{
    const struct http_tls *tls = &endpoint->tls;
    const struct path *at_ca = PATH_AT_ATTRIBUTE(at, STR("cluster_ca_certificate"));
    const struct path *at_certificate = PATH_AT_ATTRIBUTE(at, STR("client_certificate"));
    struct str ca =
        str_print(call->arena, "the certificate authority of %.*s", STR_ARG(endpoint->name));
    if (tls->insecure && tls->ca_pem.at)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("insecure")), "Conflicting settings",
                    "%.*s has a certificate authority and also says not to verify the server. "
                    "Leave one of the two out.",
                    STR_ARG(endpoint->name));
    if (tls->ca_pem.at && !pem_check_certificates(call, at_ca, tls->ca_pem, ca.at))
        return false;
    if (!tls->client_cert_pem.at != !tls->client_key_pem.at)
        return fail(call, at_certificate, "Incomplete client certificate",
                    "A client certificate needs its key and the other way round; for %.*s there "
                    "is only the %s.",
                    STR_ARG(endpoint->name), tls->client_cert_pem.at ? "certificate" : "key");
    return !tls->client_cert_pem.at ||
           pem_check_pair(call, at_certificate, tls->client_cert_pem, tls->client_key_pem,
                          str_copy(call->arena, endpoint->credential).at);
}

bool kubeconfig_read(struct call *call, const struct kubernetes_settings *settings,
                     struct kubernetes_endpoint *out)
{
    const struct path *at = settings->at;
    bool has_file = settings->config_path.at || settings->config_path_count;
    *out = (struct kubernetes_endpoint){ .name = STR("the provider's kubernetes block") };
    if (!check_settings(call, settings) || (has_file && !read_files(call, settings, out)))
        return false;
    override_with(settings, out);
    const struct path *at_server =
        PATH_AT_ATTRIBUTE(at, settings->host.at          ? STR("host")
                              : settings->config_path.at ? STR("config_path")
                                                         : STR("config_paths"));
    const struct path *at_token = PATH_AT_ATTRIBUTE(at, STR("token"));
    return check_server(call, at_server, out) && check_proxy(call, at, out->tls.proxy) &&
           check_token(call, settings->token.at ? at_token : at_server, &out->token,
                       out->credential) &&
           check_tls(call, at, out);
}

static struct str copy_if_set(struct arena *arena, struct str s)
{
    return s.at ? str_copy(arena, s) : s;
}

struct kubernetes_endpoint kubeconfig_copy(struct arena *arena,
                                           const struct kubernetes_endpoint *endpoint)
{
    const struct http_tls *tls = &endpoint->tls;
    return (struct kubernetes_endpoint){
        .server = copy_if_set(arena, endpoint->server),
        .tls = { .ca_pem = copy_if_set(arena, tls->ca_pem),
                 .ca_file = copy_if_set(arena, tls->ca_file),
                 .client_cert_pem = copy_if_set(arena, tls->client_cert_pem),
                 .client_key_pem = copy_if_set(arena, tls->client_key_pem),
                 .server_name = copy_if_set(arena, tls->server_name),
                 .insecure = tls->insecure,
                 .proxy = copy_if_set(arena, tls->proxy),
                 .no_proxy = copy_if_set(arena, tls->no_proxy) },
        .token = copy_if_set(arena, endpoint->token),
        .token_file = copy_if_set(arena, endpoint->token_file),
        .name = copy_if_set(arena, endpoint->name),
        .credential = copy_if_set(arena, endpoint->credential),
    };
}

struct str kubeconfig_token_file(struct call *call, const struct path *at, struct str path)
{
    struct str token = file_read(call, at, path, KUBECONFIG_TOKEN_LIMIT, "token file");
    struct str what = str_print(call->arena, "the token file \"%.*s\"", STR_ARG(path));
    if (!token.at || !check_token(call, at, &token, what))
        return (struct str){ 0 };
    return token;
}
