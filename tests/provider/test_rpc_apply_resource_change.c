/* ApplyResourceChange: what exists afterwards, also where something failed. */
#include "resources/poll.h"
#include "resources/resource.h"
#include "tests/provider/rpc_case.h"

#define IDENTITY "{'cluster_name':null,'name':'plugin','namespace':'kube-system','region':null}"

static const char private_bytes[] = "{\"set\":[\".data.any\"]}";

static const Tfplugin6__ApplyResourceChange__Response *
ask(const char *type_name, Tfplugin6__DynamicValue *prior, Tfplugin6__DynamicValue *planned)
{
    Tfplugin6__ApplyResourceChange__Request in;
    tfplugin6__apply_resource_change__request__init(&in);
    in.type_name = (char *)type_name;
    in.prior_state = prior;
    in.planned_state = planned;
    if (prior && prior->msgpack.len > 1)
        in.planned_private =
            (ProtobufCBinaryData){ sizeof private_bytes - 1, (uint8_t *)private_bytes };
    return rpc_case_run(&call, rpc_apply_resource_change, &in,
                        &tfplugin6__apply_resource_change__response__descriptor);
}

static const Tfplugin6__ApplyResourceChange__Response *
apply(const struct rpc_case_exchange *exchanges, const char *prior, const char *planned)
{
    rpc_case_configure(&call, PAST_EKS);
    rpc_case_http(exchanges);
    const Tfplugin6__ApplyResourceChange__Response *answer =
        ask(SHARING, SHARING_ENCODE(prior ? SHARING_OBJECT(prior) : &value_null),
            SHARING_ENCODE(planned ? SHARING_OBJECT(planned) : &value_null));
    rpc_case_http_end();
    return answer;
}

#define FAILED                                                                                     \
    "{'nodegroup': {'nodegroupName': 'gpu', 'clusterName': 'sandbox', 'nodegroupArn': 'arn:1', "   \
    "'status': 'CREATE_FAILED', 'nodeRole': 'arn:aws:iam::123456789012:role/node', "               \
    "'subnets': ['subnet-1'], 'instanceTypes': ['p3.8xlarge'], 'health': {'issues': [{'code': "    \
    "'InstanceLimitExceeded', 'message': 'Too much.', 'resourceIds': ['a']}]}}}"
#define GROUPS "https://eks.us-east-1.amazonaws.com/clusters/sandbox/node-groups"
#define REFUSAL                                                                                    \
    "{'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'Invalid', "            \
    "'message': 'too long', 'code': 422}"

static const struct attr *node_group_rows(void)
{
    return registry_find_resource(STR("gpushare_node_group"))->rows;
}

static Tfplugin6__DynamicValue *plan_node_group(void)
{
    const struct attr *rows = node_group_rows();
    Tfplugin6__PlanResourceChange__Request in;
    tfplugin6__plan_resource_change__request__init(&in);
    in.type_name = (char *)"gpushare_node_group";
    in.config = rpc_case_encode(
        &arena, attr_type(&arena, rows),
        object_of(rows, "{'node_group_name': 'gpu', 'node_role_arn': "
                        "'arn:aws:iam::123456789012:role/node', 'subnet_ids': ['subnet-1'], "
                        "'instance_types': ['p3.8xlarge'], 'scaling_config': {'min_size': 1, "
                        "'max_size': 3, 'desired_size': 1}, 'sharing': {'config_key': 'any'}}"));
    const Tfplugin6__PlanResourceChange__Response *plan =
        rpc_case_run(&call, rpc_plan_resource_change, &in,
                     &tfplugin6__plan_resource_change__response__descriptor);
    ASSERT_NO_DIAGNOSTICS(plan);
    return plan->planned_state;
}

START_TEST(a_create_gives_state_private_and_identity)
{
    static const struct rpc_case_exchange exchanges[] = { { SHARING_PATCH, 201, SHARING_LIVE },
                                                          { 0 } };
    const Tfplugin6__ApplyResourceChange__Response *out = apply(exchanges, NULL, SHARING_STATE);
    ASSERT_NO_DIAGNOSTICS(out);
    ASSERT_VALUE(SHARING_DECODE(out->new_state), SHARING_OBJECT(SHARING_STATE));
    ASSERT_BYTES(out->private_, private_bytes);
    rpc_case_expect_identity(&call, SHARING, out->new_identity, IDENTITY);
    ck_assert(!out->legacy_type_system);
}
END_TEST

START_TEST(a_refused_create_leaves_nothing)
{
    static const struct rpc_case_exchange exchanges[] = { { SHARING_PATCH, 422, REFUSAL }, { 0 } };
    const Tfplugin6__ApplyResourceChange__Response *out = apply(exchanges, NULL, SHARING_STATE);
    ASSERT_ERROR(out, "", "422");
    ck_assert(value_is_null(SHARING_DECODE(out->new_state)));
    ck_assert_ptr_null(out->new_identity);
}
END_TEST

START_TEST(a_refused_update_leaves_what_was)
{
    static const struct rpc_case_exchange exchanges[] = { { SHARING_PATCH, 422, REFUSAL }, { 0 } };
    const Tfplugin6__ApplyResourceChange__Response *out =
        apply(exchanges, SHARING_STATE,
              "{'name': 'plugin', 'namespace': 'kube-system', 'labels': {'team': 'ml'}, "
              "'rendered': {'any': '" SHARING_DOCUMENT "'}}");
    ASSERT_ERROR(out, "", "422");
    ASSERT_VALUE(SHARING_DECODE(out->new_state), SHARING_OBJECT(SHARING_STATE));
    ASSERT_BYTES(out->private_, private_bytes);
    rpc_case_expect_identity(&call, SHARING, out->new_identity, IDENTITY);
}
END_TEST

START_TEST(a_destroy_gives_null)
{
    static const struct rpc_case_exchange exchanges[] = {
        { "DELETE " SHARING_URL, 404,
          "{'kind': 'Status', 'apiVersion': 'v1', 'status': 'Failure', 'reason': 'NotFound', "
          "'code': 404, 'details': {'name': 'plugin', 'kind': 'configmaps'}}" },
        { 0 }
    };
    const Tfplugin6__ApplyResourceChange__Response *out = apply(exchanges, SHARING_STATE, NULL);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert(value_is_null(SHARING_DECODE(out->new_state)));
    ck_assert_ptr_null(out->new_identity);
}
END_TEST

START_TEST(a_create_that_fails_half_way_gives_what_exists)
{
    static const struct rpc_case_exchange exchanges[] = { { "POST " GROUPS, 200, FAILED },
                                                          { "GET " GROUPS "/gpu", 200, FAILED },
                                                          { 0 } };
    poll_set_first_ms(1);
    rpc_case_configure(&call, "{'cluster_name': 'sandbox', 'region': 'us-east-1', "
                              "'access_key': 'AKIDTEST', 'secret_key': 's'}");
    const struct type *type = attr_type(&arena, node_group_rows());
    Tfplugin6__DynamicValue *planned = plan_node_group();
    rpc_case_http(exchanges);
    const Tfplugin6__ApplyResourceChange__Response *out = ask("gpushare_node_group", NULL, planned);
    rpc_case_http_end();
    ASSERT_ERROR(out, "", "InstanceLimitExceeded");
    const struct value *state = rpc_case_decode(&call, type, out->new_state);
    ck_assert(value_is_wholly_known(state));
    ck_assert(str_is(value_text(value_at(state, "status")), "CREATE_FAILED"));
    ck_assert(str_is(value_text(value_at(state, "arn")), "arn:1"));
    rpc_case_expect_identity(
        &call, "gpushare_node_group", out->new_identity,
        "{'cluster_name':'sandbox','node_group_name':'gpu','region':'us-east-1'}");
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    const Tfplugin6__ApplyResourceChange__Response *out = ask("gpushare_nonsense", NULL, NULL);
    ASSERT_ERROR(out, "", "`gpushare_nonsense`");
    ck_assert_ptr_null(out->new_state);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_apply_resource_change);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_create_gives_state_private_and_identity,
        a_refused_create_leaves_nothing,
        a_refused_update_leaves_what_was,
        a_destroy_gives_null,
        a_create_that_fails_half_way_gives_what_exists,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_apply_resource_change", tests);
}
