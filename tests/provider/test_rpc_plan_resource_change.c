/* PlanResourceChange: create, update, replacement, destroy, and the identity that goes with each.
 */
#include "resources/lifecycle.h"
#include "tests/provider/rpc_case.h"

#define IDENTITY "{'cluster_name':null,'name':'plugin','namespace':'kube-system','region':null}"

static const Tfplugin6__PlanResourceChange__Response *ask(const char *prior, const char *config)
{
    Tfplugin6__PlanResourceChange__Request in;
    tfplugin6__plan_resource_change__request__init(&in);
    in.type_name = (char *)SHARING;
    in.prior_state = SHARING_ENCODE(prior ? SHARING_OBJECT(prior) : &value_null);
    in.config = SHARING_ENCODE(config ? SHARING_OBJECT(config) : &value_null);
    in.prior_private = (ProtobufCBinaryData){ 21, (uint8_t *)"{\"set\":[\".data.any\"]}" };
    if (prior) {
        const struct resource *resource = registry_find_resource(STR(SHARING));
        in.prior_identity = ARENA_NEW(&arena, Tfplugin6__ResourceIdentityData);
        tfplugin6__resource_identity_data__init(in.prior_identity);
        in.prior_identity->identity_data =
            rpc_case_encode(&arena, lifecycle_identity_type(&arena, resource),
                            lifecycle_identity(&arena, resource, SHARING_OBJECT(prior)));
    }
    return rpc_case_run(&call, rpc_plan_resource_change, &in,
                        &tfplugin6__plan_resource_change__response__descriptor);
}

START_TEST(a_create_is_known_past_eks)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out = ask(NULL, SHARING_CONFIG);
    ASSERT_NO_DIAGNOSTICS(out);
    ASSERT_VALUE(SHARING_DECODE(out->planned_state), SHARING_OBJECT(SHARING_STATE));
    ck_assert_uint_eq(out->n_requires_replace, 0);
    rpc_case_expect_identity(&call, SHARING, out->planned_identity, IDENTITY);
}
END_TEST

START_TEST(an_identity_that_is_not_known_is_left_out)
{
    const Tfplugin6__PlanResourceChange__Response *out = ask(NULL, SHARING_CONFIG);
    ASSERT_NO_DIAGNOSTICS(out);
    const struct value *planned = SHARING_DECODE(out->planned_state);
    ck_assert(value_is_unknown(value_at(planned, "cluster_name")));
    ck_assert(str_is(value_text(value_at(planned, "namespace")), "kube-system"));
    ck_assert_ptr_null(out->planned_identity);
}
END_TEST

START_TEST(an_update_keeps_identity_and_private)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out =
        ask(SHARING_STATE, "{'name': 'plugin', 'config': [{'name': 'any', 'replicas': "
                           "{'nvidia.com/gpu': 4}}]}");
    ASSERT_NO_DIAGNOSTICS(out);
    const struct value *planned = SHARING_DECODE(out->planned_state);
    ck_assert(
        str_contains(value_text(value_at(value_at(planned, "rendered"), "any")), "replicas: 4"));
    ck_assert_uint_eq(out->n_requires_replace, 0);
    ASSERT_BYTES(out->planned_private, "{\"set\":[\".data.any\"]}");
    rpc_case_expect_identity(&call, SHARING, out->planned_identity, IDENTITY);
}
END_TEST

START_TEST(nothing_changes_where_nothing_did)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out = ask(SHARING_STATE, SHARING_CONFIG);
    ASSERT_NO_DIAGNOSTICS(out);
    ASSERT_VALUE(SHARING_DECODE(out->planned_state), SHARING_OBJECT(SHARING_STATE));
}
END_TEST

START_TEST(a_replacement_names_its_paths_and_a_new_identity)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out =
        ask(SHARING_STATE, "{'name': 'other', 'namespace': 'gpu', 'config': [{'name': 'any', "
                           "'replicas': {'nvidia.com/gpu': 10}}]}");
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert_uint_eq(out->n_requires_replace, 2);
    ck_assert_str_eq(rpc_case_place(&arena, out->requires_replace[0]).at, "name");
    ck_assert_str_eq(rpc_case_place(&arena, out->requires_replace[1]).at, "namespace");
    rpc_case_expect_identity(
        &call, SHARING, out->planned_identity,
        "{'cluster_name':null,'name':'other','namespace':'gpu','region':null}");
}
END_TEST

START_TEST(a_destroy_plans_null)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out = ask(SHARING_STATE, NULL);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert(value_is_null(SHARING_DECODE(out->planned_state)));
    ck_assert_uint_eq(out->n_requires_replace, 0);
    rpc_case_expect_identity(&call, SHARING, out->planned_identity, IDENTITY);
}
END_TEST

START_TEST(where_nothing_is_the_identity_is_handed_back)
{
    Tfplugin6__DynamicValue bytes;
    tfplugin6__dynamic_value__init(&bytes);
    bytes.msgpack = (ProtobufCBinaryData){ 1, (uint8_t *)"\x80" };
    Tfplugin6__ResourceIdentityData identity;
    tfplugin6__resource_identity_data__init(&identity);
    identity.identity_data = &bytes;
    Tfplugin6__PlanResourceChange__Request in;
    tfplugin6__plan_resource_change__request__init(&in);
    in.type_name = (char *)SHARING;
    in.prior_identity = &identity;
    const Tfplugin6__PlanResourceChange__Response *out =
        rpc_case_run(&call, rpc_plan_resource_change, &in,
                     &tfplugin6__plan_resource_change__response__descriptor);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert(value_is_null(SHARING_DECODE(out->planned_state)));
    ck_assert_ptr_nonnull(out->planned_identity);
    ASSERT_BYTES(out->planned_identity->identity_data->msgpack, "\x80");
}
END_TEST

START_TEST(a_plan_that_cannot_be_is_an_error_and_no_plan)
{
    rpc_case_configure(&call, PAST_EKS);
    const Tfplugin6__PlanResourceChange__Response *out =
        ask(NULL, "{'cluster_name': 'c', 'name': 'plugin', 'config': [{'name': 'any'}]}");
    ASSERT_ERROR(out, "cluster_name", "`kubernetes`");
    ck_assert_ptr_null(out->planned_state);
    ck_assert_ptr_null(out->planned_identity);
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    Tfplugin6__PlanResourceChange__Request in;
    tfplugin6__plan_resource_change__request__init(&in);
    in.type_name = (char *)"gpushare_nonsense";
    const Tfplugin6__PlanResourceChange__Response *out =
        rpc_case_run(&call, rpc_plan_resource_change, &in,
                     &tfplugin6__plan_resource_change__response__descriptor);
    ASSERT_ERROR(out, "", "`gpushare_nonsense`");
    ck_assert_ptr_null(out->planned_state);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_plan_resource_change);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_create_is_known_past_eks,
        an_identity_that_is_not_known_is_left_out,
        an_update_keeps_identity_and_private,
        nothing_changes_where_nothing_did,
        a_replacement_names_its_paths_and_a_new_identity,
        a_destroy_plans_null,
        where_nothing_is_the_identity_is_handed_back,
        a_plan_that_cannot_be_is_an_error_and_no_plan,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_plan_resource_change", tests);
}
