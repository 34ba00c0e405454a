/* Messages: honest ones pass both ways, hostile ones are refused before they cost memory or stack.
 */
#include "provider/message.h"

#include "proto/tfplugin6.pb-c.h"

#include <check.h>
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

#define PLAN tfplugin6__plan_resource_change__request__descriptor
#define SCHEMA tfplugin6__schema__descriptor

static void expect_refusal(const ProtobufCMessageDescriptor *descriptor, struct str bytes,
                           const char *why)
{
    ck_assert_ptr_null(message_unpack(&call, descriptor, bytes));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(strstr(call.first->detail.at, why), "%s", call.first->detail.at);
}

START_TEST(passes_both_ways)
{
    Tfplugin6__PlanResourceChange__Request request;
    Tfplugin6__DynamicValue config;
    tfplugin6__plan_resource_change__request__init(&request);
    tfplugin6__dynamic_value__init(&config);
    config.msgpack = (ProtobufCBinaryData){ 3, (uint8_t *)"\x81\x00\xff" };
    char name[] = "gpushare_\xc3\xa9";
    request.type_name = name;
    request.config = &config;
    struct str packed = message_pack(&call, &request);
    ck_assert_ptr_nonnull(packed.at);

    char *copy = malloc(packed.len);
    memcpy(copy, packed.at, packed.len);
    const Tfplugin6__PlanResourceChange__Request *back =
        message_unpack(&call, &PLAN, (struct str){ copy, packed.len });
    memset(copy, 0, packed.len); /* nothing is borrowed */
    free(copy);
    ck_assert_ptr_nonnull(back);
    ck_assert_str_eq(back->type_name, "gpushare_\xc3\xa9");
    ck_assert_uint_eq(back->config->msgpack.len, 3);
    ck_assert_int_eq(memcmp(back->config->msgpack.data, "\x81\x00\xff", 3), 0);
    ck_assert_ptr_null(back->prior_state);
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(empty_message)
{
    ck_assert_ptr_nonnull(message_unpack(&call, &PLAN, (struct str){ 0 }));
    Tfplugin6__StopProvider__Response response;
    tfplugin6__stop_provider__response__init(&response);
    struct str packed = message_pack(&call, &response);
    ck_assert_ptr_nonnull(packed.at);
    ck_assert_uint_eq(packed.len, 0);
}
END_TEST

START_TEST(unknown_fields_are_skipped)
{
    /* Fields 100 (varint), 101 (bytes, not UTF-8), 102 (32 bit), 103 (64 bit), then type_name. */
    const Tfplugin6__PlanResourceChange__Request *request =
        message_unpack(&call, &PLAN,
                       STR("\xa0\x06\x01\xaa\x06\x01\xff\xb5\x06"
                           "1234\xb9\x06"
                           "12345678\x0a\x01t"));
    ck_assert_ptr_nonnull(request);
    ck_assert_str_eq(request->type_name, "t");
}
END_TEST

static const struct {
    struct str bytes;
    const char *why;
} malformed[] = {
    { { "\x0a", 1 }, "not a protobuf" },
    { { "\x0a\x05t", 3 }, "not a protobuf" },
    { { "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 }, "not a protobuf" },
    { { "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 }, "not a protobuf" },
    { { "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12 }, "not a protobuf" },
    { { "\x02\x01t", 3 }, "not a protobuf" },        /* field number 0 */
    { { "\x0b\x0c", 2 }, "not a protobuf" },         /* a group */
    { { "\x0f", 1 }, "not a protobuf" },             /* wire type 7 */
    { { "\x0d\x01", 2 }, "not a protobuf" },         /* 32 bits, one byte there */
    { { "\x12\x02\x0a\x05", 4 }, "not a protobuf" }, /* inside a submessage */
    { { "\x0a\x02\xc3(", 4 }, "not UTF-8" },
    { { "\x0a\x03\xed\xa0\x80", 5 }, "not UTF-8" },
    { { "\x0a\x02t\0", 4 }, "zero byte" },
};

START_TEST(refuses_malformed)
{
    expect_refusal(&PLAN, malformed[_i].bytes, malformed[_i].why);
}
END_TEST

/* A schema within a schema: block (2) > block_types (3) > block (2) > ... */
static struct str nest(size_t levels)
{
    struct str inner = STR("");
    for (size_t i = 0; i < levels; i++) {
        struct buf out = buf_make(&arena, BUF_LIMIT);
        buf_add_byte(&out, (char)((i + levels) % 2 ? 0x12 : 0x1a));
        size_t len = inner.len;
        for (; len > 127; len >>= 7)
            buf_add_byte(&out, (char)(len | 0x80));
        buf_add_byte(&out, (char)len);
        buf_add_str(&out, inner);
        inner = buf_str(&out);
    }
    return inner;
}

START_TEST(nesting_is_limited)
{
    struct str deep = nest(MESSAGE_DEPTH_LIMIT - 1);
    ck_assert_int_eq(deep.at[0], 0x12);
    ck_assert_ptr_nonnull(message_unpack(&call, &SCHEMA, deep));
    expect_refusal(&SCHEMA, nest(MESSAGE_DEPTH_LIMIT + 1), "too deep");
}
END_TEST

START_TEST(hostile_depth_costs_no_stack)
{
    expect_refusal(&SCHEMA, nest(3001), "too deep");
}
END_TEST

/* Two bytes of an unknown field cost protobuf-c more than eighty. */
START_TEST(unpacked_size_is_capped)
{
    size_t len = (size_t)4 << 20;
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i += 2) {
        bytes[i] = 0x78; /* field 15, varint */
        bytes[i + 1] = 1;
    }
    expect_refusal(&PLAN, (struct str){ bytes, len }, "too much memory");
    ck_assert_uint_le(arena.held_bytes, len * MESSAGE_UNPACKED_FACTOR + (4 << 20));
    free(bytes);
}
END_TEST

START_TEST(large_honest_message_passes)
{
    size_t len = (size_t)32 << 20;
    char *bytes = calloc(1, len);
    /* config (4) { msgpack (1) }: lengths of four bytes each. */
    memcpy(bytes, "\x22\xfb\xff\xff\x0f\x0a\xf6\xff\xff\x0f", 10);
    const Tfplugin6__PlanResourceChange__Request *request =
        message_unpack(&call, &PLAN, (struct str){ bytes, len });
    free(bytes);
    ck_assert_ptr_nonnull(request);
    ck_assert_uint_eq(request->config->msgpack.len, len - 10);
}
END_TEST

START_TEST(used_up_memory_is_an_error)
{
    /* prior_private with 200,000 bytes; the arena has room for the error only. */
    static char bytes[200004] = "\x2a\xc0\x9a\x0c";
    (void)arena_alloc(&arena, 1);
    arena.limit_bytes = 100000;
    expect_refusal(&PLAN, (struct str){ bytes, sizeof bytes }, "too much memory");
}
END_TEST

START_TEST(too_large_an_answer)
{
    Tfplugin6__ReadResource__Response response;
    tfplugin6__read_resource__response__init(&response);
    uint8_t byte = 0;
    response.private_ = (ProtobufCBinaryData){ BUF_LIMIT + 1, &byte };
    ck_assert_ptr_null(message_pack(&call, &response).at);
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

/* Whatever single byte of a real message changes, the outcome is a message or one error. */
START_TEST(mutations_do_no_harm)
{
    char bytes[] = "\x0a\x03typ\x12\x05\x0a\x03\x81\x01\x02\x42\x04\x0a\x02\x0a\x00";
    size_t len = sizeof bytes - 1;
    for (size_t i = 0; i < len; i++) {
        char saved = bytes[i];
        for (int value = 0; value < 256; value++) {
            bytes[i] = (char)value;
            call = (struct call){ .arena = &arena };
            const void *message = message_unpack(&call, &PLAN, (struct str){ bytes, len });
            ck_assert_uint_eq(call.errors, message ? 0 : 1);
        }
        bytes[i] = saved;
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("message");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, passes_both_ways);
    tcase_add_test(tests, empty_message);
    tcase_add_test(tests, unknown_fields_are_skipped);
    tcase_add_loop_test(tests, refuses_malformed, 0, sizeof malformed / sizeof *malformed);
    tcase_add_test(tests, nesting_is_limited);
    tcase_add_test(tests, hostile_depth_costs_no_stack);
    tcase_add_test(tests, unpacked_size_is_capped);
    tcase_add_test(tests, large_honest_message_passes);
    tcase_add_test(tests, used_up_memory_is_an_error);
    tcase_add_test(tests, too_large_an_answer);
    tcase_add_test(tests, mutations_do_no_harm);
    Suite *suite = suite_create("message");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
