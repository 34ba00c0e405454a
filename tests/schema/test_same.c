/* Tests of semantic equality. */
#include "schema/same.h"

#include "tests/schema/suite.h"

static bool equal_in_any_case(struct str a, struct str b)
{
    return str_equal(str_lower(&arena, a), str_lower(&arena, b));
}

static const struct codec any_case = { .equal = equal_in_any_case };

static const struct attr taint_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { "effect", &type_string, REQUIRED, .codec = &any_case, .doc = "Effect." },
    { "value", &type_string, OPTIONAL, .doc = "Value." },
    { 0 },
};

static const struct attr rows[] = {
    { "word", &type_string, OPTIONAL, .codec = &any_case, .doc = "Word." },
    { "plain", &type_string, OPTIONAL, .doc = "Plain." },
    { "list", &type_string_list, OPTIONAL, .codec = &any_case, .doc = "List." },
    { "loose", &type_string_list, OPTIONAL | UNORDERED, .codec = &any_case, .doc = "Loose." },
    { "set", &type_string_set, OPTIONAL, .codec = &any_case, .doc = "Set." },
    { "map", &type_string_map, OPTIONAL, .codec = &any_case, .doc = "Map." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = taint_rows, .doc = "One." },
    { "step", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .doc = "Step." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .key = "key effect", .doc = "T." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = taint_rows, .doc = "Area." },
    { 0 },
};

static bool same(const char *a, const char *b)
{
    return same_object(rows, object_of(rows, a), object_of(rows, b));
}

START_TEST(codecs_decide_about_strings)
{
    ck_assert(same("{'word': 'a'}", "{'word': 'A'}"));
    ck_assert(!same("{'plain': 'a'}", "{'plain': 'A'}"));
    ck_assert(!same("{'word': 'a'}", "{'word': 'b'}"));
    ck_assert(!same("{'word': 'a'}", "{}"));
    ck_assert(!same("{'word': '?'}", "{'word': 'a'}"));
    ck_assert(same("{'word': '?'}", "{'word': '?'}"));
}
END_TEST

START_TEST(collections_are_compared_by_element)
{
    ck_assert(same("{'list': ['a', 'b']}", "{'list': ['A', 'b']}"));
    ck_assert(!same("{'list': ['a', 'b']}", "{'list': ['b', 'a']}"));
    ck_assert(!same("{'list': ['a', 'b']}", "{'list': ['a']}"));
    ck_assert(same("{'map': {'x': 'a'}}", "{'map': {'x': 'A'}}"));
    ck_assert(!same("{'map': {'x': 'a'}}", "{'map': {'X': 'a'}}"));
    ck_assert(!same("{'map': {'x': 'a'}}", "{'map': {'x': 'a', 'y': 'b'}}"));
    ck_assert(!same("{'map': {}}", "{}"));
}
END_TEST

START_TEST(order_means_nothing_where_the_row_says_so)
{
    ck_assert(same("{'loose': ['a', 'b']}", "{'loose': ['B', 'a']}"));
    ck_assert(!same("{'loose': ['a', 'a', 'b']}", "{'loose': ['a', 'b', 'b']}"));
    ck_assert(!same("{'loose': ['a', 'b']}", "{'loose': ['a', 'c']}"));
    ck_assert(same("{'set': ['a', 'B']}", "{'set': ['A', 'b']}"));
}
END_TEST

#define T(key, effect) "{'key': '" key "', 'effect': '" effect "'}"

START_TEST(blocks_are_compared_inside)
{
    ck_assert(same("{'one': " T("k", "no") "}", "{'one': " T("k", "NO") "}"));
    ck_assert(!same("{'one': " T("k", "no") "}", "{}"));
    ck_assert(same("{'area': {'x': " T("k", "no") "}}", "{'area': {'x': " T("k", "NO") "}}"));
    ck_assert(!same("{'area': {'x': " T("k", "no") "}}", "{'area': {'y': " T("k", "no") "}}"));
    ck_assert(!same("{'step': [" T("a", "no") "," T("b", "no") "]}",
                    "{'step': [" T("b", "no") "," T("a", "no") "]}"));
    ck_assert(same("{'taint': [" T("a", "no") "," T("b", "NO") "]}",
                   "{'taint': [" T("b", "no") "," T("a", "no") "]}"));
    ck_assert(!same("{'taint': [" T("a", "no") "," T("a", "no") "]}",
                    "{'taint': [" T("b", "no") "," T("a", "no") "]}"));
    ck_assert(!same("{'taint': [" T("a", "no") "]}",
                    "{'taint': [{'key': 'a', 'effect': 'no', 'value': 'v'}]}"));
}
END_TEST

START_TEST(elements_are_found_by_key)
{
    const struct attr *row = attr_find(rows, STR("taint"));
    const struct value *list = value_at(
        object_of(rows, "{'taint': [" T("a", "x") "," T("b", "x") "," T("a", "X") "]}"), "taint");
    const struct value *b = value_at(object_of(rows, "{'one': " T("b", "X") "}"), "one");
    const struct value *a = value_at(object_of(rows, "{'one': " T("a", "x") "}"), "one");
    const struct value *none = value_at(object_of(rows, "{'one': " T("a", "?") "}"), "one");
    ck_assert_ptr_eq(same_element(row, list, b, 0), list->items[1]);
    ck_assert_ptr_eq(same_element(row, list, a, 1), list->items[0]);
    ck_assert_ptr_eq(same_element(row, list, a, 2), list->items[2]);
    ck_assert_ptr_null(same_element(row, list, none, 0));
    ck_assert_ptr_null(same_element(row, &value_null, a, 0));
    ck_assert_ptr_null(same_element(row, &value_unknown, a, 0));
}
END_TEST

START_TEST(elements_without_a_key_are_found_by_index)
{
    const struct attr *row = attr_find(rows, STR("step"));
    const struct value *list =
        value_at(object_of(rows, "{'step': [" T("a", "x") "," T("b", "x") "]}"), "step");
    ck_assert_ptr_eq(same_element(row, list, &value_null, 1), list->items[1]);
    ck_assert_ptr_null(same_element(row, list, list->items[0], 2));
}
END_TEST

static const struct value *ordered(const char *name, const char *list, const char *prior)
{
    return same_order(&arena, attr_find(rows, str_of(name)), value_at(object_of(rows, list), name),
                      value_at(object_of(rows, prior), name));
}

START_TEST(order_is_restored)
{
    ASSERT_VALUE(ordered("loose", "{'loose': ['x', 'C', 'a', 'a']}", "{'loose': ['a', 'b', 'c']}"),
                 value_at(object_of(rows, "{'loose': ['a', 'c', 'x', 'a']}"), "loose"));
    ASSERT_VALUE(ordered("list", "{'list': ['b', 'a']}", "{'list': ['a', 'b']}"),
                 value_at(object_of(rows, "{'list': ['b', 'a']}"), "list"));
    ASSERT_VALUE(ordered("loose", "{'loose': ['b', 'a']}", "{}"),
                 value_at(object_of(rows, "{'loose': ['b', 'a']}"), "loose"));
    ASSERT_VALUE(
        ordered("taint", "{'taint': [" T("c", "x") "," T("b", "x") "," T("a", "X") "]}",
                "{'taint': [" T("a", "x") "," T("b", "x") "]}"),
        value_at(object_of(rows, "{'taint': [" T("a", "X") "," T("b", "x") "," T("c", "x") "]}"),
                 "taint"));
}
END_TEST

static const struct attr filled_step_rows[] = {
    { "name", &type_string, REQUIRED, .doc = "Name." },
    { "mode", &type_string, OPTIONAL, .server_default = "\"Exact\"", .doc = "Mode." },
    { 0 },
};
static const struct attr filled_rows[] = {
    { "count", &type_number, OPTIONAL, .server_default = "1", .doc = "Count." },
    { "text", &type_string, OPTIONAL, .doc = "Text." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = filled_step_rows, .doc = "One." },
    { "step", NULL, .nesting = BLOCK_LIST, .rows = filled_step_rows, .doc = "Steps." },
    { 0 },
};

static bool to_api(const char *name, const char *a, const char *b)
{
    const struct attr *row = attr_find(filled_rows, str_of(name));
    const struct value *left = value_at(object_of(filled_rows, a), name);
    const struct value *right = value_at(object_of(filled_rows, b), name);
    bool same = same_to_api(&arena, row, left, right);
    ck_assert_int_eq(same_to_api(&arena, row, right, left), same);
    return same;
}

START_TEST(null_means_what_the_api_fills_in)
{
    ck_assert(to_api("count", "{}", "{'count': 1}"));
    ck_assert(to_api("count", "{'count': 2}", "{'count': 2}"));
    ck_assert(!to_api("count", "{}", "{'count': 2}"));
    ck_assert(!to_api("count", "{'count': 1}", "{'count': 2}"));
    ck_assert(!to_api("text", "{}", "{'text': 'a'}"));
    ck_assert(to_api("one", "{'one': {'name': 'a'}}", "{'one': {'name': 'a', 'mode': 'Exact'}}"));
    ck_assert(!to_api("one", "{'one': {'name': 'a'}}", "{'one': {'name': 'a', 'mode': 'All'}}"));
    ck_assert(!to_api("one", "{}", "{'one': {'mode': 'Exact'}}"));
    ck_assert(to_api("step", "{'step': [{'name': 'a'}, {'name': 'b', 'mode': 'Exact'}]}",
                     "{'step': [{'name': 'a', 'mode': 'Exact'}, {'name': 'b'}]}"));
    ck_assert(!to_api("step", "{'step': [{'name': 'a'}]}", "{'step': [{'name': 'b'}]}"));
    ck_assert(!to_api("step", "{'step': [{'name': 'a'}]}", "{'step': []}"));
    const struct attr *row = attr_find(filled_rows, STR("count"));
    ck_assert(!same_to_api(&arena, row, &value_null, &value_unknown));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        codecs_decide_about_strings,
        collections_are_compared_by_element,
        order_means_nothing_where_the_row_says_so,
        blocks_are_compared_inside,
        elements_are_found_by_key,
        elements_without_a_key_are_found_by_index,
        order_is_restored,
        null_means_what_the_api_fills_in,
    };
    return RUN_SUITE("same", tests);
}
