/* ReadDataSource: what the cluster says, and the errors where it cannot be asked. */
#include "resources/resource.h"
#include "tests/provider/rpc_case.h"

static const struct attr *rows(void)
{
    return registry_find_data_source(STR("gpushare_cluster"))->rows;
}

static const Tfplugin6__ReadDataSource__Response *ask(const char *type_name, const char *config)
{
    Tfplugin6__ReadDataSource__Request in;
    tfplugin6__read_data_source__request__init(&in);
    in.type_name = (char *)type_name;
    in.config = rpc_case_encode(&arena, attr_type(&arena, rows()), object_of(rows(), config));
    return rpc_case_run(&call, rpc_read_data_source, &in,
                        &tfplugin6__read_data_source__response__descriptor);
}

#define APIS "GET https://sandbox.example/apis/"
#define ABSENT "{'kind': 'Status', 'status': 'Failure', 'reason': 'NotFound', 'code': 404}"

START_TEST(what_the_cluster_says_is_the_state)
{
    static const struct rpc_case_exchange exchanges[] = {
        { APIS "apps/v1/daemonsets?limit=500", 200,
          "{'items': [{'metadata': {'namespace': 'gpu', 'name': 'plugin'}, 'spec': {'template': "
          "{'spec': {'containers': [{'image': 'nvcr.io/nvidia/k8s-device-plugin:v1'}]}}}}]}" },
        { APIS "apps/v1/deployments?limit=500", 200, "{'items': []}" },
        { APIS "resource.k8s.io/v1/deviceclasses?limit=500", 404, ABSENT },
        { APIS "karpenter.sh/v1", 200, "{'resources': [{'name': 'n', 'kind': 'NodePool'}]}" },
        { APIS "karpenter.sh/v1alpha1", 404, ABSENT },
        { APIS "karpenter.k8s.aws/v1", 404, ABSENT },
        { APIS "nvidia.com/v1", 404, ABSENT },
        { APIS "nvidia.com/v1alpha1", 404, ABSENT },
        { APIS "resource.k8s.io/v1", 404, ABSENT },
        { 0 }
    };
    rpc_case_configure(&call, PAST_EKS);
    rpc_case_http(exchanges);
    const Tfplugin6__ReadDataSource__Response *out = ask("gpushare_cluster", "{}");
    rpc_case_http_end();
    ASSERT_NO_DIAGNOSTICS(out);
    const struct value *state = rpc_case_decode(&call, attr_type(&arena, rows()), out->state);
    const struct value *plugins = value_at(state, "device_plugins");
    ck_assert(str_is(value_text(value_at(plugins, "gpu/plugin")),
                     "nvcr.io/nvidia/k8s-device-plugin:v1 (unknown)"));
    const struct value *kinds = value_at(state, "custom_resources");
    ck_assert_uint_eq(kinds->count, 1);
    ck_assert(str_is(value_text(kinds->items[0]), "karpenter.sh/v1 NodePool"));
    ck_assert(value_is_null(value_at(state, "cluster_name")));
}
END_TEST

START_TEST(a_cluster_that_is_not_known_yet_is_an_error)
{
    static const struct rpc_case_exchange nothing[] = { { 0 } };
    rpc_case_http(nothing);
    const Tfplugin6__ReadDataSource__Response *out = ask("gpushare_cluster", "{}");
    rpc_case_http_end();
    ASSERT_ERROR(out, "", "`depends_on`");
    ck_assert_ptr_null(out->state);
}
END_TEST

START_TEST(a_cluster_that_eks_does_not_know_is_an_error)
{
    static const struct rpc_case_exchange exchanges[] = {
        { "GET https://eks.us-east-1.amazonaws.com/clusters/sandbox", 404,
          "{'__type': 'ResourceNotFoundException', 'message': 'No cluster found'}" },
        { 0 }
    };
    rpc_case_configure(&call, "{'cluster_name': 'sandbox', 'region': 'us-east-1', "
                              "'access_key': 'AKIDTEST', 'secret_key': 's'}");
    rpc_case_http(exchanges);
    const Tfplugin6__ReadDataSource__Response *out = ask("gpushare_cluster", "{}");
    rpc_case_http_end();
    ASSERT_ERROR(out, "cluster_name", "no cluster `sandbox` in us-east-1");
    ck_assert_ptr_null(out->state);
}
END_TEST

START_TEST(a_resource_is_no_data_source)
{
    const Tfplugin6__ReadDataSource__Response *out = ask(SHARING, "{}");
    ASSERT_ERROR(out, "", "no data source `" SHARING "`");
    ck_assert_ptr_null(out->state);
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_read_data_source);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_the_cluster_says_is_the_state,
        a_cluster_that_is_not_known_yet_is_an_error,
        a_cluster_that_eks_does_not_know_is_an_error,
        a_resource_is_no_data_source,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_read_data_source", tests);
}
