/* The strict reader of mig-parted documents. */
#include "gpu/mig_parted_parse.h"

#include "tests/gpu/suite.h"

static struct mig_parted_config config;

static void read_text(const char *text)
{
    start_over();
    mig_parted_config_parse(&call, str_of(text), &config, &problems);
    ck_assert_ptr_null(call.first);
}

START_TEST(reads_the_guides_document)
{
    read_text("version: v1\nmig-configs:\n  # A100\n  all-1g.5gb:\n    - devices: all\n"
              "      mig-enabled: true\n      mig-devices:\n        \"1g.5gb\": 7\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_uint_eq(config.layout_count, 1);
    const struct mig_parted_layout *layout = &config.layouts[0];
    ck_assert(str_is(layout->name, "all-1g.5gb") && layout->group_count == 1);
    ck_assert(layout->groups[0].all_devices && layout->groups[0].mig_enabled);
    ck_assert_uint_eq(layout->groups[0].mig_device_count, 1);
    ck_assert(str_is(layout->groups[0].mig_devices[0].profile, "1g.5gb"));
    ck_assert_int_eq(layout->groups[0].mig_devices[0].count, 7);
}
END_TEST

START_TEST(reads_what_is_rendered)
{
    static const char text[] = "version: v1\n"
                               "mig-configs:\n"
                               "  custom:\n"
                               "  - device-filter: [\"0x20B010DE\"]\n"
                               "    devices: [0, 1]\n"
                               "    mig-enabled: true\n"
                               "    mig-devices:\n"
                               "      \"1g.5gb+me\": 1\n"
                               "      \"3g.20gb\": 1\n"
                               "  - devices: [2]\n"
                               "    mig-enabled: true\n"
                               "    mig-devices: {}\n"
                               "  all-disabled:\n"
                               "  - devices: all\n"
                               "    mig-enabled: false\n";
    read_text(text);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_str_eq(mig_parted_config_render(&arena, &config).at, text);
    read_text("version: v1\nmig-configs:\n  x:\n  - devices: all\n    device-filter: 0x20B010DE\n"
              "    mig-enabled: false\n    mig-devices: {}\n");
    /* Plain, 0x20B010DE is a number, which a filter may not be. */
    ck_assert(only_problem(PROBLEM_FATAL, "\"device-filter\""));
    read_text("version: v1\nmig-configs:\n  x:\n  - devices: all\n"
              "    device-filter: \"0x20B010DE\"\n    mig-enabled: false\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_uint_eq(config.layouts[0].groups[0].device_filter.count, 1);
}
END_TEST

#define GROUP(lines) "version: v1\nmig-configs:\n  x:\n  - " lines "\n"

START_TEST(refuses)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        { "mig-configs: {}\n", "\"version\"" },
        { "version: 1\nmig-configs: {}\n", "\"version\"" },
        { "version: v1\n", "\"mig-configs\"" },
        { "version: v1\nmig-configs: []\n", "\"mig-configs\"" },
        { "version: v1\nmig-config: {}\nmig-configs: {}\n", "Did you mean \"mig-configs\"?" },
        { "version: v1\nmig-configs:\n  x: []\n", "at least one group" },
        { "version: v1\nmig-configs:\n  x: {}\n", "at least one group" },
        { "version: v1\nmig-configs:\n  x: [all]\n", "a mapping with devices" },
        { GROUP("mig-enabled: false"), "\"all\" or a list" },
        { GROUP("{devices: some, mig-enabled: false}"), "\"all\" or a list" },
        { GROUP("{devices: [a], mig-enabled: false}"), "\"all\" or a list" },
        { GROUP("{devices: 0, mig-enabled: false}"), "\"all\" or a list" },
        { GROUP("{devices: all}"), "\"mig-enabled\"" },
        { GROUP("{devices: all, mig-enabled: \"on\"}"), "\"mig-enabled\"" },
        { GROUP("{devices: all, mig-enabled: true}"), "\"mig-devices\"" },
        { GROUP("{devices: all, mig-enabled: true, mig-devices: }"), "\"mig-devices\"" },
        { GROUP("{devices: all, mig-enabled: true, mig-devices: [1g.5gb]}"), "\"mig-devices\"" },
        { GROUP("{devices: all, mig-enabled: true, mig-devices: {1g.5gb: x}}"), "\"1g.5gb\"" },
        { GROUP("{devices: all, mig_enabled: true, mig-enabled: false}"), "\"mig-enabled\"?" },
        { GROUP("{devices: all, device-filter: [5], mig-enabled: false}"), "\"device-filter\"" },
        { "- x\n", "is a mapping" },
        { "", "is a mapping" },
        { "a: [", "the document" },
        { "version: v1\nversion: v1\n", "found this one again" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        read_text(bad[i].text);
        ck_assert_msg(only_problem(PROBLEM_FATAL, bad[i].words), "%s: %zu %s", bad[i].text,
                      problems.count, problems.first ? problems.first->sentence.at : "");
    }
}
END_TEST

START_TEST(names_the_place)
{
    read_text("version: v1\nmig-configs:\n  x:\n  - devices: all\n    mig-enabled: false\n"
              "  - devices: all\n");
    ck_assert(str_is(problems.first->path, "mig-configs[\"x\"][1]"));
    ck_assert_uint_eq(config.layouts[0].group_count, 2);
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/mig_parted_parse", reads_the_guides_document, reads_what_is_rendered, refuses,
              names_the_place);
}
