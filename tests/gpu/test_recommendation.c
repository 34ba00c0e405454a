/* The decision matrix: what is ruled out, what comes first, and why. */
#include "gpu/recommendation.h"

#include "tests/gpu/suite.h"

static struct recommendation ways[WAYS];

static void judge(const char *type, struct sharing_need need)
{
    need.type = instance_type_find(str_of(type));
    ck_assert_ptr_nonnull(need.type);
    recommendation_make(&arena, &need, ways);
}

static const struct recommendation *find(enum sharing_way way)
{
    for (int i = 0; i < WAYS; i++)
        if (ways[i].way == way)
            return &ways[i];
    ck_abort_msg("a way is missing");
    return NULL;
}

static bool says(enum sharing_way way, const char *part)
{
    const struct recommendation *found = find(way);
    for (size_t i = 0; i < found->reason_count; i++)
        if (str_contains(found->reasons[i], part))
            return true;
    return false;
}

START_TEST(bursty_tasks_that_trust_each_other_share_by_time)
{
    judge("g5.xlarge", (struct sharing_need){ .memory_mib = 2000, .utilisation = 0.1 });
    ck_assert_int_eq(ways[0].way, WAY_TIME_SLICING);
    ck_assert_int_eq(ways[0].replicas, 9);
    ck_assert_int_eq(ways[0].tasks_per_gpu, 9);
    ck_assert(says(WAY_TIME_SLICING, "limited by utilisation"));
    ck_assert(says(WAY_TIME_SLICING, "As measured on an H200"));
    ck_assert(says(WAY_MIG, "not capable of MIG"));
    ck_assert(!find(WAY_MIG)->possible);
}
END_TEST

START_TEST(isolation_decides)
{
    judge("p4d.24xlarge", (struct sharing_need){ .isolation = ISOLATION_FAULT,
                                                 .memory_mib = 8000,
                                                 .utilisation = 0.2,
                                                 .needs_steady_latency = true });
    ck_assert_int_eq(ways[0].way, WAY_MIG);
    ck_assert_str_eq(ways[0].profile.at, "2g.10gb");
    ck_assert_int_eq(ways[0].instances, 3);
    ck_assert(says(WAY_TIME_SLICING, "isolates nothing"));
    ck_assert(says(WAY_MPS, "fatal fault"));
    ck_assert(says(WAY_DRA, "isolates nothing"));
    ck_assert(says(WAY_MIG_TIME_SLICING, "not isolated"));
    judge("p3.8xlarge", (struct sharing_need){ .isolation = ISOLATION_MEMORY });
    ck_assert_int_eq(ways[0].way, WAY_MPS);
    judge("g4dn.xlarge", (struct sharing_need){ .isolation = ISOLATION_FAULT });
    ck_assert_int_eq(ways[0].way, WAY_NONE);
}
END_TEST

START_TEST(large_tasks_get_whole_gpus)
{
    judge("g5.xlarge", (struct sharing_need){ .memory_mib = 20000, .utilisation = 0.9 });
    ck_assert_int_eq(ways[0].way, WAY_NONE);
    ck_assert(says(WAY_TIME_SLICING, "Only one task fits"));
    ck_assert(says(WAY_MPS, "Only one task fits"));
    ck_assert(says(WAY_DRA, "Only one task fits"));
    judge("g5.xlarge", (struct sharing_need){ .memory_mib = 30000 });
    ck_assert(!ways[0].possible);
    ck_assert(says(WAY_NONE, "30000 MiB"));
    ck_assert_ptr_null(ways[0].hcl.at);
}
END_TEST

START_TEST(tiny_tasks_share_instances)
{
    judge("p4d.24xlarge", (struct sharing_need){ .memory_mib = 500, .utilisation = 0.02 });
    const struct recommendation *both = find(WAY_MIG_TIME_SLICING);
    ck_assert(both->possible);
    ck_assert_int_eq(both->replicas, 6);
    ck_assert_int_eq(both->tasks_per_gpu, 42);
    judge("p4d.24xlarge", (struct sharing_need){ .memory_mib = 4000 });
    ck_assert(says(WAY_MIG_TIME_SLICING, "Only one task fits into a MIG instance"));
}
END_TEST

START_TEST(a_number_to_begin_with)
{
    judge("g5.xlarge", (struct sharing_need){ .memory_mib = 0 });
    ck_assert_int_eq(find(WAY_TIME_SLICING)->replicas, 10);
    ck_assert(says(WAY_TIME_SLICING, "10 is a number to begin with"));
}
END_TEST

START_TEST(what_cannot_be_shared)
{
    judge("g5.xlarge", (struct sharing_need){ .autoscaler = AUTOSCALER_AUTO_MODE });
    for (int way = 0; way < WAYS; way++)
        ck_assert_int_eq(find((enum sharing_way)way)->possible, way == WAY_NONE);
    ck_assert(says(WAY_MIG, "Auto Mode"));
    judge("g4ad.xlarge", (struct sharing_need){ .memory_mib = 100 });
    ck_assert(says(WAY_TIME_SLICING, "no GPU of NVIDIA's"));
    ck_assert_int_eq(ways[0].way, WAY_NONE);
}
END_TEST

START_TEST(autoscalers_have_their_say)
{
    judge("g5.xlarge", (struct sharing_need){ .autoscaler = AUTOSCALER_KARPENTER });
    ck_assert(says(WAY_TIME_SLICING, "NodeOverlay"));
    ck_assert(says(WAY_DRA, "Karpenter knows DRA"));
    judge("g5.xlarge", (struct sharing_need){ .autoscaler = AUTOSCALER_CLUSTER });
    ck_assert(says(WAY_MPS, "cluster autoscaler"));
}
END_TEST

/* For every need: sorted, points in range, a reason each, HCL for what is possible only. */
START_TEST(every_answer_is_complete)
{
    for (size_t i = 0; i < instance_type_count; i++)
        for (int k = 0; k < 3 * 4 * 2; k++) {
            const struct sharing_need need = { .isolation = (enum isolation_need)(k % 3),
                                               .autoscaler = (enum autoscaler)(k / 3 % 4),
                                               .needs_steady_latency = k / 12,
                                               .memory_mib = k * 1000,
                                               .utilisation = k % 5 * 0.2 };
            judge(instance_type_rows[i].name, need);
            for (int way = 0; way < WAYS; way++) {
                ck_assert_uint_gt(ways[way].reason_count, 0);
                ck_assert(ways[way].points >= 0 && ways[way].points <= 100);
                ck_assert_int_eq(ways[way].possible, ways[way].hcl.at != NULL);
                if (way > 0 && ways[way].possible)
                    ck_assert_int_ge(ways[way - 1].points, ways[way].points);
            }
        }
}
END_TEST

int main(void)
{
    SUITE_RUN("recommendation", bursty_tasks_that_trust_each_other_share_by_time, isolation_decides,
              large_tasks_get_whole_gpus, tiny_tasks_share_instances, a_number_to_begin_with,
              what_cannot_be_shared, autoscalers_have_their_say, every_answer_is_complete);
}
