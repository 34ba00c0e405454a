/* UpgradeResourceIdentity: a stored identity fits the schema of today. */
#include "tests/provider/rpc_case.h"

static const Tfplugin6__UpgradeResourceIdentity__Response *ask(const char *type_name,
                                                               const char *identity)
{
    Tfplugin6__UpgradeResourceIdentity__Request in;
    tfplugin6__upgrade_resource_identity__request__init(&in);
    Tfplugin6__RawState raw;
    tfplugin6__raw_state__init(&raw);
    struct str json = identity ? json_print(&arena, json_of(identity)) : (struct str){ 0 };
    raw.json = (ProtobufCBinaryData){ json.len, (uint8_t *)json.at };
    in.type_name = (char *)type_name;
    in.raw_identity = identity ? &raw : NULL;
    return rpc_case_run(&call, rpc_upgrade_resource_identity, &in,
                        &tfplugin6__upgrade_resource_identity__response__descriptor);
}

START_TEST(todays_identity_stays_as_it_is)
{
    const Tfplugin6__UpgradeResourceIdentity__Response *out =
        ask(SHARING, "{'cluster_name': 'c', 'name': 'n', 'namespace': 's', 'region': 'r'}");
    ASSERT_NO_DIAGNOSTICS(out);
    rpc_case_expect_identity(&call, SHARING, out->upgraded_identity,
                             "{'cluster_name':'c','name':'n','namespace':'s','region':'r'}");
}
END_TEST

START_TEST(members_of_other_versions_come_and_go)
{
    const Tfplugin6__UpgradeResourceIdentity__Response *out =
        ask(SHARING, "{'name': 'n', 'account': '123'}");
    ASSERT_NO_DIAGNOSTICS(out);
    rpc_case_expect_identity(&call, SHARING, out->upgraded_identity,
                             "{'cluster_name':null,'name':'n','namespace':null,'region':null}");
}
END_TEST

START_TEST(what_does_not_fit_is_an_error)
{
    const Tfplugin6__UpgradeResourceIdentity__Response *out = ask(SHARING, "{'name': ['n']}");
    ck_assert_uint_eq(out->n_diagnostics, 1);
    ck_assert_ptr_null(out->upgraded_identity);
}
END_TEST

START_TEST(none_stays_none)
{
    const Tfplugin6__UpgradeResourceIdentity__Response *out = ask(SHARING, NULL);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert_ptr_null(out->upgraded_identity);
    ck_assert_ptr_null(ask(SHARING, "null")->upgraded_identity);
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    ASSERT_ERROR(ask("gpushare_nonsense", "{}"), "", "`gpushare_nonsense`");
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_upgrade_resource_identity);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        todays_identity_stays_as_it_is, members_of_other_versions_come_and_go,
        what_does_not_fit_is_an_error,  none_stays_none,
        an_unknown_type_is_one_error,   malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_upgrade_resource_identity", tests);
}
