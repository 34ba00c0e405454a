/* Owners of fields, paths with dots in names, and what an apply sets. */
#include "clients/managed_fields.h"

#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct call call;

static void setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void teardown(void)
{
    arena_release(&arena);
}

static json_t *parse(const char *text)
{
    json_t *value = json_parse(&call, NULL, str_of(text), "the test");
    ck_assert_msg(value != NULL, "%s", call.first ? call.first->detail.at : "");
    return value;
}

static const char config_map[] =
    "{\"metadata\":{\"name\":\"c\",\"labels\":{\"app\":\"x\",\"app.kubernetes.io/name\":\"y\"},"
    "\"managedFields\":["
    "{\"manager\":\"gpushare\",\"operation\":\"Apply\",\"apiVersion\":\"v1\","
    "\"time\":\"2026-01-01T00:00:00Z\",\"fieldsV1\":{\"f:data\":{\"f:any\":{},\"f:config.yaml\":{}}"
    ","
    "\"f:metadata\":{\"f:labels\":{\"f:app.kubernetes.io/name\":{}}}}},"
    "{\"manager\":\"kubectl-edit\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
    "\"time\":\"2026-02-01T00:00:00Z\",\"fieldsV1\":{\"f:data\":{\".\":{},\"f:any\":{}},"
    "\"f:metadata\":{\"f:labels\":{\"f:app\":{}}}}},"
    "{\"manager\":\"old\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
    "\"fieldsV1\":{\"f:data\":{\"f:any\":{}}}},"
    "{\"manager\":\"broken\"},7,{\"manager\":\"b\",\"operation\":\"Update\",\"fieldsV1\":[]}]},"
    "\"data\":{\"any\":\"1\",\"config.yaml\":\"2\"}}";

START_TEST(reads_entries_and_skips_malformed_ones)
{
    struct managed_fields_entry *entries;
    ck_assert_uint_eq(managed_fields_read(&arena, parse(config_map), &entries), 3);
    ck_assert(str_is(entries[0].manager, "gpushare"));
    ck_assert(str_is(entries[0].operation, "Apply"));
    ck_assert(str_is(entries[1].api_version, "v1"));
    ck_assert(str_is(entries[1].time, "2026-02-01T00:00:00Z"));
    ck_assert_ptr_null(entries[2].time.at);
    ck_assert_ptr_null(entries[2].subresource.at);
    ck_assert_uint_eq(managed_fields_read(&arena, parse("{}"), &entries), 0);
    ck_assert_uint_eq(managed_fields_read(&arena, parse("{\"metadata\":[]}"), &entries), 0);
    ck_assert_uint_eq(managed_fields_read(&arena, NULL, &entries), 0);
}
END_TEST

static void expect_owners(const char *object, const char *path, const char *names)
{
    struct managed_fields_entry *owners;
    size_t count = managed_fields_owners(&call, parse(object), str_of(path), &owners);
    struct buf out = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; i < count; i++)
        buf_print(&out, "%s%.*s", i ? " " : "", STR_ARG(owners[i].manager));
    ck_assert_msg(str_is(buf_str(&out), names), "%s: %s", path, buf_str(&out).at);
}

START_TEST(names_owners_newest_first)
{
    expect_owners(config_map, ".data.any", "kubectl-edit gpushare old");
    expect_owners(config_map, ".data", "kubectl-edit gpushare old");
    expect_owners(config_map, ".data.config.yaml", "gpushare");
    expect_owners(config_map, ".data.an", "");
    expect_owners(config_map, ".data.any2", "");
    expect_owners(config_map, ".spec", "");
    expect_owners(config_map, "", "");
    expect_owners(config_map, "data", "");
}
END_TEST

START_TEST(keeps_labels_with_dots_apart)
{
    expect_owners(config_map, ".metadata.labels.app", "kubectl-edit");
    expect_owners(config_map, ".metadata.labels.app.kubernetes.io/name", "gpushare");
    expect_owners(config_map, ".metadata.labels.app.kubernetes.io", "");
}
END_TEST

static const char node_pool[] =
    "{\"metadata\":{\"managedFields\":[{\"manager\":\"m\",\"operation\":\"Apply\",\"fieldsV1\":"
    "{\"f:spec\":{\"f:template\":{\"f:spec\":{\"f:requirements\":{}}},"
    "\"f:containers\":{\"k:{\\\"name\\\":\\\"x\\\"}\":{\".\":{},\"f:image\":{},"
    "\"f:ports\":{\"k:{\\\"protocol\\\":\\\"TCP\\\",\\\"containerPort\\\":80}\":{\".\":{}}}}},"
    "\"f:finalizers\":{\"v:\\\"a\\\\\\\"b\\\"\":{}},\"f:atoms\":{\"i:1\":{}},"
    "\"z:future\":{},\"k:nonsense\":{}}}}]},"
    "\"spec\":{\"template\":{\"spec\":{\"requirements\":[{\"key\":\"a\"}]}},\"containers\":"
    "[{\"name\":\"w\"},{\"name\":\"x\",\"image\":\"i\",\"ports\":[{\"containerPort\":80,"
    "\"protocol\":"
    "\"TCP\",\"name\":\"h\"}]}],\"finalizers\":[\"a\\\"b\"],\"atoms\":[1,{\"deep\":2}]}}";

START_TEST(follows_lists_in_the_notation_of_conflicts)
{
    expect_owners(node_pool, ".spec.template.spec.requirements", "m");
    expect_owners(node_pool, ".spec.template.spec.requirements[0].key", "m");
    expect_owners(node_pool, ".spec.template.spec.requirements[key=\"a\"]", "m");
    expect_owners(node_pool, ".spec.containers[name=\"x\"].image", "m");
    expect_owners(node_pool, ".spec.containers[name=\"x\"]", "m");
    expect_owners(node_pool, ".spec.containers[name=\"w\"]", "");
    expect_owners(node_pool,
                  ".spec.containers[name=\"x\"].ports[containerPort=80,protocol=\"TCP\"]", "m");
    expect_owners(node_pool,
                  ".spec.containers[name=\"x\"].ports[containerPort=80,protocol=\"TCP\"].name",
                  "m");
    expect_owners(node_pool, ".spec.containers", "m");
    expect_owners(node_pool, ".spec.finalizers[=\"a\\\"b\"]", "m");
    expect_owners(node_pool, ".spec.finalizers[=\"c\"]", "");
    expect_owners(node_pool, ".spec.atoms[1]", "m");
    expect_owners(node_pool, ".spec.atoms[1].deep", "m");
    expect_owners(node_pool, ".spec.atoms[2]", "");
    expect_owners(node_pool, ".spec]", "");
}
END_TEST

START_TEST(knows_what_a_manager_has)
{
    json_t *object = parse(config_map);
    ck_assert(managed_fields_has(&call, object, STR("gpushare"), "Apply", STR(".data.any")));
    ck_assert(!managed_fields_has(&call, object, STR("gpushare"), "Update", STR(".data.any")));
    ck_assert(!managed_fields_has(&call, object, STR("gpushare"), "Apply", STR(".data.other")));
    ck_assert(!managed_fields_has(&call, object, STR("nobody"), "Apply", STR(".data.any")));
}
END_TEST

static bool only(const char *managed, const char *manager)
{
    struct str text = str_print(&arena, "{\"metadata\":{\"managedFields\":[%s]}}", managed);
    return managed_fields_only_manager(&call, parse(text.at), str_of(manager));
}

START_TEST(knows_the_only_manager)
{
#define ENTRY(name, more)                                                                          \
    "{\"manager\":\"" name "\",\"operation\":\"Apply\"," more "\"fieldsV1\":{}}"
    ck_assert(only(ENTRY("a", ""), "a"));
    ck_assert(!only(ENTRY("a", ""), "b"));
    ck_assert(!only(ENTRY("a", "") "," ENTRY("b", ""), "a"));
    ck_assert(only(ENTRY("a", "") "," ENTRY("b", "\"subresource\":\"status\","), "a"));
    ck_assert(!only(ENTRY("a", "\"subresource\":\"status\","), "a"));
    ck_assert(!only("", "a"));
}
END_TEST

START_TEST(prints_entries)
{
    struct managed_fields_entry entry = { .manager = STR("kubectl-edit"),
                                          .operation = STR("Update"),
                                          .time = STR("2026-01-02T03:04:05Z") };
    ck_assert_str_eq(managed_fields_print(&arena, &entry).at,
                     "\"kubectl-edit\" (Update at 2026-01-02T03:04:05Z)");
    entry.subresource = STR("status");
    entry.time = (struct str){ 0 };
    ck_assert_str_eq(managed_fields_print(&arena, &entry).at,
                     "\"kubectl-edit\" (Update of status)");
}
END_TEST

static const char body[] =
    "{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"n\",\"namespace\":"
    "\"s\","
    "\"resourceVersion\":\"1\",\"uid\":\"u\",\"managedFields\":[],\"labels\":{\"b.c/d\":\"1\","
    "\"a\":\"2\"}},\"spec\":{\"list\":[{\"x\":1}],\"empty\":{},\"none\":null,\"deep\":{\"er\":true}"
    "}}";

START_TEST(lists_what_an_apply_sets)
{
    struct managed_fields_paths paths = managed_fields_paths_of(&arena, parse(body));
    static const char *const expected[] = { ".metadata.labels.a", ".metadata.labels.b.c/d",
                                            ".spec.deep.er",      ".spec.empty",
                                            ".spec.list",         ".spec.none" };
    ck_assert_uint_eq(paths.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < paths.count; i++)
        ck_assert_str_eq(paths.at[i].at, expected[i]);
    ck_assert_uint_eq(managed_fields_paths_of(&arena, parse("{}")).count, 0);
    ck_assert_uint_eq(managed_fields_paths_of(&arena, parse("[1]")).count, 0);
    ck_assert_uint_eq(managed_fields_paths_of(&arena, parse("{\"metadata\":{}}")).count, 0);
}
END_TEST

START_TEST(finds_values_of_paths)
{
    json_t *object = parse(body);
    struct managed_fields_paths paths = managed_fields_paths_of(&arena, object);
    for (size_t i = 0; i < paths.count; i++)
        ck_assert_ptr_nonnull(managed_fields_value(object, paths.at[i]));
    ck_assert(str_is(json_str(managed_fields_value(object, STR(".metadata.labels.b.c/d"))), "1"));
    ck_assert(json_is_true(managed_fields_value(object, STR(".spec.deep.er"))));
    ck_assert_ptr_null(managed_fields_value(object, STR(".spec.dee")));
    ck_assert_ptr_null(managed_fields_value(object, STR(".spec.deep.er.x")));
    ck_assert_ptr_null(managed_fields_value(object, STR("spec")));
    ck_assert_ptr_null(managed_fields_value(NULL, STR(".a")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("managed_fields");
    TCase *cases = tcase_create("managed_fields");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, reads_entries_and_skips_malformed_ones);
    tcase_add_test(cases, names_owners_newest_first);
    tcase_add_test(cases, keeps_labels_with_dots_apart);
    tcase_add_test(cases, follows_lists_in_the_notation_of_conflicts);
    tcase_add_test(cases, knows_what_a_manager_has);
    tcase_add_test(cases, knows_the_only_manager);
    tcase_add_test(cases, prints_entries);
    tcase_add_test(cases, lists_what_an_apply_sets);
    tcase_add_test(cases, finds_values_of_paths);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
