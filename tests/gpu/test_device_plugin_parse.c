/* The lenient reader, against what the real plugin did with the same files on an H200. */
#include "gpu/device_plugin_parse.h"

#include "gpu/replicas.h"
#include "tests/gpu/suite.h"

static struct device_plugin_config config;

static void read_text(const char *text)
{
    start_over();
    device_plugin_config_parse(&call, str_of(text), NULL, &config, &problems);
    ck_assert_uint_eq(call.errors, 0);
    ck_assert_ptr_null(call.first);
}

/* What one H200 with MIG off advertises: "name=count". */
static const char *advertised(void)
{
    struct advertised_list list = advertised_per_gpu(&arena, &config, MIG_OFF, NULL, 0);
    ck_assert_uint_eq(list.count, 1);
    return str_print(&arena, "%.*s=%lld", STR_ARG(list.rows[0].resource),
                     (long long)list.rows[0].count)
        .at;
}

/* Whether a problem of SEVERITY at PATH has WORDS. */
static bool found(enum problem_severity severity, const char *path, const char *words)
{
    for (const struct problem *problem = problems.first; problem != NULL; problem = problem->next)
        if (problem->severity == severity && str_is(problem->path, path) &&
            str_contains(problem->sentence, words))
            return true;
    return false;
}

#define SLICING(lines) "version: v1\nsharing:\n  timeSlicing:\n" lines
#define GPU(replicas) "    resources:\n    - name: nvidia.com/gpu\n      replicas: " replicas "\n"

START_TEST(the_plain_guide)
{
    read_text("version: v1\nflags:\n  migStrategy: none\nsharing:\n  timeSlicing:\n"
              "    resources:\n    - name: nvidia.com/gpu\n      replicas: 10\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert(str_is(config.mig_strategy, "none"));
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=10");
}
END_TEST

START_TEST(misspelt_keys_are_lost)
{
    read_text("version: v1\nflages:\n  migStrategy: single\nsharing:\n  timeSlicing:\n"
              "    renameByDefault: false\n    failRequestGreaterThanOne: true\n" GPU("10"));
    ck_assert(found(PROBLEM_IGNORED, "flages", "Did you mean \"flags\"?"));
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing.failRequestGreaterThanOne",
                    "Did you mean \"failRequestsGreaterThanOne\"?"));
    ck_assert_uint_eq(problems.count, 2);
    ck_assert_ptr_null(config.mig_strategy.at);
    ck_assert_int_eq(config.sharing.fail_requests_greater_than_one, OPTION_UNSET);
    ck_assert_int_eq(config.sharing.rename_by_default, OPTION_FALSE);
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=10");
}
END_TEST

START_TEST(renaming)
{
    read_text(SLICING("    renameByDefault: true\n" GPU("4")));
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_str_eq(advertised(), "nvidia.com/gpu.shared=4");
    read_text("renameByDefault: true\nsharing:\n  timeslicing:\n" GPU("6"));
    ck_assert_uint_eq(problems.count, 2);
    ck_assert(found(PROBLEM_IGNORED, "renameByDefault", "belongs under sharing.timeSlicing"));
    ck_assert(found(PROBLEM_SUSPICIOUS, "sharing.timeslicing", "read as \"timeSlicing\""));
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=6");
}
END_TEST

START_TEST(stripped_fields)
{
    read_text(SLICING(GPU("5") "      rename: nvidia.com/slice\n      devices: [0]\n"));
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_IGNORED), 2);
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing.resources[0].rename", "throws"));
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing.resources[0].devices", "throws"));
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=5");
    read_text(SLICING(GPU("5") "      devices: all\n"));
    ck_assert_uint_eq(problems.count, 0);
    static const char *const lists[] = { "3",       "[]",
                                         "[0, 1]",  "[\"0:1\"]",
                                         "[\"0\"]", "[GPU-01234567-89ab-cdef-0123-456789abcdef]" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        read_text(str_print(&arena, SLICING(GPU("5") "      devices: %s\n"), lists[i]).at);
        ck_assert(only_problem(PROBLEM_IGNORED, "throws \"devices\" away"));
    }
}
END_TEST

START_TEST(what_stops_the_plugin)
{
    static const char *const fatal[] = {
        SLICING(GPU("1")),
        SLICING(GPU("\"10\"")),
        SLICING(GPU("2.5")),
        SLICING("    resources:\n    - name: nvidia.com/gpu\n"),
        SLICING("    resources:\n    - replicas: 2\n"),
        SLICING("    resources:\n    - name: 5\n      replicas: 2\n"),
        SLICING("    resources: []\n"),
        SLICING("    resources: some\n"),
        SLICING("    resources: [x]\n"),
        SLICING("    renameByDefault: maybe\n" GPU("2")),
        SLICING("    Resources: []\n"),
        "sharing:\n  timeSlicing:\n",
        "sharing:\n  timeSlicing: []\n",
        "sharing: yes\n",
        "version: v2\n",
        "version: 1\n",
        "flags: none\n",
        "flags:\n  migStrategy: Single\n",
        "flags:\n  migStrategy: []\n",
        "flags:\n  failOnInitError: \"true\"\n",
        "flags:\n  plugin:\n    deviceListStrategy: [1]\n",
        "flags:\n  plugin:\n    deviceListStrategy: files\n",
        "flags:\n  gfd:\n    sleepInterval: soon\n",
        "flags:\n  mpsRoot: 5\n",
        "flags:\n  nvidiaDriverRoot: no\n",
        "flags:\n  gfd:\n    outputFile: 1.5\n",
        "resources: []\n",
        SLICING(GPU("5") "      rename: [a]\n"),
        SLICING(GPU("5") "      rename:\n"),
        SLICING(GPU("5") "      rename: BAD NAME\n"),
        SLICING(GPU("5") "      devices:\n"),
        SLICING(GPU("5") "      devices: 0\n"),
        SLICING(GPU("5") "      devices: some\n"),
        SLICING(GPU("5") "      devices: 1.5\n"),
        SLICING(GPU("5") "      devices: [GPU-1]\n"),
        SLICING(GPU("5") "      devices: [all]\n"),
        SLICING(GPU("5") "      devices: [\"0:x\"]\n"),
        "imex:\n  channelIDs: [1]\n",
        "imex:\n  channelIDs: 0\n",
        "flags:\n  migStrategy: mixed\nsharing:\n  mps:\n" GPU("2"),
        "- a\n",
        "a: [",
        "flags: {}\nflags: {}\n",
    };
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        read_text(fatal[i]);
        ck_assert_msg(problems_count(&problems, PROBLEM_FATAL) > 0, "%s", fatal[i]);
    }
}
END_TEST

START_TEST(what_does_not_stop_it)
{
    static const char *const fine[] = {
        "",
        "version: v1\n",
        "version:\nflags:\nsharing:\nimex:\n",
        "sharing:\n  mps:\n",
        "flags:\n  migStrategy:\n  failOnInitError: off\n",
        "flags:\n  gfd:\n    sleepInterval: 60000000000\n",
        "imex:\n  channelIDs: [0]\n  required: true\n",
        "imex:\n  channelIDs: []\n",
        "nonsense: true\nother: [1, 2]\n",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        read_text(fine[i]);
        ck_assert_msg(problems_count(&problems, PROBLEM_FATAL) == 0, "%s", fine[i]);
        ck_assert_int_eq(config.sharing.strategy, SHARING_NONE);
    }
}
END_TEST

START_TEST(the_larger_of_two)
{
    read_text(SLICING(GPU("3") "    - name: nvidia.com/gpu\n      replicas: 7\n"));
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing.resources[1].name", "shared twice"));
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=7");
}
END_TEST

START_TEST(both_strategies)
{
    read_text("sharing:\n  mps:\n" GPU("3") "  timeSlicing:\n" GPU("7"));
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing", "uses mps"));
    ck_assert(found(PROBLEM_SUSPICIOUS, "sharing.mps", "MPS_ROOT"));
    ck_assert_int_eq(config.sharing.strategy, SHARING_MPS);
    ck_assert_int_eq(config.sharing.resources[0].replicas, 3);
    read_text("flags:\n  mpsRoot: /run/nvidia/mps\nsharing:\n  mps:\n" GPU("3"));
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(an_entry_that_matches_nothing)
{
    read_text("flags:\n  migStrategy: mixed\nsharing:\n  timeSlicing:\n"
              "    resources:\n    - name: nvidia.com/mig-1g.18gb\n      replicas: 3\n");
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_str_eq(advertised(), "nvidia.com/gpu=1");
    const struct gpu_model *gpus[] = { gpu_model_find(STR("h100")) };
    struct device_plugin_target target = { gpus, 1 };
    device_plugin_config_parse(&call,
                               STR("flags: {migStrategy: mixed}\n"
                                   "sharing: {timeSlicing: {resources: [{name: mig-1g.18gb, "
                                   "replicas: 3}]}}\n"),
                               &target, &config, &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "has the resource \"nvidia.com/mig-1g.18gb\""));
}
END_TEST

START_TEST(case_counts_below_the_strategy_only)
{
    read_text("FLAGS:\n  MigStrategy: single\n");
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_SUSPICIOUS), 2);
    ck_assert(str_is(config.mig_strategy, "single"));
    read_text(SLICING("    RenameByDefault: true\n" GPU("2")));
    ck_assert(found(PROBLEM_IGNORED, "sharing.timeSlicing.RenameByDefault",
                    "must be spelt \"renameByDefault\""));
    ck_assert_int_eq(config.sharing.rename_by_default, OPTION_UNSET);
    read_text("flags:\n  migstrategy: mixed\n  migStrategy: single\n  MIGSTRATEGY: none\n");
    ck_assert(str_is(config.mig_strategy, "mixed"));
}
END_TEST

START_TEST(keys_in_the_wrong_place)
{
    read_text("flags:\n  renameByDefault: true\n  passDeviceSpecs: true\nresources: {}\n"
              "plugin: {}\nsleepIntervall: 5s\nthing-of-another-kind: 1\n");
    ck_assert(found(PROBLEM_IGNORED, "flags.renameByDefault", "under sharing.timeSlicing."));
    ck_assert(found(PROBLEM_IGNORED, "flags.passDeviceSpecs", "under flags.plugin."));
    ck_assert(found(PROBLEM_IGNORED, "resources", "cannot be renamed"));
    ck_assert(found(PROBLEM_IGNORED, "plugin", "under flags."));
    ck_assert(found(PROBLEM_IGNORED, "sleepIntervall", "\"sleepInterval\" under flags.gfd?"));
    ck_assert(found(PROBLEM_IGNORED, "thing-of-another-kind", "unknown key"));
    ck_assert_uint_eq(problems.count, 6);
}
END_TEST

START_TEST(what_is_rendered_reads_back)
{
    const struct str lists[] = { STR("envvar"), STR("cdi-annotations") };
    const struct device_plugin_replicas entries[] = { { STR("nvidia.com/gpu"), 4 },
                                                      { STR("nvidia.com/mig-1g.10gb.me"), 2 } };
    struct device_plugin_config first = {
        .mig_strategy = STR("mixed"),
        .nvidia_driver_root = STR("/"),
        .gds_enabled = OPTION_FALSE,
        .use_node_feature_api = OPTION_TRUE,
        .device_list_strategy = { lists, 2 },
        .device_id_strategy = STR("index"),
        .gfd_oneshot = OPTION_TRUE,
        .gfd_sleep_interval = STR("infinite"),
        .sharing = { .strategy = SHARING_TIME_SLICING,
                     .rename_by_default = OPTION_FALSE,
                     .fail_requests_greater_than_one = OPTION_TRUE,
                     .resources = entries,
                     .resource_count = 2 },
        .imex_channel = OPTION_TRUE,
        .imex_required = OPTION_TRUE,
    };
    struct str text = device_plugin_config_render(&arena, &first);
    read_text(text.at);
    ck_assert_msg(problems.count == 0, "%s", problems.first ? problems.first->sentence.at : "");
    ck_assert(device_plugin_config_equal(&first, &config));
    ck_assert(str_equal(text, device_plugin_config_render(&arena, &config)));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/device_plugin_parse", the_plain_guide, misspelt_keys_are_lost, renaming,
              stripped_fields, what_stops_the_plugin, what_does_not_stop_it, the_larger_of_two,
              both_strategies, an_entry_that_matches_nothing, case_counts_below_the_strategy_only,
              keys_in_the_wrong_place, what_is_rendered_reads_back);
}
