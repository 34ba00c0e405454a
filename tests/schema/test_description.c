/* Tests of the sentences about a row. */
#include "schema/description.h"

#include "tests/schema/suite.h"

static const struct check value_check = { .doc = "1 to 50" };
static const struct check key_check = { .doc = "a label key" };
static const struct check silent_check = { .min = 1 };

static const char *described(struct attr row)
{
    return schema_description(&arena, &row).at;
}

START_TEST(each_part_is_a_sentence)
{
    ck_assert_str_eq(described((struct attr){ .doc = "Size." }), "Size.");
    ck_assert_str_eq(described((struct attr){ .doc = "Size.", .check = &silent_check }), "Size.");
    ck_assert_str_eq(described((struct attr){ .doc = "Size.", .check = &value_check }),
                     "Size. Must be 1 to 50.");
    ck_assert_str_eq(described((struct attr){ .doc = "Size.", .key_check = &key_check }),
                     "Size. Each key must be a label key.");
    ck_assert_str_eq(described((struct attr){ .doc = "Size.", .default_json = "\"x\"" }),
                     "Size. Default: `\"x\"`.");
    ck_assert_str_eq(described((struct attr){ .doc = "Size.", .flags = REPLACES }),
                     "Size. A change creates the object anew.");
}
END_TEST

START_TEST(parts_come_in_order)
{
    ck_assert_str_eq(described((struct attr){ .doc = "Size.",
                                              .flags = OPTIONAL | REPLACES,
                                              .check = &value_check,
                                              .key_check = &key_check,
                                              .default_json = "3" }),
                     "Size. Must be 1 to 50. Each key must be a label key. Default: `3`. A change "
                     "creates the object anew.");
}
END_TEST

START_TEST(a_single_block_replaces_when_it_comes_or_goes)
{
    ck_assert_str_eq(
        described((struct attr){ .doc = "Access.", .flags = REPLACES, .nesting = BLOCK_SINGLE }),
        "Access. Adding or removing it creates the object anew.");
    ck_assert_str_eq(
        described((struct attr){ .doc = "Access.", .flags = REPLACES, .nesting = BLOCK_LIST }),
        "Access. A change creates the object anew.");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        each_part_is_a_sentence,
        parts_come_in_order,
        a_single_block_replaces_when_it_comes_or_goes,
    };
    return RUN_SUITE("description", tests);
}
