/* Parsing, building, finding and printing of JSON API bodies. */
#include "base/json.h"

#include <check.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void teardown(void)
{
    arena_release(&arena);
}

static json_t *parse(const char *text)
{
    return json_parse(&call, NULL, str_of(text), "the test");
}

static void expect_round_trip(const char *text, const char *printed)
{
    json_t *value = parse(text);
    ck_assert_ptr_nonnull(value);
    ck_assert_str_eq(json_print(&arena, value).at, printed);
    ck_assert_uint_eq(call.errors, 0);
}

static void expect_failure(struct str text, const char *summary, const char *part)
{
    struct call own = { .arena = &arena };
    ck_assert_msg(!json_parse(&own, NULL, text, "the test"), "%.*s", STR_ARG(text));
    ck_assert_uint_eq(own.errors, 1);
    ck_assert_str_eq(own.first->summary.at, summary);
    ck_assert_msg(str_contains(own.first->detail, part), "%s", own.first->detail.at);
    ck_assert(str_contains(own.first->detail, "the test"));
    ck_assert_ptr_null(json_try_parse(&arena, text));
}

START_TEST(parses_and_prints)
{
    expect_round_trip("{\"b\": [1, -2.5, true, false, null], \"a\": \"x\"}",
                      "{\"a\":\"x\",\"b\":[1,-2.5,true,false,null]}");
    expect_round_trip(" \"alone\" ", "\"alone\"");
    expect_round_trip("9223372036854775807", "9223372036854775807");
    expect_round_trip("\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"");
    expect_round_trip("\"a\\u0000b\"", "\"a\\u0000b\"");
    ck_assert_uint_eq(json_str(parse("\"a\\u0000b\"")).len, 3);
}
END_TEST

START_TEST(refuses_what_is_no_json)
{
    expect_failure(STR(""), "Incomplete JSON", "after 0 bytes");
    expect_failure(STR("  \n"), "Incomplete JSON", "too early");
    expect_failure(STR("{\"a\":"), "Incomplete JSON", "after 5 bytes");
    expect_failure(STR("{\n  \"a\": }"), "Invalid JSON", "line 2, column 8");
    expect_failure(STR("{\"a\":1,\"a\":2}"), "Invalid JSON", "duplicate object key");
    expect_failure(STR("[1] x"), "Invalid JSON", "end of file expected");
    expect_failure(STR("\"\xff\""), "Invalid JSON", "line 1");
    expect_failure(STR("[1\0]"), "Invalid JSON", "NUL byte at offset 2");
    expect_failure(STR("9223372036854775808"), "Invalid JSON", "too big integer");
    expect_failure(STR("1e999"), "Invalid JSON", "overflow");
    expect_failure(STR("\"\\ud800\""), "Invalid JSON", "line 1");
    expect_failure(((struct str){ NULL, 0 }), "Incomplete JSON", "too early");
}
END_TEST

START_TEST(keeps_content_out_of_messages)
{
    ck_assert_ptr_null(parse("{\"token\": hunter2secret}"));
    ck_assert(!str_contains(call.first->detail, "hunter2"));
    ck_assert(!str_contains(call.first->detail, " near "));
}
END_TEST

static struct str nested(size_t depth, const char *open, const char *close)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, open);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, close);
    return buf_str(&out);
}

START_TEST(limits_depth)
{
    ck_assert_ptr_nonnull(json_try_parse(&arena, nested(JSON_DEPTH_LIMIT, "[", "]")));
    ck_assert_ptr_null(json_try_parse(&arena, nested(JSON_DEPTH_LIMIT + 1, "[", "]")));
    struct str deep = nested(1000000, "[", "]");
    ck_assert_ptr_null(json_parse(&call, NULL, deep, "it"));
    ck_assert_str_eq(call.first->summary.at, "JSON nests too deep");
    ck_assert_ptr_nonnull(json_try_parse(&arena, STR("[\"\\\"[[[\", [], [], {}]")));
    struct buf wide = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&wide, "[\"");
    buf_add_str(&wide, nested(1000, "[", "{"));
    buf_add_text(&wide, "\"");
    for (int i = 0; i < 1000; i++)
        buf_add_text(&wide, ",[]");
    buf_add_text(&wide, "]");
    ck_assert_ptr_nonnull(json_try_parse(&arena, buf_str(&wide)));
}
END_TEST

START_TEST(fails_at_every_truncation)
{
    const struct str whole = STR("{\"a\":[1,{\"b\":\"\\u00e9x\"},-0.5,true,null],\"c\":{}}");
    for (size_t len = 0; len < whole.len; len++)
        ck_assert_ptr_null(json_try_parse(&arena, str_slice(whole, 0, len)));
    ck_assert_ptr_nonnull(json_try_parse(&arena, whole));
}
END_TEST

START_TEST(builds)
{
    json_t *object = json_new_object(&arena);
    json_t *array = json_new_array(&arena);
    json_t *shared = json_new_str(&arena, STR("s"));
    json_add(&arena, array, json_new_int(&arena, INT64_MIN));
    json_add(&arena, array, json_new_bool(&arena, true));
    json_add(&arena, array, shared);
    json_set(&arena, object, "z", array);
    json_set(&arena, object, "a", json_new_bool(&arena, false));
    json_set(&arena, object, "a", shared);
    ck_assert_str_eq(json_print(&arena, object).at,
                     "{\"a\":\"s\",\"z\":[-9223372036854775808,true,\"s\"]}");
    ck_assert_str_eq(json_str(shared).at, "s");
    ck_assert_str_eq(json_print(&arena, json_new_str(&arena, (struct str){ 0 })).at, "\"\"");
    ck_assert_uint_eq(json_print(&arena, NULL).len, 0);
}
END_TEST

START_TEST(marks_bytes_that_are_no_text)
{
    json_t *value = json_new_str(&arena, STR("a\xff\xc3\xa9\xc3"));
    ck_assert_str_eq(json_str(value).at, "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD");
    json_t *object = json_new_object(&arena);
    json_set(&arena, object, "k\xff", value);
    ck_assert_ptr_nonnull(json_object_get(object, "k\xEF\xBF\xBD"));
}
END_TEST

START_TEST(finds_by_path)
{
    const json_t *root = parse("{\"a\":{\"b\":[{\"c\":\"x\"},7]},\"0\":\"zero\",\"\":\"empty\"}");
    ck_assert_str_eq(json_str_at(root, "a.b.0.c").at, "x");
    ck_assert_int_eq(json_integer_value(json_at(root, "a.b.1")), 7);
    ck_assert_str_eq(json_str_at(root, "0").at, "zero");
    ck_assert_str_eq(json_str_at(root, "").at, "empty");
    const char *const absent[] = { "x",     "a.x",       "a.b.2", "a.b.-1",
                                   "a.b.x", "a.b.0.c.d", "a..b",  "a.b.99999999999999999999" };
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_ptr_null(json_at(root, absent[i]));
    ck_assert_ptr_null(json_at(NULL, "a"));
    ck_assert_ptr_null(json_str(NULL).at);
    ck_assert_ptr_null(json_str_at(root, "a").at);
    ck_assert_ptr_null(json_str_at(root, "a.b.1").at);
}
END_TEST

START_TEST(jumps_when_memory_is_used_up)
{
    static jmp_buf here;
    static volatile int jumps;
    struct arena small = arena_make(&here);
    small.limit_bytes = 64 * 1024;
    jumps = 0;
    if (setjmp(here) == 0) {
        for (;;)
            (void)json_new_int(&small, 1);
    }
    jumps++;
    if (jumps == 1)
        (void)json_keep(&small, NULL);
    ck_assert_int_eq(jumps, 2);
    arena_release(&small);
}
END_TEST

START_TEST(jumps_when_a_print_does_not_fit)
{
    static jmp_buf here;
    struct arena small = arena_make(&here);
    json_t *value = parse("[]");
    for (int i = 0; i < 100000; i++)
        json_array_append_new(value, json_integer(i));
    small.limit_bytes = 64 * 1024;
    bool jumped = true;
    if (setjmp(here) == 0) {
        (void)json_print(&small, value);
        jumped = false;
    }
    ck_assert(jumped);
    arena_release(&small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/json");
    TCase *cases = tcase_create("json");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, parses_and_prints);
    tcase_add_test(cases, refuses_what_is_no_json);
    tcase_add_test(cases, keeps_content_out_of_messages);
    tcase_add_test(cases, limits_depth);
    tcase_add_test(cases, fails_at_every_truncation);
    tcase_add_test(cases, builds);
    tcase_add_test(cases, marks_bytes_that_are_no_text);
    tcase_add_test(cases, finds_by_path);
    tcase_add_test(cases, jumps_when_memory_is_used_up);
    tcase_add_test(cases, jumps_when_a_print_does_not_fit);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
