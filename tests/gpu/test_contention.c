/* The measured curves, and what lies between and behind their points. */
#include "gpu/contention.h"

#include "tests/gpu/suite.h"

static const struct contention_curve *curve(const char *name)
{
    const struct contention_curve *found = contention_find(str_of(name));
    ck_assert_ptr_nonnull(found);
    return found;
}

START_TEST(measured_points_are_given_as_they_are)
{
    ck_assert_double_eq_tol(contention_at(curve("saturating"), 2).throughput, 0.91, 0.005);
    ck_assert_double_eq_tol(contention_at(curve("saturating"), 10).throughput, 0.91, 0.005);
    ck_assert_double_eq_tol(contention_at(curve("inference"), 2).throughput, 1.02, 0.005);
    ck_assert_double_eq_tol(contention_at(curve("inference"), 10).throughput, 0.99, 0.005);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 2).throughput, 1.66, 0.005);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 4).throughput, 3.3, 0.05);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 10).throughput, 4.1, 0.05);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 2).p99, 1.4, 0.05);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 4).p99, 1.9, 0.05);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 8).p99, 9.0, 0.05);
    ck_assert_double_eq_tol(contention_at(curve("bursty"), 10).p99, 10.4, 0.05);
}
END_TEST

START_TEST(every_curve_begins_with_one_task_alone)
{
    for (size_t i = 0; i < contention_curve_count; i++) {
        struct contention_point alone = contention_at(&contention_curves[i], 1);
        ck_assert_double_eq(alone.throughput, 1);
        ck_assert_double_eq(alone.p99, 1);
        for (size_t j = 1; j < contention_curves[i].count; j++)
            ck_assert_int_gt(contention_curves[i].points[j].tasks,
                             contention_curves[i].points[j - 1].tasks);
    }
}
END_TEST

START_TEST(a_straight_line_lies_between_two_points)
{
    const struct contention_curve own = { NULL, "", 2, { { 3, 2, 5 }, { 5, 3, 9 } } };
    ck_assert_double_eq_tol(contention_at(&own, 4).throughput, 2.5, 1e-9);
    ck_assert_double_eq_tol(contention_at(&own, 4).p99, 7, 1e-9);
    /* From one task alone to the first point, too. */
    ck_assert_double_eq_tol(contention_at(&own, 2).throughput, 1.5, 1e-9);
    ck_assert_double_eq_tol(contention_at(&own, 2).p99, 3, 1e-9);
    ck_assert_int_eq(contention_at(&own, 4).tasks, 4);
}
END_TEST

START_TEST(behind_the_last_point_the_gpu_gives_no_more)
{
    const struct contention_curve own = { NULL, "", 1, { { 4, 2, 8 } } };
    ck_assert_double_eq_tol(contention_at(&own, 8).throughput, 2, 1e-9);
    ck_assert_double_eq_tol(contention_at(&own, 8).p99, 16, 1e-9);
}
END_TEST

START_TEST(utilisation_chooses_a_curve)
{
    ck_assert_str_eq(contention_for(0)->name, "saturating");
    ck_assert_str_eq(contention_for(0.22)->name, "bursty");
    ck_assert_str_eq(contention_for(0.34)->name, "saturating");
    ck_assert_str_eq(contention_for(1)->name, "saturating");
    ck_assert_ptr_null(contention_find(STR("busy")));
}
END_TEST

START_TEST(bursty_tasks_count_by_their_load)
{
    /* As measured. */
    ck_assert_double_eq_tol(contention_of(0.22, 4).p99, contention_at(curve("bursty"), 4).p99,
                            1e-9);
    /* Eight that are half as busy make the load of four. */
    struct contention_point point = contention_of(0.11, 8);
    ck_assert_double_eq_tol(point.p99, contention_at(curve("bursty"), 4).p99, 1e-9);
    ck_assert_double_eq_tol(point.throughput / 8, contention_at(curve("bursty"), 4).throughput / 4,
                            1e-9);
    ck_assert_int_eq(point.tasks, 8);
    /* One task's load or less disturbs nobody. */
    ck_assert_double_eq_tol(contention_of(0.01, 10).p99, 1, 1e-9);
    ck_assert_double_eq_tol(contention_of(0.9, 2).throughput, 0.91, 0.005);
}
END_TEST

int main(void)
{
    SUITE_RUN("contention", measured_points_are_given_as_they_are,
              every_curve_begins_with_one_task_alone, a_straight_line_lies_between_two_points,
              behind_the_last_point_the_gpu_gives_no_more, utilisation_chooses_a_curve,
              bursty_tasks_count_by_their_load);
}
