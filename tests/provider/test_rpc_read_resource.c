/* ReadResource: what the API has now, gone, unreachable, or not asked. */
#include "tests/provider/rpc_case.h"

#define IDENTITY "{'cluster_name':null,'name':'plugin','namespace':'kube-system','region':null}"

static const char private_bytes[] = "{\"set\":[\".data.any\"]}";

static const Tfplugin6__ReadResource__Response *ask(Tfplugin6__DynamicValue *state)
{
    Tfplugin6__ReadResource__Request in;
    tfplugin6__read_resource__request__init(&in);
    in.type_name = (char *)SHARING;
    in.current_state = state;
    in.private_ = (ProtobufCBinaryData){ sizeof private_bytes - 1, (uint8_t *)private_bytes };
    return rpc_case_run(&call, rpc_read_resource, &in,
                        &tfplugin6__read_resource__response__descriptor);
}

START_TEST(what_is_the_same_stays_the_same)
{
    static const struct rpc_case_exchange exchanges[] = { { "GET " SHARING_URL, 200, SHARING_LIVE },
                                                          { 0 } };
    rpc_case_configure(&call, PAST_EKS);
    rpc_case_http(exchanges);
    const Tfplugin6__ReadResource__Response *out =
        ask(SHARING_ENCODE(SHARING_OBJECT(SHARING_STATE)));
    rpc_case_http_end();
    ASSERT_NO_DIAGNOSTICS(out);
    ASSERT_VALUE(SHARING_DECODE(out->new_state), SHARING_OBJECT(SHARING_STATE));
    ASSERT_BYTES(out->private_, private_bytes);
    rpc_case_expect_identity(&call, SHARING, out->new_identity, IDENTITY);
}
END_TEST

START_TEST(what_is_gone_is_null)
{
    static const struct rpc_case_exchange exchanges[] = {
        { "GET " SHARING_URL, 404,
          "{'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'NotFound', "
          "'code': 404, 'details': {'name': 'plugin', 'kind': 'configmaps'}}" },
        { 0 }
    };
    rpc_case_configure(&call, PAST_EKS);
    rpc_case_http(exchanges);
    const Tfplugin6__ReadResource__Response *out =
        ask(SHARING_ENCODE(SHARING_OBJECT(SHARING_STATE)));
    rpc_case_http_end();
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert(value_is_null(SHARING_DECODE(out->new_state)));
}
END_TEST

START_TEST(a_refusal_is_an_error_and_no_state)
{
    static const struct rpc_case_exchange exchanges[] = {
        { "GET " SHARING_URL, 403,
          "{'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'Forbidden', "
          "'message': 'no such right', 'code': 403}" },
        { 0 }
    };
    rpc_case_configure(&call, PAST_EKS);
    rpc_case_http(exchanges);
    const Tfplugin6__ReadResource__Response *out =
        ask(SHARING_ENCODE(SHARING_OBJECT(SHARING_STATE)));
    rpc_case_http_end();
    ASSERT_ERROR(out, "", "403");
    ck_assert_ptr_null(out->new_state);
    ck_assert_ptr_null(out->new_identity);
}
END_TEST

START_TEST(an_unknown_configuration_keeps_the_state)
{
    static const struct rpc_case_exchange nothing[] = { { 0 } };
    rpc_case_http(nothing);
    const Tfplugin6__ReadResource__Response *out =
        ask(SHARING_ENCODE(SHARING_OBJECT(SHARING_STATE)));
    rpc_case_http_end();
    ck_assert_uint_eq(out->n_diagnostics, 1);
    ck_assert_int_eq(out->diagnostics[0]->severity, TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING);
    ASSERT_VALUE(SHARING_DECODE(out->new_state), SHARING_OBJECT(SHARING_STATE));
    ASSERT_BYTES(out->private_, private_bytes);
    rpc_case_expect_identity(&call, SHARING, out->new_identity, IDENTITY);
}
END_TEST

START_TEST(json_is_taken_too)
{
    struct buf json = buf_make(&arena, BUF_LIMIT);
    value_to_json(&json, attr_type(&arena, rpc_case_rows()), SHARING_OBJECT(SHARING_STATE));
    Tfplugin6__DynamicValue state;
    tfplugin6__dynamic_value__init(&state);
    state.json = (ProtobufCBinaryData){ buf_str(&json).len, (uint8_t *)buf_str(&json).at };
    ASSERT_VALUE(SHARING_DECODE(ask(&state)->new_state), SHARING_OBJECT(SHARING_STATE));
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    Tfplugin6__ReadResource__Request in;
    tfplugin6__read_resource__request__init(&in);
    in.type_name = (char *)"gpushare_nonsense";
    const Tfplugin6__ReadResource__Response *out = rpc_case_run(
        &call, rpc_read_resource, &in, &tfplugin6__read_resource__response__descriptor);
    ASSERT_ERROR(out, "", "`gpushare_nonsense`");
    ck_assert_ptr_null(out->new_state);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_read_resource);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_the_same_stays_the_same,
        what_is_gone_is_null,
        a_refusal_is_an_error_and_no_state,
        an_unknown_configuration_keeps_the_state,
        json_is_taken_too,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_read_resource", tests);
}
