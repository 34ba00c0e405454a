/* ValidateResourceConfig: mistakes are found where they stand. */
#include "tests/provider/rpc_case.h"

static const Tfplugin6__ValidateResourceConfig__Response *ask(const char *type_name,
                                                              Tfplugin6__DynamicValue *config)
{
    Tfplugin6__ValidateResourceConfig__Request in;
    tfplugin6__validate_resource_config__request__init(&in);
    in.type_name = (char *)type_name;
    in.config = config;
    return rpc_case_run(&call, rpc_validate_resource_config, &in,
                        &tfplugin6__validate_resource_config__response__descriptor);
}

START_TEST(a_right_configuration_has_no_diagnostics)
{
    ASSERT_NO_DIAGNOSTICS(ask(SHARING, SHARING_ENCODE(SHARING_OBJECT(SHARING_CONFIG))));
}
END_TEST

START_TEST(a_mistake_points_at_attribute_index_and_key)
{
    const Tfplugin6__ValidateResourceConfig__Response *out = ask(
        SHARING,
        SHARING_ENCODE(SHARING_OBJECT("{'name': 'plugin', 'config': [{'name': 'any', 'replicas': "
                                      "{'nvidia.com/gpu': 2}}, {'name': 'b', 'replicas': "
                                      "{'nvidia.com/gpu': 1}}]}")));
    ASSERT_ERROR(out, "config[1].replicas[\"nvidia.com/gpu\"]", "less than 2");
}
END_TEST

START_TEST(every_mistake_is_told)
{
    const Tfplugin6__ValidateResourceConfig__Response *out =
        ask(SHARING, SHARING_ENCODE(SHARING_OBJECT("{'name': 'Not_A_Name', 'namespace': '-'}")));
    ck_assert_uint_eq(out->n_diagnostics, 2);
    ck_assert_str_eq(rpc_case_place(&arena, out->diagnostics[0]->attribute).at, "name");
    ck_assert_str_eq(rpc_case_place(&arena, out->diagnostics[1]->attribute).at, "namespace");
}
END_TEST

START_TEST(unknown_values_are_no_mistake)
{
    ASSERT_NO_DIAGNOSTICS(
        ask(SHARING, SHARING_ENCODE(SHARING_OBJECT(
                         "{'name': '?', 'config': [{'name': 'any', 'strategy': '?'}]}"))));
}
END_TEST

START_TEST(what_does_not_fit_the_type_is_an_error)
{
    const struct value *wrong = SHARING_OBJECT("{'name': 'plugin'}");
    Tfplugin6__DynamicValue *config = SHARING_ENCODE(wrong);
    config->msgpack.len -= 1;
    ck_assert_uint_eq(ask(SHARING, config)->n_diagnostics, 1);
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    ASSERT_ERROR(ask("gpushare_nonsense", NULL), "", "`gpushare_nonsense`");
    ASSERT_ERROR(ask("aws_instance", NULL), "", "`aws_instance`");
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_validate_resource_config);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_right_configuration_has_no_diagnostics,
        a_mistake_points_at_attribute_index_and_key,
        every_mistake_is_told,
        unknown_values_are_no_mistake,
        what_does_not_fit_the_type_is_an_error,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_validate_resource_config", tests);
}
