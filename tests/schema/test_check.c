/* Tests of the checks of a configuration. */
#include "schema/check.h"

#include "tests/schema/suite.h"

static const char *const words[] = { "time-slicing", "mps", "none", NULL };

static bool starts_with_x(struct str s)
{
    return str_starts(s, "x");
}

static const struct check one_of = { check_words, .words = words };
static const struct check known = { check_known_words, .words = words };
static const struct check length = { check_length, .min = 2, .max = 3 };
static const struct check range = { check_range, .min = 1, .max = 50 };
static const struct check at_least = { check_range, .min = 2, .max = INT64_MAX };
static const struct check valid = { check_valid, .valid = starts_with_x,
                                    .doc = "something with x" };
static const struct check undocumented = { check_valid, .valid = starts_with_x, .doc = NULL };

static const struct attr inner_rows[] = {
    { "size", &type_number, OPTIONAL, .check = &range, .doc = "Size." },
    { "id", &type_string, OPTIONAL, .doc = "Id." },
    { "name", &type_string, OPTIONAL, .doc = "Name." },
    { 0 },
};

static const struct attr rows[] = {
    { "word", &type_string, OPTIONAL, .check = &one_of, .doc = "Word." },
    { "known", &type_string, OPTIONAL, .check = &known, .doc = "Known." },
    { "text", &type_string, OPTIONAL, .check = &length, .doc = "Text." },
    { "count_of", &type_number, OPTIONAL, .check = &range, .doc = "Count." },
    { "least", &type_number, OPTIONAL, .check = &at_least, .doc = "Least." },
    { "x", &type_string, OPTIONAL, .check = &valid, .doc = "X." },
    { "secret", &type_string, OPTIONAL | SENSITIVE, .check = &valid, .doc = "Secret." },
    { "secrets", &type_string_list, OPTIONAL | SENSITIVE, .check = &undocumented, .doc = "All." },
    { "list", &type_string_list, OPTIONAL, .check = &one_of, .doc = "List." },
    { "map", &type_number_map, OPTIONAL, .check = &range, .key_check = &valid, .doc = "Map." },
    { "keyed", &type_string, OPTIONAL, .key_check = &valid, .doc = "No map at all." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = inner_rows, .doc = "One." },
    { "many", NULL, .nesting = BLOCK_LIST, .rows = inner_rows, .doc = "Many." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = inner_rows, .key_check = &valid, .doc = "Area." },
    { 0 },
};

static bool check_text(const char *config)
{
    return check_config(&call, rows, NULL, object_of(rows, config));
}

#define ASSERT_REFUSED(config, place, words)                                                       \
    do {                                                                                           \
        call.errors = 0;                                                                           \
        call.first = call.last = NULL;                                                             \
        ck_assert(!check_text(config));                                                            \
        ASSERT_ONE_ERROR(place, words);                                                            \
    } while (0)

START_TEST(what_is_right_passes)
{
    ck_assert(
        check_text("{'word': 'mps', 'known': 'none', 'text': 'abc', 'count_of': 50, 'least': 2,"
                   " 'x': 'xy', 'secret': 'xz', 'list': ['mps'], 'map': {'xa': 1},"
                   " 'keyed': 'a', 'one': {'size': 1}, 'many': [{'size': 2}],"
                   " 'area': {'xb': {'size': 3}}}"));
    ck_assert(check_text("{}"));
    ck_assert(check_config(&call, rows, NULL, &value_null));
    ck_assert_ptr_null(call.first);
}
END_TEST

START_TEST(words_offer_the_nearest)
{
    ASSERT_REFUSED("{'word': 'time-slicin'}", "word", "Did you mean `time-slicing`?");
    ASSERT_REFUSED("{'word': 'qqqqqq'}", "word",
                   "`time-slicing`, `mps` or `none`, found `qqqqqq`.");
    ck_assert(!str_contains(call.first->detail, "Did you mean"));
    ASSERT_REFUSED("{'list': ['mps', 'mpz']}", "list[1]", "`mps`");
}
END_TEST

START_TEST(words_that_the_api_may_know_are_a_warning)
{
    ck_assert(check_text("{'known': 'nonee'}"));
    ck_assert_uint_eq(call.errors, 0);
    ck_assert_int_eq(call.first->severity, SEVERITY_WARNING);
    ck_assert(str_contains(call.first->detail, "Did you mean `none`?"));
}
END_TEST

START_TEST(lengths_count_characters)
{
    ck_assert(check_text("{'text': '\xc3\xa4\xc3\xb6\xc3\xbc'}"));
    ASSERT_REFUSED("{'text': 'a'}", "text", "2 to 3 characters, found 1");
    ASSERT_REFUSED("{'text': '\xc3\xa4\xc3\xb6\xc3\xbcx'}", "text", "found 4");
}
END_TEST

START_TEST(ranges_want_whole_numbers)
{
    ASSERT_REFUSED("{'count_of': 0}", "count_of", "from 1 to 50, found 0");
    ASSERT_REFUSED("{'count_of': 51}", "count_of", "found 51");
    ASSERT_REFUSED("{'count_of': 1.5}", "count_of", "found 1.5");
    ASSERT_REFUSED("{'count_of': 99999999999999999999}", "count_of", "found 99999999999999999999");
    ASSERT_REFUSED("{'least': 1}", "least", "at least 2, found 1");
}
END_TEST

START_TEST(predicates_say_what_they_expect)
{
    ASSERT_REFUSED("{'x': 'y'}", "x", "Expected something with x, found `y`.");
}
END_TEST

START_TEST(secrets_are_not_quoted)
{
    ASSERT_REFUSED("{'secret': 'hunter2'}", "secret", "something with x");
    ck_assert(!str_contains(call.first->detail, "hunter2"));
    ASSERT_REFUSED("{'x': 'xx', 'secrets': ['x', 'hunter2']}", "secrets[1]", "another value");
    ck_assert(!str_contains(call.first->detail, "hunter2"));
}
END_TEST

START_TEST(a_secret_leaves_earlier_messages_alone)
{
    ck_assert(!check_text("{'x': 'y', 'secret': 'hunter2'}"));
    ck_assert_uint_eq(call.errors, 2);
    ck_assert(str_contains(call.first->detail, "found `y`"));
    ck_assert(!str_contains(call.last->detail, "hunter2"));
}
END_TEST

START_TEST(maps_check_keys_and_values)
{
    ASSERT_REFUSED("{'map': {'a': 1}}", "map[\"a\"]", "something with x");
    ASSERT_REFUSED("{'map': {'xa': 77}}", "map[\"xa\"]", "found 77");
}
END_TEST

START_TEST(blocks_are_walked)
{
    ASSERT_REFUSED("{'one': {'size': 0}}", "one.size", "found 0");
    ASSERT_REFUSED("{'many': [{'size': 1}, {'size': 0}]}", "many[1].size", "found 0");
    ASSERT_REFUSED("{'area': {'xa': {'size': 0}}}", "area[\"xa\"].size", "found 0");
    ASSERT_REFUSED("{'area': {'a': {}}}", "area[\"a\"]", "something with x");
}
END_TEST

START_TEST(every_mistake_is_told)
{
    ck_assert(!check_text("{'word': 'a', 'x': 'y', 'many': [{'size': 0}, {'size': 99}]}"));
    ck_assert_uint_eq(call.errors, 4);
}
END_TEST

START_TEST(nothing_is_said_of_unknown_values)
{
    const struct value *config =
        object_of(rows, "{'word': '?', 'list': ['?', 'mps'], 'one': {'id': '?'}}");
    static const char *const names[] = { "map", "one", "many", "area", "count_of" };
    ck_assert(check_config(&call, rows, NULL, config));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        config = value_with(&arena, config, str_of(names[i]), &value_unknown);
    ck_assert(check_config(&call, rows, NULL, config));
    ck_assert_ptr_null(call.first);
}
END_TEST

static bool check_rule(enum rule_kind kind, const char *block, const char *names,
                       const char *config)
{
    const struct rule rules[] = { { kind, block, names }, { 0 } };
    call.errors = 0;
    call.first = call.last = NULL;
    return check_config(&call, rows, rules, object_of(rows, config));
}

START_TEST(rules_count_what_is_set)
{
    ck_assert(check_rule(EXACTLY_ONE_OF, NULL, "x keyed", "{'x': 'x'}"));
    ck_assert(!check_rule(EXACTLY_ONE_OF, NULL, "x keyed", "{}"));
    ASSERT_ONE_ERROR("", "Exactly one of `x`, `keyed` must be set.");
    ck_assert(!check_rule(EXACTLY_ONE_OF, NULL, "x keyed", "{'x': 'x', 'keyed': 'a'}"));
    ASSERT_ONE_ERROR("", "At most one of `x`, `keyed`");
    ck_assert(check_rule(AT_MOST_ONE_OF, NULL, "x keyed", "{}"));
    ck_assert(!check_rule(AT_MOST_ONE_OF, NULL, "x keyed", "{'x': 'x', 'keyed': 'a'}"));
    ck_assert(check_rule(AT_LEAST_ONE_OF, NULL, "x keyed", "{'x': 'x', 'keyed': 'a'}"));
    ck_assert(!check_rule(AT_LEAST_ONE_OF, NULL, "x keyed", "{}"));
    ASSERT_ONE_ERROR("", "At least one of `x`, `keyed`");
    ck_assert(check_rule(ALL_OR_NONE_OF, NULL, "x keyed", "{}"));
    ck_assert(check_rule(ALL_OR_NONE_OF, NULL, "x keyed", "{'x': 'x', 'keyed': 'a'}"));
    ck_assert(!check_rule(ALL_OR_NONE_OF, NULL, "x keyed", "{'x': 'x'}"));
    ASSERT_ONE_ERROR("", "`x`, `keyed` belong together");
}
END_TEST

START_TEST(rules_wait_for_unknown_values)
{
    ck_assert(check_rule(EXACTLY_ONE_OF, NULL, "x keyed", "{'x': '?'}"));
    ck_assert(check_rule(EXACTLY_ONE_OF, NULL, "x keyed", "{'x': '?', 'keyed': 'a'}"));
    ck_assert(check_rule(AT_LEAST_ONE_OF, NULL, "x keyed", "{'x': '?'}"));
    ck_assert(check_rule(ALL_OR_NONE_OF, NULL, "x keyed", "{'x': '?', 'keyed': 'a'}"));
}
END_TEST

START_TEST(an_empty_block_is_not_set)
{
    ck_assert(!check_rule(AT_LEAST_ONE_OF, NULL, "many area list", "{}"));
    ck_assert(check_rule(AT_LEAST_ONE_OF, NULL, "many area", "{'many': [{}]}"));
    ck_assert(check_rule(AT_MOST_ONE_OF, NULL, "many one", "{'one': {}}"));
}
END_TEST

START_TEST(rules_look_into_blocks)
{
    ck_assert(check_rule(EXACTLY_ONE_OF, "one", "id name", "{}"));
    ck_assert(check_rule(EXACTLY_ONE_OF, "many", "id name", "{'many': [{'id': 'a'}]}"));
    ck_assert(check_rule(EXACTLY_ONE_OF, "area", "id name", "{'area': {'xa': {'name': 'a'}}}"));
    ck_assert(!check_rule(EXACTLY_ONE_OF, "one", "id name", "{'one': {}}"));
    ASSERT_ONE_ERROR("one", "`id`, `name`");
    ck_assert(!check_rule(EXACTLY_ONE_OF, "many", "id name", "{'many': [{'id': 'a'}, {}]}"));
    ASSERT_ONE_ERROR("many[1]", "`id`, `name`");
    ck_assert(!check_rule(EXACTLY_ONE_OF, "area", "id name",
                          "{'area': {'xid': {'id': 'a', 'name': 'b'}}}"));
    ASSERT_ONE_ERROR("area[\"xid\"]", "At most one");
    const struct rule rules[] = { { EXACTLY_ONE_OF, "many", "id name" }, { 0 } };
    call = (struct call){ .arena = &arena };
    ck_assert(check_config(&call, rows, rules,
                           value_with(&arena, object_of(rows, "{}"), STR("many"), &value_unknown)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_right_passes,
        words_offer_the_nearest,
        words_that_the_api_may_know_are_a_warning,
        lengths_count_characters,
        ranges_want_whole_numbers,
        predicates_say_what_they_expect,
        secrets_are_not_quoted,
        a_secret_leaves_earlier_messages_alone,
        maps_check_keys_and_values,
        blocks_are_walked,
        every_mistake_is_told,
        nothing_is_said_of_unknown_values,
        rules_count_what_is_set,
        rules_wait_for_unknown_values,
        an_empty_block_is_not_set,
        rules_look_into_blocks,
    };
    return RUN_SUITE("check", tests);
}
