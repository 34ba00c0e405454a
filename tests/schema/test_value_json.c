/* Values in the JSON form of state files. */
#include "schema/codec.h"

#include <check.h>
#include <pthread.h>
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

static const struct type *type_of(const char *json)
{
    const struct type *type = type_parse(&call, str_of(json));
    ck_assert_msg(type != NULL, "%s", json);
    return type;
}

/* Types are made here, because type_parse has a limit of its own. */
static const struct type *nested_list(size_t depth)
{
    const struct type *type = &type_string;
    for (size_t i = 0; i < depth; i++) {
        struct type *list = ARENA_NEW(&arena, struct type);
        *list = (struct type){ .kind = TYPE_LIST, .element = type };
        type = list;
    }
    return type;
}

/* Runs RUN on a stack of 1 MiB. */
static void on_small_stack(void *(*run)(void *))
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
    ck_assert_int_eq(pthread_create(&thread, &attributes, run, NULL), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static const struct value *decode(const char *type, const char *json)
{
    return value_from_json(&call, type_of(type), str_of(json), false);
}

static const char *encode(const struct type *type, const struct value *v)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    value_to_json(&out, type, v);
    return buf_str(&out).at;
}

/* JSON text and what our own text for its value is. */
static const struct {
    const char *type;
    const char *json;
    const char *printed;
} forms[] = {
    { "\"string\"", "\"hi\"", "\"hi\"" },
    { "\"string\"", " null ", "null" },
    { "\"string\"", "\"e\\u0301\"", "\"\xC3\xA9\"" },
    { "\"string\"", "\"\\ud83d\\ude00\"", "\"\xF0\x9F\x98\x80\"" },
    { "\"string\"", "\"a\\u0000\\n\\\"\\\\\"", "\"a\\u0000\\u000a\\\"\\\\\"" },
    { "\"number\"", "0.10", "0.1" },
    { "\"number\"", "-0", "0" },
    { "\"number\"", "1e3", "1000" },
    { "\"number\"", "9223372036854775808", "9223372036854775808" },
    { "\"number\"", "1e500", "1e500" },
    { "\"number\"", "3.14159265358979323846264338327950288",
      "3.14159265358979323846264338327950288" },
    { "\"bool\"", "true", "true" },
    { "\"bool\"", "false", "false" },
    { "[\"list\",\"string\"]", "[\"b\",\"a\",null,\"b\"]", "[\"b\",\"a\",null,\"b\"]" },
    { "[\"set\",\"string\"]", "[\"b\",\"a\",\"b\"]", "[\"a\",\"b\"]" },
    { "[\"set\",\"number\"]", "[10,9.0,9]", "[9,10]" },
    { "[\"list\",\"bool\"]", "[ ]", "[]" },
    { "[\"tuple\",[\"string\",\"number\"]]", "[\"a\",1]", "[\"a\",1]" },
    { "[\"tuple\",[]]", "[]", "[]" },
    { "[\"map\",\"bool\"]", "{\"b\":true,\"a\":false}", "{\"a\":false,\"b\":true}" },
    { "[\"map\",\"bool\"]", "{\"\":null,\"e\\u0301\":true}", "{\"\":null,\"\xC3\xA9\":true}" },
    { "[\"object\",{\"a\":\"string\",\"b\":[\"list\",\"number\"]}]", "{\"b\":[1],\"a\":null}",
      "{\"a\":null,\"b\":[1]}" },
    { "[\"object\",{}]", "{}", "{}" },
    { "\"dynamic\"", "null", "null" },
    { "\"dynamic\"", "{\"value\":\"x\",\"type\":\"string\"}",
      "{\"value\":\"x\",\"type\":\"string\"}" },
    { "\"dynamic\"", "{\"type\":\"string\",\"value\":\"x\"}",
      "{\"value\":\"x\",\"type\":\"string\"}" },
    { "\"dynamic\"", "{\"value\":null,\"type\":[\"list\",\"bool\"]}",
      "{\"value\":null,\"type\":[\"list\",\"bool\"]}" },
    { "\"dynamic\"",
      "{ \"value\" : {\"a\":[1,{}]} , "
      "\"type\" : [\"object\",{\"a\":[\"tuple\",[\"number\",[\"object\",{}]]]}] }",
      "{\"value\":{\"a\":[1,{}]},\"type\":[\"object\",{\"a\":[\"tuple\",[\"number\","
      "[\"object\",{}]]]}]}" },
    { "[\"list\",\"dynamic\"]",
      "[{\"value\":{\"value\":1,\"type\":\"number\"},\"type\":\"dynamic\"}]",
      "[{\"value\":1,\"type\":\"number\"}]" },
};

START_TEST(reads_and_writes)
{
    const struct type *type = type_of(forms[_i].type);
    const struct value *v = value_from_json(&call, type, str_of(forms[_i].json), false);
    ck_assert_msg(v != NULL, "%s: %s", forms[_i].json, call.first ? call.first->detail.at : "");
    ck_assert_str_eq(encode(type, v), forms[_i].printed);
    const struct value *again = value_from_json(&call, type, str_of(forms[_i].printed), true);
    ck_assert(value_equal(v, again));
    struct str json = str_of(forms[_i].json);
    for (size_t len = 0; len < json.len; len++)
        if (!str_equal(str_trim(str_slice(json, 0, len)), str_trim(json))) {
            unsigned before = call.errors;
            const struct value *part = value_from_json(&call, type, str_slice(json, 0, len), false);
            ck_assert(!part || type->kind == TYPE_NUMBER);
            ck_assert_uint_eq(call.errors - before, !part);
        }
}
END_TEST

static const struct {
    const char *type;
    const char *json;
    const char *part; /* of the message */
} refused[] = {
    { "\"string\"", "", "ends after 0 bytes" },
    { "\"string\"", "7", "Expected a string" },
    { "\"string\"", "true", "Expected a string" },
    { "\"string\"", "\"a\" x", "Expected the end" },
    { "\"string\"", "nul", "Expected a string" },
    { "\"string\"", "\"\\ud800\"", "escape" },
    { "\"string\"", "\"\xff\"", "UTF-8" },
    { "\"number\"", "\"7\"", "Expected a number" },
    { "\"number\"", "NaN", "Expected a number" },
    { "\"number\"", "-Infinity", "Expected a number" },
    { "\"number\"", "1e999999999999", "too large" },
    { "\"number\"", "01", "Expected the end" },
    { "\"bool\"", "\"true\"", "Expected true or false" },
    { "\"bool\"", "1", "Expected true or false" },
    { "[\"list\",\"string\"]", "{}", "'['" },
    { "[\"list\",\"string\"]", "[1]", "Expected a string" },
    { "[\"list\",\"string\"]", "[\"a\",]", "Expected a string" },
    { "[\"list\",\"string\"]", "[\"a\" \"b\"]", "Expected a comma" },
    { "[\"tuple\",[\"string\"]]", "[]", "Expected 1 elements" },
    { "[\"tuple\",[\"string\"]]", "[\"a\",\"b\"]", "the end of the elements" },
    { "[\"map\",\"string\"]", "[]", "'{'" },
    { "[\"map\",\"string\"]", "{\"a\":\"x\",\"a\":\"y\"}", "found one twice" },
    { "[\"map\",\"string\"]", "{\"a\"}", "':'" },
    { "[\"object\",{\"a\":\"string\"}]", "{}", "all 1 attributes" },
    { "[\"object\",{\"a\":\"string\"}]", "{\"b\":\"x\"}", "found \"b\"" },
    { "[\"object\",{\"a\":\"string\"}]", "{\"a\":\"x\",\"a\":\"x\"}", "found one twice" },
    { "\"dynamic\"", "\"x\"", "'{'" },
    { "\"dynamic\"", "{}", "type and value" },
    { "\"dynamic\"", "{\"value\":1}", "type and value" },
    { "\"dynamic\"", "{\"type\":\"number\"}", "type and value" },
    { "\"dynamic\"", "{\"type\":\"number\",\"value\":1,\"x\":1}", "type and value once" },
    { "\"dynamic\"", "{\"type\":\"number\",\"value\":1,\"value\":1}", "type and value once" },
    { "\"dynamic\"", "{\"type\":\"any\",\"value\":1}", "another name" },
    { "\"dynamic\"", "{\"type\":\"string\",\"value\":1}", "Expected a string" },
};

START_TEST(refuses)
{
    ck_assert_msg(!decode(refused[_i].type, refused[_i].json), "%s", refused[_i].json);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(str_contains(call.first->detail, refused[_i].part), "%s: %s", refused[_i].json,
                  call.first->detail.at);
}
END_TEST

START_TEST(reads_states_of_other_versions)
{
    const struct type *type =
        type_of("[\"object\",{\"a\":\"string\",\"b\":[\"object\",{\"c\":\"bool\"}]}]");
    const struct str json = STR("{\"old\":[1,{\"x\":\"y\"}],\"b\":{\"gone\":null},\"z\":1e5}");
    const struct value *v = value_from_json(&call, type, json, true);
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(encode(type, v), "{\"a\":null,\"b\":{\"c\":null}}");
    ck_assert_ptr_null(value_from_json(&call, type, json, false));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_null(value_from_json(&call, type, STR("{\"old\":[1,}"), true));
    ck_assert_ptr_null(value_from_json(&call, type, STR("{\"a\":\"x\",\"a\":null}"), true));
    ck_assert_uint_eq(call.errors, 3);
}
END_TEST

START_TEST(names_the_place)
{
    ck_assert_ptr_null(
        decode("[\"object\",{\"a\":[\"map\",[\"list\",\"bool\"]]}]", "{\"a\":{\"k\":[true,1]}}"));
    ck_assert_str_eq(path_print(&arena, call.first->at).at, "a[\"k\"][1]");
}
END_TEST

START_TEST(writes_nothing_unknown)
{
    ck_assert_str_eq(encode(&type_string, &value_unknown), "null");
    ck_assert_str_eq(encode(&type_dynamic, &value_unknown), "null");
    const struct type *object = type_of("[\"object\",{\"a\":\"bool\",\"b\":\"bool\"}]");
    ck_assert_str_eq(encode(object, value_with(&arena, &value_null, STR("b"), &value_true)),
                     "{\"a\":null,\"b\":true}");
    ck_assert_str_eq(encode(type_of("[\"tuple\",[\"bool\"]]"), &value_empty_sequence), "[null]");
}
END_TEST

static struct str nested(size_t depth, const char *open, const char *middle, const char *close)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, open);
    buf_add_text(&out, middle);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, close);
    return buf_str(&out);
}

static void *decode_deep(void *unused)
{
    const struct type *deepest = nested_list(VALUE_DEPTH_LIMIT);
    struct str json = nested(VALUE_DEPTH_LIMIT, "[", "\"\"", "]");
    const struct value *v = value_from_json(&call, deepest, json, false);
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(encode(deepest, v), json.at);
    ck_assert_ptr_null(value_from_json(&call, nested_list(VALUE_DEPTH_LIMIT + 1),
                                       nested(VALUE_DEPTH_LIMIT + 1, "[", "\"\"", "]"), false));
    ck_assert_ptr_null(value_from_json(
        &call, &type_dynamic, nested(100000, "{\"value\":", "1", ",\"type\":\"dynamic\"}"), false));
    ck_assert_ptr_null(value_from_json(
        &call, &type_dynamic, nested(100000, "{\"type\":\"dynamic\",\"value\":", "1", "}"), false));
    struct str type_text = nested(TYPE_DEPTH_LIMIT - 1, "[\"object\",{\"a\":", "\"bool\"", "}]");
    struct str whole = str_print(&arena, "{\"type\":%s,\"value\":null}", type_text.at);
    ck_assert_ptr_nonnull(value_from_json(&call, &type_dynamic, whole, false));
    struct str ignored = str_print(&arena, "{\"x\":%s}", nested(100000, "[", "", "]").at);
    const struct type empty = { .kind = TYPE_OBJECT };
    ck_assert_ptr_null(value_from_json(&call, &empty, ignored, true));
    return unused;
}

START_TEST(limits_depth)
{
    on_small_stack(decode_deep);
    ck_assert_uint_eq(call.errors, 4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/value_json");
    TCase *cases = tcase_create("value_json");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, reads_and_writes, 0, sizeof forms / sizeof *forms);
    tcase_add_loop_test(cases, refuses, 0, sizeof refused / sizeof *refused);
    tcase_add_test(cases, reads_states_of_other_versions);
    tcase_add_test(cases, names_the_place);
    tcase_add_test(cases, writes_nothing_unknown);
    tcase_add_test(cases, limits_depth);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
