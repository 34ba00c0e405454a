/* What the tests of this folder share: an arena and a call for each test, and looking for problems.
 */
#pragma once

#include "base/call.h"
#include "gpu/problem.h"

/* After ours: it defines a macro called `fail`. */
#include <check.h>
#include <stdlib.h>

static struct arena arena;
static struct call call;
static struct problems problems;

static inline void suite_setup(void)
{
    arena = arena_make(NULL);
    call = (struct call){ .arena = &arena };
    problems = problems_make(&arena);
}

static inline void suite_teardown(void)
{
    arena_release(&arena);
}

/* The problem whose sentence holds WORDS, or NULL. */
static inline const struct problem *problem_with(const char *words)
{
    for (const struct problem *problem = problems.first; problem != NULL; problem = problem->next)
        if (str_contains(problem->sentence, words))
            return problem;
    return NULL;
}

/* Whether exactly one problem was found, of SEVERITY and with WORDS in it. */
static inline bool only_problem(enum problem_severity severity, const char *words)
{
    return problems.count == 1 && problems.first->severity == severity &&
           problem_with(words) != NULL;
}

/* Forgets the problems found so far. */
static inline void start_over(void)
{
    problems = problems_make(&arena);
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_add_checked_fixture(cases, suite_setup, suite_teardown);
    tcase_set_timeout(cases, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define SUITE_RUN(name, ...)                                                                       \
    const TTest *const suite_tests[] = { __VA_ARGS__ };                                            \
    return suite_run(name, suite_tests, sizeof suite_tests / sizeof *suite_tests)
