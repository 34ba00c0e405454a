/* The JSON tokenizer. */
#include "schema/json_text.h"

#include <check.h>
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

static struct json_text text_of(const char *text)
{
    return (struct json_text){ .call = &call, .text = str_of(text), .what = "the test" };
}

static const struct {
    const char *json;
    const char *value; /* NULL: refused */
} strings[] = {
    { "\"\"", "" },
    { " \"a b\"", "a b" },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
    { "\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC" },
    { "\"x\\ud83d\\uDE00y\"", "x\xF0\x9F\x98\x80y" },
    { "\"\\uffff\"", "\xEF\xBF\xBF" },
    { "\"\xC3\xA9\"", "\xC3\xA9" },
    { "\"\x7f\"", "\x7f" },
    { "\"\\ud83d\"", NULL },
    { "\"\\ud83dx\"", NULL },
    { "\"\\ud83d\\u0041\"", NULL },
    { "\"\\ude00\"", NULL },
    { "\"\\u12\"", NULL },
    { "\"\\u12g4\"", NULL },
    { "\"\\x41\"", NULL },
    { "\"\\", NULL },
    { "\"a", NULL },
    { "\"a\nb\"", NULL },
    { "\"\xff\"", NULL },
    { "\"\xed\xa0\x80\"", NULL },
    { "\"\xc0\x80\"", NULL },
    { "a", NULL },
    { "", NULL },
    { "'a'", NULL },
};

START_TEST(reads_strings)
{
    struct json_text text = text_of(strings[_i].json);
    struct str value;
    bool read = json_text_string(&text, NULL, &value);
    ck_assert_msg(read == (strings[_i].value != NULL), "%s", strings[_i].json);
    ck_assert_uint_eq(call.errors, !read);
    if (read) {
        ck_assert_msg(str_is(value, strings[_i].value), "%s", strings[_i].json);
        ck_assert(json_text_end(&text, NULL));
    } else {
        ck_assert(str_contains(call.first->detail, "the test"));
    }
}
END_TEST

START_TEST(keeps_nul_in_strings)
{
    struct json_text text = text_of("\"a\\u0000b\"");
    struct str value;
    ck_assert(json_text_string(&text, NULL, &value));
    ck_assert(str_equal(value, STR("a\0b")));
}
END_TEST

static const struct {
    const char *json;
    const char *number; /* NULL: refused */
} numbers[] = {
    { "0", "0" },
    { "-0", "-0" },
    { "12,", "12" },
    { " 1.50e+10 ", "1.50e+10" },
    { "1E5]", "1E5" },
    { "01", "0" },
    { "-", NULL },
    { "+1", NULL },
    { ".5", NULL },
    { "1.", NULL },
    { "1e", NULL },
    { "1e+", NULL },
    { "", NULL },
    { "x", NULL },
    { "99999999999999999999.00", "99999999999999999999.00" },
};

START_TEST(reads_numbers)
{
    struct json_text text = text_of(numbers[_i].json);
    struct str value;
    bool read = json_text_number(&text, NULL, &value);
    ck_assert_msg(read == (numbers[_i].number != NULL), "%s", numbers[_i].json);
    ck_assert_uint_eq(call.errors, !read);
    if (read)
        ck_assert(str_is(value, numbers[_i].number));
}
END_TEST

static const struct {
    const char *json;
    bool valid;
} documents[] = {
    { "null", true },
    { " [ ] ", true },
    { "{\"a\":[1,{\"b\":\"\\u0041\"},true,false,null],\"c\":-1e5}", true },
    { "", false },
    { "nul", false },
    { "[1,]", false },
    { "[1 2]", false },
    { "[,1]", false },
    { "{\"a\"}", false },
    { "{\"a\":}", false },
    { "{\"a\":1,}", false },
    { "{a:1}", false },
    { "[1}", false },
    { "[", false },
    { "1 2", false },
    { "\"\\q\"", false },
    { "[[[[]]]]", true },
    { "[[[[[]]]]]", false },
    { "{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}", false },
};

START_TEST(skips_values)
{
    struct json_text text = text_of(documents[_i].json);
    bool skipped = json_text_skip(&text, NULL, 4) && json_text_end(&text, NULL);
    ck_assert_msg(skipped == documents[_i].valid, "%s", documents[_i].json);
    ck_assert_uint_eq(call.errors, !skipped);
}
END_TEST

START_TEST(takes_tokens)
{
    struct json_text text = text_of(" { \"a\" : true , \"b\":null}");
    struct str name;
    bool more;
    ck_assert_int_eq(json_text_peek(&text), '{');
    ck_assert(!json_text_take(&text, "["));
    ck_assert(json_text_expect(&text, NULL, "{"));
    ck_assert(json_text_next(&text, NULL, "}", true, &more) && more);
    ck_assert(json_text_name(&text, NULL, &name) && str_is(name, "a"));
    ck_assert(json_text_take(&text, "true"));
    ck_assert(json_text_next(&text, NULL, "}", false, &more) && more);
    ck_assert(json_text_name(&text, NULL, &name) && str_is(name, "b"));
    ck_assert(!json_text_next(&text, NULL, "}", false, &more));
    ck_assert(json_text_take(&text, "null"));
    ck_assert(json_text_next(&text, NULL, "}", false, &more) && !more);
    ck_assert(json_text_end(&text, NULL));
    ck_assert_int_eq(json_text_peek(&text), '\0');
    ck_assert(!json_text_expect(&text, NULL, "}"));
    ck_assert_uint_eq(call.errors, 2);
    ck_assert_str_eq(call.last->summary.at, "Incomplete JSON");
    ck_assert(str_contains(call.last->detail, "'}'"));
}
END_TEST

START_TEST(writes_strings_that_read_back)
{
    const struct str given = STR("\0\x01\x1f \"\\/\n\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8\x7f");
    struct buf out = buf_make(&arena, BUF_LIMIT);
    struct str read;
    json_text_add_string(&out, given);
    struct json_text text = { .call = &call, .text = buf_str(&out), .what = "the test" };
    ck_assert(json_text_string(&text, NULL, &read));
    ck_assert(str_equal(read, given));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/json_text");
    TCase *cases = tcase_create("json_text");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_strings, 0, sizeof strings / sizeof *strings);
    tcase_add_test(cases, keeps_nul_in_strings);
    tcase_add_loop_test(cases, reads_numbers, 0, sizeof numbers / sizeof *numbers);
    tcase_add_loop_test(cases, skips_values, 0, sizeof documents / sizeof *documents);
    tcase_add_test(cases, takes_tokens);
    tcase_add_test(cases, writes_strings_that_read_back);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
