/* GetResourceIdentitySchemas: what an import by identity may and must say. */
#include "resources/resource.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__GetResourceIdentitySchemas__Response *get(void)
{
    Tfplugin6__GetResourceIdentitySchemas__Request in;
    tfplugin6__get_resource_identity_schemas__request__init(&in);
    return rpc_case_run(&call, rpc_get_resource_identity_schemas, &in,
                        &tfplugin6__get_resource_identity_schemas__response__descriptor);
}

static const Tfplugin6__ResourceIdentitySchema *schema_of(const char *type_name)
{
    const Tfplugin6__GetResourceIdentitySchemas__Response *out = get();
    ASSERT_NO_DIAGNOSTICS(out);
    for (size_t i = 0; i < out->n_identity_schemas; i++)
        if (strcmp(out->identity_schemas[i]->key, type_name) == 0)
            return out->identity_schemas[i]->value;
    return NULL;
}

START_TEST(names_are_required_and_places_optional)
{
    static const struct {
        const char *name;
        bool required;
    } expected[] = {
        { "cluster_name", false }, { "name", true }, { "namespace", true }, { "region", false }
    };
    const Tfplugin6__ResourceIdentitySchema *schema = schema_of(SHARING);
    ck_assert_ptr_nonnull(schema);
    ck_assert_int_eq(schema->version, 0);
    ck_assert_uint_eq(schema->n_identity_attributes, 4);
    for (size_t i = 0; i < 4; i++) {
        const Tfplugin6__ResourceIdentitySchema__IdentityAttribute *attribute =
            schema->identity_attributes[i];
        ck_assert_str_eq(attribute->name, expected[i].name);
        ck_assert_int_eq(attribute->required_for_import, expected[i].required);
        ck_assert_int_eq(attribute->optional_for_import, !expected[i].required);
        ASSERT_BYTES(attribute->type, "\"string\"");
        ck_assert_str_ne(attribute->description, "");
    }
}
END_TEST

START_TEST(every_resource_with_an_identity_has_one)
{
    size_t expected = 0;
    for (size_t i = 0; registry_resources[i]; i++) {
        struct str name = str_print(&arena, TYPE_PREFIX "%s", registry_resources[i]->name);
        expected += registry_resources[i]->identity != NULL;
        ck_assert((schema_of(name.at) != NULL) == (registry_resources[i]->identity != NULL));
    }
    ck_assert_uint_gt(expected, 0);
    ck_assert_uint_eq(get()->n_identity_schemas, expected);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_get_resource_identity_schemas);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_are_required_and_places_optional,
        every_resource_with_an_identity_has_one,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_get_resource_identity_schemas", tests);
}
