/* The provider block: its table, its checks, and what a configuration becomes. */
#include "provider/config.h"

#include "resources/connections.h"
#include "schema/check.h"
#include "schema/lint.h"
#include "tests/schema/suite.h"

#define FOR_SANITIZER __attribute__((visibility("default")))

/* Each configuration is kept until the process ends, the last ones too: calls may still use them.
 */
FOR_SANITIZER const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:config_use\n";
}

FOR_SANITIZER const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

static const char keys[] = "'region': 'eu-west-1', 'access_key': 'AKIDTEST', 'secret_key': 's'";

static void begin(void)
{
    static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
                                             "AWS_ENDPOINT_URL", "KUBECONFIG" };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    setenv("HOME", "/nonexistent", 1);
    suite_setup();
}

static const struct value *config_of(const char *text)
{
    return object_of(config_rows, text);
}

static const struct context *use(const char *text)
{
    ck_assert_msg(config_use(&call, config_of(text)), "%s",
                  call.last ? call.last->detail.at : "no diagnostic");
    return config_context();
}

START_TEST(rows_keep_the_rules)
{
    struct buf complaints = buf_make(&arena, BUF_LIMIT);
    attr_lint(&complaints, "provider", config_rows, /* is_block */ false);
    struct str text = buf_str(&complaints);
    ck_assert_msg(text.len == 0, "\n%s", text.at);
    ck_assert(str_ends(str_of(config_doc), "."));
}
END_TEST

START_TEST(rules_speak_of_rows)
{
    for (const struct rule *rule = config_rules; rule->kind != RULES_END; rule++) {
        const struct attr *block = rule->block ? attr_find(config_rows, str_of(rule->block)) : NULL;
        struct str names = str_of(rule->names);
        struct str name;
        ck_assert(!rule->block || block);
        while (attr_next_name(&names, &name))
            ck_assert_ptr_nonnull(attr_find(block ? block->rows : config_rows, name));
    }
}
END_TEST

START_TEST(secrets_are_marked)
{
    const struct attr *kubernetes = attr_find(config_rows, STR("kubernetes"));
    ck_assert(attr_find(config_rows, STR("secret_key"))->flags & SENSITIVE);
    ck_assert(attr_find(config_rows, STR("token"))->flags & SENSITIVE);
    ck_assert(attr_find(kubernetes->rows, STR("token"))->flags & SENSITIVE);
    ck_assert(attr_find(kubernetes->rows, STR("client_key"))->flags & SENSITIVE);
}
END_TEST

START_TEST(mistakes_are_refused)
{
    static const struct {
        const char *config, *place, *words;
    } mistakes[] = {
        { "{'cluster_name': '-'}", "cluster_name", "1 to 100 letters" },
        { "{'cluster_name': 'a', 'kubernetes': {'host': 'x'}}", "", "At most one of" },
        { "{'access_key': 'a'}", "", "belong together" },
        { "{'max_retries': -1}", "max_retries", "0 to 100" },
        { "{'retry_mode': 'legacy'}", "retry_mode", "`standard`" },
        { "{'default_tags': {'aws:x': 'y'}}", "default_tags[\"aws:x\"]", "`aws:`" },
        { "{'kubernetes': {'config_path': 'a', 'config_paths': ['b']}}", "kubernetes",
          "At most one of" },
        { "{'kubernetes': {'client_key': 'a'}}", "kubernetes", "belong together" },
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        call.first = call.last = NULL;
        call.errors = 0;
        ck_assert_msg(
            !check_config(&call, config_rows, config_rules, config_of(mistakes[i].config)),
            "taken: %s", mistakes[i].config);
        ASSERT_ONE_ERROR(mistakes[i].place, mistakes[i].words);
    }
}
END_TEST

START_TEST(unknown_values_pass_the_checks)
{
    ck_assert(check_config(&call, config_rows, config_rules,
                           config_of("{'cluster_name': '?', 'region': '?', 'access_key': '?', "
                                     "'secret_key': '?', 'default_tags': {'a': '?'}}")));
    ck_assert_uint_eq(call.errors, 0);
}
END_TEST

START_TEST(nothing_is_known_before_the_first_configuration)
{
    const struct context *context = config_context();
    ck_assert(context->cluster_name_unknown && context->region_unknown);
    ck_assert(context->connection_unknown);
    ck_assert_ptr_null(context->connections);
    ck_assert(value_is_unknown(context->default_tags));
}
END_TEST

START_TEST(what_is_configured_is_there)
{
    const struct context *context =
        use(str_print(&arena,
                      "{%s, 'cluster_name': 'sandbox', 'default_tags': {'a': '1'}, "
                      "'ignore_tags': {'keys': ['x']}}",
                      keys)
                .at);
    ck_assert(str_is(context->cluster_name, "sandbox"));
    ck_assert(str_is(context->region, "eu-west-1"));
    ck_assert(!context->cluster_name_unknown && !context->region_unknown);
    ck_assert(!context->connection_unknown && !context->has_kubernetes);
    ck_assert(str_is(value_text(value_at(context->default_tags, "a")), "1"));
    ck_assert_uint_eq(value_at(context->ignored_tags, "keys")->count, 1);
    ck_assert_ptr_nonnull(context_aws(&call, context, STR("eu-west-1")));
}
END_TEST

START_TEST(the_region_comes_from_the_environment_too)
{
    setenv("AWS_REGION", "ap-south-1", 1);
    ck_assert(str_is(use("{'access_key': 'a', 'secret_key': 's'}")->region, "ap-south-1"));
    unsetenv("AWS_REGION");
    ck_assert(!use("{'access_key': 'a', 'secret_key': 's'}")->region.len);
}
END_TEST

START_TEST(an_unknown_cluster_name_leaves_the_connection_usable)
{
    const struct context *context = use(str_print(&arena, "{%s, 'cluster_name': '?'}", keys).at);
    ck_assert(context->cluster_name_unknown && !context->cluster_name.at);
    ck_assert(!context->connection_unknown);
    ck_assert_ptr_nonnull(context->connections);
}
END_TEST

START_TEST(unknown_credentials_leave_nobody_to_ask)
{
    static const char *const configs[] = {
        "{'region': '?', 'cluster_name': 'c'}",
        "{'access_key': '?', 'secret_key': 's', 'cluster_name': 'c'}",
        "{'endpoints': {'eks': '?'}, 'cluster_name': 'c'}",
        "{'kubernetes': {'host': '?'}}",
    };
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        const struct context *context = use(configs[i]);
        ck_assert_msg(context->connection_unknown && !context->connections, "%s", configs[i]);
    }
    const struct context *context =
        use(str_print(&arena, "{%s, 'default_tags': {'a': '?'}}", keys).at);
    ck_assert(!context->connection_unknown);
}
END_TEST

START_TEST(a_failed_configuration_changes_nothing)
{
    const struct context *before = use(str_print(&arena, "{%s}", keys).at);
    ck_assert(!config_use(&call, config_of("{'profile': 'nobody'}")));
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_ptr_eq(config_context(), before);
}
END_TEST

START_TEST(an_earlier_configuration_stays_usable)
{
    const struct context *before = use(str_print(&arena, "{%s, 'cluster_name': 'first'}", keys).at);
    const struct context *after = use(str_print(&arena, "{%s, 'cluster_name': 'second'}", keys).at);
    ck_assert_ptr_ne(before, after);
    ck_assert_ptr_eq(config_context(), after);
    ck_assert(str_is(before->cluster_name, "first"));
    ck_assert_ptr_nonnull(context_aws(&call, before, STR("eu-west-1")));
}
END_TEST

START_TEST(the_configuration_outlives_its_call)
{
    struct arena own = arena_make(NULL);
    struct call other = { .arena = &own };
    const struct value *config =
        value_copy(&own, config_of(str_print(&arena, "{%s, 'cluster_name': 'c'}", keys).at));
    ck_assert(config_use(&other, config));
    arena_release(&own);
    ck_assert(str_is(config_context()->cluster_name, "c"));
    ck_assert(str_is(config_context()->region, "eu-west-1"));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rows_keep_the_rules,
        rules_speak_of_rows,
        secrets_are_marked,
        mistakes_are_refused,
        unknown_values_pass_the_checks,
        nothing_is_known_before_the_first_configuration,
        what_is_configured_is_there,
        the_region_comes_from_the_environment_too,
        an_unknown_cluster_name_leaves_the_connection_usable,
        unknown_credentials_leave_nobody_to_ask,
        a_failed_configuration_changes_nothing,
        an_earlier_configuration_stays_usable,
        the_configuration_outlives_its_call,
    };
    Suite *suite = suite_create("config");
    TCase *tcase = tcase_create("config");
    tcase_add_checked_fixture(tcase, begin, suite_teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
