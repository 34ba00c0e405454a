/* Types: their JSON form, equality and names. */
#include "schema/type.h"

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

static const struct type *parse(const char *json)
{
    return type_parse(&call, str_of(json));
}

static const char *print(const struct type *type)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    type_print(&out, type);
    return buf_str(&out).at;
}

static const struct {
    const char *json;
    const char *printed;
    const char *name;
} forms[] = {
    { "\"string\"", "\"string\"", "string" },
    { " \"number\" ", "\"number\"", "number" },
    { "\"bool\"", "\"bool\"", "bool" },
    { "\"dynamic\"", "\"dynamic\"", "any type" },
    { "[\"list\",\"string\"]", "[\"list\",\"string\"]", "list of string" },
    { "[\"set\", \"number\"]", "[\"set\",\"number\"]", "set of number" },
    { "[\"map\",[\"map\",\"bool\"]]", "[\"map\",[\"map\",\"bool\"]]", "map of map of bool" },
    { "[\"tuple\",[]]", "[\"tuple\",[]]", "tuple" },
    { "[\"tuple\",[\"string\",[\"list\",\"dynamic\"]]]",
      "[\"tuple\",[\"string\",[\"list\",\"dynamic\"]]]", "tuple" },
    { "[\"object\",{}]", "[\"object\",{}]", "object" },
    { "[ \"object\" , { \"b\" : \"bool\" , \"a\" : \"string\" } ]",
      "[\"object\",{\"a\":\"string\",\"b\":\"bool\"}]", "object" },
    { "[\"object\",{\"a\":\"string\"},[\"a\"]]", "[\"object\",{\"a\":\"string\"}]", "object" },
    { "[\"list\",[\"object\",{\"q\\\"\\u00e9\":\"bool\"},[]]]",
      "[\"list\",[\"object\",{\"q\\\"\xC3\xA9\":\"bool\"}]]", "list of object" },
};

START_TEST(parses_prints_and_names)
{
    const struct type *type = parse(forms[_i].json);
    ck_assert_ptr_nonnull(type);
    ck_assert_str_eq(print(type), forms[_i].printed);
    ck_assert_str_eq(type_name(&arena, type).at, forms[_i].name);
    ck_assert(type_equal(type, parse(forms[_i].printed)));
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        ck_assert_int_eq(type_equal(type, parse(forms[i].json)),
                         strcmp(forms[_i].printed, forms[i].printed) == 0);
}
END_TEST

static const char *const invalid[] = {
    "",
    " ",
    "\"any\"",
    "\"list\"",
    "null",
    "7",
    "{}",
    "[]",
    "[\"list\"]",
    "[\"list\",]",
    "[\"list\",\"string\",\"string\"]",
    "[\"string\",\"string\"]",
    "[\"tuple\",\"string\"]",
    "[\"tuple\",[\"string\",]]",
    "[\"tuple\",[\"string\" \"string\"]]",
    "[\"object\",[]]",
    "[\"object\",{\"a\"}]",
    "[\"object\",{\"a\":}]",
    "[\"object\",{a:\"bool\"}]",
    "[\"object\",{\"a\":\"bool\",\"a\":\"bool\"}]",
    "[\"object\",{\"a\":\"bool\"},\"a\"]",
    "[\"object\",{\"a\":\"bool\"},[1]]",
    "[\"object\",{\"a\":\"bool\"},[],[]]",
    "\"string\" x",
    "\"string\"\"string\"",
    "\"string",
    "[\"map\",\"bool\"",
    "[1,\"bool\"]",
    "[\"map\" \"bool\"]",
    "\"\xff\"",
    "\"\\ud800\"",
    "\"\\q\"",
};

START_TEST(refuses_what_is_no_type)
{
    ck_assert_msg(!parse(invalid[_i]), "%s", invalid[_i]);
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

static struct str nested(size_t depth, const char *open, const char *close)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, open);
    buf_add_text(&out, "\"bool\"");
    for (size_t i = 0; i < depth; i++)
        buf_add_text(&out, close);
    return buf_str(&out);
}

START_TEST(limits_depth)
{
    const char *const object = "[\"object\",{\"a\":";
    ck_assert_ptr_nonnull(type_parse(&call, nested(TYPE_DEPTH_LIMIT, "[\"list\",", "]")));
    ck_assert_ptr_nonnull(type_parse(&call, nested(TYPE_DEPTH_LIMIT, object, "}]")));
    ck_assert_ptr_null(type_parse(&call, nested(TYPE_DEPTH_LIMIT + 1, "[\"list\",", "]")));
    ck_assert_ptr_null(type_parse(&call, nested(TYPE_DEPTH_LIMIT + 1, object, "}]")));
    ck_assert_ptr_null(type_parse(&call, nested(1000000, "[\"set\",", "]")));
    ck_assert_uint_eq(call.errors, 3);
    ck_assert_str_eq(call.last->summary.at, "Type nests too deep");
}
END_TEST

START_TEST(fails_at_every_truncation)
{
    const struct str whole =
        STR("[\"object\",{\"a\":[\"list\",\"string\"],\"b\":[\"tuple\",[\"bool\"]]},[\"a\"]]");
    for (size_t len = 0; len < whole.len; len++)
        ck_assert_ptr_null(type_parse(&call, str_slice(whole, 0, len)));
    ck_assert_uint_eq(call.errors, whole.len);
    ck_assert_ptr_nonnull(type_parse(&call, whole));
}
END_TEST

START_TEST(finds_members)
{
    const struct type *object =
        parse("[\"object\",{\"c\":\"bool\",\"a\":\"string\",\"b\":\"number\"}]");
    ck_assert_int_eq(type_member_find(object, STR("a"))->kind, TYPE_STRING);
    ck_assert_int_eq(type_member_find(object, STR("b"))->kind, TYPE_NUMBER);
    ck_assert_int_eq(type_member_find(object, STR("c"))->kind, TYPE_BOOL);
    ck_assert_ptr_null(type_member_find(object, STR("")));
    ck_assert_ptr_null(type_member_find(object, STR("bb")));
    ck_assert_ptr_null(type_member_find(object, STR("d")));
    ck_assert_ptr_null(type_member_find(parse("[\"tuple\",[\"bool\"]]"), STR("")));
}
END_TEST

START_TEST(offers_ready_types)
{
    ck_assert_str_eq(print(&type_string_list), "[\"list\",\"string\"]");
    ck_assert_str_eq(print(&type_string_set), "[\"set\",\"string\"]");
    ck_assert_str_eq(print(&type_string_map), "[\"map\",\"string\"]");
    ck_assert_str_eq(print(&type_number_list), "[\"list\",\"number\"]");
    ck_assert_str_eq(print(&type_number_map), "[\"map\",\"number\"]");
    ck_assert_str_eq(print(&type_string_map_map), "[\"map\",[\"map\",\"string\"]]");
    ck_assert_str_eq(print(&type_number_map_map), "[\"map\",[\"map\",\"number\"]]");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/type");
    TCase *cases = tcase_create("type");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, parses_prints_and_names, 0, sizeof forms / sizeof *forms);
    tcase_add_loop_test(cases, refuses_what_is_no_type, 0, sizeof invalid / sizeof *invalid);
    tcase_add_test(cases, limits_depth);
    tcase_add_test(cases, fails_at_every_truncation);
    tcase_add_test(cases, finds_members);
    tcase_add_test(cases, offers_ready_types);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
