/* Values written as msgpack: the bytes that go-cty writes, numbers as text. */
#include "base/encoding.h"
#include "schema/codec.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void teardown(void)
{
    arena_release(&arena);
}

static const struct type *type_of(const char *json)
{
    const struct type *type = type_parse(&call, str_of(json));
    ck_assert_msg(type != NULL, "%s", json);
    return type;
}

static struct str bytes_of(const char *hex)
{
    size_t len = strlen(hex) / 2;
    char *bytes = arena_alloc(&arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
        bytes[i] = (char)strtoul(pair, NULL, 16);
    }
    return (struct str){ bytes, len };
}

/* Bytes that go-cty makes; they come back as they are. */
static const struct {
    const char *type;
    const char *hex;
} kept[] = {
    { "\"string\"", "a26869" },
    { "\"string\"", "a2c3a9" },
    { "\"string\"", "c0" },
    { "\"string\"", "d40000" },
    { "\"number\"", "b339323233333732303336383534373735383038" },
    { "\"number\"", "b42d39323233333732303336383534373735383039" },
    { "\"number\"", "b43138343436373434303733373039353531363135" },
    { "\"number\"", "a3302e31" },
    { "\"number\"", "a4332e3134" },
    { "\"bool\"", "c2" },
    { "\"bool\"", "c3" },
    { "[\"object\",{\"id\":\"string\",\"n\":\"string\",\"name\":\"string\"}]",
      "83a26964d40000a16ec0a46e616d65a178" },
    { "[\"object\",{}]", "80" },
    { "[\"set\",\"string\"]", "92a161a162" },
    { "[\"set\",\"number\"]", "93a22d31a139a23130" },
    { "[\"set\",\"bool\"]", "93c2c3c0" },
    { "[\"list\",\"string\"]", "92a162a161" },
    { "[\"tuple\",[\"string\",\"bool\"]]", "92a161c3" },
    { "[\"map\",\"number\"]", "82a161a131a162a132" },
    { "\"dynamic\"", "c0" },
    { "\"dynamic\"", "d40000" },
    { "\"dynamic\"", "92c40822737472696e6722a178" },
    { "\"dynamic\"", "92c40822737472696e6722c0" },
    { "\"dynamic\"", "92c40822737472696e6722d40000" },
    { "[\"list\",\"dynamic\"]", "9192c40822737472696e6722a178" },
};

static const char *encode(const struct type *type, const struct value *v)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    value_to_msgpack(&out, type, v);
    return hex_encode(&arena, buf_str(&out)).at;
}

START_TEST(keeps_bytes)
{
    const struct type *type = type_of(kept[_i].type);
    const struct value *v = value_from_msgpack(&call, type, bytes_of(kept[_i].hex));
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(encode(type, v), kept[_i].hex);
}
END_TEST

static const struct {
    const char *number;
    const char *hex;
} numbers[] = {
    { "0", "a130" },
    { "128", "a3313238" },
    { "-33", "a32d3333" },
    { "9223372036854775807", "b339323233333732303336383534373735383037" },
    { "0.5", "a3302e35" },
    { "-2.25", "a52d322e3235" },
    { "0.1", "a3302e31" },
    { "-0.1", "a42d302e31" },
    { "0.15", "a4302e3135" },
    { "4503599627370496.5", "b2343530333539393632373337303439362e35" },
    { "9007199254740993.5", "b2393030373139393235343734303939332e35" },
    { "0.00000000000000000000000000000000000000000000000000000000000005", NULL },
    { "1e500", "a53165353030" },
    { "1.5e500", "a7312e3565353030" },
    { "5e-500", "a635652d353030" },
    { "100000000000000000000", "b5313030303030303030303030303030303030303030" },
};

START_TEST(writes_numbers)
{
    const char *hex = encode(&type_number, value_number(&arena, str_of(numbers[_i].number)));
    if (numbers[_i].hex)
        ck_assert_str_eq(hex, numbers[_i].hex);
    else
        ck_assert_msg(strncmp(hex, "d9", 2) == 0, "%s", hex);
}
END_TEST

static struct str repeat(char byte, size_t count)
{
    char *bytes = arena_alloc(&arena, count + 1);
    memset(bytes, byte, count);
    return (struct str){ bytes, count };
}

static void expect_length(const struct type *type, const struct value *v, const char *start,
                          size_t len)
{
    const char *hex = encode(type, v);
    ck_assert_msg(strncmp(hex, start, strlen(start)) == 0, "%.20s, expected %s", hex, start);
    ck_assert_uint_eq(strlen(hex) / 2, len);
    const struct value *back = value_from_msgpack(&call, type, bytes_of(hex));
    ck_assert_ptr_nonnull(back);
    ck_assert(value_equal(back, v));
}

START_TEST(writes_lengths)
{
    static const struct {
        size_t len;
        const char *start;
        size_t head;
    } texts[] = {
        { 31, "bf78", 1 },      { 32, "d92078", 2 },      { 255, "d9ff78", 2 },
        { 256, "da010078", 3 }, { 65535, "daffff78", 3 }, { 65536, "db0001000078", 5 },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_length(&type_string, value_string(&arena, repeat('x', texts[i].len)), texts[i].start,
                      texts[i].head + texts[i].len);
    static const struct {
        size_t count;
        const char *list;
        const char *map;
        size_t head;
    } counts[] = {
        { 15, "9f", "8f", 1 },
        { 16, "dc0010", "de0010", 3 },
        { 65535, "dcffff", "deffff", 3 },
        { 65536, "dd00010000", "df00010000", 5 },
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t count = counts[i].count;
        const struct value **items = ARENA_NEW_ARRAY(&arena, const struct value *, count);
        struct value_member *members = ARENA_NEW_ARRAY(&arena, struct value_member, count);
        for (size_t j = 0; j < count; j++) {
            items[j] = &value_null;
            members[j].name = str_print(&arena, "%06zu", j);
            members[j].value = &value_null;
        }
        expect_length(&type_string_list, value_sequence(&arena, items, count), counts[i].list,
                      counts[i].head + count);
        expect_length(&type_string_map, value_members(&arena, members, count), counts[i].map,
                      counts[i].head + 8 * count);
    }
}
END_TEST

START_TEST(fills_in_what_is_missing)
{
    const struct type *object = type_of("[\"object\",{\"a\":\"bool\",\"b\":\"bool\"}]");
    const struct value *v = value_with(&arena, &value_null, STR("b"), &value_true);
    ck_assert_str_eq(encode(object, v), "82a161c0a162c3");
    ck_assert_str_eq(encode(object, &value_empty_members), "82a161c0a162c0");
    ck_assert_str_eq(encode(type_of("[\"tuple\",[\"bool\"]]"), &value_empty_sequence), "91c0");
}
END_TEST

START_TEST(sorts_sets)
{
    const struct value *const items[] = { value_string(&arena, STR("b")),
                                          value_string(&arena, STR("a")),
                                          value_string(&arena, STR("b")) };
    ck_assert_str_eq(encode(&type_string_set, value_sequence(&arena, items, 3)), "92a161a162");
    ck_assert_str_eq(encode(&type_string_list, value_sequence(&arena, items, 3)), "93a162a161a162");
}
END_TEST

START_TEST(writes_plain_unknowns)
{
    const struct value v = { .kind = VALUE_UNKNOWN, .never_null = true };
    ck_assert_str_eq(encode(&type_string, &v), "d40000");
    ck_assert_str_eq(encode(&type_dynamic, &v), "d40000");
}
END_TEST

START_TEST(finds_types_for_dynamic_places)
{
    const struct value *v =
        value_with(&arena, &value_null, STR("a"), value_string(&arena, STR("x")));
    const char *hex = encode(&type_dynamic, v);
    const struct value *back = value_from_msgpack(&call, &type_dynamic, bytes_of(hex));
    struct buf out = buf_make(&arena, BUF_LIMIT);
    type_print(&out, back->type);
    ck_assert_str_eq(buf_str(&out).at, "[\"object\",{\"a\":\"string\"}]");
    ck_assert(value_equal(back, v));
    struct buf wide = buf_make(&arena, BUF_LIMIT);
    buf_add_text(&wide, "[\"object\",{");
    for (int i = 0; i < 50; i++)
        buf_print(&wide, "%s\"attribute%02d\":\"bool\"", i ? "," : "", i);
    buf_add_text(&wide, "}]");
    struct value typed = { .kind = VALUE_NULL, .type = type_of(buf_str(&wide).at) };
    const char *long_hex = encode(&type_dynamic, &typed);
    ck_assert_int_eq(strncmp(long_hex, "92c5", 4), 0);
    ck_assert(
        type_equal(value_from_msgpack(&call, &type_dynamic, bytes_of(long_hex))->type, typed.type));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/msgpack_write");
    TCase *cases = tcase_create("msgpack_write");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, keeps_bytes, 0, sizeof kept / sizeof *kept);
    tcase_add_loop_test(cases, writes_numbers, 0, sizeof numbers / sizeof *numbers);
    tcase_add_test(cases, writes_lengths);
    tcase_add_test(cases, fills_in_what_is_missing);
    tcase_add_test(cases, sorts_sets);
    tcase_add_test(cases, writes_plain_unknowns);
    tcase_add_test(cases, finds_types_for_dynamic_places);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
