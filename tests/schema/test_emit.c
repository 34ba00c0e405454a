/* Tests of protocol schemas. */
#include "schema/emit.h"

#include "tests/schema/suite.h"

static const struct attr inner_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { 0 },
};

static const struct attr rows[] = {
    { "name", &type_string, REQUIRED | REPLACES, .doc = "Name." },
    { "limits", &type_string_map, OPTIONAL, .deprecated = "Use `size`.", .doc = "Limits." },
    { "arn", &type_string, COMPUTED, .doc = "Arn." },
    { "mode", &type_string, OPTIONAL | COMPUTED, .default_json = "\"x\"", .doc = "Mode." },
    { "token", &type_string, OPTIONAL | SENSITIVE | WRITE_ONLY, .doc = "Token." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = inner_rows, .min_items = 1, .max_items = 1,
      .doc = "One." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = inner_rows, .max_items = 50,
      .deprecated = "Use `one`.", .doc = "Taint." },
    { "area", NULL, .nesting = BLOCK_MAP, .rows = inner_rows, .doc = "Area." },
    { 0 },
};

static Tfplugin6__Schema__Block *block;

static void emit(void)
{
    Tfplugin6__Schema *schema = schema_emit(&arena, rows, 3, "All of it.");
    ck_assert_int_eq(schema->version, 3);
    block = schema->block;
    ck_assert_ptr_nonnull(block);
}

static const Tfplugin6__Schema__Attribute *attribute(const char *name)
{
    for (size_t i = 0; i < block->n_attributes; i++)
        if (strcmp(block->attributes[i]->name, name) == 0)
            return block->attributes[i];
    ck_abort_msg("no attribute %s", name);
    return NULL;
}

START_TEST(a_schema_has_a_block_even_when_empty)
{
    static const struct attr none[] = { { 0 } };
    Tfplugin6__Schema *schema = schema_emit(&arena, none, 0, "Nothing.");
    ck_assert_ptr_nonnull(schema->block);
    ck_assert_uint_eq(schema->block->n_attributes + schema->block->n_block_types, 0);
}
END_TEST

START_TEST(flags_become_fields)
{
    emit();
    ck_assert_str_eq(block->description, "All of it.");
    ck_assert_int_eq(block->description_kind, TFPLUGIN6__STRING_KIND__MARKDOWN);
    ck_assert_uint_eq(block->n_attributes, 5);
    const Tfplugin6__Schema__Attribute *name = attribute("name");
    ck_assert(name->required && !name->optional && !name->computed);
    ck_assert_str_eq(name->description, "Name. A change creates the object anew.");
    ck_assert_int_eq(name->description_kind, TFPLUGIN6__STRING_KIND__MARKDOWN);
    const Tfplugin6__Schema__Attribute *mode = attribute("mode");
    ck_assert(!mode->required && mode->optional && mode->computed && !mode->sensitive);
    ck_assert(attribute("arn")->computed && !attribute("arn")->optional);
    ck_assert(attribute("token")->sensitive && attribute("token")->write_only);
}
END_TEST

START_TEST(types_are_json)
{
    emit();
    const Tfplugin6__Schema__Attribute *limits = attribute("limits");
    ck_assert_uint_eq(limits->type.len, strlen("[\"map\",\"string\"]"));
    ck_assert_mem_eq(limits->type.data, "[\"map\",\"string\"]", limits->type.len);
    ck_assert_mem_eq(attribute("arn")->type.data, "\"string\"", attribute("arn")->type.len);
}
END_TEST

START_TEST(deprecation_is_told_with_its_text)
{
    emit();
    ck_assert(attribute("limits")->deprecated);
    ck_assert_str_eq(attribute("limits")->deprecation_message, "Use `size`.");
    ck_assert(!attribute("name")->deprecated);
    ck_assert_str_eq(attribute("name")->deprecation_message, "");
    ck_assert(block->block_types[1]->block->deprecated);
    ck_assert_str_eq(block->block_types[1]->block->deprecation_message, "Use `one`.");
    ck_assert(!block->block_types[0]->block->deprecated);
}
END_TEST

START_TEST(blocks_nest)
{
    emit();
    ck_assert_uint_eq(block->n_block_types, 3);
    static const struct {
        const char *name;
        Tfplugin6__Schema__NestedBlock__NestingMode mode;
        int64_t min, max;
    } expected[] = {
        { "one", TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE, 1, 1 },
        { "taint", TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST, 0, 50 },
        { "area", TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__MAP, 0, 0 },
    };
    for (size_t i = 0; i < 3; i++) {
        const Tfplugin6__Schema__NestedBlock *nested = block->block_types[i];
        ck_assert_str_eq(nested->type_name, expected[i].name);
        ck_assert_int_eq(nested->nesting, expected[i].mode);
        ck_assert_int_eq(nested->min_items, expected[i].min);
        ck_assert_int_eq(nested->max_items, expected[i].max);
        ck_assert_uint_eq(nested->block->n_attributes, 1);
        ck_assert_str_eq(nested->block->attributes[0]->name, "key");
    }
    ck_assert_str_eq(block->block_types[2]->block->description, "Area.");
}
END_TEST

START_TEST(a_schema_can_be_packed)
{
    Tfplugin6__Schema *schema = schema_emit(&arena, rows, 3, "All of it.");
    size_t size = tfplugin6__schema__get_packed_size(schema);
    uint8_t *bytes = arena_alloc(&arena, size);
    ck_assert_uint_eq(tfplugin6__schema__pack(schema, bytes), size);
    Tfplugin6__Schema *back = tfplugin6__schema__unpack(NULL, size, bytes);
    ck_assert_ptr_nonnull(back);
    ck_assert_uint_eq(back->block->n_attributes, 5);
    ck_assert_uint_eq(back->block->n_block_types, 3);
    tfplugin6__schema__free_unpacked(back, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_schema_has_a_block_even_when_empty, flags_become_fields, types_are_json,
        deprecation_is_told_with_its_text,    blocks_nest,         a_schema_can_be_packed,
    };
    return RUN_SUITE("emit", tests);
}
