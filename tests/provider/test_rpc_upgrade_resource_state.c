/* UpgradeResourceState: whatever was stored fits the rows of today, or is refused. */
#include "tests/provider/rpc_case.h"

static const Tfplugin6__UpgradeResourceState__Response *ask(const char *type_name,
                                                            const char *state)
{
    Tfplugin6__UpgradeResourceState__Request in;
    tfplugin6__upgrade_resource_state__request__init(&in);
    Tfplugin6__RawState raw;
    tfplugin6__raw_state__init(&raw);
    struct str json = state ? json_print(&arena, json_of(state)) : (struct str){ 0 };
    raw.json = (ProtobufCBinaryData){ json.len, (uint8_t *)json.at };
    in.type_name = (char *)type_name;
    in.raw_state = &raw;
    return rpc_case_run(&call, rpc_upgrade_resource_state, &in,
                        &tfplugin6__upgrade_resource_state__response__descriptor);
}

START_TEST(todays_state_stays_as_it_is)
{
    struct buf json = buf_make(&arena, BUF_LIMIT);
    value_to_json(&json, attr_type(&arena, rpc_case_rows()), SHARING_OBJECT(SHARING_STATE));
    const Tfplugin6__UpgradeResourceState__Response *out = ask(SHARING, buf_str(&json).at);
    ASSERT_NO_DIAGNOSTICS(out);
    ASSERT_VALUE(SHARING_DECODE(out->upgraded_state), SHARING_OBJECT(SHARING_STATE));
}
END_TEST

START_TEST(members_of_other_versions_come_and_go)
{
    const Tfplugin6__UpgradeResourceState__Response *out =
        ask(SHARING, "{'name': 'plugin', 'gone_since': [1, {'a': null}]}");
    ASSERT_NO_DIAGNOSTICS(out);
    const struct value *state = SHARING_DECODE(out->upgraded_state);
    ck_assert(str_is(value_text(value_at(state, "name")), "plugin"));
    ck_assert(value_is_null(value_at(state, "rendered")));
    ck_assert_int_eq(value_at(state, "config")->kind, VALUE_SEQUENCE);
    ck_assert_uint_eq(value_at(state, "config")->count, 0);
}
END_TEST

START_TEST(a_known_member_of_another_type_is_an_error)
{
    const Tfplugin6__UpgradeResourceState__Response *out =
        ask(SHARING, "{'name': 'plugin', 'rendered': [true]}");
    ck_assert_uint_eq(out->n_diagnostics, 1);
    ck_assert_ptr_null(out->upgraded_state);
}
END_TEST

START_TEST(a_flatmap_is_refused)
{
    Tfplugin6__RawState__FlatmapEntry entry;
    tfplugin6__raw_state__flatmap_entry__init(&entry);
    Tfplugin6__RawState__FlatmapEntry *entries[] = { &entry };
    Tfplugin6__RawState raw;
    tfplugin6__raw_state__init(&raw);
    raw.flatmap = entries;
    raw.n_flatmap = 1;
    Tfplugin6__UpgradeResourceState__Request in;
    tfplugin6__upgrade_resource_state__request__init(&in);
    in.type_name = (char *)SHARING;
    in.raw_state = &raw;
    const Tfplugin6__UpgradeResourceState__Response *out =
        rpc_case_run(&call, rpc_upgrade_resource_state, &in,
                     &tfplugin6__upgrade_resource_state__response__descriptor);
    ASSERT_ERROR(out, "", "Terraform 0.11");
    ck_assert_ptr_null(out->upgraded_state);
}
END_TEST

START_TEST(no_state_is_null)
{
    const Tfplugin6__UpgradeResourceState__Response *out = ask(SHARING, NULL);
    ASSERT_NO_DIAGNOSTICS(out);
    ck_assert(value_is_null(SHARING_DECODE(out->upgraded_state)));
}
END_TEST

START_TEST(an_unknown_type_is_one_error)
{
    ASSERT_ERROR(ask("gpushare_nonsense", "{}"), "", "`gpushare_nonsense`");
}
END_TEST

START_TEST(malformed_bytes_are_no_diagnostic)
{
    rpc_case_refuses_malformed(&call, rpc_upgrade_resource_state);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        todays_state_stays_as_it_is,
        members_of_other_versions_come_and_go,
        a_known_member_of_another_type_is_an_error,
        a_flatmap_is_refused,
        no_state_is_null,
        an_unknown_type_is_one_error,
        malformed_bytes_are_no_diagnostic,
    };
    return RUN_SUITE("rpc_upgrade_resource_state", tests);
}
