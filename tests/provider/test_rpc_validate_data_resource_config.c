/* ValidateDataResourceConfig: the checks of a data source's rows. */
#include "resources/resource.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__ValidateDataResourceConfig__Response *ask(const char *type_name,
                                                                  const char *config)
{
    Tfplugin6__ValidateDataResourceConfig__Request in;
    tfplugin6__validate_data_resource_config__request__init(&in);
    in.type_name = (char *)type_name;
    const struct attr *rows = registry_find_data_source(STR("gpushare_cluster"))->rows;
    in.config = rpc_case_encode(&arena, attr_type(&arena, rows), object_of(rows, config));
    return rpc_case_run(&call, rpc_validate_data_resource_config, &in,
                        &tfplugin6__validate_data_resource_config__response__descriptor);
}

START_TEST(a_right_configuration_has_no_diagnostics)
{
    ASSERT_NO_DIAGNOSTICS(ask("gpushare_cluster", "{'cluster_name': 'sandbox'}"));
    ASSERT_NO_DIAGNOSTICS(ask("gpushare_cluster", "{'cluster_name': '?'}"));
    ASSERT_NO_DIAGNOSTICS(ask("gpushare_cluster", "{}"));
}
END_TEST

START_TEST(a_mistake_is_found)
{
    ASSERT_ERROR(ask("gpushare_cluster", "{'cluster_name': '-x'}"), "cluster_name",
                 "1 to 100 letters");
}
END_TEST

START_TEST(a_resource_is_no_data_source)
{
    ASSERT_ERROR(ask(SHARING, "{}"), "", "no data source `" SHARING "`");
    ASSERT_ERROR(ask("cluster", "{}"), "", "no data source `cluster`");
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_validate_data_resource_config);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_right_configuration_has_no_diagnostics,
        a_mistake_is_found,
        a_resource_is_no_data_source,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_validate_data_resource_config", tests);
}
