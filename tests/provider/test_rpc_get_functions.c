/* GetFunctions offers what GetProviderSchema describes. */
#include "tests/provider/rpc_case.h"

START_TEST(functions_are_those_of_the_schema)
{
    Tfplugin6__GetProviderSchema__Request of_schema;
    tfplugin6__get_provider_schema__request__init(&of_schema);
    const Tfplugin6__GetProviderSchema__Response *schema =
        rpc_case_run(&call, rpc_get_provider_schema, &of_schema,
                     &tfplugin6__get_provider_schema__response__descriptor);
    Tfplugin6__GetFunctions__Request in;
    tfplugin6__get_functions__request__init(&in);
    const Tfplugin6__GetFunctions__Response *out = rpc_case_run(
        &call, rpc_get_functions, &in, &tfplugin6__get_functions__response__descriptor);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert_uint_gt(out->n_functions, 0);
    ck_assert_uint_eq(out->n_functions, schema->n_functions);
    for (size_t i = 0; i < out->n_functions; i++) {
        ck_assert_str_eq(out->functions[i]->key, schema->functions[i]->key);
        ck_assert_ptr_nonnull(out->functions[i]->value->return_);
    }
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_get_functions);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        functions_are_those_of_the_schema,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_get_functions", tests);
}
