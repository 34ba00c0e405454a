/* Reading data sources that need no configuration of the provider, for their tests. */
#pragma once

#include "base/json.h"
#include "resources/resource.h"
#include "schema/check.h"
#include "schema/codec.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

static struct arena arena;
static struct call call;

static inline void data_setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static inline void data_teardown(void)
{
    arena_release(&arena);
}

/* Checks and reads the data source NAME with CONFIG (JSON); NULL where that fails. */
static inline json_t *data_read(const char *name, const char *config)
{
    const struct data_source *source =
        registry_find_data_source(str_print(&arena, TYPE_PREFIX "%s", name));
    ck_assert_ptr_nonnull(source);
    const struct type *type = attr_type(&arena, source->rows);
    const struct value *given =
        value_from_json(&call, type, str_of(config), /* ignore_unknown_members */ true);
    ck_assert_ptr_nonnull(given);
    given = attr_fill_blocks(&arena, source->rows, given);
    call = (struct call){ .arena = &arena };
    if (!check_config(&call, source->rows, source->rules, given))
        return NULL;
    const struct value *state = source->read(&call, NULL, given);
    ck_assert_uint_eq(call.errors != 0, state == NULL);
    if (!state)
        return NULL;
    /* Through the wire's form, which wants each object to have exactly its members. */
    struct buf bytes = buf_make(&arena, BUF_LIMIT);
    value_to_msgpack(&bytes, type, state);
    state = value_from_msgpack(&call, type, buf_str(&bytes));
    ck_assert_ptr_nonnull(state);
    struct buf text = buf_make(&arena, BUF_LIMIT);
    value_to_json(&text, type, state);
    return json_try_parse(&arena, buf_str(&text));
}

/* The one error says PART at AT ("price[0].instance_type"). */
static inline void data_expect_error(const char *at, const char *part)
{
    ck_assert_uint_eq(call.errors, 1);
    ck_assert_str_eq(path_print(&arena, call.first->at).at, at);
    ck_assert_msg(str_contains(call.first->detail, part), "%s", call.first->detail.at);
}

static inline double data_number(const json_t *state, const char *path)
{
    const json_t *value = json_at(state, path);
    ck_assert_msg(json_is_number(value), "%s is no number", path);
    return json_number_value(value);
}

static inline const char *data_text(const json_t *state, const char *path)
{
    struct str text = json_str_at(state, path);
    ck_assert_msg(text.at != NULL, "%s is no text", path);
    return str_copy(&arena, text).at;
}

static inline int data_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_add_checked_fixture(cases, data_setup, data_teardown);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define DATA_RUN(name, ...)                                                                        \
    const TTest *const data_tests[] = { __VA_ARGS__ };                                             \
    return data_run(name, data_tests, sizeof data_tests / sizeof *data_tests)
