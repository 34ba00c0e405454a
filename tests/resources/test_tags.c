/* Tags: the provider's and the resource's together, and apart again. */
#include "resources/tags.h"

#include "resources/context.h"
#include "tests/schema/suite.h"

static const struct attr rows[] = { ROWS_TAGS(0), { 0 } };
static const struct attr context_rows[] = {
    { "keys", &type_string_set, OPTIONAL, .doc = "A row." },
    { "key_prefixes", &type_string_set, OPTIONAL, .doc = "A row." },
    { 0 },
};

static const struct value *map_of(const char *text)
{
    return value_at(object_of(rows, str_print(&arena, "{'tags': %s}", text).at), "tags");
}

static const struct value *all_tags(const char *own, const struct value *defaults)
{
    const struct context context = { .default_tags = defaults, .ignored_tags = &value_null };
    const struct derivation from = {
        .context = &context,
        .planned = object_of(rows, str_print(&arena, "{'tags': %s}", own).at),
    };
    return derive_tags_all(&call, &from);
}

START_TEST(own_tags_go_over_default_ones)
{
    ASSERT_VALUE(all_tags("{'a': '1', 'b': '2'}", map_of("{'a': '0', 'c': '3'}")),
                 map_of("{'a': '1', 'b': '2', 'c': '3'}"));
    ASSERT_VALUE(all_tags("null", map_of("{'c': '3'}")), map_of("{'c': '3'}"));
    ASSERT_VALUE(all_tags("{'a': '1'}", &value_null), map_of("{'a': '1'}"));
    ASSERT_VALUE(all_tags("null", &value_null), &value_empty_members);
}
END_TEST

START_TEST(what_is_unknown_makes_all_unknown)
{
    ck_assert(value_is_unknown(all_tags("{'a': '1'}", &value_unknown)));
    const struct derivation unconfigured = { .planned = object_of(rows, "{}") };
    ck_assert(value_is_unknown(derive_tags_all(&call, &unconfigured)));
    ASSERT_VALUE(value_at(all_tags("{'a': '?'}", &value_null), "a"), &value_unknown);
}
END_TEST

static const struct value *parsed(parse_fn parse, const char *all, const char *before,
                                  const struct value *defaults, const char *ignored)
{
    const struct context context = {
        .default_tags = defaults,
        .ignored_tags = ignored ? object_of(context_rows, ignored) : &value_null,
    };
    const struct derivation from = {
        .context = &context,
        .prior = object_of(rows, str_print(&arena, "{'tags': %s}", before).at),
        .planned = object_of(rows, str_print(&arena, "{'tags_all': %s}", all).at),
    };
    return parse(&call, &from);
}

START_TEST(ignored_tags_are_dropped)
{
    ASSERT_VALUE(parsed(parse_tags_all, "{'a': '1', 'skip': '2', 'k8s.io/x': '3', 'skipped': '4'}",
                        "null", &value_null,
                        "{'keys': ['skip'], 'key_prefixes': ['k8s.io/', 'none']}"),
                 map_of("{'a': '1', 'skipped': '4'}"));
    ASSERT_VALUE(parsed(parse_tags_all, "{'a': '1'}", "null", &value_null, NULL),
                 map_of("{'a': '1'}"));
    ASSERT_VALUE(parsed(parse_tags_all, "null", "null", &value_null, "{'keys': ['skip']}"),
                 &value_null);
}
END_TEST

START_TEST(own_tags_are_what_is_no_default)
{
    ASSERT_VALUE(parsed(parse_tags, "{'a': '1', 'c': '3'}", "null", map_of("{'c': '3'}"), NULL),
                 map_of("{'a': '1'}"));
    ASSERT_VALUE(parsed(parse_tags, "{'c': '4'}", "null", map_of("{'c': '3'}"), NULL),
                 map_of("{'c': '4'}"));
    ASSERT_VALUE(parsed(parse_tags, "{'c': '3'}", "{'c': '3'}", map_of("{'c': '3'}"), NULL),
                 map_of("{'c': '3'}"));
    ASSERT_VALUE(parsed(parse_tags, "{'c': '3'}", "null", map_of("{'c': '3'}"), NULL), &value_null);
    ASSERT_VALUE(parsed(parse_tags, "null", "{'c': '3'}", &value_null, NULL), &value_empty_members);
}
END_TEST

START_TEST(keys_of_aws_cannot_be_written)
{
    const char *longest = str_print(&arena, "%0128d", 1).at;
    ck_assert(check_tag_key.valid(STR("aws")));
    ck_assert(check_tag_key.valid(STR("team")));
    ck_assert(check_tag_key.valid(str_of(longest)));
    ck_assert(!check_tag_key.valid(str_print(&arena, "%s1", longest)));
    ck_assert(!check_tag_key.valid(STR("aws:x")));
    ck_assert(!check_tag_key.valid(STR("")));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        own_tags_go_over_default_ones, what_is_unknown_makes_all_unknown,
        ignored_tags_are_dropped,      own_tags_are_what_is_no_default,
        keys_of_aws_cannot_be_written,
    };
    return RUN_SUITE("tags", tests);
}
