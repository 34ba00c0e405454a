/* Tests of request bodies. */
#include "schema/encode.h"

#include "tests/schema/suite.h"

static json_t *upper(struct arena *a, const struct value *v)
{
    if (str_is(v->text, "drop"))
        return NULL;
    return json_new_str(a, str_print(a, "<%.*s>", STR_ARG(v->text)));
}

static const struct codec marked = { .to_api = upper };

static const struct attr budget_rows[] = {
    { "nodes", &type_string, OPTIONAL, .doc = "Nodes." },
    { "note", &type_string, OPTIONAL | UNSENT, .doc = "Note." },
    { 0 },
};

static const struct attr disruption_rows[] = {
    { "after", &type_string, OPTIONAL, .api = "consolidate.after", .doc = "After." },
    { "budget", NULL, .nesting = BLOCK_LIST, .rows = budget_rows, .api = "budgets", .doc = "B." },
    { 0 },
};

static const struct attr sharing_rows[] = {
    { "config_key", &type_string, OPTIONAL, .api = "spec.labels[\"x.y/config\"]", .doc = "Key." },
    { 0 },
};

static const struct attr plain_rows[] = {
    { "flag", &type_bool, OPTIONAL, .api = "extra.flag", .doc = "Flag." },
    { 0 },
};

static const struct attr template_rows[] = {
    { "inner", NULL, .nesting = BLOCK_SINGLE, .rows = plain_rows, .api = "",
      .present = "[\"x.y/inner\"]", .doc = "Inner." },
    { "other", NULL, .nesting = BLOCK_SINGLE, .rows = plain_rows, .api = "", .present = "seen.it",
      .doc = "Other." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED, .api = "metadata.name", .doc = "Name." },
    { "max_size", &type_number, OPTIONAL, .doc = "Size." },
    { "enabled", &type_bool, OPTIONAL, .doc = "Enabled." },
    { "list", &type_string_list, OPTIONAL, .codec = &marked, .doc = "List." },
    { "labels", &type_string_map, OPTIONAL, .api = "spec.labels", .doc = "Labels." },
    { "marks", &type_string_map, OPTIONAL, .codec = &marked, .doc = "Marks." },
    { "client_only", &type_string, OPTIONAL | UNSENT, .doc = "Ours." },
    { "status", &type_string, COMPUTED | READ_ONLY, .doc = "Status." },
    { "id", &type_string, OPTIONAL, .doc = "Id." },
    { "alias", &type_string, OPTIONAL, .yields_to = "id", .doc = "Alias." },
    { "disruption", NULL, .nesting = BLOCK_SINGLE, .rows = disruption_rows,
      .api = "spec.disruption", .doc = "Disruption." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = budget_rows, .doc = "Area." },
    { "sharing", NULL, .nesting = BLOCK_SINGLE, .rows = sharing_rows, .api = "",
      .present = "spec.labels[\"x.y/present\"]", .doc = "Sharing." },
    { "template", NULL, .nesting = BLOCK_SINGLE, .rows = template_rows, .doc = "Template." },
    { 0 },
};

static json_t *body_of(const char *object)
{
    return encode_body(&call, rows, object_of(rows, object));
}

START_TEST(scalars_go_to_their_paths)
{
    ASSERT_JSON(body_of("{'name': 'a', 'max_size': 3, 'enabled': false}"),
                "{'metadata': {'name': 'a'}, 'maxSize': 3, 'enabled': false}");
    ASSERT_JSON(body_of("{'max_size': 0.5}"), "{'maxSize': 0.5}");
    ASSERT_JSON(body_of("{'name': ''}"), "{'metadata': {'name': ''}}");
}
END_TEST

START_TEST(numbers_past_json_go_as_text)
{
    ASSERT_JSON(body_of("{'max_size': 9223372036854775807}"), "{'maxSize': 9223372036854775807}");
    const struct value *huge = value_number(&arena, number_canonical(&arena, STR("1e999")));
    const struct value *object = value_with(&arena, object_of(rows, "{}"), STR("max_size"), huge);
    const json_t *sent = json_at(encode_body(&call, rows, object), "maxSize");
    ck_assert(json_is_string(sent));
}
END_TEST

START_TEST(what_is_null_unknown_or_ours_is_left_out)
{
    ASSERT_JSON(body_of("{}"), "{}");
    ASSERT_JSON(body_of("{'client_only': 'a', 'status': 'ACTIVE', 'name': '?'}"), "{}");
    const struct value *object =
        value_with(&arena, object_of(rows, "{}"), STR("area"), &value_unknown);
    ASSERT_JSON(encode_body(&call, rows, object), "{}");
}
END_TEST

START_TEST(a_sibling_can_take_precedence)
{
    ASSERT_JSON(body_of("{'id': 'i', 'alias': 'a'}"), "{'id': 'i'}");
    ASSERT_JSON(body_of("{'id': '?', 'alias': 'a'}"), "{'alias': 'a'}");
    ASSERT_JSON(body_of("{'alias': 'a'}"), "{'alias': 'a'}");
}
END_TEST

START_TEST(codecs_spell_each_element)
{
    ASSERT_JSON(body_of("{'list': ['a', 'drop', 'b'], 'marks': {'x': 'a', 'y': 'drop'}}"),
                "{'list': ['<a>', '<b>'], 'marks': {'x': '<a>'}}");
    ASSERT_JSON(body_of("{'list': [null, 'a'], 'marks': {'x': null}}"),
                "{'list': ['<a>'], 'marks': {}}");
    ASSERT_JSON(body_of("{'list': [], 'labels': {}}"), "{'list': [], 'spec': {'labels': {}}}");
}
END_TEST

START_TEST(blocks_become_objects_and_arrays)
{
    ASSERT_JSON(
        body_of("{'disruption': {'after': '1h', 'budget': [{'nodes': '1', 'note': 'n'}, {}]},"
                " 'area': {'a': {'nodes': '2'}, 'b': {}}}"),
        "{'spec': {'disruption': {'consolidate': {'after': '1h'},"
        " 'budgets': [{'nodes': '1'}, {}]}}, 'area': {'a': {'nodes': '2'}, 'b': {}}}");
    ASSERT_JSON(body_of("{'disruption': {}}"), "{'spec': {'disruption': {}}}");
}
END_TEST

START_TEST(transparent_blocks_share_a_map)
{
    ASSERT_JSON(body_of("{'labels': {'team': 'ml'}, 'sharing': {'config_key': 'any'}}"),
                "{'spec': {'labels': {'team': 'ml', 'x.y/config': 'any', 'x.y/present': 'true'}}}");
    ASSERT_JSON(body_of("{'sharing': {}}"), "{'spec': {'labels': {'x.y/present': 'true'}}}");
    ASSERT_JSON(body_of("{'labels': {'team': 'ml'}}"), "{'spec': {'labels': {'team': 'ml'}}}");
}
END_TEST

START_TEST(transparent_blocks_start_at_the_block_around)
{
    ASSERT_JSON(body_of("{'template': {'inner': {'flag': true}}}"),
                "{'template': {'x.y/inner': 'true', 'extra': {'flag': true}}}");
    ASSERT_JSON(body_of("{'template': {'other': {}}}"), "{'template': {'seen': {'it': 'true'}}}");
}
END_TEST

START_TEST(a_map_joins_what_stands_at_its_path)
{
    static const struct attr late[] = {
        { "sharing", NULL, .nesting = BLOCK_SINGLE, .rows = sharing_rows, .api = "",
          .present = "spec.labels[\"x.y/present\"]", .doc = "Sharing." },
        { "labels", &type_string_map, OPTIONAL, .api = "spec.labels", .doc = "Labels." },
        { 0 },
    };
    ASSERT_JSON(
        encode_body(&call, late, object_of(late, "{'labels': {'team': 'ml'}, 'sharing': {}}")),
        "{'spec': {'labels': {'team': 'ml', 'x.y/present': 'true'}}}");
}
END_TEST

START_TEST(one_value_alone)
{
    ck_assert(
        str_is(json_str(encode_value(&arena, &rows[0], value_string(&arena, STR("a")))), "a"));
    ck_assert_ptr_null(encode_value(&arena, &rows[0], &value_null));
    ck_assert_ptr_null(encode_value(&arena, &rows[3], &value_unknown));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        scalars_go_to_their_paths,
        numbers_past_json_go_as_text,
        what_is_null_unknown_or_ours_is_left_out,
        a_sibling_can_take_precedence,
        codecs_spell_each_element,
        blocks_become_objects_and_arrays,
        transparent_blocks_share_a_map,
        transparent_blocks_start_at_the_block_around,
        a_map_joins_what_stands_at_its_path,
        one_value_alone,
    };
    return RUN_SUITE("encode", tests);
}
