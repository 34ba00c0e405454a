/* Tests of paths in an API's JSON. */
#include "schema/api_path.h"

#include "tests/schema/suite.h"

START_TEST(names_become_camel_case)
{
    ck_assert(str_is(api_name(&arena, STR("name")), "name"));
    ck_assert(
        str_is(api_name(&arena, STR("max_unavailable_percentage")), "maxUnavailablePercentage"));
    ck_assert(str_is(api_name(&arena, STR("ec2_ssh_key")), "ec2SshKey"));
    ck_assert(str_is(api_name(&arena, STR("level_2")), "level2"));
}
END_TEST

static struct str path_of(const char *up, const char *name, const char *api)
{
    const struct attr row = { .name = name, .api = api };
    return api_path_of(&arena, str_of(up), &row);
}

START_TEST(paths_join)
{
    ck_assert(str_is(path_of("", "max_size", NULL), "maxSize"));
    ck_assert(str_is(path_of("spec", "max_size", NULL), "spec.maxSize"));
    ck_assert(str_is(path_of("spec", "size", "a.b"), "spec.a.b"));
    ck_assert(str_is(path_of("labels", "size", "[\"x.y/z\"]"), "labels[\"x.y/z\"]"));
    ck_assert(str_is(path_of("spec", "sharing", ""), "spec"));
    ck_assert(str_is(path_of("", "sharing", ""), ""));
}
END_TEST

static struct str steps_of(const char *text)
{
    struct buf out = buf_make(&arena, BUF_LIMIT);
    struct str path = str_of(text);
    struct str step;
    while (api_path_next(&path, &step))
        buf_print(&out, "<%.*s>", STR_ARG(step));
    return buf_str(&out);
}

START_TEST(steps_are_taken_one_by_one)
{
    ck_assert_str_eq(steps_of("spec.labels[\"a.b\"]").at, "<spec><labels><a.b>");
    ck_assert_str_eq(steps_of("[\"a/b\"].c").at, "<a/b><c>");
    ck_assert_str_eq(steps_of("a[\"b\"][\"c\"]").at, "<a><b><c>");
    ck_assert_str_eq(steps_of("a").at, "<a>");
    ck_assert_str_eq(steps_of("").at, "");
    ck_assert_str_eq(steps_of("a[").at, "<a><>");
}
END_TEST

START_TEST(get_walks_objects_only)
{
    const json_t *root = json_of("{'a': {'b': 1, 'c.d': 'x'}, 'list': [1]}");
    ck_assert_int_eq(json_integer_value(api_path_get(root, STR("a.b"))), 1);
    ck_assert(str_is(json_str(api_path_get(root, STR("a[\"c.d\"]"))), "x"));
    ck_assert_ptr_eq(api_path_get(root, STR("")), root);
    ck_assert_ptr_null(api_path_get(root, STR("a.x")));
    ck_assert_ptr_null(api_path_get(root, STR("a.b.c")));
    ck_assert_ptr_null(api_path_get(root, STR("list.0")));
    ck_assert_ptr_null(api_path_get(NULL, STR("a")));
}
END_TEST

START_TEST(put_makes_what_is_on_the_way)
{
    json_t *root = json_new_object(&arena);
    api_path_put(&arena, root, STR("a.b[\"c.d\"]"), json_new_int(&arena, 1));
    api_path_put(&arena, root, STR("a.e"), json_new_int(&arena, 2));
    api_path_put(&arena, root, STR("a.e"), json_new_int(&arena, 3));
    api_path_put(&arena, root, STR("a.e.f"), json_new_int(&arena, 4));
    api_path_put(&arena, root, STR(""), json_new_int(&arena, 5));
    ASSERT_JSON(root, "{'a': {'b': {'c.d': 1}, 'e': {'f': 4}}}");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        names_become_camel_case,      paths_join,
        steps_are_taken_one_by_one,   get_walks_objects_only,
        put_makes_what_is_on_the_way,
    };
    return RUN_SUITE("api_path", tests);
}
