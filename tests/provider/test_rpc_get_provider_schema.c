/* GetProviderSchema: every table, under its full name, as its rows say. */
#include "provider/config.h"
#include "resources/resource.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__GetProviderSchema__Response *get(void)
{
    Tfplugin6__GetProviderSchema__Request in;
    tfplugin6__get_provider_schema__request__init(&in);
    return rpc_case_run(&call, rpc_get_provider_schema, &in,
                        &tfplugin6__get_provider_schema__response__descriptor);
}

static void expect_rows(const Tfplugin6__Schema *schema, const struct attr *rows)
{
    size_t attributes = 0;
    size_t blocks = 0;
    FOR_EACH_ROW (row, rows) {
        attributes += row->nesting == NOT_A_BLOCK;
        blocks += row->nesting != NOT_A_BLOCK;
    }
    ck_assert_uint_eq(schema->block->n_attributes, attributes);
    ck_assert_uint_eq(schema->block->n_block_types, blocks);
    ck_assert_str_ne(schema->block->description, "");
}

static const Tfplugin6__Schema__Attribute *attribute(const Tfplugin6__Schema *schema,
                                                     const char *name)
{
    for (size_t i = 0; i < schema->block->n_attributes; i++)
        if (strcmp(schema->block->attributes[i]->name, name) == 0)
            return schema->block->attributes[i];
    ck_abort_msg("no attribute %s", name);
    return NULL;
}

START_TEST(the_provider_block_is_described)
{
    const Tfplugin6__GetProviderSchema__Response *out = get();
    ASSERT_NO_DIAGNOSTICS(out);
    expect_rows(out->provider, config_rows);
    ck_assert(attribute(out->provider, "secret_key")->sensitive);
    ck_assert(attribute(out->provider, "region")->optional);
    ck_assert(!attribute(out->provider, "region")->sensitive);
    ck_assert_ptr_null(out->provider_meta);
    ck_assert(out->server_capabilities->plan_destroy);
}
END_TEST

START_TEST(every_resource_is_described)
{
    const Tfplugin6__GetProviderSchema__Response *out = get();
    for (size_t i = 0; i < out->n_resource_schemas; i++) {
        const struct resource *resource = registry_resources[i];
        ck_assert_ptr_nonnull(resource);
        ck_assert_ptr_eq(registry_find_resource(str_of(out->resource_schemas[i]->key)), resource);
        ck_assert_int_eq(out->resource_schemas[i]->value->version, resource->version);
        expect_rows(out->resource_schemas[i]->value, resource->rows);
    }
    ck_assert_ptr_null(registry_resources[out->n_resource_schemas]);
}
END_TEST

START_TEST(every_data_source_is_described)
{
    const Tfplugin6__GetProviderSchema__Response *out = get();
    for (size_t i = 0; i < out->n_data_source_schemas; i++) {
        const struct data_source *source = registry_data_sources[i];
        ck_assert_ptr_nonnull(source);
        ck_assert_ptr_eq(registry_find_data_source(str_of(out->data_source_schemas[i]->key)),
                         source);
        expect_rows(out->data_source_schemas[i]->value, source->rows);
    }
    ck_assert_ptr_null(registry_data_sources[out->n_data_source_schemas]);
}
END_TEST

START_TEST(flags_and_types_are_those_of_the_rows)
{
    const Tfplugin6__GetProviderSchema__Response *out = get();
    for (size_t i = 0; i < out->n_resource_schemas; i++)
        if (strcmp(out->resource_schemas[i]->key, SHARING) == 0) {
            const Tfplugin6__Schema *schema = out->resource_schemas[i]->value;
            ck_assert(attribute(schema, "name")->required);
            ck_assert(!attribute(schema, "name")->computed);
            ck_assert(attribute(schema, "namespace")->optional);
            ck_assert(attribute(schema, "namespace")->computed);
            ASSERT_BYTES(attribute(schema, "advertised")->type, "[\"map\",[\"map\",\"number\"]]");
            return;
        }
    ck_abort_msg("no schema of " SHARING);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_get_provider_schema);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_provider_block_is_described,   every_resource_is_described,
        every_data_source_is_described,    flags_and_types_are_those_of_the_rows,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_get_provider_schema", tests);
}
