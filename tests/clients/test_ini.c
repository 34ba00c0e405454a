/* The shared files' format: what it allows, and where it says no. */
#include "clients/ini.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static struct arena arena;
static struct str why;

static void begin(void)
{
    arena = arena_make(NULL);
    why = (struct str){ 0 };
}

static void end(void)
{
    arena_release(&arena);
}

static const struct ini *parse(const char *text)
{
    return ini_parse(&arena, str_of(text), STR("/home/me/.aws/config"), &why);
}

static void expect(const struct ini *ini, const char *section, const char *name, const char *wanted)
{
    ck_assert_msg(ini != NULL, "%s", why.at ? why.at : "");
    struct str value = ini_value(ini_section_find(ini, str_of(section)), name);
    if (!wanted)
        ck_assert_ptr_null(value.at);
    else
        ck_assert_msg(str_is(value, wanted), "[%s] %s is \"%.*s\", not \"%s\"", section, name,
                      STR_ARG(value), wanted);
}

START_TEST(plain_files)
{
    const struct ini *ini = parse("# first\n"
                                  "[default]\n"
                                  "region = eu-west-1\n"
                                  "; a comment\n"
                                  "  # an indented comment\n"
                                  "\n"
                                  "output=json\n"
                                  "[profile dev]\n"
                                  "REGION =  us-east-1  \n"
                                  "empty =\n");
    expect(ini, "default", "region", "eu-west-1");
    expect(ini, "default", "output", "json");
    expect(ini, "profile dev", "region", "us-east-1");
    expect(ini, "profile dev", "empty", "");
    expect(ini, "profile dev", "absent", NULL);
    expect(ini, "other", "region", NULL);
    ck_assert_uint_eq(ini_section_find(ini, STR("profile dev"))->line, 8);
    ck_assert_uint_eq(ini_entry_find(ini_section_find(ini, STR("profile dev")), "region")->line, 9);
}
END_TEST

START_TEST(odd_but_legal)
{
    expect(parse("\xef\xbb\xbf[default]\r\nregion = a\r\n"), "default", "region", "a");
    expect(parse("[default]\nregion = a"), "default", "region", "a");
    expect(parse(""), "default", "region", NULL);
    expect(parse("\n\n#only\n"), "default", "region", NULL);
    expect(parse("[ profile \t \"my dev\" ]\nk = v\n"), "profile my dev", "k", "v");
    expect(parse("[default] # yes [really]\nk = v\n"), "default", "k", "v");
    expect(parse("[default];x\nk = v\n"), "default", "k", "v");
    expect(parse("[a]\nk = 1\n[b]\nk = 2\n[a]\nj = 3\nk = 4\n"), "a", "k", "4");
    expect(parse("[a]\nk = 1\n[b]\nk = 2\n[a]\nj = 3\n"), "a", "k", "1");
}
END_TEST

START_TEST(comments_within_values)
{
    const struct ini *ini = parse("[a]\none = v # c\ntwo = v#no\nthree = v\t; c\nfour = # c\n"
                                  "five = a=b==\n");
    expect(ini, "a", "one", "v");
    expect(ini, "a", "two", "v#no");
    expect(ini, "a", "three", "v");
    expect(ini, "a", "four", "");
    expect(ini, "a", "five", "a=b==");
}
END_TEST

START_TEST(nested_values)
{
    const struct ini *ini = parse("[services dev]\n"
                                  "eks =\n"
                                  "  endpoint_url = http://127.0.0.1:1 # local\n"
                                  "  # comment\n"
                                  "\tother = 2\n"
                                  "sts =\n"
                                  "  endpoint_url = http://127.0.0.1:2\n"
                                  "long = first\n"
                                  "  second\n");
    ck_assert_ptr_nonnull(ini);
    const struct ini_section *section = ini_section_find(ini, STR("services dev"));
    ck_assert(str_is(ini_nested_value(section, "eks", "endpoint_url"), "http://127.0.0.1:1"));
    ck_assert(str_is(ini_nested_value(section, "eks", "other"), "2"));
    ck_assert(str_is(ini_nested_value(section, "sts", "endpoint_url"), "http://127.0.0.1:2"));
    ck_assert_ptr_null(ini_nested_value(section, "sts", "other").at);
    ck_assert_ptr_null(ini_nested_value(section, "none", "other").at);
    ck_assert_ptr_null(ini_nested_value(NULL, "none", "other").at);
    expect(ini, "services dev", "long", "first\nsecond");
}
END_TEST

START_TEST(mistakes_name_file_and_line)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        { "region = a\n", "line 1" },
        { "[default]\nregion\n", "line 2: expected name = value" },
        { "[default]\n= a\n", "line 2: a name is missing" },
        { "[default\nk = v\n", "line 1: a section has to be" },
        { "[default # x]\nk = v\n", "line 1: a section has to be" },
        { "[default] x\n", "line 1: a section has to be" },
        { "[]\n", "line 1: the section has no name" },
        { "[a]\n  k = v\n", "line 2: an indented line" },
        { "[a]\nk =\n  what\n", "line 3: expected name = value" },
        { "[a]\n\xff\xfe = 1\n", "line 2: it holds bytes" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        why = (struct str){ 0 };
        ck_assert_msg(!parse(rows[i].text), "accepted: %s", rows[i].text);
        ck_assert_msg(str_contains(why, rows[i].words), "%s", why.at);
        ck_assert(str_contains(why, "/home/me/.aws/config"));
    }
    ck_assert_ptr_null(ini_parse(&arena, (struct str){ "[a]\nk = \0x\n", 11 }, STR("f"), &why));
    ck_assert(str_contains(why, "line 2"));
}
END_TEST

START_TEST(any_bytes_are_survived)
{
    static const char alphabet[] = "[]=#; \t\n\ra\"'\\\xc3\x00x";
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)(rand() % 24);
        /* Exactly as long as the text, so that a read past its end is seen. */
        char *text = malloc(len ? len : 1);
        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        struct arena own = arena_make(NULL);
        why = (struct str){ 0 };
        const struct ini *ini = ini_parse(&own, (struct str){ text, len }, STR("f"), &why);
        ck_assert(ini || why.at);
        arena_release(&own);
        free(text);
    }
}
END_TEST

START_TEST(large_files)
{
    struct buf text = buf_make(&arena, BUF_LIMIT);
    for (int i = 0; i < 2000; i++)
        buf_print(&text, "[profile p%d]\nregion = r%d\n", i, i);
    const struct ini *ini = ini_parse(&arena, buf_str(&text), STR("f"), &why);
    expect(ini, "profile p1999", "region", "r1999");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ini");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, plain_files);
    tcase_add_test(tests, odd_but_legal);
    tcase_add_test(tests, comments_within_values);
    tcase_add_test(tests, nested_values);
    tcase_add_test(tests, mistakes_name_file_and_line);
    tcase_add_test(tests, any_bytes_are_survived);
    tcase_add_test(tests, large_files);
    Suite *suite = suite_create("ini");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
