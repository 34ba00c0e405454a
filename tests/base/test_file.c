/* Reading files whole, and every way in which that fails. */
#include "base/file.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static struct call call;
static char folder[64];

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    strcpy(folder, "/tmp/test_file.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    arena_release(&arena);
}

static struct str path_of(const char *name)
{
    return str_print(&arena, "%s/%s", folder, name);
}

static struct str write_file(const char *name, const void *bytes, size_t len)
{
    struct str path = path_of(name);
    FILE *file = fopen(path.at, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static void expect_failure(struct str path, size_t limit, const char *summary, const char *part)
{
    struct call own = { .arena = &arena };
    struct str text = file_read(&own, NULL, path, limit, "kubeconfig");
    ck_assert_ptr_null(text.at);
    ck_assert_uint_eq(own.errors, 1);
    ck_assert_str_eq(own.first->summary.at, summary);
    ck_assert_msg(str_contains(own.first->detail, part), "%s", own.first->detail.at);
    ck_assert(str_contains(own.first->detail, "kubeconfig \""));
}

START_TEST(reads_whole_files)
{
    struct str text = file_read(&call, NULL, write_file("a", "one\0two", 7), 7, "test");
    ck_assert_uint_eq(text.len, 7);
    ck_assert_int_eq(memcmp(text.at, "one\0two", 8), 0);
    struct str empty = file_read(&call, NULL, write_file("b", "", 0), 7, "test");
    ck_assert_ptr_nonnull(empty.at);
    ck_assert_uint_eq(empty.len, 0);
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(reads_more_than_one_chunk)
{
    size_t len = 100 * 1000;
    char *bytes = arena_alloc(&arena, len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 % 251);
    struct str text = file_read(&call, NULL, write_file("big", bytes, len), len, "test");
    ck_assert_uint_eq(text.len, len);
    ck_assert_int_eq(memcmp(text.at, bytes, len), 0);
    expect_failure(path_of("big"), len - 1, "File too large", "99999 bytes");
}
END_TEST

START_TEST(says_why_a_file_is_not_read)
{
    struct str file = write_file("plain", "x", 1);
    expect_failure(path_of("absent"), 10, "File not found", "No such file or directory");
    expect_failure(str_print(&arena, "%s/below", file.at), 10, "File not found", "ot a directory");
    expect_failure(str_of(folder), 10, "File not readable", "it is a folder");
    expect_failure(STR(""), 10, "File not found", "empty");
    expect_failure(((struct str){ "/tmp/a\0b", 8 }), 10, "File not found", "NUL");
}
END_TEST

START_TEST(does_not_wait_for_pipes)
{
    struct str path = path_of("pipe");
    ck_assert_int_eq(mkfifo(path.at, 0600), 0);
    expect_failure(path, 10, "File not readable", "not a regular file");
}
END_TEST

START_TEST(says_missing_only_where_nothing_is_there)
{
    struct str text, failure;
    ck_assert_int_eq(file_try_read(&arena, path_of("no"), 9, &text, &failure), FILE_MISSING);
    ck_assert_int_eq(file_try_read(&arena, path_of("no/no"), 9, &text, &failure), FILE_MISSING);
    ck_assert_int_eq(file_try_read(&arena, str_of(folder), 9, &text, &failure), FILE_REFUSED);
    ck_assert_ptr_null(text.at);
    struct str loop = path_of("loop");
    ck_assert_int_eq(symlink(loop.at, loop.at), 0);
    ck_assert_int_eq(file_try_read(&arena, loop, 9, &text, &failure), FILE_REFUSED);
    ck_assert_uint_gt(failure.len, 0);
    ck_assert_int_eq(file_try_read(&arena, STR("/dev/null"), 9, &text, &failure), FILE_READ);
    ck_assert_uint_eq(text.len, 0);
    ck_assert_int_eq(file_try_read(&arena, STR("/dev/zero"), 9, &text, &failure), FILE_TOO_LARGE);
    ck_assert_ptr_null(text.at);
}
END_TEST

START_TEST(says_when_reading_breaks_half_way)
{
    struct str text, failure;
    /* Readable for its owner at any offset that is mapped, and offset 0 is not. */
    ck_assert_int_eq(file_try_read(&arena, STR("/proc/self/mem"), 9, &text, &failure), FILE_BROKEN);
    ck_assert_uint_gt(failure.len, 0);
    expect_failure(STR("/proc/self/mem"), 9, "File not readable", "nput/output error");
}
END_TEST

START_TEST(expands_the_home_folder)
{
    ck_assert_int_eq(setenv("HOME", folder, 1), 0);
    write_file("in-home", "yes", 3);
    ck_assert(str_is(file_read(&call, NULL, STR("~/in-home"), 9, "test"), "yes"));
    ck_assert_str_eq(file_expand(&arena, STR("~")).at, folder);
    ck_assert_str_eq(file_expand(&arena, STR("~other/x")).at, "~other/x");
    ck_assert_str_eq(file_expand(&arena, STR("a/~/x")).at, "a/~/x");
    ck_assert_int_eq(unsetenv("HOME"), 0);
    ck_assert(str_starts(file_expand(&arena, STR("~/x")), "/"));
}
END_TEST

START_TEST(finds_files_beside_a_file)
{
    ck_assert_int_eq(setenv("HOME", "/home/u", 1), 0);
    ck_assert_str_eq(file_beside(&arena, STR("/a/b/config"), STR("ca.crt")).at, "/a/b/ca.crt");
    ck_assert_str_eq(file_beside(&arena, STR("/a/b/config"), STR("../ca")).at, "/a/b/../ca");
    ck_assert_str_eq(file_beside(&arena, STR("/a/config"), STR("/etc/ca")).at, "/etc/ca");
    ck_assert_str_eq(file_beside(&arena, STR("/a/config"), STR("~/ca")).at, "/home/u/ca");
    ck_assert_str_eq(file_beside(&arena, STR("~/.kube/config"), STR("ca")).at, "/home/u/.kube/ca");
    ck_assert_str_eq(file_beside(&arena, STR("config"), STR("ca")).at, "ca");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file");
    TCase *cases = tcase_create("file");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, reads_whole_files);
    tcase_add_test(cases, reads_more_than_one_chunk);
    tcase_add_test(cases, says_why_a_file_is_not_read);
    tcase_add_test(cases, does_not_wait_for_pipes);
    tcase_add_test(cases, says_missing_only_where_nothing_is_there);
    tcase_add_test(cases, says_when_reading_breaks_half_way);
    tcase_add_test(cases, expands_the_home_folder);
    tcase_add_test(cases, finds_files_beside_a_file);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
