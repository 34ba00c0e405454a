/* Values as HCL: quoting, layout, what is left out. */
#include "resources/hcl.h"

#include "tests/resources/data.h"

static const struct attr inner_rows[] = {
    { "key", &type_string, REQUIRED, .doc = "Key." },
    { 0 },
};
static const struct attr rows[] = {
    { "name", &type_string, REQUIRED, .doc = "Name." },
    { "count_of_it", &type_number, OPTIONAL, .doc = "Count." },
    { "made", &type_string, COMPUTED, .doc = "Made." },
    { "adopt", &type_bool, OPTIONAL | COMPUTED, .default_json = "false", .doc = "Adopt." },
    { "one", NULL, .nesting = BLOCK_SINGLE, .rows = inner_rows, .doc = "One." },
    { "part", NULL, .nesting = BLOCK_LIST, .rows = inner_rows, .doc = "Part." },
    { "named", NULL, .nesting = BLOCK_MAP, .rows = inner_rows, .doc = "Named." },
    { "labels", &type_string_map, OPTIONAL, .doc = "Labels." },
    { 0 },
};

static const char *print(const char *json)
{
    const struct value *object =
        value_from_json(&call, attr_type(&arena, rows), str_of(json), /* ignore */ true);
    ck_assert_ptr_nonnull(object);
    struct buf out = buf_make(&arena, BUF_LIMIT);
    hcl_resource(&out, "gpushare_x", STR("y"), rows, attr_fill_blocks(&arena, rows, object));
    return buf_str(&out).at;
}

START_TEST(attributes_stand_below_each_other)
{
    ck_assert_str_eq(print("{\"name\": \"a\", \"count_of_it\": 2.5, \"made\": \"x\", \"adopt\": "
                           "false, \"labels\": {\"a\": \"b\", \"c/d\": \"e\"}}"),
                     "resource \"gpushare_x\" \"y\" {\n"
                     "  name        = \"a\"\n"
                     "  count_of_it = 2.5\n"
                     "  labels      = { a = \"b\", \"c/d\" = \"e\" }\n"
                     "}\n");
    ck_assert_str_eq(print("{\"name\": \"a\", \"adopt\": true, \"labels\": {}}"),
                     "resource \"gpushare_x\" \"y\" {\n"
                     "  name   = \"a\"\n"
                     "  adopt  = true\n"
                     "  labels = {}\n"
                     "}\n");
}
END_TEST

START_TEST(blocks_come_behind_attributes)
{
    ck_assert_str_eq(print("{\"name\": \"a\", \"one\": {\"key\": \"k\"}, \"part\": [{\"key\": "
                           "\"1\"}, {\"key\": \"2\"}], \"named\": {\"n\": {\"key\": \"3\"}}}"),
                     "resource \"gpushare_x\" \"y\" {\n"
                     "  name = \"a\"\n"
                     "\n"
                     "  one {\n"
                     "    key = \"k\"\n"
                     "  }\n"
                     "\n"
                     "  part {\n"
                     "    key = \"1\"\n"
                     "  }\n"
                     "\n"
                     "  part {\n"
                     "    key = \"2\"\n"
                     "  }\n"
                     "\n"
                     "  named \"n\" {\n"
                     "    key = \"3\"\n"
                     "  }\n"
                     "}\n");
}
END_TEST

START_TEST(nothing_in_a_string_is_a_template)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    hcl_string(&out, STR("a\"\\\n\t\r\x01${x}%{y}$z%"));
    ck_assert_str_eq(buf_str(&out).at, "\"a\\\"\\\\\\n\\t\\r\\u0001$${x}%%{y}$z%\"");
}
END_TEST

START_TEST(values)
{
    const struct value *items[] = { value_bool(true), &value_null, value_int(&arena, -3) };
    struct buf out = buf_make(&arena, BUF_LIMIT);
    hcl_value(&out, value_sequence(&arena, items, 3));
    ck_assert_str_eq(buf_str(&out).at, "[true, null, -3]");
}
END_TEST

START_TEST(labels)
{
    ck_assert_str_eq(hcl_label(&arena, STR("gpu-pool.1")).at, "gpu_pool_1");
    ck_assert_str_eq(hcl_label(&arena, STR("1a")).at, "_1a");
    ck_assert_str_eq(hcl_label(&arena, STR("")).at, "_");
}
END_TEST

int main(void)
{
    DATA_RUN("hcl", attributes_stand_below_each_other, blocks_come_behind_attributes,
             nothing_in_a_string_is_a_template, values, labels);
}
