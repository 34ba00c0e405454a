/* GetMetadata names what GetProviderSchema describes. */
#include "tests/provider/rpc_case.h"

static const Tfplugin6__GetMetadata__Response *get(void)
{
    Tfplugin6__GetMetadata__Request in;
    tfplugin6__get_metadata__request__init(&in);
    return rpc_case_run(&call, rpc_get_metadata, &in,
                        &tfplugin6__get_metadata__response__descriptor);
}

START_TEST(names_are_those_of_the_schema)
{
    Tfplugin6__GetProviderSchema__Request in;
    tfplugin6__get_provider_schema__request__init(&in);
    const Tfplugin6__GetProviderSchema__Response *schema = rpc_case_run(
        &call, rpc_get_provider_schema, &in, &tfplugin6__get_provider_schema__response__descriptor);
    const Tfplugin6__GetMetadata__Response *out = get();
    ck_assert_uint_gt(out->n_resources, 0);
    ck_assert_uint_eq(out->n_resources, schema->n_resource_schemas);
    for (size_t i = 0; i < out->n_resources; i++)
        ck_assert_str_eq(out->resources[i]->type_name, schema->resource_schemas[i]->key);
    ck_assert_uint_gt(out->n_data_sources, 0);
    ck_assert_uint_eq(out->n_data_sources, schema->n_data_source_schemas);
    for (size_t i = 0; i < out->n_data_sources; i++)
        ck_assert_str_eq(out->data_sources[i]->type_name, schema->data_source_schemas[i]->key);
    ck_assert_uint_eq(out->n_functions, schema->n_functions);
    for (size_t i = 0; i < out->n_functions; i++)
        ck_assert_str_eq(out->functions[i]->name, schema->functions[i]->key);
}
END_TEST

START_TEST(nothing_else_is_on_offer)
{
    const Tfplugin6__GetMetadata__Response *out = get();
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert_uint_gt(out->n_functions, 0);
    ck_assert_uint_eq(out->n_ephemeral_resources, 0);
    ck_assert_ptr_nonnull(out->server_capabilities);
    ck_assert(out->server_capabilities->get_provider_schema_optional);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_get_metadata);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_are_those_of_the_schema,
        nothing_else_is_on_offer,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_get_metadata", tests);
}
