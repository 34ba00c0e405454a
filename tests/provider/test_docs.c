/* Pages and the files they go to. */
#include "provider/docs.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "provider/config.h"
#include "resources/eks_object.h"
#include "resources/kubernetes_object.h"
#include "schema/lint.h"

static struct arena arena;
static struct call call;
static char directory[64];

static void set_up(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    snprintf(directory, sizeof directory, "/tmp/test_docs.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

/* Removes what is in PATH, which the tests fill at most two levels deep, and PATH. */
static void remove_all(const char *path)
{
    DIR *open_directory = opendir(path);
    for (const struct dirent *entry; open_directory && (entry = readdir(open_directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char inner[600];
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0)
            remove_all(inner);
    }
    if (open_directory)
        closedir(open_directory);
    rmdir(path);
}

static void tear_down(void)
{
    arena_release(&arena);
    remove_all(directory);
}

static struct str target(void)
{
    return str_print(&arena, "%s/docs", directory);
}

static const char *page(const char *name)
{
    struct str path = str_print(&arena, "%s/docs/%s.md", directory, name);
    struct str text = file_read(&call, NULL, path, BUF_LIMIT, "page");
    ck_assert_msg(text.at != NULL, "%s is missing", path.at);
    return text.at;
}

static void expect_error(const char *part)
{
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_msg(strstr(call.first->detail.at, part) != NULL, "%s lacks %s", call.first->detail.at,
                  part);
}

START_TEST(everything_listed_has_its_page)
{
    ck_assert(docs_write(&call, target()));
    ck_assert_uint_eq(call.errors, 0);
    for (size_t i = 0; registry_resources[i]; i++) {
        const char *name = registry_resources[i]->name;
        const char *text = page(str_print(&arena, "resources/%s", name).at);
        struct str title = str_print(&arena, "# gpushare_%s (Resource)", name);
        struct str example = str_print(&arena, "resource \"gpushare_%s\" ", name);
        struct str import = str_print(&arena, "terraform import gpushare_%s.", name);
        ck_assert_ptr_nonnull(strstr(text, title.at));
        ck_assert_ptr_nonnull(strstr(text, example.at));
        ck_assert_ptr_nonnull(strstr(text, import.at));
        ck_assert_ptr_nonnull(strstr(text, "\n## Permissions\n"));
    }
    for (size_t i = 0; registry_data_sources[i]; i++) {
        const char *name = registry_data_sources[i]->name;
        const char *text = page(str_print(&arena, "data-sources/%s", name).at);
        struct str example = str_print(&arena, "data \"gpushare_%s\" ", name);
        ck_assert_ptr_nonnull(strstr(text, example.at));
        ck_assert_ptr_null(strstr(text, "\n## Import\n"));
    }
    for (size_t i = 0; registry_functions[i]; i++) {
        const char *name = registry_functions[i]->name;
        const char *text = page(str_print(&arena, "functions/%s", name).at);
        struct str title = str_print(&arena, "# function: %s\n", name);
        struct str example = str_print(&arena, "provider::gpushare::%s(", name);
        ck_assert_ptr_nonnull(strstr(text, title.at));
        ck_assert_ptr_nonnull(strstr(text, example.at));
        ck_assert_ptr_nonnull(strstr(text, "\n## Arguments\n\n1. `"));
    }
}
END_TEST

/* Pages, schemas and plans rely on it. */
START_TEST(every_table_is_clean)
{
    struct buf complaints = buf_make(&arena, BUF_LIMIT);
    attr_lint(&complaints, "provider", config_rows, /* is_block */ false);
    for (size_t i = 0; registry_resources[i]; i++)
        attr_lint(&complaints, registry_resources[i]->name, registry_resources[i]->rows,
                  /* is_block */ false);
    for (size_t i = 0; registry_data_sources[i]; i++)
        attr_lint(&complaints, registry_data_sources[i]->name, registry_data_sources[i]->rows,
                  /* is_block */ false);
    ck_assert_str_eq(buf_str(&complaints).at, "");
}
END_TEST

START_TEST(the_provider_has_the_index)
{
    ck_assert(docs_write(&call, target()));
    const char *text = page("index");
    ck_assert_ptr_nonnull(strstr(text, "# gpushare Provider\n"));
    ck_assert_ptr_nonnull(strstr(text, "provider \"gpushare\" {"));
    ck_assert_ptr_nonnull(strstr(text, "- `cluster_name` (String)"));
    ck_assert_ptr_nonnull(strstr(text, "- `secret_key` (String, Sensitive)"));
}
END_TEST

START_TEST(writing_again_replaces_what_was_there)
{
    ck_assert(docs_write(&call, target()));
    struct str path = str_print(&arena, "%s/docs/index.md", directory);
    struct str before = str_of(page("index"));
    FILE *file = fopen(path.at, "a");
    ck_assert_ptr_nonnull(file);
    fputs("more", file);
    fclose(file);
    ck_assert(docs_write(&call, target()));
    ck_assert_str_eq(page("index"), before.at);
}
END_TEST

START_TEST(a_missing_example_is_an_error_that_names_it)
{
    char before[4096];
    ck_assert_ptr_nonnull(getcwd(before, sizeof before));
    ck_assert_int_eq(chdir(directory), 0);
    bool ok = docs_write(&call, target());
    ck_assert_int_eq(chdir(before), 0);
    ck_assert(!ok);
    expect_error("examples/provider/provider.tf");
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_is_an_error)
{
    ck_assert(!docs_write(&call, STR("/dev/null/docs")));
    expect_error("/dev/null/docs cannot be made");
}
END_TEST

START_TEST(a_page_that_cannot_be_opened_is_an_error)
{
    struct str path = str_print(&arena, "%s/docs", directory);
    ck_assert_int_eq(mkdir(path.at, 0700), 0);
    path = str_print(&arena, "%s/docs/index.md", directory);
    ck_assert_int_eq(mkdir(path.at, 0700), 0);
    ck_assert(!docs_write(&call, target()));
    expect_error("index.md cannot be opened");
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
    struct str path = str_print(&arena, "%s/docs", directory);
    ck_assert_int_eq(mkdir(path.at, 0700), 0);
    path = str_print(&arena, "%s/docs/index.md", directory);
    ck_assert_int_eq(symlink("/dev/full", path.at), 0);
    ck_assert(!docs_write(&call, target()));
    expect_error("No space left on device");
}
END_TEST

static const struct attr namespaced_rows[] = {
    { "namespace", &type_string, OPTIONAL | COMPUTED, .default_json = "\"kube-system\"",
      .doc = "Namespace." },
    { "name", &type_string, REQUIRED, .doc = "Name." },
    { 0 },
};

static const struct kubernetes_kind child_kind = {
    .group = "example.com", .version = "v1", .kind = "Part", .plural = "parts"
};
static const struct kubernetes_kind thing_kind = {
    .group = "", .version = "v1", .kind = "Thing", .plural = "things", .dependents = &child_kind
};

static const char way_to_the_cluster[] =
    "\n"
    "The way to the cluster takes one IAM action, unless the provider has a `kubernetes` block, "
    "and "
    "an access entry of the cluster that puts the IAM role into a group with the rules above:\n"
    "\n"
    "```json\n"
    "{\n"
    "  \"Version\": \"2012-10-17\",\n"
    "  \"Statement\": [\n"
    "    {\n"
    "      \"Effect\": \"Allow\",\n"
    "      \"Action\": [\n"
    "        \"eks:DescribeCluster\"\n"
    "      ],\n"
    "      \"Resource\": [\n"
    "        \"arn:aws:eks:REGION:ACCOUNT:cluster/CLUSTER\"\n"
    "      ]\n"
    "    }\n"
    "  ]\n"
    "}\n"
    "```\n";

START_TEST(rules_of_a_namespaced_kind_are_a_role)
{
    const struct resource thing = { .name = "some_thing",
                                    .rows = namespaced_rows,
                                    .kubernetes = &thing_kind };
    struct str expected =
        str_print(&arena,
                  "The least that the provider's identity needs for this resource:\n"
                  "\n"
                  "```yaml\n"
                  "apiVersion: rbac.authorization.k8s.io/v1\n"
                  "kind: Role\n"
                  "metadata:\n"
                  "  name: gpushare-some-thing\n"
                  "  namespace: kube-system\n"
                  "rules:\n"
                  "- apiGroups: [\"\"]\n"
                  "  resources: [\"things\"]\n"
                  "  verbs: [\"get\", \"create\", \"patch\", \"delete\"]\n"
                  "- apiGroups: [\"example.com\"]\n"
                  "  resources: [\"parts\"]\n"
                  "  verbs: [\"list\"]\n"
                  "```\n"
                  "%s",
                  way_to_the_cluster);
    ck_assert_str_eq(docs_resource_permissions(&arena, &thing).at, expected.at);
}
END_TEST

START_TEST(rules_of_a_cluster_wide_kind_are_a_cluster_role)
{
    const struct resource thing = { .name = "thing",
                                    .rows = namespaced_rows + 1,
                                    .kubernetes = &child_kind };
    struct str text = docs_resource_permissions(&arena, &thing);
    ck_assert(str_contains(text, "kind: ClusterRole\n"));
    ck_assert(!str_contains(text, "namespace:"));
    ck_assert(!str_contains(text, "\"list\""));
}
END_TEST

START_TEST(a_policy_has_the_actions_of_the_update_calls)
{
    static const struct eks_object object = {
        .updates = { [1] = "/x/{name}/update-version", [2] = "/x/{name}/update-config" },
        .tags_call = 3,
    };
    const struct resource group = { .name = "group", .rows = namespaced_rows, .eks = &object };
    struct str text = docs_resource_permissions(&arena, &group);
    static const char *const needed[] = {
        "eks:CreateNodegroup", "eks:DescribeNodegroup",     "eks:DeleteNodegroup",
        "eks:DescribeUpdate",  "eks:UpdateNodegroupConfig", "eks:UpdateNodegroupVersion",
        "eks:TagResource",     "eks:UntagResource",         "iam:PassRole",
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        ck_assert_msg(str_contains(text, needed[i]), "%s", needed[i]);
    ck_assert(!str_contains(text, "rbac"));
    ck_assert(!str_contains(text, ",\n      ]"));
}
END_TEST

START_TEST(calls_that_a_table_lacks_need_no_action)
{
    static const struct eks_object object = { .updates = { [1] = "/x/{name}/update-config" } };
    const struct resource group = { .name = "group", .rows = namespaced_rows, .eks = &object };
    struct str text = docs_resource_permissions(&arena, &group);
    ck_assert(str_contains(text, "eks:UpdateNodegroupConfig"));
    ck_assert(!str_contains(text, "eks:UpdateNodegroupVersion"));
    ck_assert(!str_contains(text, "eks:TagResource"));
}
END_TEST

START_TEST(a_data_source_needs_what_it_lists)
{
    static const struct kubernetes_kind *const kinds[] = { &thing_kind, &child_kind, NULL };
    const struct data_source source = { .name = "all_things", .lists = kinds };
    struct str expected =
        str_print(&arena,
                  "The least that the provider's identity needs for this data source:\n"
                  "\n"
                  "```yaml\n"
                  "apiVersion: rbac.authorization.k8s.io/v1\n"
                  "kind: ClusterRole\n"
                  "metadata:\n"
                  "  name: gpushare-all-things\n"
                  "rules:\n"
                  "- apiGroups: [\"\"]\n"
                  "  resources: [\"things\"]\n"
                  "  verbs: [\"list\"]\n"
                  "- apiGroups: [\"example.com\"]\n"
                  "  resources: [\"parts\"]\n"
                  "  verbs: [\"list\"]\n"
                  "```\n"
                  "%s",
                  way_to_the_cluster);
    ck_assert_str_eq(docs_data_source_permissions(&arena, &source).at, expected.at);
    const struct data_source table = { .name = "table" };
    ck_assert_ptr_null(docs_data_source_permissions(&arena, &table).at);
}
END_TEST

START_TEST(the_import_form_names_id_and_identity)
{
    const struct resource thing = { .name = "thing",
                                    .rows = namespaced_rows,
                                    .kubernetes = &thing_kind,
                                    .identity = "namespace name" };
    struct str text = docs_import_form(&arena, &thing);
    ck_assert(str_contains(text, "`[CLUSTER:]NAMESPACE/NAME[@REGION]`"));
    ck_assert(str_contains(text, "with `namespace`, `name`, and `cluster_name` and `region`"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("docs");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, everything_listed_has_its_page);
    tcase_add_test(tests, every_table_is_clean);
    tcase_add_test(tests, the_provider_has_the_index);
    tcase_add_test(tests, writing_again_replaces_what_was_there);
    tcase_add_test(tests, a_missing_example_is_an_error_that_names_it);
    tcase_add_test(tests, a_folder_that_cannot_be_made_is_an_error);
    tcase_add_test(tests, a_page_that_cannot_be_opened_is_an_error);
    tcase_add_test(tests, a_full_disk_is_an_error);
    tcase_add_test(tests, rules_of_a_namespaced_kind_are_a_role);
    tcase_add_test(tests, rules_of_a_cluster_wide_kind_are_a_cluster_role);
    tcase_add_test(tests, a_policy_has_the_actions_of_the_update_calls);
    tcase_add_test(tests, calls_that_a_table_lacks_need_no_action);
    tcase_add_test(tests, a_data_source_needs_what_it_lists);
    tcase_add_test(tests, the_import_form_names_id_and_identity);
    Suite *suite = suite_create("docs");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
