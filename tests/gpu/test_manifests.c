/* Splitting texts into objects, and printing them so that they read back. */
#include "gpu/manifests.h"

#include "base/yaml.h"
#include "tests/gpu/suite.h"

static struct manifests found;

static void read_text(const char *text)
{
    start_over();
    manifests_read(&call, str_of(text), &found, &problems);
    ck_assert_uint_eq(call.errors, 0);
}

#define POD(name) "apiVersion: v1\nkind: Pod\nmetadata: {name: " name "}\n"

START_TEST(one_document)
{
    read_text(POD("a"));
    ck_assert_uint_eq(found.count, 1);
    ck_assert_str_eq(found.paths[0].at, "");
    ck_assert(str_is(json_str_at(found.objects[0], "metadata.name"), "a"));
}
END_TEST

START_TEST(several_documents)
{
    read_text("---\n" POD("a") "---  \n\n---\n# nothing\n---\n" POD("b"));
    ck_assert_uint_eq(found.count, 2);
    ck_assert_uint_eq(problems.count, 0);
    ck_assert_str_eq(found.paths[0].at, "[0]");
    ck_assert(str_is(json_str_at(found.objects[1], "metadata.name"), "b"));
    /* Dashes inside a text are no separator. */
    read_text("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    ---\n    x\n");
    ck_assert_uint_eq(found.count, 1);
}
END_TEST

START_TEST(a_list_is_taken_apart)
{
    read_text("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- {kind: Pod}\n");
    ck_assert_uint_eq(found.count, 1);
    ck_assert_str_eq(found.paths[0].at, "items[0]");
    ck_assert(only_problem(PROBLEM_FATAL, "needs `apiVersion` and `kind`"));
    ck_assert_str_eq(problems.first->path.at, "items[1]");
}
END_TEST

START_TEST(what_is_no_manifest_is_a_problem)
{
    read_text("");
    ck_assert(only_problem(PROBLEM_FATAL, "empty"));
    read_text("[1, 2]\n");
    ck_assert(only_problem(PROBLEM_FATAL, "no Kubernetes manifest"));
    read_text(POD("a") "---\nkind: [\n");
    ck_assert_uint_eq(found.count, 1);
    ck_assert_uint_eq(problems.count, 1);
    ck_assert_str_eq(problems.first->path.at, "[1]");
}
END_TEST

START_TEST(too_many_objects)
{
    struct buf text = buf_make(&arena, BUF_LIMIT);
    for (int i = 0; i < MANIFEST_LIMIT + 5; i++)
        buf_add_text(&text, POD("a") "---\n");
    read_text(buf_str(&text).at);
    ck_assert_uint_eq(found.count, MANIFEST_LIMIT);
    ck_assert(only_problem(PROBLEM_FATAL, "more than 1000"));
}
END_TEST

START_TEST(printing)
{
    static const char text[] = "apiVersion: v1\n"
                               "kind: Thing\n"
                               "metadata:\n"
                               "  labels: {}\n"
                               "  name: a\n"
                               "spec:\n"
                               "  list:\n"
                               "  - key: \"true\"\n"
                               "    values:\n"
                               "    - one\n"
                               "    - \"2\"\n"
                               "  - plain\n"
                               "  none: []\n"
                               "  number: 5\n"
                               "  switch: true\n"
                               "  void: null\n";
    json_t *value = yaml_parse(&call, NULL, str_of(text), "test");
    struct buf out = buf_make(&arena, BUF_LIMIT);
    manifest_print(&out, value);
    ck_assert_str_eq(buf_str(&out).at, text);
}
END_TEST

START_TEST(nested_lists_read_back)
{
    json_t *value = json_try_parse(&arena, STR("{\"a\": [[1, [2]], [], {\"b\": [{\"c\": 1}]}]}"));
    struct buf out = buf_make(&arena, BUF_LIMIT);
    manifest_print(&out, value);
    ck_assert(json_equal(yaml_parse(&call, NULL, buf_str(&out), "test"), value));
}
END_TEST

int main(void)
{
    SUITE_RUN("manifests", one_document, several_documents, a_list_is_taken_apart,
              what_is_no_manifest_is_a_problem, too_many_objects, printing, nested_lists_read_back);
}
