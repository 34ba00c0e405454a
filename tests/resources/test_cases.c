/* Runs the case folders tests/resources/RESOURCE/CASE, each one test.
 *
 * A folder holds what goes in: `steps` (a line each: validate, plan, apply, read, destroy, or
 * import with an id or an identity as JSON), `config.json`, and where needed `provider.json`,
 * `prior.json`, `prior_private.json` and `http.json` (tests/resources/case_http.h).  And what has
 * to come out: `plan.json`, `state.json` and `private.json`, each not compared where it is absent,
 * and `diagnostics.json`, whose absence means that there are none; a detail there is a part of the
 * real one.  UPDATE_CASES=1 writes what has to come out, and the requests of http.json, as they
 * came, to be reviewed; CASE=TEXT runs only the folders whose name holds TEXT.
 *
 * After every apply that succeeds two rules of Terraform's are checked without a file: nothing that
 * was planned came out otherwise, and a second plan is empty. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "resources/connections.h"
#include "resources/lifecycle.h"
#include "resources/poll.h"
#include "schema/codec.h"
#include "tests/resources/case_file.h"
#include "tests/resources/case_http.h"
#include "tests/resources/case_value.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail

#define ROOT "tests/resources"
#define CASES_LIMIT 1000

static char *names[CASES_LIMIT]; /* RESOURCE/CASE */
static size_t name_count;
static bool updating;

/* Reachable to the end, as the process's configuration is. */
static struct context context;

struct run {
    struct call *call;
    const char *name;
    const struct resource *resource;
    const struct value *config; /* NULL: the case has none */
    struct lifecycle_state now;
    struct plan plan;
    bool planned; /* the last step was a plan */
    bool touched; /* a step says what the state is */
    struct buf wrong;
};

static struct str path_of(const struct run *run, const char *file)
{
    return str_print(run->call->arena, ROOT "/%s/%s", run->name, file);
}

/* NULL where the file is not there. */
static json_t *read_json(const struct run *run, const char *file)
{
    json_t *json = case_file_read(run->call->arena, path_of(run, file));
    return json ? case_file_expand(run->call->arena, path_of(run, "."), json) : NULL;
}

/* Adds the lines in which two texts differ: what is common at both ends is left out. */
static void add_difference(struct buf *out, struct str expected, struct str found)
{
    size_t from = 0;
    for (size_t i = 0; i < expected.len && i < found.len && expected.at[i] == found.at[i]; i++)
        if (expected.at[i] == '\n')
            from = i + 1;
    size_t a = expected.len;
    size_t b = found.len;
    while (a > from && b > from && expected.at[a - 1] == found.at[b - 1]) {
        a--;
        b--;
    }
    a = str_find(expected, '\n', a);
    b = str_find(found, '\n', b);
    buf_print(out, "expected:\n%.*s\nfound:\n%.*s\n", STR_ARG(str_slice(expected, from, a)),
              STR_ARG(str_slice(found, from, b)));
}

/* Compares FOUND with the file, or writes it there.  ALWAYS: also where the file is absent. */
static void expect_file(struct run *run, const char *file, json_t *found, bool always)
{
    struct arena *arena = run->call->arena;
    struct str text = case_file_text(run->call->arena, path_of(run, file));
    if (updating && (always || text.at)) {
        case_file_write(run->call->arena, path_of(run, file), found);
        return;
    }
    if (!text.at)
        return;
    json_t *expected = read_json(run, file);
    if (json_equal(expected, found))
        return;
    buf_print(&run->wrong, "%s is not as expected.\n", file);
    add_difference(&run->wrong, case_file_pretty(arena, expected), case_file_pretty(arena, found));
}

static json_t *describe_diagnostic(struct arena *arena, const struct diagnostic *diagnostic)
{
    json_t *json = json_new_object(arena);
    bool is_error = diagnostic->severity == SEVERITY_ERROR;
    json_set(arena, json, "severity",
             json_new_str(arena, is_error ? STR("error") : STR("warning")));
    json_set(arena, json, "summary", json_new_str(arena, diagnostic->summary));
    json_set(arena, json, "detail", json_new_str(arena, diagnostic->detail));
    if (diagnostic->at)
        json_set(arena, json, "at", json_new_str(arena, path_print(arena, diagnostic->at)));
    return json;
}

/* Texts may differ in blanks. */
static struct str without_blanks(struct arena *arena, struct str text)
{
    struct buf out = buf_make(arena, BUF_LIMIT);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != ' ' && text.at[i] != '\n')
            buf_add_byte(&out, text.at[i]);
    return buf_str(&out);
}

static bool fits(struct arena *arena, const json_t *expected, const json_t *found)
{
    static const char *const members[] = { "severity", "summary", "at" };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!str_equal(json_str_at(expected, members[i]), json_str_at(found, members[i])))
            return false;
    struct str part = without_blanks(arena, json_str_at(expected, "detail"));
    return str_contains(without_blanks(arena, json_str_at(found, "detail")), part.at);
}

static void expect_diagnostics(struct run *run)
{
    struct arena *arena = run->call->arena;
    json_t *expected = read_json(run, "diagnostics.json");
    json_t *found = json_new_array(arena);
    size_t count = 0;
    bool all_fit = true;
    for (const struct diagnostic *d = run->call->first; d; d = d->next, count++) {
        json_t *one = describe_diagnostic(arena, d);
        json_t *wanted = json_array_get(expected, count);
        bool fit = wanted && fits(arena, wanted, one);
        all_fit = all_fit && fit;
        json_add(arena, found, fit && updating ? wanted : one);
    }
    if (all_fit && count == json_array_size(expected))
        return;
    if (updating) {
        case_file_write(run->call->arena, path_of(run, "diagnostics.json"), found);
        return;
    }
    buf_print(&run->wrong, "The diagnostics are not as expected.\nexpected:\n%s\nfound:\n%s\n",
              expected ? case_file_pretty(arena, expected).at : "none",
              case_file_pretty(arena, found).at);
}

static const char *action_of(const struct plan *plan)
{
    if (value_is_null(plan->planned))
        return "delete";
    if (value_is_null(plan->prior))
        return "create";
    if (plan->replace_count)
        return "replace";
    return value_equal(plan->planned, plan->prior) ? "none" : "update";
}

static json_t *describe_plan(const struct run *run)
{
    struct arena *arena = run->call->arena;
    json_t *json = json_new_object(arena);
    json_set(arena, json, "action", json_new_str(arena, str_of(action_of(&run->plan))));
    json_set(arena, json, "planned",
             case_value_write(arena, run->resource->rows, run->plan.planned));
    if (run->plan.replace_count) {
        json_t *paths = json_new_array(arena);
        for (size_t i = 0; i < run->plan.replace_count; i++)
            json_add(arena, paths, json_new_str(arena, path_print(arena, run->plan.replaces[i])));
        json_set(arena, json, "replaces", paths);
    }
    return json;
}

static bool plan(struct run *run, const struct value *config)
{
    run->plan = (struct plan){ .config = config, .prior = run->now.state };
    run->planned =
        lifecycle_plan(run->call, &context, run->resource, &run->plan, &run->now.private);
    return run->planned;
}

/* Whether every known part of PLANNED stands in STATE: what core checks after an apply. */
static bool keeps(const struct value *planned, const struct value *state)
{
    if (value_is_unknown(planned))
        return !value_is_unknown(state);
    if (planned->kind != VALUE_MEMBERS || state->kind != VALUE_MEMBERS)
        return value_is_wholly_known(planned) ? value_equal(planned, state)
                                              : value_is_wholly_known(state);
    for (size_t i = 0; i < planned->count; i++)
        if (!keeps(planned->members[i].value, value_at_str(state, planned->members[i].name)))
            return false;
    return planned->count == state->count;
}

static void check_applied(struct run *run)
{
    struct arena *arena = run->call->arena;
    const struct value *planned = run->plan.planned;
    struct call silent = { .arena = arena };
    struct str private = run->now.private;
    struct plan again = { .config = run->config, .prior = run->now.state };
    if (!keeps(planned, run->now.state)) {
        buf_print(&run->wrong, "The apply gave another state than was planned.\n");
        add_difference(
            &run->wrong,
            case_file_pretty(arena, case_value_write(arena, run->resource->rows, planned)),
            case_file_pretty(arena, case_value_write(arena, run->resource->rows, run->now.state)));
    }
    if (!lifecycle_plan(&silent, &context, run->resource, &again, &private) ||
        !value_equal(again.planned, run->now.state)) {
        buf_print(&run->wrong, "A plan after the apply is not empty.\n");
        add_difference(
            &run->wrong,
            case_file_pretty(arena, case_value_write(arena, run->resource->rows, run->now.state)),
            case_file_pretty(arena, case_value_write(arena, run->resource->rows, again.planned)));
    }
}

static bool apply(struct run *run, const struct value *config)
{
    if (!plan(run, config))
        return false;
    run->touched = true;
    bool ok = lifecycle_apply(run->call, &context, run->resource, run->now.state, run->plan.planned,
                              run->now.private, &run->now);
    if (ok && value_is_set(config))
        check_applied(run);
    return ok;
}

static bool import(struct run *run, struct str what)
{
    run->touched = true;
    if (!str_starts(what, "{"))
        return lifecycle_import(run->call, &context, run->resource, what, NULL, &run->now);
    const struct value *identity =
        value_from_json(run->call, lifecycle_identity_type(run->call->arena, run->resource), what,
                        /* ignore_unknown_members */ true);
    ck_assert_ptr_nonnull(identity);
    return lifecycle_import(run->call, &context, run->resource, (struct str){ 0 }, identity,
                            &run->now);
}

static bool run_step(struct run *run, struct str step)
{
    if (str_starts(step, "import "))
        return import(run, str_slice(step, strlen("import "), step.len));
    if (str_is(step, "destroy"))
        return apply(run, &value_null);
    if (str_is(step, "read")) {
        run->touched = true;
        return lifecycle_read(run->call, &context, run->resource, run->now.state, run->now.private,
                              &run->now);
    }
    ck_assert_msg(run->config != NULL, "%s needs a config.json", run->name);
    if (str_is(step, "validate"))
        return lifecycle_validate(run->call, &context, run->resource, run->config);
    if (str_is(step, "plan"))
        return plan(run, run->config);
    ck_assert_msg(str_is(step, "apply"), "%s: there is no step %.*s", run->name, STR_ARG(step));
    return apply(run, run->config);
}

static void run_steps(struct run *run)
{
    struct str rest = case_file_text(run->call->arena, path_of(run, "steps"));
    struct str step;
    ck_assert_msg(rest.at != NULL, "%s has no file `steps`", run->name);
    while (str_split(&rest, '\n', &step)) {
        unsigned errors = run->call->errors;
        step = str_trim(step);
        if (!step.len)
            continue;
        bool ok = run_step(run, step);
        run->planned = ok && str_is(step, "plan");
        ck_assert_msg(ok == (run->call->errors == errors), "%s: %.*s gave %s with %u errors",
                      run->name, STR_ARG(step), ok ? "true" : "false", run->call->errors - errors);
        if (!ok)
            return;
    }
}

static struct kubernetes_settings kubernetes_of(const json_t *block)
{
    return (struct kubernetes_settings){ .host = json_str_at(block, "host"),
                                         .token = json_str_at(block, "token") };
}

static const struct value *strings_of(struct arena *arena, const json_t *json)
{
    const char *key;
    json_t *text;
    if (!json)
        return &value_null;
    if (json_is_string(json))
        return &value_unknown;
    struct value_member *members =
        ARENA_NEW_ARRAY(arena, struct value_member, json_object_size(json));
    size_t count = 0;
    json_object_foreach ((json_t *)json, key, text) {
        const struct value **items =
            ARENA_NEW_ARRAY(arena, const struct value *, json_array_size(text));
        for (size_t i = 0; i < json_array_size(text); i++)
            items[i] = value_string(arena, json_str(json_array_get(text, i)));
        members[count++] = (struct value_member){
            str_of(key), json_is_array(text) ? value_sequence(arena, items, json_array_size(text))
                                             : value_string(arena, json_str(text))
        };
    }
    return value_members(arena, members, count);
}

static bool is_unknown(const json_t *json)
{
    return str_is(json_str(json), CASE_UNKNOWN);
}

/* The provider's configuration: of cluster `sandbox` in us-east-1 unless the case says otherwise.
 */
static void configure(const struct run *run)
{
    struct arena *arena = run->call->arena;
    json_t *provider = read_json(run, "provider.json");
    json_t *block = json_object_get(provider, "kubernetes");
    json_t *cluster = json_object_get(provider, "cluster_name");
    json_t *region = json_object_get(provider, "region");
    context = (struct context){
        .cluster_name = json_str(cluster),
        .cluster_name_unknown = is_unknown(cluster),
        .region_unknown = is_unknown(region),
        .connection_unknown = is_unknown(block) || is_unknown(region),
        .has_kubernetes = block != NULL,
        .default_tags = strings_of(arena, json_object_get(provider, "default_tags")),
        .ignored_tags = strings_of(arena, json_object_get(provider, "ignore_tags")),
    };
    if (!cluster && !block)
        context.cluster_name = STR("sandbox");
    if (context.cluster_name_unknown)
        context.cluster_name = (struct str){ 0 };
    const struct connections_options options = {
        .aws = { .region = json_is_string(region) ? json_str(region) : STR("us-east-1"),
                 .access_key = STR("AKIDTEST"),
                 .secret_key = STR("not-a-secret") },
        .has_kubernetes = block != NULL,
        .kubernetes = kubernetes_of(block),
    };
    if (context.connection_unknown)
        return;
    context.connections = connections_make(run->call, &options, &context.region);
    ck_assert_msg(context.connections != NULL, "%s: the provider's configuration is wrong",
                  run->name);
}

static void begin(struct run *run)
{
    struct call *call = run->call;
    struct str folder = str_of(run->name);
    struct str resource;
    (void)str_split(&folder, '/', &resource);
    run->resource =
        registry_find_resource(str_print(call->arena, TYPE_PREFIX "%.*s", STR_ARG(resource)));
    ck_assert_msg(run->resource != NULL, "there is no resource %.*s", STR_ARG(resource));
    configure(run);
    json_t *config = read_json(run, "config.json");
    json_t *prior = read_json(run, "prior.json");
    run->config = config ? case_value_read(call, run->resource->rows, config) : NULL;
    run->now.state = prior ? case_value_read(call, run->resource->rows, prior) : &value_null;
    json_t *private = read_json(run, "prior_private.json");
    if (private)
        run->now.private = json_print(call->arena, private);
    json_t *exchanges = case_file_read(call->arena, path_of(run, "http.json"));
    case_http_begin(call->arena, path_of(run, "."),
                    exchanges ? exchanges : json_new_array(call->arena));
}

static void compare(struct run *run)
{
    struct arena *arena = run->call->arena;
    struct str wrong;
    json_t *exchanges = case_http_end(&wrong);
    expect_diagnostics(run);
    if (updating && json_array_size(exchanges))
        case_file_write(run->call->arena, path_of(run, "http.json"), exchanges);
    else if (wrong.len)
        buf_print(&run->wrong, "The requests are not as expected.\n%s", wrong.at);
    if (run->planned)
        expect_file(run, "plan.json", describe_plan(run), /* always */ true);
    if (run->touched)
        expect_file(run, "state.json", case_value_write(arena, run->resource->rows, run->now.state),
                    /* always */ true);
    json_t *private = json_try_parse(arena, run->now.private);
    expect_file(run, "private.json", private ? private : json_new_object(arena),
                /* always */ false);
}

START_TEST(the_case_comes_out_as_its_folder_says)
{
    struct arena arena = arena_make(NULL);
    struct call call = { .arena = &arena };
    struct run run = { .call = &call, .name = names[_i], .wrong = buf_make(&arena, BUF_LIMIT) };
    poll_set_first_ms(1);
    begin(&run);
    run_steps(&run);
    compare(&run);
    struct str wrong = buf_str(&run.wrong);
    ck_assert_msg(wrong.len == 0, "\n%s: %s", run.name, wrong.at);
    arena_release(&arena);
}
END_TEST

static bool is_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder)
        closedir(folder);
    return folder != NULL;
}

static int skip_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Keeps RESOURCE/CASE where it is a folder that is wanted. */
static void keep_case(const char *resource, const char *folder)
{
    const char *only = getenv("CASE");
    char *path = NULL;
    if (asprintf(&path, ROOT "/%s/%s", resource, folder) < 0)
        return;
    const char *name = path + strlen(ROOT "/");
    if (name_count < CASES_LIMIT && is_folder(path) && (!only || strstr(name, only)))
        names[name_count++] = strdup(name);
    free(path);
}

static void find_cases_of(const char *resource)
{
    struct dirent **entries;
    char path[512];
    snprintf(path, sizeof path, ROOT "/%s", resource);
    int count = is_folder(path) ? scandir(path, &entries, skip_dots, alphasort) : 0;
    for (int i = 0; i < count; i++) {
        keep_case(resource, entries[i]->d_name);
        free(entries[i]);
    }
    if (count > 0)
        free(entries);
}

static void find_cases(void)
{
    struct dirent **entries;
    int count = scandir(ROOT, &entries, skip_dots, alphasort);
    for (int i = 0; i < count; i++) {
        find_cases_of(entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Nothing of the machine's own AWS configuration may reach a case. */
static void clear_environment(void)
{
    static const char *const variables[] = {
        "AWS_REGION",           "AWS_DEFAULT_REGION",    "AWS_PROFILE",
        "AWS_ENDPOINT_URL",     "AWS_CONFIG_FILE",       "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_ENDPOINT_URL_EKS", "AWS_CA_BUNDLE",         "AWS_MAX_ATTEMPTS",
        "AWS_RETRY_MODE",       "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
    };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        unsetenv(variables[i]);
    setenv("HOME", "/nonexistent", 1);
}

int main(void)
{
    clear_environment();
    updating = getenv("UPDATE_CASES") != NULL;
    find_cases();
    Suite *suite = suite_create("cases");
    TCase *tcase = tcase_create("cases");
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, the_case_comes_out_as_its_folder_says, 0, (int)name_count);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (size_t i = 0; i < name_count; i++)
        free(names[i]);
    if (name_count == 0)
        fprintf(stderr, "There is no case under " ROOT ": run this in the source folder.\n");
    return failed || name_count == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
