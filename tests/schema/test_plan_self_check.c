/* Tests of core's plan rules: each broken once. */
#include "schema/plan.h"

#include "tests/schema/suite.h"

static const struct attr inner_rows[] = {
    { "size", &type_string, OPTIONAL, .doc = "Size." },
    { "id", &type_string, OPTIONAL | COMPUTED, .doc = "Id." },
    { "deep", NULL, .nesting = BLOCK_LIST,
      .rows = (const struct attr[]){ { "x", &type_string, OPTIONAL, .doc = "X." }, { 0 } },
      .doc = "Deep." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED | REPLACES, .doc = "Name." },
    { "arn", &type_string, COMPUTED, .doc = "Arn." },
    { "mode", &type_string, OPTIONAL | COMPUTED, .doc = "Mode." },
    { "secret", &type_string, OPTIONAL | WRITE_ONLY, .doc = "Secret." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = inner_rows, .doc = "One." },
    { "many", NULL, .nesting = BLOCK_LIST, .rows = inner_rows, .doc = "Many." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = inner_rows, .doc = "Area." },
    { 0 },
};

/* Objects as text; NULL is null. */
static bool check_texts(const char *config, const char *prior, const char *planned)
{
    call.errors = 0;
    call.first = call.last = NULL;
    const struct plan plan = {
        .rows = rows,
        .config = config ? object_of(rows, config) : &value_null,
        .prior = prior ? object_of(rows, prior) : &value_null,
        .planned = planned ? object_of(rows, planned) : &value_null,
    };
    return plan_self_check(&call, &plan);
}

#define ASSERT_BROKEN(config, prior, planned, place, words)                                        \
    do {                                                                                           \
        ck_assert(!check_texts(config, prior, planned));                                           \
        ASSERT_ONE_ERROR(place, words);                                                            \
        ck_assert(str_contains(call.first->detail, "mistake of the provider"));                    \
    } while (0)

START_TEST(right_plans_pass)
{
    ck_assert(check_texts("{'name': 'a'}", NULL, "{'name': 'a', 'arn': '?', 'mode': '?'}"));
    ck_assert(check_texts("{'name': 'a', 'mode': 'x'}", "{'name': 'a', 'arn': 'r'}",
                          "{'name': 'a', 'arn': '?', 'mode': 'x'}"));
    ck_assert(check_texts("{'name': 'a', 'secret': 's'}", NULL, "{'name': 'a'}"));
    ck_assert(check_texts("{'name': '?', 'one': {'size': '?'}}", NULL,
                          "{'name': '?', 'one': {'size': '?', 'id': '?'}}"));
    ck_assert(check_texts("{'name': 'a', 'many': [{'size': '1'}], 'area': {'x': {}}}", NULL,
                          "{'name': 'a', 'many': [{'size': '1'}], 'area': {'x': {'id': '?'}}}"));
    ck_assert(check_texts(NULL, "{'name': 'a'}", NULL));
    ck_assert_ptr_null(call.first);
}
END_TEST

START_TEST(the_prior_value_may_stay_where_both_are_set)
{
    ck_assert(check_texts("{'name': 'A'}", "{'name': 'a'}", "{'name': 'a'}"));
    ck_assert(check_texts("{'name': 'n', 'many': [{'size': '1K'}]}",
                          "{'name': 'n', 'many': [{'size': '1k'}]}",
                          "{'name': 'n', 'many': [{'size': '1k'}]}"));
    ASSERT_BROKEN("{'name': 'n'}", "{'name': 'n', 'one': {'size': '1'}}",
                  "{'name': 'n', 'one': {'size': '1'}}", "one", "not configured");
    ASSERT_BROKEN("{'name': 'n', 'one': {}}", "{'name': 'n', 'one': {'size': '1'}}",
                  "{'name': 'n', 'one': {'size': '1'}}", "one.size", "neither the configured");
    ASSERT_BROKEN("{'name': 'n', 'one': {'size': '1'}}", "{'name': 'n', 'one': {}}",
                  "{'name': 'n', 'one': {}}", "one.size", "neither the configured");
}
END_TEST

START_TEST(presence_must_agree)
{
    ASSERT_BROKEN(NULL, "{'name': 'a'}", "{'name': 'a'}", "", "destroy plan was not null");
    ASSERT_BROKEN("{'name': 'a'}", NULL, NULL, "", "planned as null");
}
END_TEST

START_TEST(attributes_follow_the_configuration)
{
    ASSERT_BROKEN("{'name': 'a'}", NULL, "{'name': 'b'}", "name", "neither the configured");
    ASSERT_BROKEN("{'name': 'a'}", NULL, "{'name': '?'}", "name", "neither the configured");
    ASSERT_BROKEN("{'name': 'a', 'mode': 'x'}", NULL, "{'name': 'a', 'mode': '?'}", "mode",
                  "neither the configured");
    ASSERT_BROKEN("{'name': 'a', 'secret': 's'}", NULL, "{'name': 'a', 'secret': 's'}", "secret",
                  "write-only");
}
END_TEST

START_TEST(blocks_are_as_many_as_configured)
{
    ASSERT_BROKEN("{'name': 'a', 'many': [{}]}", NULL, "{'name': 'a'}", "many", "not as many");
    ASSERT_BROKEN("{'name': 'a'}", NULL, "{'name': 'a', 'many': [{}]}", "many", "not as many");
    ASSERT_BROKEN("{'name': 'a', 'area': {'x': {}}}", NULL, "{'name': 'a', 'area': {'y': {}}}",
                  "area", "other labels");
    ASSERT_BROKEN("{'name': 'a', 'one': {}}", NULL, "{'name': 'a'}", "one", "was not planned");
}
END_TEST

START_TEST(blocks_are_checked_inside)
{
    ASSERT_BROKEN("{'name': 'a', 'many': [{}, {}]}", NULL,
                  "{'name': 'a', 'many': [{}, {'size': '1'}]}", "many[1].size", "neither");
    ASSERT_BROKEN("{'name': 'a', 'area': {'x': {}}}", NULL,
                  "{'name': 'a', 'area': {'x': {'size': '1'}}}", "area[\"x\"].size", "neither");
    ASSERT_BROKEN("{'name': 'a', 'one': {'deep': [{'x': '1'}]}}", NULL,
                  "{'name': 'a', 'one': {'deep': [{'x': '2'}]}}", "one.deep[0].x", "neither");
}
END_TEST

static bool check_with(const char *block, const struct value *config, const struct value *planned)
{
    call.errors = 0;
    call.first = call.last = NULL;
    const struct value *object = object_of(rows, "{'name': 'a'}");
    const struct plan plan = {
        .rows = rows,
        .config = value_with(&arena, object, str_of(block), config),
        .prior = &value_null,
        .planned = value_with(&arena, object, str_of(block), planned),
    };
    return plan_self_check(&call, &plan);
}

START_TEST(unknown_blocks_are_returned_unchanged)
{
    const struct value *element = attr_empty(&arena, inner_rows);
    const struct value *list = value_sequence(&arena, &element, 1);
    const struct value *unknown = &value_unknown;
    const struct value *unknown_element = value_sequence(&arena, &unknown, 1);
    ck_assert(check_with("many", &value_unknown, &value_unknown));
    ck_assert(check_with("one", &value_unknown, &value_unknown));
    ck_assert(!check_with("many", &value_unknown, &value_empty_sequence));
    ck_assert(!check_with("many", &value_unknown, list));
    ck_assert(!check_with("many", list, &value_unknown));
    ck_assert(!check_with("one", element, &value_unknown));
    ck_assert(!check_with("many", list, unknown_element));
    ASSERT_ONE_ERROR("many[0]", "was not planned");
}
END_TEST

START_TEST(replacements_need_a_change)
{
    const struct path *const paths[] = { PATH_AT_ATTRIBUTE(NULL, STR("name")),
                                         PATH_AT_ATTRIBUTE(PATH_AT_ATTRIBUTE(NULL, STR("one")),
                                                           STR("size")) };
    struct plan plan = {
        .rows = rows,
        .config = object_of(rows, "{'name': 'b', 'one': {'size': '1'}}"),
        .prior = object_of(rows, "{'name': 'a'}"),
        .planned = object_of(rows, "{'name': 'b', 'one': {'size': '1'}}"),
        .replaces = paths,
        .replace_count = 2,
    };
    ck_assert(plan_self_check(&call, &plan));
    plan.prior = object_of(rows, "{'name': 'a', 'one': {'size': '1'}}");
    ck_assert(!plan_self_check(&call, &plan));
    ASSERT_ONE_ERROR("one.size", "stays as it is");
}
END_TEST

START_TEST(one_block_can_be_asked_for_in_silence)
{
    const struct attr *row = attr_find(rows, STR("many"));
    const struct value *a = value_at(object_of(rows, "{'many': [{'size': '1'}]}"), "many");
    const struct value *b = value_at(object_of(rows, "{'many': [{'size': '2'}]}"), "many");
    const struct value *none = value_at(object_of(rows, "{'many': [{}]}"), "many");
    ck_assert(plan_block_is_valid(row, a, &value_null, a));
    ck_assert(plan_block_is_valid(row, a, b, b));
    ck_assert(!plan_block_is_valid(row, a, &value_null, b));
    ck_assert(!plan_block_is_valid(row, none, b, b));
    ck_assert_ptr_null(call.first);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        right_plans_pass,
        the_prior_value_may_stay_where_both_are_set,
        presence_must_agree,
        attributes_follow_the_configuration,
        blocks_are_as_many_as_configured,
        blocks_are_checked_inside,
        unknown_blocks_are_returned_unchanged,
        replacements_need_a_change,
        one_block_can_be_asked_for_in_silence,
    };
    return RUN_SUITE("plan_self_check", tests);
}
