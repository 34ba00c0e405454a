/* ConfigureProvider: the block becomes the configuration of the process, or nothing changes. */
#include "provider/config.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__ConfigureProvider__Response *ask(Tfplugin6__DynamicValue *config)
{
    Tfplugin6__ConfigureProvider__Request in;
    tfplugin6__configure_provider__request__init(&in);
    in.config = config;
    return rpc_case_run(&call, rpc_configure_provider, &in,
                        &tfplugin6__configure_provider__response__descriptor);
}

static Tfplugin6__DynamicValue *encode(const char *text)
{
    return rpc_case_encode(&arena, attr_type(&arena, config_rows), object_of(config_rows, text));
}

START_TEST(it_is_used_from_then_on)
{
    ck_assert(config_context()->connection_unknown);
    ASSERT_NO_DIAGNOSTICS(ask(encode(PAST_EKS)));
    ck_assert(config_context()->has_kubernetes);
    ck_assert(!config_context()->connection_unknown);
    ck_assert_ptr_nonnull(config_context()->connections);
}
END_TEST

START_TEST(the_last_one_counts)
{
    ASSERT_NO_DIAGNOSTICS(ask(encode(PAST_EKS)));
    ASSERT_NO_DIAGNOSTICS(ask(encode("{'cluster_name': 'b', 'region': 'eu-west-1'}")));
    ck_assert(!config_context()->has_kubernetes);
    ck_assert(str_is(config_context()->cluster_name, "b"));
    ck_assert(str_is(config_context()->region, "eu-west-1"));
}
END_TEST

START_TEST(unknown_values_are_kept_as_such)
{
    ASSERT_NO_DIAGNOSTICS(ask(encode("{'cluster_name': '?', 'region': '?'}")));
    ck_assert(config_context()->cluster_name_unknown);
    ck_assert(config_context()->region_unknown);
    ck_assert(config_context()->connection_unknown);
    ck_assert_ptr_null(config_context()->connections);
}
END_TEST

START_TEST(json_is_taken_too)
{
    Tfplugin6__DynamicValue config;
    tfplugin6__dynamic_value__init(&config);
    struct buf json = buf_make(&arena, BUF_LIMIT);
    value_to_json(&json, attr_type(&arena, config_rows),
                  object_of(config_rows, "{'cluster_name': 'j', 'region': 'eu-west-1'}"));
    config.json = (ProtobufCBinaryData){ buf_str(&json).len, (uint8_t *)buf_str(&json).at };
    ASSERT_NO_DIAGNOSTICS(ask(&config));
    ck_assert(str_is(config_context()->cluster_name, "j"));
}
END_TEST

START_TEST(what_does_not_fit_changes_nothing)
{
    const struct context *before = config_context();
    Tfplugin6__DynamicValue config;
    tfplugin6__dynamic_value__init(&config);
    config.msgpack = (ProtobufCBinaryData){ 1, (uint8_t *)"\xc3" };
    ck_assert_uint_eq(ask(&config)->n_diagnostics, 1);
    ck_assert_ptr_eq(config_context(), before);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_configure_provider);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_is_used_from_then_on,           the_last_one_counts,
        unknown_values_are_kept_as_such,   json_is_taken_too,
        what_does_not_fit_changes_nothing, malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_configure_provider", tests);
}
