/* Problems and the diagnostics they become. */
#include "gpu/problem.h"

#include "tests/gpu/suite.h"

START_TEST(keeps_the_order_and_counts)
{
    ck_assert_uint_eq(problems.count, 0);
    problem_add(&problems, PROBLEM_FATAL, STR("a"), "%d", 1);
    problem_add(&problems, PROBLEM_IGNORED, STR("b"), "%d", 2);
    problem_add(&problems, PROBLEM_FATAL, STR("c"), "%d", 3);
    ck_assert(str_is(problems.first->path, "a") && str_is(problems.last->path, "c"));
    ck_assert(str_is(problems.first->next->sentence, "2"));
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_FATAL), 2);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_IGNORED), 1);
    ck_assert_uint_eq(problems_count(&problems, PROBLEM_SUSPICIOUS), 0);
}
END_TEST

START_TEST(names_severities)
{
    ck_assert_str_eq(problem_severity_name(PROBLEM_FATAL), "fatal");
    ck_assert_str_eq(problem_severity_name(PROBLEM_IGNORED), "ignored");
    ck_assert_str_eq(problem_severity_name(PROBLEM_SUSPICIOUS), "suspicious");
}
END_TEST

/* The path of DIAGNOSTIC as text. */
static const char *place_of(const struct diagnostic *diagnostic)
{
    return path_print(&arena, diagnostic->at).at;
}

START_TEST(become_diagnostics_at_their_place)
{
    const struct path *at = PATH_AT_KEY(PATH_AT_ATTRIBUTE(NULL, STR("config")), STR("any"));
    problem_add_field(&problems, PROBLEM_FATAL, "replicas", STR("nvidia.com/gpu"), "one");
    problem_add_field(&problems, PROBLEM_SUSPICIOUS, "strategy", (struct str){ 0 }, "two");
    problem_add(&problems, PROBLEM_IGNORED, STR("flages"), "three");
    struct problem *block = problem_add(&problems, PROBLEM_FATAL, STR("x"), "four");
    block->block = STR("device_group");
    block->index = 2;
    block->field = STR("devices");
    ck_assert(!problems_report(&call, at, "Wrong", &problems));
    ck_assert_uint_eq(call.errors, 3);
    const struct diagnostic *diagnostic = call.first;
    ck_assert_str_eq(place_of(diagnostic), "config[\"any\"].replicas[\"nvidia.com/gpu\"]");
    ck_assert(str_is(diagnostic->detail, "one") && str_is(diagnostic->summary, "Wrong"));
    diagnostic = diagnostic->next;
    ck_assert_str_eq(place_of(diagnostic), "config[\"any\"].strategy");
    ck_assert_int_eq(diagnostic->severity, SEVERITY_WARNING);
    diagnostic = diagnostic->next;
    ck_assert_str_eq(place_of(diagnostic), "config[\"any\"]");
    ck_assert(str_is(diagnostic->detail, "flages: three"));
    diagnostic = diagnostic->next;
    ck_assert_str_eq(place_of(diagnostic), "config[\"any\"].device_group[2].devices");
    ck_assert(str_is(diagnostic->detail, "four"));
}
END_TEST

START_TEST(warnings_alone_are_good)
{
    ck_assert(problems_report(&call, NULL, "Wrong", &problems));
    problem_add(&problems, PROBLEM_SUSPICIOUS, STR(""), "perhaps");
    ck_assert(problems_report(&call, NULL, "Wrong", &problems));
    ck_assert_uint_eq(call.errors, 0);
    ck_assert(str_is(call.last->detail, "perhaps"));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/problem", keeps_the_order_and_counts, names_severities,
              become_diagnostics_at_their_place, warnings_alone_are_good);
}
