/* Reading YAML: what scalars mean, what is refused and where, and writing strings. */
#include "base/yaml.h"

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

static void expect(const char *yaml, const char *json)
{
    json_t *value = yaml_parse(&call, NULL, str_of(yaml), "the test");
    ck_assert_msg(value != NULL, "%s: %s", yaml, call.first ? call.first->detail.at : "");
    struct str printed = json_print(&arena, value);
    ck_assert_msg(str_is(printed, json), "%s: %s, expected %s", yaml, printed.at, json);
    ck_assert_uint_eq(call.errors, 0);
}

static void expect_failure(struct str yaml, const char *part)
{
    struct call own = { .arena = &arena };
    ck_assert_msg(!yaml_parse(&own, NULL, yaml, "the test"), "%.*s", STR_ARG(yaml));
    ck_assert_uint_eq(own.errors, 1);
    ck_assert_msg(str_contains(own.first->detail, part), "%.*s: %s", STR_ARG(yaml),
                  own.first->detail.at);
    ck_assert(str_contains(own.first->detail, "the test"));
}

/* What sigs.k8s.io/yaml 1.6.0 gives for each, one by one. */
static const struct {
    const char *yaml;
    const char *json;
} scalars[] = {
    { "yes", "true" },
    { "Yes", "true" },
    { "y", "true" },
    { "ON", "true" },
    { "True", "true" },
    { "no", "false" },
    { "N", "false" },
    { "off", "false" },
    { "FALSE", "false" },
    { "tRue", "\"tRue\"" },
    { "yEs", "\"yEs\"" },
    { "~", "null" },
    { "null", "null" },
    { "Null", "null" },
    { "NULL", "null" },
    { "nUll", "\"nUll\"" },
    { "0", "0" },
    { "-1", "-1" },
    { "+1", "1" },
    { "0755", "493" },
    { "0o17", "15" },
    { "0x1F", "31" },
    { "-0x1f", "-31" },
    { "0b101", "5" },
    { "-0b101", "-5" },
    { "0b102", "\"0b102\"" },
    { "08", "8" },
    { "0x", "\"0x\"" },
    { "0xg", "\"0xg\"" },
    { "1_000", "1000" },
    { "_1", "\"_1\"" },
    { "9223372036854775807", "9223372036854775807" },
    { "-9223372036854775808", "-9223372036854775808" },
    { "+0xFFFFFFFFFFFFFFFF", "\"+0xFFFFFFFFFFFFFFFF\"" },
    { ".5", "0.5" },
    { "-.5", "-0.5" },
    { ".2_5", "0.25" },
    { "._5", "\"._5\"" },
    { "1.", "1" },
    { ".", "\".\"" },
    { "-", "[null]" },
    { "1e3", "1000" },
    { "1E+3", "1000" },
    { "2.5", "2.5" },
    { "1e", "\"1e\"" },
    { "1e400", "\"1e400\"" },
    { "-0", "0" },
    { "1.2.3", "\"1.2.3\"" },
    { "0x1p4", "\"0x1p4\"" },
    { "2001-01-01", "\"2001-01-01\"" },
    { "2001-01-01T00:00:00Z", "\"2001-01-01T00:00:00Z\"" },
    { "12:30:45", "\"12:30:45\"" },
    { "1g.5gb", "\"1g.5gb\"" },
    { "inf", "\"inf\"" },
    { "<<", "\"<<\"" },
    { "'yes'", "\"yes\"" },
    { "\"0755\"", "\"0755\"" },
    { "''", "\"\"" },
    { "\"a\\0b\\x41\\u00e9\\n\"", "\"a\\u0000bA\xC3\xA9\\n\"" },
    { "!!str 5", "\"5\"" },
    { "!!str", "\"\"" },
    { "! 5", "\"5\"" },
    { "!!int \"5\"", "5" },
    { "!!float 5", "5" },
    { "!!bool yes", "true" },
    { "!!null ~", "null" },
};

START_TEST(types_scalars)
{
    expect(scalars[_i].yaml, scalars[_i].json);
}
END_TEST

START_TEST(reads_documents)
{
    expect("", "null");
    expect("# only a comment\n", "null");
    expect("---\n", "null");
    expect("--- a\n...\n", "\"a\"");
    expect("\xEF\xBB\xBF"
           "a: 1",
           "{\"a\":1}");
    expect("%YAML 1.1\n---\na: 1", "{\"a\":1}");
    ck_assert_ptr_nonnull(yaml_parse(&call, NULL, (struct str){ 0 }, "nothing"));
}
END_TEST

START_TEST(reads_collections)
{
    expect("a:\n- x\n- w: 1\n  z: [1, {b: c}]\nd: {}\ne: []\nf:\n",
           "{\"a\":[\"x\",{\"w\":1,\"z\":[1,{\"b\":\"c\"}]}],\"d\":{},\"e\":[],\"f\":null}");
    expect("!!map {a: !!seq [1]}", "{\"a\":[1]}");
    expect("? a\n: b", "{\"a\":\"b\"}");
    expect("a: |\n  one\n   two\nb: >-\n  fold\n  ed\nc: |+\n  x\n\n",
           "{\"a\":\"one\\n two\\n\",\"b\":\"fold ed\",\"c\":\"x\\n\\n\"}");
}
END_TEST

START_TEST(turns_keys_into_text)
{
    expect("yes: 1", "{\"true\":1}");
    expect("off: 1", "{\"false\":1}");
    expect("0x10: 1", "{\"16\":1}");
    expect("1.50: 1", "{\"1.5\":1}");
    expect("1e3: 1", "{\"1000\":1}");
    expect("1e6: 1", "{\"1e+06\":1}");
    expect("0.00001: 1", "{\"1e-05\":1}");
    expect("1234567.5: 1", "{\"1.2345675e+06\":1}");
    expect(".inf: 1", "{\".inf\":1}");
    expect("-.inf: 1", "{\"-.inf\":1}");
    expect(".nan: 1", "{\".nan\":1}");
    expect("1e300: 1", "{\".inf\":1}");
    expect("'<<': 1", "{\"<<\":1}");
    expect("nvidia.com/gpu: 10", "{\"nvidia.com/gpu\":10}");
}
END_TEST

START_TEST(refuses)
{
    expect_failure(STR("a: 1\nb: 2\na: 3"), "line 3, column 1");
    expect_failure(STR("1: a\n'1': b"), "line 2, column 1");
    expect_failure(STR("a: &x 1\n"), "line 1, column 4: expected no anchor");
    expect_failure(STR("a: &x [1]\n"), "expected no anchor");
    expect_failure(STR("&x a: 1\n"), "expected no anchor");
    expect_failure(STR("a: *x\n"), "line 1, column 4: expected no alias");
    expect_failure(STR("*x : 1\n"), "expected no alias");
    expect_failure(STR("a: 1\n<<: {b: 1}"), "line 2, column 1: expected no merge key");
    expect_failure(STR("a: 1\n---\nb: 1"), "line 2, column 1: expected one document");
    expect_failure(STR("[a]: 1"), "expected a scalar as key");
    expect_failure(STR("? {a: 1}\n: 1"), "expected a scalar as key");
    expect_failure(STR("~: 1"), "expected a key, found null");
    expect_failure(STR("\"a\\0\": 1"), "without NUL");
    expect_failure(STR("a: .inf"), "line 1, column 4: expected a finite number");
    expect_failure(STR("a: .nan"), "expected a finite number");
    expect_failure(STR("a: 9223372036854775808"), "at most 9223372036854775807");
    expect_failure(STR("0xFFFFFFFFFFFFFFFF: a"), "at most 9223372036854775807");
    expect_failure(STR("a: !!int x"), "does not fit its tag");
    expect_failure(STR("a: !!bool 1"), "does not fit its tag");
    expect_failure(STR("a: !!int 1.5"), "does not fit its tag");
    expect_failure(STR("a: !!null x"), "does not fit its tag");
    expect_failure(STR("a: !!binary aGk="), "line 1, column 4: expected no tag");
    expect_failure(STR("a: !!timestamp 2001-01-01"), "expected no tag");
    expect_failure(STR("a: !mine 1"), "expected no tag");
    expect_failure(STR("!!set {a, b}"), "expected no tag");
    expect_failure(STR("!!map [a]"), "expected no tag");
    expect_failure(STR("\ta: 1"), "line 1, column 1");
    expect_failure(STR("a: b: c"), "line 1, column 5");
    expect_failure(STR("a: 'x"), "line 1");
    expect_failure(STR("a: [1, 2"), "line 2, column 1");
    expect_failure(STR("a: {b: 1"), "line 2, column 1");
    expect_failure(STR("a: %x"), "line 1, column 4");
    expect_failure(STR("a: \"\\ud800\""), "line 1");
    expect_failure(STR("a: 1\nb: x\0y"), "line 2, column 5");
    expect_failure(STR("a: 1\n\nb: \xff"), "line 3, column 4");
    expect_failure(STR("\x7f"
                       "ELF\x01\x02"),
                   "line 1, column 1");
}
END_TEST

static struct str repeat(const char *text, size_t count)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < count; i++)
        buf_add_text(&out, text);
    return buf_str(&out);
}

START_TEST(limits_depth)
{
    struct str open = repeat("[", JSON_DEPTH_LIMIT);
    struct str shut = repeat("]", JSON_DEPTH_LIMIT);
    expect(str_print(&arena, "%s%s", open.at, shut.at).at,
           str_print(&arena, "%s%s", open.at, shut.at).at);
    expect_failure(str_print(&arena, "[%s%s]", open.at, shut.at), "at most 512 levels");
    ck_assert_ptr_null(yaml_parse(&call, NULL, repeat("{a: ", 100000), "deep"));
    ck_assert_ptr_null(yaml_parse(&call, NULL, repeat("- ", 100000), "deep"));
    ck_assert_uint_eq(call.errors, 2);
}
END_TEST

START_TEST(reads_a_large_document)
{
    json_t *value = yaml_parse(&call, NULL, repeat("- {a: 1, b: two}\n", 100000), "large");
    ck_assert_uint_eq(json_array_size(value), 100000);
    ck_assert_str_eq(json_str_at(value, "99999.b").at, "two");
}
END_TEST

/* Every prefix is either a document or exactly one error; the sanitizers see the rest. */
START_TEST(survives_truncation)
{
    const struct str whole = STR("version: v1\nsharing:\n  timeSlicing:\n    resources:\n"
                                 "    - {name: \"nvidia.com/gpu\", replicas: 10}\n"
                                 "    note: |\n      text\n    x: 'it''s'\n    !!str y: ! z\n");
    for (size_t len = 0; len <= whole.len; len++) {
        unsigned errors = call.errors;
        bool read = yaml_parse(&call, NULL, str_slice(whole, 0, len), "a part") != NULL;
        ck_assert_uint_eq(call.errors - errors, read ? 0 : 1);
    }
    ck_assert_uint_gt(call.errors, 10);
}
END_TEST

static const char *const strings[] = {
    "",
    "a",
    "yes",
    "n",
    "null",
    "~",
    "10",
    "1e3",
    "0x1f",
    "1g.5gb",
    "all-1g.5gb",
    "nvidia.com/gpu",
    "/dev/nvidia0",
    "a: b",
    "a #b",
    "- a",
    "{a}",
    "[",
    "*a",
    "&a",
    "!a",
    "%a",
    "@a",
    "`a",
    " a ",
    "a\nb\n",
    "a\tb",
    "\"q\" \\b",
    "'",
    "\x01\x1f\x7f",
    "gr\xC3\xB6\xC3\x9Fx",
    "\xC2\x85\xC2\xA0",
    "\xE2\x80\xA8\xE2\x80\xA9",
    "\xEF\xBB\xBFx",
    "\xEF\xBF\xBE\xEF\xBF\xBF",
    "\xF0\x9F\x98\x80",
    "2001-01-01",
    "a:",
    "?",
    "<<",
    "=",
    ".inf",
    "line1\r\nline2",
    "true",
    "Off",
    "12:30:45",
    "#",
    "---",
    "...",
    "a,b",
    "None",
    "\xE5\x90\x8D",
};

START_TEST(writes_strings_that_read_back)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&out, "k: [");
    yaml_add_string(&out, str_of(strings[_i]));
    buf_add_text(&out, ", ");
    yaml_add_string(&out, str_of(strings[_i]));
    buf_add_text(&out, "]\n");
    struct str text = buf_str(&out);
    const json_t *value = yaml_parse(&call, NULL, text, "the test");
    ck_assert_msg(value != NULL, "%s: %s", text.at, call.first ? call.first->detail.at : "");
    ck_assert_str_eq(json_str_at(value, "k.0").at, strings[_i]);
    ck_assert_str_eq(json_str_at(value, "k.1").at, strings[_i]);
}
END_TEST

START_TEST(writes_plain_where_that_is_safe)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    yaml_add_string(&out, STR("nvidia.com/gpu"));
    buf_add_byte(&out, ' ');
    yaml_add_string(&out, STR("no"));
    buf_add_byte(&out, ' ');
    yaml_add_string(&out, STR("7"));
    buf_add_byte(&out, ' ');
    yaml_add_string(&out, STR("a\0\nb\xE2\x80\xA8"));
    ck_assert_str_eq(buf_str(&out).at, "nvidia.com/gpu \"no\" \"7\" \"a\\u0000\\nb\\u2028\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base/yaml");
    TCase *cases = tcase_create("yaml");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, types_scalars, 0, sizeof scalars / sizeof *scalars);
    tcase_add_test(cases, reads_documents);
    tcase_add_test(cases, reads_collections);
    tcase_add_test(cases, turns_keys_into_text);
    tcase_add_test(cases, refuses);
    tcase_add_test(cases, limits_depth);
    tcase_add_test(cases, reads_a_large_document);
    tcase_add_test(cases, survives_truncation);
    tcase_add_loop_test(cases, writes_strings_that_read_back, 0, sizeof strings / sizeof *strings);
    tcase_add_test(cases, writes_plain_where_that_is_safe);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
