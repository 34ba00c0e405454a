/* ImportResourceState: by import id and by identity, without asking the API. */
#include "resources/lifecycle.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__ImportResourceState__Response *ask(const char *type_name, const char *id,
                                                           Tfplugin6__DynamicValue *identity)
{
    Tfplugin6__ImportResourceState__Request in;
    tfplugin6__import_resource_state__request__init(&in);
    Tfplugin6__ResourceIdentityData data;
    tfplugin6__resource_identity_data__init(&data);
    data.identity_data = identity;
    in.type_name = (char *)type_name;
    in.id = (char *)id;
    in.identity = identity ? &data : NULL;
    return rpc_case_run(&call, rpc_import_resource_state, &in,
                        &tfplugin6__import_resource_state__response__descriptor);
}

static Tfplugin6__DynamicValue *identity_of(const char *text)
{
    const struct resource *resource = registry_find_resource(STR(SHARING));
    const struct type *type = lifecycle_identity_type(&arena, resource);
    const struct value *v = value_from_json(&call, type, json_print(&arena, json_of(text)),
                                            /* ignore_unknown_members */ true);
    ck_assert_ptr_nonnull(v);
    return rpc_case_encode(&arena, type, v);
}

/* ANSWER is the object NAMESPACE/NAME, to be read whole. */
static void expect_imported(const Tfplugin6__ImportResourceState__Response *answer,
                            const char *namespace, const char *name)
{
    ASSERT_NO_DIAGNOSTICS(answer);
    ck_assert_uint_eq(answer->n_imported_resources, 1);
    const Tfplugin6__ImportResourceState__ImportedResource *found = answer->imported_resources[0];
    ck_assert_str_eq(found->type_name, SHARING);
    const struct value *state = SHARING_DECODE(found->state);
    ck_assert(str_is(value_text(value_at(state, "namespace")), namespace));
    ck_assert(str_is(value_text(value_at(state, "name")), name));
    ck_assert(value_is_null(value_at(state, "rendered")));
    ASSERT_BYTES(found->private_, "{\"import\":true}");
}

START_TEST(by_id)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__ImportResourceState__Response *out = ask(SHARING, "gpu/plugin", NULL);
    expect_imported(out, "gpu", "plugin");
    rpc_case_expect_identity(
        &call, SHARING, out->imported_resources[0]->identity,
        "{'cluster_name':null,'name':'plugin','namespace':'gpu','region':null}");
}
END_TEST

START_TEST(by_identity)
{
    rpc_case_configure(&call, PAST_EKS);
    expect_imported(ask(SHARING, "", identity_of("{'name': 'plugin', 'namespace': 'gpu'}")), "gpu",
                    "plugin");
}
END_TEST

START_TEST(an_identity_gets_the_providers_cluster)
{
    rpc_case_configure(&call, "{'cluster_name': 'sandbox', 'region': 'eu-west-1'}");
    const Tfplugin6__ImportResourceState__Response *out =
        ask(SHARING, "", identity_of("{'name': 'plugin', 'namespace': 'gpu'}"));
    expect_imported(out, "gpu", "plugin");
    rpc_case_expect_identity(
        &call, SHARING, out->imported_resources[0]->identity,
        "{'cluster_name':'sandbox','name':'plugin','namespace':'gpu','region':'eu-west-1'}");
}
END_TEST

START_TEST(a_malformed_id_is_an_error)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__ImportResourceState__Response *out = ask(SHARING, "a/b/c", NULL);
    ASSERT_ERROR(out, "", "found `a/b/c`");
    ck_assert_uint_eq(out->n_imported_resources, 0);
}
END_TEST

START_TEST(an_identity_of_another_shape_is_an_error)
{
    Tfplugin6__DynamicValue wrong;
    tfplugin6__dynamic_value__init(&wrong);
    wrong.msgpack = (ProtobufCBinaryData){ 1, (uint8_t *)"\xc3" };
    const Tfplugin6__ImportResourceState__Response *out = ask(SHARING, "", &wrong);
    ck_assert_uint_eq(out->n_diagnostics, 1);
    ck_assert_uint_eq(out->n_imported_resources, 0);
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    const Tfplugin6__ImportResourceState__Response *out = ask("gpushare_nonsense", "a/b", NULL);
    ASSERT_ERROR(out, "", "`gpushare_nonsense`");
    ck_assert_uint_eq(out->n_imported_resources, 0);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_import_resource_state);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        by_id,
        by_identity,
        an_identity_gets_the_providers_cluster,
        a_malformed_id_is_an_error,
        an_identity_of_another_shape_is_an_error,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_import_resource_state", tests);
}
