/* The handshake: who may start the plugin, where it listens, and the line that core parses. */
#include "provider/handshake.h"

#include "base/encoding.h"
#include "provider/tls.h"
#include "tests/provider/certificates.h"

#include <check.h>
#include <grp.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define COOKIE "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

static struct arena arena;
static struct call call;
static struct handshake handshake;
static char parent[64];

static void setup(void)
{
    tls_open();
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    snprintf(parent, sizeof parent, "/tmp/test_handshake_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(parent));
    setenv("TF_PLUGIN_MAGIC_COOKIE", COOKIE, 1);
    setenv("TMPDIR", parent, 1);
    unsetenv("PLUGIN_PROTOCOL_VERSIONS");
    unsetenv("PLUGIN_CLIENT_CERT");
    unsetenv("PLUGIN_MULTIPLEX_GRPC");
    unsetenv("PLUGIN_UNIX_SOCKET_DIR");
    unsetenv("PLUGIN_UNIX_SOCKET_GROUP");
}

/* Nothing may be left behind. */
static void teardown(void)
{
    ck_assert_int_eq(rmdir(parent), 0);
    arena_release(&arena);
}

static void open_handshake(void)
{
    ck_assert(handshake_open(&call, /* with_tls */ true, &handshake));
}

static void close_handshake(void)
{
    close(handshake.listener);
    handshake_close(&handshake);
}

static void expect_error(bool outcome, const char *word)
{
    ck_assert(!outcome);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(strstr(call.first->detail.at, word), "%s", call.first->detail.at);
}

static const char *const versions[] = { "6", "5,6", "6,5", "7,6", " 6 ,5", NULL, "" };

START_TEST(started_by_core)
{
    if (versions[_i])
        setenv("PLUGIN_PROTOCOL_VERSIONS", versions[_i], 1);
    ck_assert(handshake_check(&call));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

static const char *const other_versions[] = { "5", "16", "4,5", "six", "," };

START_TEST(core_is_too_old)
{
    setenv("PLUGIN_PROTOCOL_VERSIONS", other_versions[_i], 1);
    expect_error(handshake_check(&call), "version 6");
}
END_TEST

static const char *const cookies[] = { NULL, "", "wrong", COOKIE "0" };

START_TEST(started_by_hand)
{
    if (cookies[_i])
        setenv("TF_PLUGIN_MAGIC_COOKIE", cookies[_i], 1);
    else
        unsetenv("TF_PLUGIN_MAGIC_COOKIE");
    expect_error(handshake_check(&call), "required_providers");
}
END_TEST

static void expect_listening(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", handshake.address);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

START_TEST(plain_line)
{
    open_handshake();
    expect_listening();
    ck_assert_ptr_null(handshake.certificate.at);
    struct str want = str_print(&arena, "1|6|unix|%s|grpc|\n", handshake.address);
    ck_assert_str_eq(handshake_line(&call, &handshake).at, want.at);
    ck_assert(str_starts(str_of(handshake.address), parent));
    struct stat status;
    ck_assert_int_eq(stat(handshake.directory, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0700);
    close_handshake();
}
END_TEST

START_TEST(multiplex_is_declined)
{
    setenv("PLUGIN_MULTIPLEX_GRPC", "true", 1);
    open_handshake();
    ck_assert(str_ends(handshake_line(&call, &handshake), "|grpc||false\n"));
    close_handshake();
}
END_TEST

START_TEST(line_with_certificate)
{
    struct identity core = identity_make(&arena);
    setenv("PLUGIN_CLIENT_CERT", core.pem.at, 1);
    open_handshake();
    struct str rest = handshake_line(&call, &handshake), field;
    for (int i = 0; i < 6; i++)
        ck_assert(str_split(&rest, '|', &field));
    ck_assert_ptr_null(rest.at);
    ck_assert(str_ends(field, "\n") && !str_has(field, '='));
    struct str der = base64_decode(&arena, field);
    ck_assert_uint_gt(der.len, 50);
    ck_assert(str_equal(der, handshake.certificate));

    SSL_CTX *context = handshake_tls(&call, &handshake);
    ck_assert_ptr_nonnull(context);
    SSL_CTX_free(context);
    close_handshake();
    identity_free(&core);
}
END_TEST

START_TEST(client_certificate_is_none)
{
    setenv("PLUGIN_CLIENT_CERT", "nonsense", 1);
    open_handshake();
    SSL_CTX *context = handshake_tls(&call, &handshake);
    expect_error(context != NULL, "PLUGIN_CLIENT_CERT");
    close_handshake();
}
END_TEST

START_TEST(debug_mode_has_no_tls)
{
    setenv("PLUGIN_CLIENT_CERT", "anything", 1);
    ck_assert(handshake_open(&call, /* with_tls */ false, &handshake));
    ck_assert_ptr_null(handshake.certificate.at);

    struct str text = handshake_reattach(&call, &handshake);
    const char *begin = strstr(text.at, "\n\tTF_REATTACH_PROVIDERS='");
    ck_assert_ptr_nonnull(begin);
    begin += sizeof "\n\tTF_REATTACH_PROVIDERS='" - 1;
    ck_assert_str_eq(text.at + text.len - 2, "'\n");
    json_t *all = json_loadb(begin, text.len - (size_t)(begin - text.at) - 2, 0, NULL);
    json_t *entry = json_object_get(all, "registry.terraform.io/gpushare/gpushare");
    ck_assert_str_eq(json_string_value(json_object_get(entry, "Protocol")), "grpc");
    ck_assert_int_eq(json_integer_value(json_object_get(entry, "ProtocolVersion")), 6);
    ck_assert_int_eq(json_integer_value(json_object_get(entry, "Pid")), getpid());
    ck_assert(json_is_true(json_object_get(entry, "Test")));
    const json_t *address = json_object_get(entry, "Addr");
    ck_assert_str_eq(json_string_value(json_object_get(address, "Network")), "unix");
    ck_assert_str_eq(json_string_value(json_object_get(address, "String")), handshake.address);
    ck_assert(json_equal(entry, json_object_get(all, "registry.opentofu.org/gpushare/gpushare")));
    json_decref(all);
    close_handshake();
}
END_TEST

static const char *const unusable[] = {
    "",
    "relative",
    "/tmp/does/not/exist",
    "/tmp/with|bar",
    "/tmp/with'quote",
    "/tmp/with\nline",
    "/tmp/"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "a",
};

START_TEST(unusable_tmpdir_is_passed_over)
{
    setenv("TMPDIR", unusable[_i], 1);
    open_handshake();
    ck_assert(str_starts(str_of(handshake.address), "/tmp/gpushare-"));
    ck_assert_uint_le(strlen(handshake.address), HANDSHAKE_ADDRESS_LIMIT);
    close_handshake();
}
END_TEST

/* The longest parent whose socket still fits is used. */
START_TEST(longest_path)
{
    char directory[HANDSHAKE_ADDRESS_LIMIT + 1];
    size_t len = HANDSHAKE_ADDRESS_LIMIT - strlen("/gpushare-XXXXXX/plugin");
    snprintf(directory, sizeof directory, "%s/", parent);
    for (size_t i = strlen(directory); i < len; i++)
        directory[i] = 'l', directory[i + 1] = '\0';
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    setenv("TMPDIR", directory, 1);
    open_handshake();
    ck_assert_uint_eq(strlen(handshake.address), HANDSHAKE_ADDRESS_LIMIT);
    expect_listening();
    close_handshake();
    rmdir(directory);
}
END_TEST

START_TEST(host_chooses_the_directory)
{
    setenv("PLUGIN_UNIX_SOCKET_DIR", parent, 1);
    setenv("TMPDIR", "/nowhere", 1);
    open_handshake();
    ck_assert(str_starts(str_of(handshake.address), parent));
    close_handshake();
}
END_TEST

START_TEST(host_chooses_an_unusable_directory)
{
    setenv("PLUGIN_UNIX_SOCKET_DIR", "/tmp/does/not/exist", 1);
    expect_error(handshake_open(&call, true, &handshake), "PLUGIN_UNIX_SOCKET_DIR");
}
END_TEST

START_TEST(host_lets_a_group_in)
{
    struct stat status;
    char group[16];
    snprintf(group, sizeof group, "%u", (unsigned)getgid());
    setenv("PLUGIN_UNIX_SOCKET_GROUP", group, 1);
    open_handshake();
    ck_assert_int_eq(stat(handshake.address, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0660);
    ck_assert_uint_eq(status.st_gid, getgid());
    ck_assert_int_eq(stat(handshake.directory, &status), 0);
    ck_assert_int_eq(status.st_mode & 0777, 0710);
    close_handshake();
}
END_TEST

START_TEST(host_names_no_group)
{
    setenv("PLUGIN_UNIX_SOCKET_GROUP", "no-such-group", 1);
    expect_error(handshake_open(&call, true, &handshake), "PLUGIN_UNIX_SOCKET_GROUP");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("handshake");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, started_by_core, 0, sizeof versions / sizeof *versions);
    tcase_add_loop_test(tests, core_is_too_old, 0, sizeof other_versions / sizeof *other_versions);
    tcase_add_loop_test(tests, started_by_hand, 0, sizeof cookies / sizeof *cookies);
    tcase_add_test(tests, plain_line);
    tcase_add_test(tests, multiplex_is_declined);
    tcase_add_test(tests, line_with_certificate);
    tcase_add_test(tests, client_certificate_is_none);
    tcase_add_test(tests, debug_mode_has_no_tls);
    tcase_add_loop_test(tests, unusable_tmpdir_is_passed_over, 0,
                        sizeof unusable / sizeof *unusable);
    tcase_add_test(tests, longest_path);
    tcase_add_test(tests, host_chooses_the_directory);
    tcase_add_test(tests, host_chooses_an_unusable_directory);
    tcase_add_test(tests, host_lets_a_group_in);
    tcase_add_test(tests, host_names_no_group);
    Suite *suite = suite_create("handshake");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
