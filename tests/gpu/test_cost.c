/* Nodes and money: seed 001's table as written and as it is, each limit, MIG's packing. */
#include "gpu/cost.h"

#include "tests/gpu/suite.h"

static const struct instance_type *type(const char *name)
{
    const struct instance_type *found = instance_type_find(str_of(name));
    ck_assert_ptr_nonnull(found);
    return found;
}

static struct cost_plan plan(const struct cost_question *question, const char *name,
                             enum cost_mode mode)
{
    return cost_plan_make(&arena, question, type(name), mode);
}

/* Spot and reserved prices of the guide's table. */
static const struct cost_price guide_prices[] = {
    { { "p3.8xlarge", 10 }, { 0, 1.7031, 12.61 } },
};
static const struct cost_question guide = {
    .tasks = 10, .replicas = 10, .system_pods = 4, .prices = guide_prices, .price_count = 1
};

START_TEST(the_guides_table_as_written)
{
    static const double expected[COST_PURCHASES][3] = { { 122.40, 12.24, 110.16 },
                                                        { 17.031, 1.7031, 15.3279 },
                                                        { 126.10, 12.61, 113.49 } };
    for (int i = 0; i < COST_PURCHASES; i++) {
        struct cost_simple_sum sum =
            cost_simple_sum(&guide, type("p3.8xlarge"), (enum cost_purchase)i);
        ck_assert_double_eq_tol(sum.dedicated, expected[i][0], 1e-9);
        ck_assert_double_eq_tol(sum.shared, expected[i][1], 1e-9);
        ck_assert_double_eq_tol(sum.saved, expected[i][2], 1e-9);
    }
}
END_TEST

START_TEST(what_is_wrong_with_the_guides_table)
{
    cost_check(&guide, type("p3.8xlarge"), &problems);
    ck_assert_uint_eq(problems.count, 2);
    ck_assert_ptr_nonnull(problem_with("has 4 GPUs"));
    ck_assert_ptr_nonnull(problem_with("need 3 nodes, not 10: $36.72 an hour, not $122.40."));
    ck_assert_ptr_nonnull(problem_with("The reserved price of p3.8xlarge, $12.61 an hour, is above "
                                       "its on-demand price of $12.24"));
    start_over();
    const struct cost_question one = { .tasks = 10 };
    cost_check(&one, type("g5.xlarge"), &problems);
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(whole_gpus_are_counted_not_nodes)
{
    struct cost_plan whole = plan(&guide, "p3.8xlarge", COST_WHOLE);
    ck_assert_ptr_null(whole.refused.at);
    ck_assert_int_eq(whole.tasks_per_gpu, 1);
    ck_assert_int_eq(whole.tasks_per_node, 4);
    ck_assert_int_eq(whole.nodes, 3);
    ck_assert_int_eq(whole.gpus, 12);
    ck_assert_double_eq_tol(whole.usd_per_hour[COST_ON_DEMAND], 36.72, 1e-9);
    ck_assert_double_eq_tol(whole.usd_per_hour[COST_SPOT], 3 * 1.7031, 1e-9);
    ck_assert_double_eq(whole.throughput, 1);
    ck_assert_str_eq(whole.limited_by, "whole GPUs");
}
END_TEST

START_TEST(shared_gpus_of_the_guide)
{
    struct cost_plan shared = plan(&guide, "p3.8xlarge", COST_TIME_SLICING);
    ck_assert_int_eq(shared.tasks_per_gpu, 10);
    ck_assert_str_eq(shared.limited_by, "replicas");
    ck_assert_int_eq(shared.nodes, 1);
    ck_assert_int_eq(shared.tasks_on_gpu, 3);
    ck_assert_double_eq_tol(shared.usd_per_hour[COST_ON_DEMAND], 12.24, 1e-9);
    /* Three saturating tasks on a GPU: together 0.91 of one alone. */
    ck_assert(shared.has_contention);
    ck_assert_double_eq_tol(shared.throughput, 0.91 / 3, 0.002);
}
END_TEST

START_TEST(memory_limits_and_is_said)
{
    struct cost_question question = guide;
    question.memory_mib = 4096;
    struct cost_plan shared = plan(&question, "p3.8xlarge", COST_TIME_SLICING);
    ck_assert_int_eq(shared.tasks_per_gpu, 4);
    ck_assert_str_eq(shared.limited_by, "memory");
    ck_assert(str_contains(shared.advice, "use at most 4 replicas"));
    struct cost_plan mps = plan(&question, "p3.8xlarge", COST_MPS);
    ck_assert_int_eq(mps.tasks_per_gpu, 4);
    ck_assert(str_contains(mps.advice, "MPS gives each client 1638 MiB"));
    question.replicas = 4;
    ck_assert_ptr_null(plan(&question, "p3.8xlarge", COST_MPS).advice.at);
    question.memory_mib = 16385;
    ck_assert(str_contains(plan(&question, "p3.8xlarge", COST_WHOLE).refused, "has 16384 MiB"));
}
END_TEST

START_TEST(utilisation_limits)
{
    struct cost_question question = { .tasks = 100, .utilisation = 0.1 };
    struct cost_plan shared = plan(&question, "g5.xlarge", COST_TIME_SLICING);
    ck_assert_int_eq(shared.tasks_per_gpu, 10);
    ck_assert_str_eq(shared.limited_by, "utilisation");
    question.utilisation_target = 0.5;
    ck_assert_int_eq(plan(&question, "g5.xlarge", COST_TIME_SLICING).tasks_per_gpu, 5);
    question.utilisation = 0.6;
    ck_assert(str_contains(plan(&question, "g5.xlarge", COST_WHOLE).refused, "uses 0.6 of"));
}
END_TEST

START_TEST(pods_limit)
{
    struct cost_question question = { .tasks = 100, .replicas = 48, .system_pods = 4 };
    struct cost_plan shared = plan(&question, "g4dn.xlarge", COST_TIME_SLICING);
    ck_assert_int_eq(shared.tasks_per_node, 25);
    ck_assert_str_eq(shared.limited_by, "pods");
    ck_assert_int_eq(shared.nodes, 4);
    question.max_pods = 110;
    ck_assert_int_eq(plan(&question, "g4dn.xlarge", COST_TIME_SLICING).nodes, 3);
    question.max_pods = 4;
    ck_assert(str_contains(plan(&question, "g4dn.xlarge", COST_WHOLE).refused, "runs no pods"));
}
END_TEST

START_TEST(mps_has_limits_of_its_own)
{
    const struct cost_question question = { .tasks = 100 };
    ck_assert_int_eq(plan(&question, "p3.2xlarge", COST_MPS).tasks_per_gpu, 16);
    ck_assert_int_eq(plan(&question, "g5.xlarge", COST_MPS).tasks_per_gpu, 48);
    /* What MPS loses was not measured; a curve of one's own says it. */
    ck_assert(!plan(&question, "g5.xlarge", COST_MPS).has_contention);
    const struct contention_curve own = { NULL, "", 1, { { 2, 1.8, 1.1 } } };
    struct cost_question with_curve = question;
    with_curve.curve = &own;
    ck_assert(plan(&with_curve, "g5.xlarge", COST_MPS).has_contention);
}
END_TEST

START_TEST(mig_packs_the_most_instances_that_serve)
{
    struct cost_question question = { .tasks = 10 };
    struct cost_plan divided = plan(&question, "p4d.24xlarge", COST_MIG);
    ck_assert_int_eq(divided.tasks_per_gpu, 7);
    ck_assert_str_eq(divided.layout.at, "7 x 1g.5gb");
    ck_assert_str_eq(divided.profile.at, "1g.5gb");
    ck_assert_int_eq(divided.nodes, 1);
    question.memory_mib = 8000;
    divided = plan(&question, "p4d.24xlarge", COST_MIG);
    ck_assert_str_eq(divided.layout.at, "4 x 1g.10gb");
    question.utilisation = 0.25;
    divided = plan(&question, "p4d.24xlarge", COST_MIG);
    ck_assert_str_eq(divided.layout.at, "3 x 2g.10gb");
    question.memory_mib = 30000;
    divided = plan(&question, "p4d.24xlarge", COST_MIG);
    ck_assert_str_eq(divided.layout.at, "1 x 7g.40gb");
    question.memory_mib = 39000;
    ck_assert(str_contains(plan(&question, "p4d.24xlarge", COST_MIG).refused, "No MIG instance"));
}
END_TEST

START_TEST(a_profile_can_be_asked_for)
{
    struct cost_question question = { .tasks = 10, .mig_profile = STR("2g.10gb") };
    struct cost_plan divided = plan(&question, "p4d.24xlarge", COST_MIG);
    ck_assert_int_eq(divided.tasks_per_gpu, 3);
    ck_assert_str_eq(divided.limited_by, "profile");
    ck_assert(str_contains(plan(&question, "p5.48xlarge", COST_MIG).refused,
                           "has no MIG profile 2g.10gb; the nearest is 2g.20gb"));
    question.memory_mib = 12000;
    ck_assert(str_contains(plan(&question, "p4d.24xlarge", COST_MIG).refused, "2g.10gb"));
}
END_TEST

START_TEST(what_cannot_be_shared_is_refused)
{
    const struct cost_question question = { .tasks = 2, .replicas = 2 };
    ck_assert(str_contains(plan(&question, "g5.xlarge", COST_MIG).refused, "not capable of MIG"));
    ck_assert(str_contains(plan(&question, "g7.2xlarge", COST_MIG).refused, "are not known"));
    ck_assert(str_contains(plan(&question, "g4ad.xlarge", COST_TIME_SLICING).refused,
                           "cannot share the GPU"));
    ck_assert_ptr_null(plan(&question, "g4ad.xlarge", COST_WHOLE).refused.at);
}
END_TEST

START_TEST(the_cheapest_type)
{
    struct cost_question question = { .tasks = 10, .replicas = 10, .system_pods = 4 };
    struct cost_plan best = cost_plan_cheapest(&arena, &question, COST_TIME_SLICING);
    ck_assert_str_eq(best.type->name, "g5g.xlarge");
    ck_assert_int_eq(best.nodes, 1);
    question.arch = STR("amd64");
    best = cost_plan_cheapest(&arena, &question, COST_TIME_SLICING);
    ck_assert_str_eq(best.type->name, "g4dn.xlarge");
    /* No type is cheaper than the best one says, and each that serves was looked at. */
    for (size_t i = 0; i < instance_type_count; i++) {
        const struct instance_type *row = &instance_type_rows[i];
        struct cost_plan other = cost_plan_make(&arena, &question, row, COST_TIME_SLICING);
        if (!other.refused.at && row->gpus > 0 && row->usd_per_hour > 0 &&
            str_is(question.arch, row->arch))
            ck_assert_double_ge(other.usd_per_hour[0], best.usd_per_hour[0]);
    }
    question.memory_mib = 400000;
    best = cost_plan_cheapest(&arena, &question, COST_TIME_SLICING);
    ck_assert(str_contains(best.refused, "No instance type"));
    ck_assert_ptr_null(best.type);
}
END_TEST

START_TEST(a_fraction_serves_where_it_is_known_to)
{
    struct cost_question question = { .tasks = 1, .memory_mib = 2000, .utilisation = 0.1 };
    question.arch = STR("amd64");
    struct cost_plan best = cost_plan_cheapest(&arena, &question, COST_WHOLE);
    ck_assert_str_eq(best.type->name, "g6f.large");
    question.utilisation = 0.2;
    best = cost_plan_cheapest(&arena, &question, COST_WHOLE);
    ck_assert_str_eq(best.type->name, "g6f.2xlarge");
}
END_TEST

START_TEST(given_prices_go_first)
{
    const struct cost_price own[] = { { STR("p5e.48xlarge"), { 40, 0, 0 } },
                                      { STR("g5.xlarge"), { 0, 0.3, 0 } } };
    const struct cost_question question = { .tasks = 8, .prices = own, .price_count = 2 };
    ck_assert_double_eq(cost_price_of(&question, type("p5e.48xlarge"), COST_ON_DEMAND), 40);
    ck_assert_double_eq(cost_price_of(&question, type("g5.xlarge"), COST_ON_DEMAND), 1.006);
    ck_assert_double_eq(cost_price_of(&question, type("g5.xlarge"), COST_SPOT), 0.3);
    ck_assert_double_eq(cost_price_of(&question, type("g5.xlarge"), COST_RESERVED), 0);
}
END_TEST

START_TEST(numbers_beyond_all_bounds)
{
    const struct cost_question question = { .tasks = INT64_MAX, .replicas = INT64_MAX };
    struct cost_plan shared = plan(&question, "p5.48xlarge", COST_TIME_SLICING);
    ck_assert_int_eq(shared.tasks_per_node, 100);
    ck_assert_int_gt(shared.nodes, 0);
    ck_assert_int_gt(shared.gpus, 0);
    ck_assert_int_gt(plan(&question, "g5.xlarge", COST_WHOLE).nodes, 0);
}
END_TEST

int main(void)
{
    SUITE_RUN("cost", the_guides_table_as_written, what_is_wrong_with_the_guides_table,
              whole_gpus_are_counted_not_nodes, shared_gpus_of_the_guide, memory_limits_and_is_said,
              utilisation_limits, pods_limit, mps_has_limits_of_its_own,
              mig_packs_the_most_instances_that_serve, a_profile_can_be_asked_for,
              what_cannot_be_shared_is_refused, the_cheapest_type,
              a_fraction_serves_where_it_is_known_to, given_prices_go_first,
              numbers_beyond_all_bounds);
}
