/* Kubeconfig files and the kubernetes block: what they give, and what is wrong with them. */
#include "clients/kubeconfig.h"

#include "base/encoding.h"
#include "tests/clients/made_certificate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static struct call call;
static struct kubernetes_endpoint endpoint;
static struct made_certificate made;
static char folder[64];

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    made = made_certificate(&arena);
    strcpy(folder, "/tmp/test_kubeconfig.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    arena_release(&arena);
}

static struct str write_file(const char *name, struct str text)
{
    struct str path = str_print(&arena, "%s/%s", folder, name);
    FILE *file = fopen(path.at, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.at, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* One context "c" of the cluster "k" and the user "u", with these members. */
static struct str config_of(const char *cluster, const char *user)
{
    return str_print(&arena,
                     "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                     "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
                     "clusters: [{name: k, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n",
                     cluster, user);
}

static bool read_text(struct str text)
{
    struct kubernetes_settings settings = { .config_path = write_file("config", text) };
    return kubeconfig_read(&call, &settings, &endpoint);
}

static void expect_read(bool result)
{
    ck_assert_msg(result, "%s", call.first ? call.first->detail.at : "no diagnostic");
    ck_assert_uint_eq(call.errors, 0);
}

static void expect_error(bool result, const char *at, const char *part)
{
    ck_assert(!result);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(str_contains(call.first->detail, part), "%s: %s", part, call.first->detail.at);
    ck_assert_str_eq(path_print(&arena, call.first->at).at, at);
    ck_assert(!str_contains(call.first->detail, "s3cret"));
    call = (struct call){ .arena = &arena };
}

static void expect_bad_file(const char *text, const char *part)
{
    expect_error(read_text(str_of(text)), "config_path", part);
    ck_assert(!endpoint.server.at || !str_contains(endpoint.server, "localhost"));
}

static void expect_bad_cluster(const char *cluster, const char *part)
{
    expect_error(read_text(config_of(cluster, "")), "config_path", part);
}

static void expect_bad_user(const char *user, const char *part)
{
    expect_error(read_text(config_of("server: 'https://k'", user)), "config_path", part);
}

START_TEST(reads_a_token_user)
{
    expect_read(read_text(config_of("server: 'https://k:6443/', tls-server-name: sni, "
                                    "proxy-url: 'socks5://p:1'",
                                    "token: s3cret")));
    ck_assert(str_is(endpoint.server, "https://k:6443"));
    ck_assert(str_is(endpoint.tls.server_name, "sni"));
    ck_assert(str_is(endpoint.tls.proxy, "socks5://p:1"));
    ck_assert(str_is(endpoint.token, "s3cret"));
    ck_assert(!endpoint.tls.insecure);
    ck_assert(str_starts(endpoint.name, "the context \"c\" of \"/tmp/"));
    ck_assert(str_starts(endpoint.credential, "the user \"u\" of \"/tmp/"));
}
END_TEST

START_TEST(reads_data_and_certificates)
{
    struct str ca = base64_encode(&arena, made.certificate);
    struct str key = base64_encode(&arena, made.key);
    struct str cluster = str_print(&arena,
                                   "server: 'https://k', certificate-authority: absent, "
                                   "certificate-authority-data: %s",
                                   ca.at);
    struct str user =
        str_print(&arena, "client-certificate-data: %s, client-key-data: %s", ca.at, key.at);
    expect_read(read_text(config_of(cluster.at, user.at)));
    ck_assert(str_equal(endpoint.tls.ca_pem, made.certificate));
    ck_assert(str_equal(endpoint.tls.client_cert_pem, made.certificate));
    ck_assert(str_equal(endpoint.tls.client_key_pem, made.key));
    ck_assert_ptr_null(endpoint.token.at);
}
END_TEST

START_TEST(reads_files_beside_the_kubeconfig)
{
    write_file("ca.crt", made.certificate);
    write_file("client.crt", made.certificate);
    write_file("client.key", made.key);
    expect_read(read_text(config_of("server: 'https://k', certificate-authority: ca.crt",
                                    "client-certificate: client.crt, client-key: ./client.key, "
                                    "tokenFile: token, token: unused")));
    ck_assert(str_equal(endpoint.tls.ca_pem, made.certificate));
    ck_assert(str_equal(endpoint.tls.client_key_pem, made.key));
    ck_assert(str_is(endpoint.token_file, str_print(&arena, "%s/token", folder).at));
}
END_TEST

START_TEST(takes_a_cluster_without_verification)
{
    expect_read(read_text(config_of("server: 'https://k', insecure-skip-tls-verify: true", "")));
    ck_assert(endpoint.tls.insecure);
    expect_read(read_text(config_of("server: 'http://127.0.0.1:8001'", "")));
    ck_assert(str_is(endpoint.server, "http://127.0.0.1:8001"));
}
END_TEST

START_TEST(reads_contexts_without_a_user)
{
    expect_read(read_text(STR("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
                              "clusters: [{name: k, cluster: {server: 'https://k'}}]\nusers:\n")));
    ck_assert(str_contains(endpoint.credential, "names none"));
}
END_TEST

#define PART(name, server) "clusters: [{name: " name ", cluster: {server: 'https://" server "'}}]\n"

static bool read_list(const struct str *paths, size_t count, const char *context)
{
    struct kubernetes_settings settings = { .config_paths = paths,
                                            .config_path_count = count,
                                            .config_context = str_of(context) };
    return kubeconfig_read(&call, &settings, &endpoint);
}

START_TEST(merges_files_in_their_order)
{
    struct str paths[] = {
        write_file("1", STR(PART("k", "first"))),
        STR("/nonexistent/config"),
        write_file("2", STR(PART("k", "second") "current-context: d\n"
                                                "contexts: [{name: c, context: {cluster: k}}, "
                                                "{name: d, context: {cluster: k, user: u}}]")),
        write_file("3", STR("current-context: c\nusers: [{name: u, user: {token: t}}]")),
    };
    expect_read(read_list(paths, 4, NULL));
    ck_assert(str_is(endpoint.server, "https://first"));
    ck_assert(str_is(endpoint.token, "t"));
    expect_read(read_list(paths, 4, "c"));
    ck_assert_ptr_null(endpoint.token.at);
    expect_error(read_list(paths, 4, "e"), "config_paths", "/nonexistent/config");
    expect_error(read_list(paths + 1, 1, NULL), "config_paths", "None of the files");
}
END_TEST

START_TEST(says_what_is_wrong_with_a_file)
{
    expect_bad_file("", "found nothing");
    expect_bad_file("- a\n", "found a list");
    expect_bad_file("just text", "found a single value");
    expect_bad_file("kind: Deployment\n", "found Deployment");
    expect_bad_file("apiVersion: v2\n", "found v2");
    expect_bad_file("clusters: [\n  {name: k\n", "line");
    expect_bad_file("clusters: {}\ncurrent-context: c\ncontexts: {}\n",
                    "Expected a list under contexts");
    expect_bad_file("current-context: c\ncontexts: [3]\n", "contexts[0]");
    expect_bad_file("current-context: c\ncontexts: [{name: 3}]\n", "contexts[0]");
    expect_bad_file("current-context: [c]\n", "Expected a string in current-context");
    expect_bad_file("current-context: c\ncontexts: [{name: c}]\n",
                    "Expected a mapping in context of the context \"c\"");
    expect_bad_file("current-context: c\ncontexts: [{name: c, context: {user: u}}]\n",
                    "the name of a cluster");
    expect_error(read_text((struct str){ "\x7f"
                                         "ELF\0\1",
                                         6 }),
                 "config_path", "binary data");
}
END_TEST

START_TEST(says_why_a_file_is_not_read)
{
    struct kubernetes_settings settings = { .config_path = STR("/nonexistent/config") };
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path",
                 "No such file or directory");
    settings.config_path = str_of(folder);
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path", "it is a folder");
    settings.config_path = write_file("huge", STR("x"));
    ck_assert_int_eq(truncate(settings.config_path.at, (off_t)KUBECONFIG_LIMIT + 1), 0);
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path", "larger than");
}
END_TEST

START_TEST(offers_the_nearest_name)
{
    const char *text =
        "contexts: [{name: prod, context: {cluster: kk, user: u}}, "
        "{name: dev, context: {cluster: k, user: me}}]\n" PART("k", "k") "users: []\n";
    struct kubernetes_settings settings = { .config_path = write_file("n", str_of(text)),
                                            .config_context = STR("prdo") };
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path",
                 "Did you mean \"prod\"? It has: \"prod\", \"dev\".");
    settings.config_context = STR("prod");
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path",
                 "no cluster \"kk\" (named by the context \"prod\")");
    settings.config_context = STR("dev");
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path",
                 "no user \"me\" (named by the context \"dev\")");
    settings.config_context = (struct str){ 0 };
    expect_error(kubeconfig_read(&call, &settings, &endpoint), "config_path",
                 "Set config_context, for instance to \"prod\"");
    expect_bad_file("{}", "Set config_context.");
}
END_TEST

START_TEST(lists_few_of_many_names)
{
    struct buf text = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&text, "current-context: nowhere\ncontexts:\n");
    for (int i = 0; i < 30; i++)
        buf_print(&text, "- {name: context-%02d}\n", i);
    expect_error(read_text(buf_str(&text)), "config_path", "\"context-09\" and 20 more.");
}
END_TEST

START_TEST(says_what_is_wrong_with_a_cluster)
{
    expect_bad_cluster("", "the address of the API server");
    expect_bad_cluster("server: ''", "the address of the API server");
    expect_bad_cluster(
        "server: 5",
        "in quotes, where YAML takes it for something else) in server of the cluster \"k\"");
    expect_bad_cluster("server: 'ftp://k'", "another scheme");
    expect_bad_cluster("server: 'https://'", "no host");
    expect_bad_cluster("server: 'https:///x'", "no host");
    expect_bad_cluster("server: 'https://a b'", "blanks");
    expect_bad_cluster("server: 'https://k?x=1'", "\"?\"");
    expect_bad_cluster("server: 'https://u:s3cret@k'", "user name or password");
    expect_bad_cluster("server: 'https://k', insecure-skip-tls-verify: 'yes please'",
                       "true or false");
    expect_bad_cluster("server: 'https://k', certificate-authority-data: '***'", "base64");
    expect_bad_cluster("server: 'https://k', certificate-authority: missing.crt",
                       "missing.crt\" cannot be read");
}
END_TEST

START_TEST(checks_certificates)
{
    struct str ca = base64_encode(&arena, made.certificate);
    struct str other = base64_encode(&arena, made_certificate(&arena).key);
    struct str both = str_print(&arena,
                                "server: 'https://k', insecure-skip-tls-verify: true, "
                                "certificate-authority-data: %s",
                                ca.at);
    expect_error(read_text(config_of(both.at, "")), "insecure", "not to verify");
    expect_error(
        read_text(config_of("server: 'https://k', certificate-authority-data: aGVsbG8=", "")),
        "cluster_ca_certificate", "found none");
    struct str half = str_print(&arena, "client-certificate-data: %s", ca.at);
    expect_error(read_text(config_of("server: 'https://k'", half.at)), "client_certificate",
                 "only the certificate");
    half = str_print(&arena, "client-key-data: %s", other.at);
    expect_error(read_text(config_of("server: 'https://k'", half.at)), "client_certificate",
                 "only the key");
    struct str pair =
        str_print(&arena, "client-certificate-data: %s, client-key-data: %s", ca.at, other.at);
    expect_error(read_text(config_of("server: 'https://k'", pair.at)), "client_certificate",
                 "does not belong");
}
END_TEST

START_TEST(says_what_is_wrong_with_a_user)
{
    expect_bad_user("exec: {command: aws, args: [eks, get-token]}",
                    "needs an exec credential plugin (\"exec\": aws)");
    expect_bad_user("exec: {}", "cluster_name");
    expect_bad_user("auth-provider: {name: gcp}", "removed in 1.26");
    expect_bad_user("username: u, password: s3cret", "a username and password");
    expect_bad_user("password: s3cret", "a username and password");
    expect_bad_user("token: s3cret, as: admin", "impersonation (\"as\")");
    expect_bad_user("as-groups: [a]", "impersonation");
    expect_bad_user("as-user-extra: {a: [b]}", "impersonation");
    expect_bad_user("token: [s3cret]", "in token of the user \"u\"");
    expect_bad_user("token: 's3cret s3cret'", "without blanks");
    expect_bad_user("client-certificate: [x]", "in client-certificate of the user");
    expect_error(read_text(config_of("server: 'http://k'", "token: s3cret")), "config_path",
                 "http://");
}
END_TEST

START_TEST(takes_settings_without_a_file)
{
    struct kubernetes_settings settings = { .host = STR("10.0.0.1:6443"),
                                            .cluster_ca_certificate = made.certificate,
                                            .token = STR(" s3cret\n"),
                                            .tls_server_name = STR("kubernetes"),
                                            .proxy_url = STR("http://proxy:3128") };
    expect_read(kubeconfig_read(&call, &settings, &endpoint));
    ck_assert(str_is(endpoint.server, "https://10.0.0.1:6443"));
    ck_assert(str_is(endpoint.token, "s3cret"));
    ck_assert(str_is(endpoint.tls.server_name, "kubernetes"));
    ck_assert(str_is(endpoint.tls.proxy, "http://proxy:3128"));
    ck_assert(str_is(endpoint.name, "the provider's kubernetes block"));
    ck_assert(str_is(endpoint.credential, "the token of the provider's kubernetes block"));
    settings = (struct kubernetes_settings){ .host = STR("https://rancher/k8s/clusters/c-1"),
                                             .client_certificate = made.certificate,
                                             .client_key = made.key,
                                             .insecure = true };
    expect_read(kubeconfig_read(&call, &settings, &endpoint));
    ck_assert(str_is(endpoint.server, "https://rancher/k8s/clusters/c-1"));
    ck_assert(endpoint.tls.insecure);
    settings = (struct kubernetes_settings){ .host = STR("https://k") };
    expect_read(kubeconfig_read(&call, &settings, &endpoint));
    ck_assert(str_starts(endpoint.credential, "no credentials"));
}
END_TEST

START_TEST(lets_settings_override_a_file)
{
    struct str config = config_of("server: 'https://k'", "exec: {command: aws}");
    struct kubernetes_settings settings = { .config_path = write_file("config", config),
                                            .token = STR("mine"),
                                            .cluster_ca_certificate = made.certificate,
                                            .tls_server_name = STR("n") };
    expect_read(kubeconfig_read(&call, &settings, &endpoint));
    ck_assert(str_is(endpoint.server, "https://k"));
    ck_assert(str_is(endpoint.token, "mine"));
    ck_assert(str_equal(endpoint.tls.ca_pem, made.certificate));
    ck_assert(str_is(endpoint.tls.server_name, "n"));
    settings.config_path = write_file("config", config_of("server: 'https://k'", "tokenFile: t"));
    expect_read(kubeconfig_read(&call, &settings, &endpoint));
    ck_assert_ptr_null(endpoint.token_file.at);
}
END_TEST

static void expect_bad_settings(struct kubernetes_settings settings, const char *at,
                                const char *part)
{
    const struct path *block = PATH_AT_ATTRIBUTE(NULL, STR("kubernetes"));
    settings.at = block;
    expect_error(kubeconfig_read(&call, &settings, &endpoint), at, part);
}

START_TEST(points_at_contradicting_settings)
{
    struct str path = STR("/x");
    expect_bad_settings((struct kubernetes_settings){ 0 }, "kubernetes", "Set host");
    expect_bad_settings((struct kubernetes_settings){ .token = STR("s3cret") }, "kubernetes",
                        "Set host");
    expect_bad_settings((struct kubernetes_settings){ .config_path = path,
                                                      .config_paths = &path,
                                                      .config_path_count = 1 },
                        "kubernetes.config_paths", "found both");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"), .config_path = path },
                        "kubernetes.host", "found both");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"), .config_context = path },
                        "kubernetes.config_context", "neither");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"), .client_key = path },
                        "kubernetes.client_key", "client_certificate");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("") }, "kubernetes.host",
                        "an empty text");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"), .token = STR(" ") },
                        "kubernetes.token", "an empty text");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"), .token = STR("s3cret\nx") },
                        "kubernetes.token", "some in it");
    expect_bad_settings(
        (struct kubernetes_settings){ .host = STR("k"), .proxy_url = STR("proxy:3128") },
        "kubernetes.proxy_url", "http://");
    expect_bad_settings((struct kubernetes_settings){ .host = STR("k"),
                                                      .cluster_ca_certificate =
                                                          base64_encode(&arena, made.certificate) },
                        "kubernetes.cluster_ca_certificate", "base64decode()");
}
END_TEST

START_TEST(copies_endpoints)
{
    struct arena other = arena_make(NULL);
    expect_read(read_text(config_of("server: 'https://k', tls-server-name: sni", "token: t")));
    struct kubernetes_endpoint copy = kubeconfig_copy(&other, &endpoint);
    ck_assert(str_equal(copy.server, endpoint.server) && copy.server.at != endpoint.server.at);
    ck_assert(str_is(copy.tls.server_name, "sni") && str_is(copy.token, "t"));
    ck_assert(str_equal(copy.name, endpoint.name));
    ck_assert(str_equal(copy.credential, endpoint.credential));
    ck_assert_ptr_null(copy.tls.ca_pem.at);
    ck_assert_ptr_null(copy.token_file.at);
    arena_release(&other);
}
END_TEST

START_TEST(reads_token_files)
{
    struct str token = kubeconfig_token_file(&call, NULL, write_file("t", STR("\n abc.def \n")));
    ck_assert(str_is(token, "abc.def"));
    token = kubeconfig_token_file(&call, NULL, write_file("t", STR("\n")));
    ck_assert_ptr_null(token.at);
    expect_error(token.at != NULL, "", "an empty text");
    token = kubeconfig_token_file(&call, NULL, write_file("t", STR("s3cret\ns3cret")));
    expect_error(token.at != NULL, "", "without blanks");
    token = kubeconfig_token_file(&call, NULL, STR("/nonexistent/t"));
    expect_error(token.at != NULL, "", "token file \"/nonexistent/t\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kubeconfig");
    TCase *cases = tcase_create("kubeconfig");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, reads_a_token_user);
    tcase_add_test(cases, reads_data_and_certificates);
    tcase_add_test(cases, reads_files_beside_the_kubeconfig);
    tcase_add_test(cases, takes_a_cluster_without_verification);
    tcase_add_test(cases, reads_contexts_without_a_user);
    tcase_add_test(cases, merges_files_in_their_order);
    tcase_add_test(cases, says_what_is_wrong_with_a_file);
    tcase_add_test(cases, says_why_a_file_is_not_read);
    tcase_add_test(cases, offers_the_nearest_name);
    tcase_add_test(cases, lists_few_of_many_names);
    tcase_add_test(cases, says_what_is_wrong_with_a_cluster);
    tcase_add_test(cases, checks_certificates);
    tcase_add_test(cases, says_what_is_wrong_with_a_user);
    tcase_add_test(cases, takes_settings_without_a_file);
    tcase_add_test(cases, lets_settings_override_a_file);
    tcase_add_test(cases, points_at_contradicting_settings);
    tcase_add_test(cases, copies_endpoints);
    tcase_add_test(cases, reads_token_files);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
