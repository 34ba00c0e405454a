/* What the tests of tables share: an arena and a call for each test, and values written as JSON. */
#pragma once

#include "base/json.h"
#include "schema/attr.h"
#include "schema/codec.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#undef fail
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static struct call call;

static inline void suite_setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
}

static inline void suite_teardown(void)
{
    arena_release(&arena);
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, suite_setup, suite_teardown);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define RUN_SUITE(name, tests) suite_run((name), (tests), sizeof(tests) / sizeof *(tests))

/* V with each string "?" made unknown. */
static inline const struct value *with_unknowns(const struct value *v)
{
    if (v->kind == VALUE_STRING && str_is(v->text, "?"))
        return &value_unknown;
    if (v->kind == VALUE_SEQUENCE && v->count) {
        const struct value **items = ARENA_NEW_ARRAY(&arena, const struct value *, v->count);
        for (size_t i = 0; i < v->count; i++)
            items[i] = with_unknowns(v->items[i]);
        return value_sequence(&arena, items, v->count);
    }
    if (v->kind != VALUE_MEMBERS)
        return v;
    struct value_member *members = ARENA_NEW_ARRAY(&arena, struct value_member, v->count);
    for (size_t i = 0; i < v->count; i++)
        members[i] =
            (struct value_member){ v->members[i].name, with_unknowns(v->members[i].value) };
    return value_members(&arena, members, v->count);
}

/* An object of ROWS from TEXT, in which quotes are written as ' and an unknown string as '?'; what
 * is left out is null, or an empty block. */
static inline const struct value *object_of(const struct attr *rows, const char *text)
{
    struct str json = str_copy(&arena, str_of(text));
    for (char *at = (char *)json.at; *at; at++)
        if (*at == '\'')
            *at = '"';
    const struct value *v = value_from_json(&call, attr_type(&arena, rows), json,
                                            /* ignore_unknown_members */ true);
    ck_assert_msg(v != NULL, "no object: %s", text);
    return attr_fill_blocks(&arena, rows, with_unknowns(v));
}

/* JSON in which quotes are written as '. */
static inline json_t *json_of(const char *text)
{
    struct str json = str_copy(&arena, str_of(text));
    for (char *at = (char *)json.at; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *value = json_try_parse(&arena, json);
    ck_assert_msg(value != NULL, "no JSON: %s", text);
    return value;
}

#define ASSERT_VALUE(actual, expected)                                                             \
    do {                                                                                           \
        const struct value *actual_ = (actual);                                                    \
        const struct value *expected_ = (expected);                                                \
        ck_assert_msg(value_equal(actual_, expected_), "expected %s, found %s",                    \
                      value_print(&arena, expected_).at, value_print(&arena, actual_).at);         \
    } while (0)

#define ASSERT_JSON(actual, text)                                                                  \
    do {                                                                                           \
        const json_t *actual_ = (actual);                                                          \
        const json_t *expected_ = json_of(text);                                                   \
        ck_assert_msg(json_equal(actual_, expected_), "expected %s, found %s",                     \
                      json_print(&arena, expected_).at, json_print(&arena, actual_).at);           \
    } while (0)

/* The one diagnostic that there is: its place, and words of its detail. */
#define ASSERT_ONE_ERROR(place, words)                                                             \
    do {                                                                                           \
        ck_assert_uint_eq(call.errors, 1);                                                         \
        ck_assert_str_eq(path_print(&arena, call.first->at).at, (place));                          \
        ck_assert_msg(str_contains(call.first->detail, (words)), "found: %s",                      \
                      call.first->detail.at);                                                      \
    } while (0)
