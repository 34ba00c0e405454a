/* Bottlerocket's table found again in user data. */
#include "gpu/bottlerocket.h"

#include "tests/gpu/suite.h"

#define TABLE "[settings.kubelet-device-plugins.nvidia]\n"

static struct bottlerocket_settings settings;
static struct str rest;

static bool parses(const char *text)
{
    return bottlerocket_user_data_parse(&arena, str_of(text), &settings, &rest);
}

START_TEST(what_is_rendered_reads_back)
{
    const struct str lists[] = { STR("cdi-cri"), STR("envvar") };
    const struct bottlerocket_mig_profile profiles[] = { { STR("a100.40gb"), STR("1g.5gb") },
                                                         { STR("h200.141gb"), STR("7") } };
    const enum sharing_strategy strategies[] = { SHARING_NONE, SHARING_TIME_SLICING, SHARING_MPS };
    for (size_t i = 0; i < 3; i++) {
        const struct bottlerocket_settings written = {
            .enabled = OPTION_TRUE,
            .pass_device_specs = OPTION_FALSE,
            .device_id_strategy = STR("say \"uuid\" \\"),
            .device_list_strategy = { lists, 2 },
            .sharing = strategies[i],
            .replicas = i ? 3 : 0,
            .rename_by_default = i ? OPTION_FALSE : OPTION_UNSET,
            .fail_requests_greater_than_one = i == 1 ? OPTION_TRUE : OPTION_UNSET,
            .mig_profiles = profiles,
            .mig_profile_count = 2,
        };
        struct str text = bottlerocket_user_data(&arena, STR("[settings.motd]\na = 1"), &written);
        ck_assert(parses(text.at));
        ck_assert_str_eq(str_copy(&arena, rest).at, "[settings.motd]\na = 1");
        ck_assert_int_eq(settings.sharing, written.sharing);
        ck_assert_int_eq(settings.replicas, written.replicas);
        ck_assert_str_eq(bottlerocket_user_data(&arena, rest, &settings).at, text.at);
    }
}
END_TEST

START_TEST(other_spellings)
{
    ck_assert(parses("# mine\r\n[ settings . 'kubelet-device-plugins' . nvidia ] # here\n"
                     "device-sharing-strategy = 'mps' # shared\n"
                     "mps.replicas = 4 # each\n"
                     "device-list-strategy = [ 'envvar', \"cdi-cri\", ]\n"
                     "\n"
                     "[settings.motd]\n"
                     "text = \"\"\"\n[settings.kubelet]\n\"\"\"\n"));
    ck_assert_int_eq(settings.sharing, SHARING_MPS);
    ck_assert_int_eq(settings.replicas, 4);
    ck_assert_uint_eq(settings.device_list_strategy.count, 2);
    ck_assert(str_contains(rest, "# mine"));
    ck_assert(str_contains(rest, "[settings.kubelet]"));
}
END_TEST

START_TEST(nothing_around)
{
    ck_assert(parses(TABLE "enabled = false\n"));
    ck_assert_int_eq(settings.enabled, OPTION_FALSE);
    ck_assert_int_eq(settings.sharing, SHARING_NONE);
    ck_assert_ptr_null(rest.at);
}
END_TEST

START_TEST(what_the_model_cannot_hold)
{
    static const char *const texts[] = {
        "",
        "#!/bin/bash\n",
        "[settings.motd]\n",
        "[settings]\nkubelet-device-plugins.nvidia.enabled = true\n",
        TABLE "colour = \"red\"\n",
        TABLE "enabled = 1\n",
        TABLE "enabled\n",
        TABLE "enabled = true\n= true\n",
        TABLE "device-id-strategy = uuid\n",
        TABLE "device-id-strategy = \"uuid\n",
        TABLE "device-id-strategy = \"u\\u0041\"\n",
        TABLE "device-id-strategy = \"a\" b\n",
        TABLE "device-list-strategy = [\"a\" \"b\"]\n",
        TABLE "device-list-strategy = [\"a\",\n\"b\"]\n",
        TABLE "device-list-strategy = [1]\n",
        TABLE "device-sharing-strategy = \"other\"\n",
        TABLE "device-partitioning-strategy = \"other\"\n",
        TABLE "device-partitioning-strategy = \"mig\"\n",
        TABLE "time-slicing.replicas = 2\n",
        TABLE "device-sharing-strategy = \"mps\"\ntime-slicing.replicas = 2\n",
        TABLE "device-sharing-strategy = \"mps\"\nmps.fail-requests-greater-than-one = true\n",
        TABLE "device-sharing-strategy = \"mps\"\nmps.replicas = 0\n",
        TABLE "device-sharing-strategy = \"mps\"\nmps.replicas = many\n",
        TABLE "mig.profile.\"a100.40gb\" = \"1g.5gb\"\n",
        TABLE "mig.profile = {}\n",
        TABLE "a.b.c.d.e.f.g.h.i = 1\n",
        "[" TABLE,
        "[settings.kubelet-device-plugins.nvidia\nenabled = true\n",
        TABLE "[[settings.kubelet-device-plugins.nvidia.mps]]\n",
        TABLE "[settings.kubelet-device-plugins.other]\nx = 1\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(!parses(texts[i]), "understood: %s", texts[i]);
}
END_TEST

/* Cut anywhere, a text is read or refused, never read beyond. */
START_TEST(cut_anywhere)
{
    const struct str whole =
        STR(TABLE "device-sharing-strategy = \"mps\"\ndevice-list-strategy = [\"a\", 'b']\n"
                  "[settings.kubelet-device-plugins.nvidia.mps]\nreplicas = 4\n"
                  "[settings.kubelet-device-plugins.nvidia.mig.profile]\n\"a\\\"\" = \"b\"\n");
    for (size_t len = 0; len <= whole.len; len++) {
        char *copy = malloc(len + 1);
        for (size_t i = 0; i < len; i++)
            copy[i] = whole.at[i];
        struct str cut = { copy, len };
        bool read = bottlerocket_user_data_parse(&arena, cut, &settings, &rest);
        ck_assert(!read || settings.sharing == SHARING_MPS || settings.sharing == SHARING_NONE);
        free(copy);
    }
}
END_TEST

int main(void)
{
    SUITE_RUN("bottlerocket_parse", what_is_rendered_reads_back, other_spellings, nothing_around,
              what_the_model_cannot_hold, cut_anywhere);
}
