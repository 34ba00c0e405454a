/* Values, paths, diagnostics and identities on their way in and out. */
#include "provider/exchange.h"

#include "provider/grpc_call.h"
#include "tests/provider/rpc_case.h"

static Tfplugin6__DynamicValue message;

static void set(struct str msgpack, struct str json)
{
    tfplugin6__dynamic_value__init(&message);
    message.msgpack = exchange_binary(msgpack);
    message.json = exchange_binary(json);
}

static enum grpc_status send_to_nobody(struct call *from, struct grpc_stream *stream,
                                       struct str request)
{
    Tfplugin6__StopProvider__Response answer;
    tfplugin6__stop_provider__response__init(&answer);
    (void)request;
    grpc_call_cancel(stream);
    return exchange_send(from, stream, &answer);
}

static enum grpc_status send_too_much(struct call *from, struct grpc_stream *stream,
                                      struct str request)
{
    Tfplugin6__ReadResource__Response answer;
    tfplugin6__read_resource__response__init(&answer);
    uint8_t byte = 0;
    answer.private_ = (ProtobufCBinaryData){ BUF_LIMIT + 1, &byte };
    (void)request;
    return exchange_send(from, stream, &answer);
}

START_TEST(msgpack_and_json_are_taken)
{
    set(STR("\xa1x"), STR(""));
    ck_assert(str_is(value_text(exchange_decode(&call, &type_string, &message)), "x"));
    set(STR(""), STR("\"y\""));
    ck_assert(str_is(value_text(exchange_decode(&call, &type_string, &message)), "y"));
    set(STR("\xa1x"), STR("\"y\""));
    ck_assert(str_is(value_text(exchange_decode(&call, &type_string, &message)), "x"));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(nothing_is_null)
{
    set(STR(""), STR(""));
    ck_assert(value_is_null(exchange_decode(&call, &type_string, &message)));
    ck_assert(value_is_null(exchange_decode(&call, &type_string, NULL)));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(what_does_not_conform_is_one_error)
{
    set(STR("\x93"), STR(""));
    ck_assert_ptr_null(exchange_decode(&call, &type_string_list, &message));
    ck_assert_uint_eq(call.errors, 1);
    set(STR(""), STR("{\"name\": \"a\", \"nonsense\": 1}"));
    ck_assert_ptr_null(exchange_decode(&call, attr_type(&arena, rpc_case_rows()), &message));
    ck_assert_uint_eq(call.errors, 2);
}
END_TEST

START_TEST(values_go_out_as_msgpack)
{
    const Tfplugin6__DynamicValue *out =
        exchange_encode(&call, &type_string, value_string(&arena, STR("x")));
    ck_assert_uint_eq(out->json.len, 0);
    ck_assert(str_equal(exchange_bytes(out->msgpack), STR("\xa1x")));
    out = exchange_encode(&call, &type_string, &value_unknown);
    ck_assert(str_equal(exchange_bytes(out->msgpack), STR("\xd4\0\0")));
}
END_TEST

START_TEST(paths_begin_at_the_root)
{
    const struct path *at =
        PATH_AT_KEY(PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("list")), INT64_MAX), STR("a.b"));
    const Tfplugin6__AttributePath *out = exchange_path(&arena, at);
    ck_assert_uint_eq(out->n_steps, 3);
    ck_assert_int_eq(out->steps[0]->selector_case,
                     TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME);
    ck_assert_str_eq(out->steps[0]->attribute_name, "list");
    ck_assert_int_eq(out->steps[1]->selector_case,
                     TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT);
    ck_assert_int_eq(out->steps[1]->element_key_int, INT64_MAX);
    ck_assert_int_eq(out->steps[2]->selector_case,
                     TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING);
    ck_assert_str_eq(out->steps[2]->element_key_string, "a.b");
    ck_assert_ptr_null(exchange_path(&arena, NULL));
}
END_TEST

START_TEST(diagnostics_keep_their_order)
{
    Tfplugin6__Diagnostic **list;
    ck_assert_uint_eq(exchange_diagnostics(&call, &list), 0);
    warn(&call, NULL, "First", "A warning.");
    (void)fail(&call, PATH_AT_ATTRIBUTE(NULL, STR("name")), "Second", "An error.");
    ck_assert_uint_eq(exchange_diagnostics(&call, &list), 2);
    ck_assert_int_eq(list[0]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING);
    ck_assert_str_eq(list[0]->summary, "First");
    ck_assert_ptr_null(list[0]->attribute);
    ck_assert_int_eq(list[1]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR);
    ck_assert_str_eq(list[1]->detail, "An error.");
    ck_assert_str_eq(rpc_case_place(&arena, list[1]->attribute).at, "name");
}
END_TEST

START_TEST(types_are_found_by_their_full_name)
{
    ck_assert_ptr_nonnull(exchange_resource(&call, SHARING));
    ck_assert_str_eq(call.type_name, SHARING);
    ck_assert_ptr_nonnull(exchange_data_source(&call, "gpushare_cluster"));
    ck_assert_str_eq(call.type_name, "gpushare_cluster");
    ck_assert_uint_eq(call.errors, 0);
    ck_assert_ptr_null(exchange_resource(&call, "gpushare_cluster"));
    ck_assert_ptr_null(exchange_resource(&call, "time_slicing_config"));
    ck_assert_ptr_null(exchange_data_source(&call, ""));
    ck_assert_uint_eq(call.errors, 3);
}
END_TEST

START_TEST(an_identity_that_is_null_is_none)
{
    const struct resource *resource = registry_find_resource(STR(SHARING));
    ck_assert_ptr_null(exchange_identity(&call, resource, &value_null));
    ck_assert_ptr_null(exchange_identity(&call, resource, NULL));
    rpc_case_expect_identity(&call, SHARING,
                             exchange_identity(&call, resource, &value_empty_members),
                             "{'cluster_name':null,'name':null,'namespace':null,'region':null}");
}
END_TEST

START_TEST(an_answer_that_cannot_go_is_no_success)
{
    struct str text;
    ck_assert_int_eq(rpc_case_status(&call, send_to_nobody, STR(""), &text), GRPC_CANCELLED);
    ck_assert_int_eq(rpc_case_status(&call, send_too_much, STR(""), &text), GRPC_INTERNAL);
    ck_assert_uint_gt(text.len, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        msgpack_and_json_are_taken,
        nothing_is_null,
        what_does_not_conform_is_one_error,
        values_go_out_as_msgpack,
        paths_begin_at_the_root,
        diagnostics_keep_their_order,
        types_are_found_by_their_full_name,
        an_identity_that_is_null_is_none,
        an_answer_that_cannot_go_is_no_success,
    };
    return RUN_SUITE("exchange", tests);
}
