/* Values read from msgpack: golden vectors, refused bytes, limits. */
#include "schema/codec.h"

#include <check.h>
#include <pthread.h>
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

/* Types are made here, because type_parse has a limit of its own. */
static const struct type *nested_list(size_t depth)
{
    const struct type *type = &type_string;
    for (size_t i = 0; i < depth; i++) {
        struct type *list = ARENA_NEW(&arena, struct type);
        *list = (struct type){ .kind = TYPE_LIST, .element = type };
        type = list;
    }
    return type;
}

/* Runs RUN on a stack of 1 MiB. */
static void on_small_stack(void *(*run)(void *))
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
    ck_assert_int_eq(pthread_create(&thread, &attributes, run, NULL), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static const struct value *decode(const char *type, const char *hex)
{
    return value_from_msgpack(&call, type_of(type), bytes_of(hex));
}

/* Bytes that go-cty 1.18 and 1.19 make or accept, and what they mean. */
static const struct {
    const char *type;
    const char *hex;
    const char *printed;
} vectors[] = {
    { "\"string\"", "a26869", "\"hi\"" },
    { "\"string\"", "a365cc81", "\"\xC3\xA9\"" },
    { "\"string\"", "a2c3a9", "\"\xC3\xA9\"" },
    { "\"string\"", "a0", "\"\"" },
    { "\"string\"", "c4026869", "\"hi\"" },
    { "\"string\"", "c500026869", "\"hi\"" },
    { "\"string\"", "c6000000026869", "\"hi\"" },
    { "\"string\"", "d9026869", "\"hi\"" },
    { "\"string\"", "da00026869", "\"hi\"" },
    { "\"string\"", "db000000026869", "\"hi\"" },
    { "\"string\"", "a26869ffff", "\"hi\"" },
    { "\"string\"", "c0", "null" },
    { "\"number\"", "00", "0" },
    { "\"number\"", "7f", "127" },
    { "\"number\"", "ff", "-1" },
    { "\"number\"", "e0", "-32" },
    { "\"number\"", "cc80", "128" },
    { "\"number\"", "cd0001", "1" },
    { "\"number\"", "ce00010000", "65536" },
    { "\"number\"", "cf7fffffffffffffff", "9223372036854775807" },
    { "\"number\"", "cfffffffffffffffff", "18446744073709551615" },
    { "\"number\"", "d0df", "-33" },
    { "\"number\"", "d07f", "127" },
    { "\"number\"", "d18000", "-32768" },
    { "\"number\"", "d280000000", "-2147483648" },
    { "\"number\"", "d38000000000000000", "-9223372036854775808" },
    { "\"number\"", "b339323233333732303336383534373735383038", "9223372036854775808" },
    { "\"number\"", "a3302e31", "0.1" },
    { "\"number\"", "a431653233", "100000000000000000000000" },
    { "\"number\"", "cb3fe0000000000000", "0.5" },
    { "\"number\"", "cb3fb999999999999a", "0.1" },
    { "\"number\"", "cb3fd3333333333334", "0.30000000000000004" },
    { "\"number\"", "cb4000000000000000", "2" },
    { "\"number\"", "cb8000000000000000", "0" },
    { "\"number\"", "cb4415af1d78b58c40", "100000000000000000000" },
    { "\"number\"", "cbc014000000000000", "-5" },
    { "\"number\"", "ca3f000000", "0.5" },
    { "\"number\"", "ca3dcccccd", "0.10000000149011612" },
    { "\"bool\"", "c2", "false" },
    { "\"bool\"", "c3", "true" },
    { "\"string\"", "d40000", "(known after apply)" },
    { "\"string\"", "d4ff07", "(known after apply)" },
    { "\"string\"", "c70000", "(known after apply)" },
    { "\"string\"", "c7010500", "(known after apply)" },
    { "\"string\"", "c800000c", "(known after apply)" },
    { "\"string\"", "c9000000010c00", "(known after apply)" },
    { "\"string\"", "c7090c8201c202a461726e3a", "(known after apply)" },
    { "\"number\"", "c70b0c8301c2039200c304920ac2", "(known after apply)" },
    { "[\"list\",\"string\"]", "c7070c8301c205010603", "(known after apply)" },
    { "\"string\"", "d50c8100", NULL },
    { "\"string\"", "d60c8102a0c0", "(known after apply)" },
    { "\"string\"", "c7030c8101c3", "null" },
    { "[\"object\",{\"id\":\"string\",\"n\":\"string\",\"name\":\"string\"}]",
      "83a26964d40000a16ec0a46e616d65a178",
      "{ id = (known after apply), n = null, name = \"x\" }" },
    { "[\"object\",{\"id\":\"string\",\"n\":\"string\",\"name\":\"string\"}]",
      "83a46e616d65a178a16ec0c4026964d40000",
      "{ id = (known after apply), n = null, name = \"x\" }" },
    { "[\"object\",{}]", "80", "{}" },
    { "[\"set\",\"string\"]", "92a161a162", "[\"a\", \"b\"]" },
    { "[\"set\",\"string\"]", "93a162a161a162", "[\"a\", \"b\"]" },
    { "[\"set\",\"number\"]", "930a09d0ff", "[-1, 9, 10]" },
    { "[\"list\",\"string\"]", "93a162a161a162", "[\"b\", \"a\", \"b\"]" },
    { "[\"list\",\"bool\"]", "dc0002c2c3", "[false, true]" },
    { "[\"list\",\"bool\"]", "dd00000001c2", "[false]" },
    { "[\"list\",\"bool\"]", "90", "[]" },
    { "[\"tuple\",[\"string\",\"bool\"]]", "92a161c0", "[\"a\", null]" },
    { "[\"map\",\"number\"]", "82a16202a16101", "{ a = 1, b = 2 }" },
    { "[\"map\",\"number\"]", "de0001a16101", "{ a = 1 }" },
    { "[\"map\",\"number\"]", "df00000001a16101", "{ a = 1 }" },
    { "[\"map\",\"number\"]", "81a365cc8101", "{ \"\xC3\xA9\" = 1 }" },
    { "\"dynamic\"", "c0", "null" },
    { "\"dynamic\"", "d40000", "(known after apply)" },
    { "\"dynamic\"", "92c40822737472696e6722a178", "\"x\"" },
    { "\"dynamic\"", "92a822737472696e6722a178", "\"x\"" },
    { "\"dynamic\"", "92c40822737472696e6722c0", "null" },
    { "\"dynamic\"", "92c40822737472696e6722d40000", "(known after apply)" },
    { "\"dynamic\"", "92c4092264796e616d69632292c40822737472696e6722a178", "\"x\"" },
    { "[\"list\",\"dynamic\"]", "9192c40822737472696e6722a178", "[\"x\"]" },
};

START_TEST(decodes)
{
    const struct value *v = decode(vectors[_i].type, vectors[_i].hex);
    if (!vectors[_i].printed) {
        ck_assert_msg(!v, "%s", vectors[_i].hex);
        ck_assert_uint_eq(call.errors, 1);
        return;
    }
    ck_assert_msg(v != NULL, "%s: %s", vectors[_i].hex, call.first ? call.first->detail.at : "");
    ck_assert_str_eq(value_print(&arena, v).at, vectors[_i].printed);
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

/* Every proper prefix of a value is an error, but for prefixes that are values themselves. */
START_TEST(fails_at_every_truncation)
{
    const struct type *type = type_of(vectors[_i].type);
    struct str whole = bytes_of(vectors[_i].hex);
    for (size_t len = 0; vectors[_i].printed && len < whole.len; len++) {
        unsigned before = call.errors;
        /* A copy of its own, so that reading past it is seen. */
        char *part = malloc(len + !len);
        memcpy(part, whole.at, len);
        const struct value *v = value_from_msgpack(&call, type, (struct str){ part, len });
        ck_assert_uint_eq(call.errors - before, v ? 0 : 1);
        ck_assert(!v || str_is(whole, "\xa2hi\xff\xff"));
        free(part);
    }
}
END_TEST

static const struct {
    const char *type;
    const char *hex;
    const char *part; /* of the message */
} refused[] = {
    { "\"string\"", "", "ends after 0 bytes" },
    { "\"string\"", "c1", "begins none" },
    { "\"string\"", "c3", "Expected a string" },
    { "\"string\"", "01", "found an integer" },
    { "\"string\"", "90", "found an array" },
    { "\"string\"", "a1ff", "valid UTF-8" },
    { "\"string\"", "a3eda080", "valid UTF-8" },
    { "\"string\"", "dbffffffff61", "ends after" },
    { "\"string\"", "c6ffffffff61", "ends after" },
    { "\"string\"", "c9ffffffff0c", "ends after" },
    { "\"string\"", "d50102ff", "another kind" },
    { "\"string\"", "d8010000000000000000000000000000000000", "another kind" },
    { "\"string\"", "c7030c9101c2", "a map of refinements" },
    { "\"string\"", "c7040c81a101c2", "the number of a refinement" },
    { "\"string\"", "c7030c810101", "Expected a bool" },
    { "\"string\"", "c7030c8201c2", "ends after" },
    { "\"string\"", "c7030c8107a4", "ends after" },
    { "\"string\"", "c7030c810791", "ends after" },
    { "\"number\"", "a0", "finite number" },
    { "\"number\"", "a178", "finite number" },
    { "\"number\"", "a3696e66", "finite number" },
    { "\"number\"", "cb7ff0000000000000", "finite number" },
    { "\"number\"", "cbfff0000000000000", "finite number" },
    { "\"number\"", "cb7ff8000000000000", "finite number" },
    { "\"number\"", "ca7f800000", "finite number" },
    { "\"number\"", "c3", "found a bool" },
    { "\"number\"", "80", "found a map" },
    { "\"bool\"", "a474727565", "Expected a bool" },
    { "\"bool\"", "01", "Expected a bool" },
    { "[\"list\",\"string\"]", "a161", "Expected an array" },
    { "[\"list\",\"string\"]", "81a161a162", "Expected an array" },
    { "[\"list\",\"string\"]", "ddffffffff", "ends after" },
    { "[\"list\",\"string\"]", "dcffffa0a0", "ends after" },
    { "[\"list\",\"string\"]", "92a101", "ends after" },
    { "[\"list\",\"string\"]", "9101", "Expected a string" },
    { "[\"tuple\",[\"string\"]]", "90", "Expected 1 elements, found 0" },
    { "[\"tuple\",[\"string\"]]", "92a0a0", "Expected 1 elements, found 2" },
    { "[\"map\",\"string\"]", "90", "Expected a map" },
    { "[\"map\",\"string\"]", "dfffffffff", "ends after" },
    { "[\"map\",\"string\"]", "8101a0", "Expected a string" },
    { "[\"map\",\"string\"]", "81c0a0", "Expected a string" },
    { "[\"object\",{\"a\":\"string\"}]", "80", "1 attributes of the schema once, found 0" },
    { "[\"object\",{\"a\":\"string\"}]", "81a162a0", "found \"b\"" },
    { "[\"object\",{\"a\":\"string\"}]", "82a161a0a162a0", "found \"b\"" },
    { "[\"object\",{\"a\":\"string\",\"b\":\"bool\"}]", "82a161a0a161a0", "found 1 different" },
    { "[\"object\",{\"a\":\"string\"}]", "90", "Expected a map" },
    { "[\"object\",{}]", "81a161a0", "found \"a\"" },
    { "\"dynamic\"", "a178", "an array of a type and a value" },
    { "\"dynamic\"", "91c0", "an array of a type and a value" },
    { "\"dynamic\"", "93c0c0c0", "an array of a type and a value" },
    { "\"dynamic\"", "92c0c0", "Expected a type" },
    { "\"dynamic\"", "92a3616e79a178", "Expected a type" },
    { "\"dynamic\"", "92c40822737472696e672201", "Expected a string" },
};

START_TEST(refuses)
{
    struct str bytes = bytes_of(refused[_i].hex);
    char *exact = malloc(bytes.len + !bytes.len);
    memcpy(exact, bytes.at, bytes.len);
    ck_assert_msg(
        !value_from_msgpack(&call, type_of(refused[_i].type), (struct str){ exact, bytes.len }),
        "%s", refused[_i].hex);
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(str_contains(call.first->detail, refused[_i].part), "%s: %s", refused[_i].hex,
                  call.first->detail.at);
    ck_assert_uint_lt(arena.held_bytes, 1024 * 1024);
    free(exact);
}
END_TEST

START_TEST(keeps_not_null_only)
{
    ck_assert(decode("\"string\"", "c7030c8101c2")->never_null);
    ck_assert(decode("\"string\"", "c7090c8201c202a461726e3a")->never_null);
    ck_assert(!decode("\"string\"", "c7070c8102a461726e3a")->never_null);
    ck_assert(!decode("\"string\"", "d40000")->never_null);
    ck_assert(!decode("\"dynamic\"", "c7030c8101c2")->never_null);
}
END_TEST

START_TEST(limits_refinements)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    buf_add(&out, "\xc8\x04\x00\x0c\x81\x02\xda\x03\xfb", 9);
    for (int i = 0; i < 1019; i++)
        buf_add_byte(&out, 'x');
    struct str most = buf_str(&out);
    ck_assert_ptr_eq(value_from_msgpack(&call, &type_string, most), &value_unknown);
    ck_assert_uint_eq(call.errors, 0);
    buf_add_byte(&out, 'x');
    struct str more = buf_str(&out);
    ((char *)(uintptr_t)more.at)[2] = 1;
    ck_assert_ptr_null(value_from_msgpack(&call, &type_string, more));
    ck_assert(str_contains(call.first->detail, "1024 bytes"));
}
END_TEST

START_TEST(names_the_place)
{
    ck_assert_ptr_null(
        decode("[\"object\",{\"a\":[\"map\",[\"list\",\"bool\"]]}]", "81a16181a16b92c301"));
    ck_assert_str_eq(path_print(&arena, call.first->at).at, "a[\"k\"][1]");
}
END_TEST

START_TEST(types_dynamic_values)
{
    const struct value *v = decode("\"dynamic\"", "92c4115b226c697374222c22737472696e67225dc0");
    ck_assert_int_eq(v->kind, VALUE_NULL);
    ck_assert(type_equal(v->type, &type_string_list));
    ck_assert_ptr_null(value_null.type);
    ck_assert_ptr_null(decode("\"dynamic\"", "c0")->type);
    ck_assert_ptr_null(decode("\"dynamic\"", "d40000")->type);
    ck_assert_ptr_eq(decode("\"dynamic\"", "92c40822737472696e6722d40000")->type, &type_string);
}
END_TEST

static struct str nested_bytes(size_t depth, const char *open, size_t open_len)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < depth; i++)
        buf_add(&out, open, open_len);
    buf_add_byte(&out, '\xa0');
    return buf_str(&out);
}

static void *decode_deep(void *unused)
{
    const struct value *v = value_from_msgpack(&call, nested_list(VALUE_DEPTH_LIMIT),
                                               nested_bytes(VALUE_DEPTH_LIMIT, "\x91", 1));
    ck_assert_ptr_nonnull(v);
    struct buf out = buf_make(&arena, BUF_LIMIT);
    value_to_msgpack(&out, nested_list(VALUE_DEPTH_LIMIT), value_copy(&arena, v));
    ck_assert_uint_eq(buf_str(&out).len, VALUE_DEPTH_LIMIT + 1);
    ck_assert_ptr_null(value_from_msgpack(&call, nested_list(VALUE_DEPTH_LIMIT + 1),
                                          nested_bytes(VALUE_DEPTH_LIMIT + 1, "\x91", 1)));
    ck_assert_uint_eq(call.errors, 1);
    const struct str wrapper = STR("\x92\xc4\x09\"dynamic\"");
    ck_assert_ptr_null(
        value_from_msgpack(&call, &type_dynamic, nested_bytes(100000, wrapper.at, wrapper.len)));
    ck_assert_str_eq(call.last->summary.at, "Value nests too deep");
    return unused;
}

START_TEST(limits_depth)
{
    on_small_stack(decode_deep);
    ck_assert_uint_eq(call.errors, 2);
}
END_TEST

/* Whatever bytes come, there is a value or exactly one error. */
START_TEST(survives_noise)
{
    const struct type *type = type_of("[\"object\",{\"a\":\"dynamic\",\"b\":[\"set\",\"number\"],"
                                      "\"c\":[\"map\",[\"tuple\",[\"bool\",\"string\"]]]}]");
    const struct str seed =
        bytes_of("83a16192c40822737472696e6722a178a1629301cb3fe0000000000000a3302e31"
                 "a16381a16b92c3c7090c8201c202a461726e3a");
    ck_assert_ptr_nonnull(value_from_msgpack(&call, type, seed));
    unsigned state = 1;
    for (int round = 0; round < 20000; round++) {
        char noisy[64];
        memcpy(noisy, seed.at, seed.len);
        for (int changes = 0; changes < 3; changes++) {
            state = state * 1103515245u + 12345u;
            noisy[(state >> 16) % seed.len] = (char)(state >> 8);
        }
        struct arena own = arena_make(NULL);
        struct call one = { .arena = &own };
        bool decoded = value_from_msgpack(&one, type, (struct str){ noisy, seed.len }) != NULL;
        ck_assert_uint_eq(one.errors, !decoded);
        arena_release(&own);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schema/msgpack");
    TCase *cases = tcase_create("msgpack");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, decodes, 0, sizeof vectors / sizeof *vectors);
    tcase_add_loop_test(cases, fails_at_every_truncation, 0, sizeof vectors / sizeof *vectors);
    tcase_add_loop_test(cases, refuses, 0, sizeof refused / sizeof *refused);
    tcase_add_test(cases, keeps_not_null_only);
    tcase_add_test(cases, limits_refinements);
    tcase_add_test(cases, names_the_place);
    tcase_add_test(cases, types_dynamic_values);
    tcase_add_test(cases, limits_depth);
    tcase_add_test(cases, survives_noise);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
