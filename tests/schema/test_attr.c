/* Tests of what follows from rows alone. */
#include "schema/attr.h"

#include "tests/schema/suite.h"

static const struct attr port_rows[] = {
    { "number", &type_number, REQUIRED, .doc = "Number." },
    { "alias", NULL, .nesting = BLOCK_LIST,
      .rows = (const struct attr[]){ { "name", &type_string, REQUIRED, .doc = "Name." }, { 0 } },
      .doc = "Alias." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED, .doc = "Name." },
    { "size", &type_number, OPTIONAL | COMPUTED, .default_json = "3", .doc = "Size." },
    { "managed_by", &type_string, OPTIONAL, .doc = "Who." },
    { "count_now", &type_number, OPTIONAL, .foreign_when = "managed_by=autoscaler", .doc = "N." },
    { "zone", NULL, .nesting = BLOCK_SINGLE, .rows = port_rows, .doc = "Zone." },
    { "port", NULL, .nesting = BLOCK_LIST, .rows = port_rows, .doc = "Port." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = port_rows, .doc = "Area." },
    { 0 },
};

START_TEST(find_gives_the_row_or_null)
{
    ck_assert_ptr_eq(attr_find(rows, STR("size")), &rows[1]);
    ck_assert_ptr_null(attr_find(rows, STR("siz")));
    ck_assert_ptr_null(attr_find(rows, STR("")));
}
END_TEST

START_TEST(type_is_what_the_wire_carries)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    type_print(&out, attr_type(&arena, rows));
    const char *port = "[\"object\",{\"alias\":[\"list\",[\"object\",{\"name\":\"string\"}]],"
                       "\"number\":\"number\"}]";
    struct str expected =
        str_print(&arena,
                  "[\"object\",{\"area\":[\"map\",%s],\"count_now\":\"number\","
                  "\"managed_by\":\"string\",\"name\":\"string\",\"port\":[\"list\",%s],"
                  "\"size\":\"number\",\"zone\":%s}]",
                  port, port, port);
    ck_assert_str_eq(buf_str(&out).at, expected.at);
}
END_TEST

START_TEST(empty_has_null_attributes_and_empty_blocks)
{
    const struct value *empty = attr_empty(&arena, rows);
    ck_assert_uint_eq(empty->count, 7);
    ASSERT_VALUE(value_at(empty, "name"), &value_null);
    ASSERT_VALUE(value_at(empty, "zone"), &value_null);
    ASSERT_VALUE(value_at(empty, "port"), &value_empty_sequence);
    ASSERT_VALUE(value_at(empty, "area"), &value_empty_members);
}
END_TEST

START_TEST(default_is_parsed_to_the_type)
{
    ASSERT_VALUE(attr_default(&call, &rows[1]), value_int(&arena, 3));
    ck_assert_ptr_null(attr_default(&call, &rows[0]));
}
END_TEST

START_TEST(names_are_separated_by_any_blanks)
{
    struct str names = STR("  a  bc ");
    struct str name;
    ck_assert(attr_next_name(&names, &name));
    ck_assert(str_is(name, "a"));
    ck_assert(attr_next_name(&names, &name));
    ck_assert(str_is(name, "bc"));
    ck_assert(!attr_next_name(&names, &name));
    names = STR("");
    ck_assert(!attr_next_name(&names, &name));
}
END_TEST

START_TEST(foreign_follows_the_root)
{
    ck_assert(attr_is_foreign(&rows[3], object_of(rows, "{'managed_by': 'autoscaler'}")));
    ck_assert(!attr_is_foreign(&rows[3], object_of(rows, "{'managed_by': 'terraform'}")));
    ck_assert(!attr_is_foreign(&rows[3], object_of(rows, "{'managed_by': '?'}")));
    ck_assert(!attr_is_foreign(&rows[3], object_of(rows, "{}")));
    ck_assert(!attr_is_foreign(&rows[3], &value_null));
    ck_assert(!attr_is_foreign(&rows[0], object_of(rows, "{'managed_by': 'autoscaler'}")));
}
END_TEST

START_TEST(null_blocks_of_an_old_state_become_empty)
{
    struct str json = STR("{\"name\": \"a\", \"zone\": {\"number\": 1},"
                          " \"port\": [{\"number\": 2}], \"area\": {\"x\": {\"number\": 3}}}");
    const struct value *old = value_from_json(&call, attr_type(&arena, rows), json, true);
    ck_assert_ptr_nonnull(old);
    const struct value *filled = attr_fill_blocks(&arena, rows, old);
    const struct value *port = value_at(filled, "port")->items[0];
    ASSERT_VALUE(value_at(value_at(filled, "zone"), "alias"), &value_empty_sequence);
    ASSERT_VALUE(value_at(port, "alias"), &value_empty_sequence);
    ASSERT_VALUE(value_at(port, "number"), value_int(&arena, 2));
    ASSERT_VALUE(value_at(value_at(value_at(filled, "area"), "x"), "alias"), &value_empty_sequence);
    ASSERT_VALUE(value_at(filled, "size"), &value_null);
    const struct value *none = value_with(&arena, old, STR("area"), &value_null);
    none = value_with(&arena, none, STR("port"), &value_unknown);
    none = attr_fill_blocks(&arena, rows, none);
    ASSERT_VALUE(value_at(none, "area"), &value_empty_members);
    ASSERT_VALUE(value_at(none, "port"), &value_unknown);
    ASSERT_VALUE(attr_fill_blocks(&arena, rows, &value_null), &value_null);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        find_gives_the_row_or_null,
        type_is_what_the_wire_carries,
        empty_has_null_attributes_and_empty_blocks,
        default_is_parsed_to_the_type,
        names_are_separated_by_any_blanks,
        foreign_follows_the_root,
        null_blocks_of_an_old_state_become_empty,
    };
    return RUN_SUITE("attr", tests);
}
