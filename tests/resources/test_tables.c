/* Every table there is, looked through: rows, identities, import ids, texts; and the rules of
 * names. */
#include "resources/import_id.h"
#include "resources/kubernetes_object.h"
#include "resources/lifecycle.h"
#include "schema/lint.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;

static void begin(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static void end(void)
{
    arena_release(&arena);
}

START_TEST(rows_keep_the_rules)
{
    struct buf complaints = buf_make(&arena, BUF_LIMIT);
    for (size_t i = 0; registry_resources[i]; i++)
        attr_lint(&complaints, registry_resources[i]->name, registry_resources[i]->rows, false);
    for (size_t i = 0; registry_data_sources[i]; i++)
        attr_lint(&complaints, registry_data_sources[i]->name, registry_data_sources[i]->rows,
                  false);
    struct str text = buf_str(&complaints);
    ck_assert_msg(text.len == 0, "\n%s", text.at);
}
END_TEST

/* Names of rows that RULES speak of, in the object that they are about. */
static void check_rules(const char *who, const struct attr *rows, const struct rule *rules)
{
    for (const struct rule *rule = rules; rule && rule->kind != RULES_END; rule++) {
        const struct attr *block = rule->block ? attr_find(rows, str_of(rule->block)) : NULL;
        ck_assert_msg(!rule->block || block, "%s: there is no block %s", who, rule->block);
        struct str names = str_of(rule->names);
        struct str name;
        while (attr_next_name(&names, &name))
            ck_assert_msg(attr_find(block ? block->rows : rows, name) != NULL,
                          "%s: a rule speaks of %.*s", who, STR_ARG(name));
    }
}

START_TEST(rules_speak_of_rows)
{
    for (size_t i = 0; registry_resources[i]; i++)
        check_rules(registry_resources[i]->name, registry_resources[i]->rows,
                    registry_resources[i]->rules);
    for (size_t i = 0; registry_data_sources[i]; i++)
        check_rules(registry_data_sources[i]->name, registry_data_sources[i]->rows,
                    registry_data_sources[i]->rules);
}
END_TEST

static bool is_text(const char *doc)
{
    return doc && doc[0] >= 'A' && doc[0] <= 'Z' && str_ends(str_of(doc), ".");
}

START_TEST(texts_are_sentences)
{
    for (size_t i = 0; registry_resources[i]; i++)
        ck_assert_msg(is_text(registry_resources[i]->doc), "%s", registry_resources[i]->name);
    for (size_t i = 0; registry_data_sources[i]; i++)
        ck_assert_msg(is_text(registry_data_sources[i]->doc), "%s", registry_data_sources[i]->name);
}
END_TEST

/* An identity is what an import id can say: text that is known once the object exists, and whose
 * change makes another object. */
START_TEST(identities_are_rows)
{
    for (size_t i = 0; registry_resources[i]; i++) {
        const struct resource *resource = registry_resources[i];
        struct str names = str_of(resource->identity);
        struct str name;
        size_t count = 0;
        for (; attr_next_name(&names, &name); count++) {
            const struct attr *row = attr_find(resource->rows, name);
            ck_assert_msg(row != NULL, "%s has no row %.*s", resource->name, STR_ARG(name));
            ck_assert_msg(row->type == &type_string && (row->flags & REPLACES), "%s.%s",
                          resource->name, row->name);
        }
        ck_assert_uint_ge(count, 1);
        ck_assert_ptr_nonnull(attr_find(resource->rows, STR("cluster_name")));
        ck_assert_ptr_nonnull(attr_find(resource->rows, STR("region")));
    }
}
END_TEST

START_TEST(resources_are_whole)
{
    for (size_t i = 0; registry_resources[i]; i++) {
        const struct resource *resource = registry_resources[i];
        ck_assert_ptr_nonnull(resource->driver);
        ck_assert_msg(!resource->kubernetes != !resource->eks, "%s has one API", resource->name);
        ck_assert_int_gt(resource->timeouts.create_s, 0);
        ck_assert_int_gt(resource->timeouts.read_s, 0);
        ck_assert_int_gt(resource->timeouts.update_s, 0);
        ck_assert_int_gt(resource->timeouts.delete_s, 0);
        const char *generated = resource->generated_name;
        if (!generated)
            continue;
        struct str prefix = str_print(&arena, "%s_prefix", generated);
        ck_assert_ptr_nonnull(attr_find(resource->rows, str_of(generated)));
        ck_assert_ptr_nonnull(attr_find(resource->rows, prefix));
    }
}
END_TEST

START_TEST(names_are_unique_and_found)
{
    for (size_t i = 0; registry_resources[i]; i++) {
        struct str type_name = str_print(&arena, TYPE_PREFIX "%s", registry_resources[i]->name);
        ck_assert_ptr_eq(registry_find_resource(type_name), registry_resources[i]);
    }
    for (size_t i = 0; registry_data_sources[i]; i++) {
        struct str type_name = str_print(&arena, TYPE_PREFIX "%s", registry_data_sources[i]->name);
        ck_assert_ptr_eq(registry_find_data_source(type_name), registry_data_sources[i]);
    }
    ck_assert_ptr_null(registry_find_resource(STR("gpushare_nothing")));
    ck_assert_ptr_null(registry_find_resource(STR("node_group")));
    ck_assert_ptr_null(registry_find_resource(STR("gpushare_")));
    ck_assert_ptr_null(registry_find_resource(STR("gpushare_cluster")));
    ck_assert_ptr_null(registry_find_data_source(STR("gpushare_node_group")));
    ck_assert_ptr_null(registry_find_data_source(STR("")));
}
END_TEST

/* An object of RESOURCE whose identity is "a", "b", ... */
static const struct value *named_object(const struct resource *resource, const char *cluster)
{
    const struct value *object = attr_empty(&arena, resource->rows);
    struct str names = str_of(resource->identity);
    struct str name;
    for (char letter = 'a'; attr_next_name(&names, &name); letter++)
        object = value_with(&arena, object, name, value_string(&arena, (struct str){ &letter, 1 }));
    object = value_with(&arena, object, STR("region"), value_string(&arena, STR("eu-west-1")));
    return value_with(&arena, object, STR("cluster_name"), value_string(&arena, str_of(cluster)));
}

START_TEST(import_ids_read_back_what_they_print)
{
    const struct context context = { .cluster_name = STR("other"), .region = STR("us-east-1") };
    for (size_t i = 0; registry_resources[i]; i++) {
        const struct resource *resource = registry_resources[i];
        const struct value *object = named_object(resource, "sandbox");
        struct str id = import_id_print(&arena, resource, object);
        const struct value *read = import_id_parse(&call, &context, resource, id);
        ck_assert_msg(read && value_equal(read, object), "%s: %s", resource->name, id.at);
        ck_assert(str_starts(id, "sandbox:"));
        ck_assert(str_ends(id, "@eu-west-1"));
    }
}
END_TEST

START_TEST(import_ids_take_what_they_leave_out_from_the_provider)
{
    const struct context context = { .cluster_name = STR("sandbox"), .region = STR("eu-west-1") };
    const struct context past_eks = { .has_kubernetes = true };
    const struct resource *resource = registry_find_resource(STR("gpushare_time_slicing_config"));
    const struct value *read = import_id_parse(&call, &context, resource, STR("a/b"));
    ck_assert(value_equal(value_at(read, "cluster_name"), value_string(&arena, STR("sandbox"))));
    ck_assert(value_equal(value_at(read, "region"), value_string(&arena, STR("eu-west-1"))));
    read = import_id_parse(&call, &past_eks, resource, STR("a/b"));
    ck_assert(value_is_null(value_at(read, "cluster_name")));
    ck_assert(str_is(import_id_print(&arena, resource, read), "a/b"));
    resource = registry_find_resource(STR("gpushare_node_group"));
    ck_assert_ptr_null(import_id_parse(&call, &past_eks, resource, STR("gpu")));
    ck_assert_uint_eq(call.errors, 1);
}
END_TEST

START_TEST(import_ids_show_their_form)
{
    static const char *const forms[][2] = {
        { "gpushare_node_group", "CLUSTER:NODE_GROUP_NAME[@REGION]" },
        { "gpushare_time_slicing_config", "[CLUSTER:]NAMESPACE/NAME[@REGION]" },
        { "gpushare_mig_config", "[CLUSTER:]NAMESPACE/NAME[@REGION]" },
        { "gpushare_karpenter_node_pool", "[CLUSTER:]NAME[@REGION]" },
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        ck_assert_str_eq(import_id_form(&arena, registry_find_resource(str_of(forms[i][0]))).at,
                         forms[i][1]);
}
END_TEST

START_TEST(malformed_import_ids_are_refused)
{
    static const char *const ids[] = { "",     "a", "a/b/c", "/b",       "a/",    ":a/b",
                                       "a/b@", "@", ":",     "sandbox:", "x:a/b/" };
    const struct context context = { .cluster_name = STR("sandbox"), .region = STR("eu-west-1") };
    const struct resource *resource = registry_find_resource(STR("gpushare_mig_config"));
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct value *read = import_id_parse(&call, &context, resource, str_of(ids[i]));
        ck_assert_msg(!read, "taken: %s", ids[i]);
        ck_assert_uint_eq(call.errors, i + 1);
        ck_assert(str_contains(call.last->detail, "[CLUSTER:]NAMESPACE/NAME[@REGION]"));
    }
}
END_TEST

START_TEST(identity_objects_have_cluster_region_and_names)
{
    for (size_t i = 0; registry_resources[i]; i++) {
        const struct resource *resource = registry_resources[i];
        const struct value *object = named_object(resource, "sandbox");
        const struct type *type = lifecycle_identity_type(&arena, resource);
        const struct value *identity = lifecycle_identity(&arena, resource, object);
        ck_assert_int_eq(type->kind, TYPE_OBJECT);
        ck_assert_uint_eq(type->member_count, identity->count);
        for (size_t j = 0; j < type->member_count; j++) {
            struct str name = type->members[j].name;
            ck_assert_ptr_eq(type->members[j].type, &type_string);
            ck_assert(value_equal(value_at_str(identity, name), value_at_str(object, name)));
            ck_assert(j == 0 || str_order(type->members[j - 1].name, name) < 0);
        }
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rows_keep_the_rules,
        rules_speak_of_rows,
        texts_are_sentences,
        identities_are_rows,
        resources_are_whole,
        names_are_unique_and_found,
        import_ids_read_back_what_they_print,
        import_ids_take_what_they_leave_out_from_the_provider,
        import_ids_show_their_form,
        malformed_import_ids_are_refused,
        identity_objects_have_cluster_region_and_names,
    };
    Suite *suite = suite_create("tables");
    TCase *tcase = tcase_create("tables");
    tcase_add_checked_fixture(tcase, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
