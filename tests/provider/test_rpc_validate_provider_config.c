/* ValidateProviderConfig: the provider block is checked, and not used. */
#include "provider/config.h"
#include "tests/provider/rpc_case.h"

static const Tfplugin6__ValidateProviderConfig__Response *ask(const char *config)
{
    Tfplugin6__ValidateProviderConfig__Request in;
    tfplugin6__validate_provider_config__request__init(&in);
    in.config =
        rpc_case_encode(&arena, attr_type(&arena, config_rows), object_of(config_rows, config));
    return rpc_case_run(&call, rpc_validate_provider_config, &in,
                        &tfplugin6__validate_provider_config__response__descriptor);
}

START_TEST(a_right_configuration_has_no_diagnostics)
{
    ASSERT_NO_DIAGNOSTICS(ask(PAST_EKS));
    ASSERT_NO_DIAGNOSTICS(ask("{'cluster_name': '?', 'region': '?'}"));
}
END_TEST

START_TEST(it_is_not_used_yet)
{
    ASSERT_NO_DIAGNOSTICS(ask(PAST_EKS));
    ck_assert(!config_context()->has_kubernetes);
    ck_assert(config_context()->connection_unknown);
}
END_TEST

START_TEST(a_mistake_points_at_its_key)
{
    ASSERT_ERROR(ask("{'default_tags': {'aws:x': 'y'}}"), "default_tags[\"aws:x\"]", "`aws:`");
}
END_TEST

START_TEST(rules_are_checked)
{
    ASSERT_ERROR(ask("{'cluster_name': 'a', 'kubernetes': {'host': 'https://x'}}"), "",
                 "At most one of");
}
END_TEST

START_TEST(a_secret_is_not_repeated)
{
    const Tfplugin6__ValidateProviderConfig__Response *out = ask("{'secret_key': 'very-secret'}");
    ASSERT_ERROR(out, "", "belong together");
    ck_assert_ptr_null(strstr(out->diagnostics[0]->detail, "very-secret"));
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_validate_provider_config);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_right_configuration_has_no_diagnostics,
        it_is_not_used_yet,
        a_mistake_points_at_its_key,
        rules_are_checked,
        a_secret_is_not_repeated,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_validate_provider_config", tests);
}
