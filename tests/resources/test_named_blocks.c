/* Lists of named blocks: reading, names given twice, order. */
#include "resources/named_blocks.h"

#include "tests/schema/suite.h"

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED, .doc = "A row." },
    { "text", &type_string, OPTIONAL, .doc = "A row." },
    { 0 },
};
static const struct attr object_rows[] = {
    { "block", NULL, .nesting = BLOCK_LIST, .rows = rows },
    { 0 },
};

/* A list of blocks from [{'name': ...}]. */
static const struct value *list_of(const char *text)
{
    const char *json = str_print(&arena, "{'block': %s}", text).at;
    return value_at(object_of(object_rows, json), "block");
}

START_TEST(blocks_are_read_in_order)
{
    struct named_blocks blocks;
    ck_assert(
        named_blocks_read(&arena, list_of("[{'name': 'b', 'text': '1'}, {'name': 'a'}]"), &blocks));
    ck_assert_uint_eq(blocks.count, 2);
    ck_assert(str_is(blocks.rows[0].name, "b"));
    ck_assert(str_is(blocks.rows[1].name, "a"));
    ck_assert(str_is(value_text(value_at(blocks.rows[0].block, "text")), "1"));
    ck_assert(named_blocks_read(&arena, &value_empty_sequence, &blocks));
    ck_assert_uint_eq(blocks.count, 0);
}
END_TEST

START_TEST(unknown_lists_and_names_cannot_be_read)
{
    struct named_blocks blocks;
    ck_assert(!named_blocks_read(&arena, &value_unknown, &blocks));
    ck_assert(!named_blocks_read(&arena, &value_null, &blocks));
    ck_assert(!named_blocks_read(&arena, list_of("[{'name': 'a'}, {'name': '?'}]"), &blocks));
}
END_TEST

START_TEST(each_repetition_is_an_error)
{
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("block"));
    ck_assert(!named_blocks_check(
        &call, at, list_of("[{'name': 'a'}, {'name': 'b'}, {'name': 'a'}, {'name': 'b'}]")));
    ck_assert_uint_eq(call.errors, 2);
    ck_assert_str_eq(path_print(&arena, call.first->at).at, "block[2].name");
    ck_assert_str_eq(path_print(&arena, call.last->at).at, "block[3].name");
    ck_assert(str_contains(call.last->detail, "index 1"));
}
END_TEST

START_TEST(unknown_names_may_turn_out_different)
{
    ck_assert(named_blocks_check(&call, NULL, list_of("[{'name': '?'}, {'name': '?'}]")));
    ck_assert(named_blocks_check(&call, NULL, &value_unknown));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(names_that_were_there_come_first)
{
    const struct value *list = list_of("[{'name': 'c'}, {'name': 'a'}, {'name': 'b'}]");
    const struct value *before = list_of("[{'name': 'b'}, {'name': 'gone'}, {'name': 'a'}]");
    ASSERT_VALUE(named_blocks_order(&arena, list, before),
                 list_of("[{'name': 'b'}, {'name': 'a'}, {'name': 'c'}]"));
    ASSERT_VALUE(named_blocks_order(&arena, list, &value_null), list);
}
END_TEST

static const struct value *parse(struct call *in, struct str name, struct str text,
                                 const struct value *before)
{
    const struct value_member members[] = {
        { STR("name"), value_string(in->arena, name) },
        { STR("text"),
          value_is_set(before) ? value_at(before, "text") : value_string(in->arena, text) },
    };
    return value_members(in->arena, members, 2);
}

START_TEST(texts_become_blocks_that_know_what_was_before)
{
    const struct value_member members[] = {
        { STR("a"), value_string(&arena, STR("1")) },
        { STR("b"), value_string(&arena, STR("2")) },
    };
    const struct value *texts = value_members(&arena, members, 2);
    ASSERT_VALUE(named_blocks_parse(&call, texts, list_of("[{'name': 'b', 'text': 'old'}]"), parse),
                 list_of("[{'name': 'b', 'text': 'old'}, {'name': 'a', 'text': '1'}]"));
    ASSERT_VALUE(named_blocks_parse(&call, &value_null, list_of("[{'name': 'b'}]"), parse),
                 &value_empty_sequence);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        blocks_are_read_in_order,         unknown_lists_and_names_cannot_be_read,
        each_repetition_is_an_error,      unknown_names_may_turn_out_different,
        names_that_were_there_come_first, texts_become_blocks_that_know_what_was_before,
    };
    return RUN_SUITE("named_blocks", tests);
}
