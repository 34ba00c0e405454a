/* The table of instance types and what is told of unknown ones. */
#include "gpu/instance_types.h"

#include "tests/gpu/suite.h"

#include <string.h>

START_TEST(knows_the_types)
{
    const struct instance_type *type = instance_type_find(STR("p4d.24xlarge"));
    ck_assert_ptr_nonnull(type);
    ck_assert_ptr_eq(type->gpu, &gpu_model_rows[GPU_A100_40GB]);
    ck_assert(type->gpus == 8 && type->gpu_memory_mib == 40960 && type->vcpu == 96);
    ck_assert(type->memory_mib == 1179648 && type->max_pods == 737 && type->efa == 4);
    ck_assert_double_eq(type->usd_per_hour, 21.957642);
    ck_assert_ptr_eq(instance_type_find(STR("p4de.24xlarge"))->gpu, &gpu_model_rows[GPU_A100_80GB]);
    type = instance_type_find(STR("p3.8xlarge"));
    ck_assert(type->gpus == 4 && type->max_pods == 234);
    ck_assert_str_eq(type->hypervisor, "xen");
    ck_assert_double_eq(type->usd_per_hour, 12.24);
    ck_assert_double_eq(instance_type_find(STR("p5e.48xlarge"))->usd_per_hour, 0);
    ck_assert_str_eq(instance_type_find(STR("p6e-gb200.36xlarge"))->arch, "arm64");
    ck_assert_uint_eq(instance_type_find(STR("g6f.large"))->gpus, 0);
    ck_assert_ptr_null(instance_type_find(STR("p4d")));
    ck_assert_ptr_null(instance_type_find(STR("m5.large")));
    ck_assert_str_eq(instance_types_price_date, "2026-07-20");
}
END_TEST

START_TEST(rows_are_whole)
{
    ck_assert_uint_eq(instance_type_count, 81);
    for (size_t i = 0; i < instance_type_count; i++) {
        const struct instance_type *type = &instance_type_rows[i];
        ck_assert_ptr_eq(instance_type_find(str_of(type->name)), type);
        ck_assert_str_eq(instance_type_arch(str_of(type->name)), type->arch);
        ck_assert(strcmp(type->arch, "amd64") == 0 || strcmp(type->arch, "arm64") == 0);
        ck_assert_uint_le(type->gpus, 16);
        ck_assert_double_ge(type->usd_per_hour, 0);
    }
}
END_TEST

START_TEST(guesses_by_family)
{
    ck_assert_ptr_eq(instance_type_gpu(STR("p5.96xlarge")), &gpu_model_rows[GPU_H100]);
    ck_assert_ptr_eq(instance_type_gpu(STR("p6e-gb300.36xlarge")), &gpu_model_rows[GPU_GB300]);
    ck_assert_ptr_null(instance_type_gpu(STR("m5.large")));
    ck_assert_ptr_null(instance_type_of_family(STR("p.5")));
    ck_assert_str_eq(instance_type_nearest(STR("g4dn.xlrage")), "g4dn.xlarge");
}
END_TEST

START_TEST(tells_architectures)
{
    static const char *const arm[] = {
        "m7g.large",  "c6gn.xlarge",        "a1.metal", "g5g.xlarge",
        "r8gd.large", "p6e-gb300.36xlarge", "t4g.nano", "im4gn.large"
    };
    static const char *const amd[] = { "m5.large",  "g5.xlarge",   "g4dn.xlarge", "gr6.4xlarge",
                                       "c7i.large", "p5.48xlarge", "x1e.xlarge",  "inf2.xlarge" };
    for (size_t i = 0; i < 8; i++) {
        ck_assert_msg(strcmp(instance_type_arch(str_of(arm[i])), "arm64") == 0, "%s", arm[i]);
        ck_assert_msg(strcmp(instance_type_arch(str_of(amd[i])), "amd64") == 0, "%s", amd[i]);
    }
}
END_TEST

static void check(const char *name)
{
    start_over();
    instance_type_check(str_of(name), "instance_types", &problems);
}

START_TEST(checks_types)
{
    check("g5.xlarge");
    ck_assert_uint_eq(problems.count, 0);
    check("p2.xlarge");
    ck_assert(only_problem(PROBLEM_FATAL, "no longer support"));
    ck_assert(str_is(problems.first->field, "instance_types"));
    check("g3.16xlarge");
    ck_assert(only_problem(PROBLEM_FATAL, "NVIDIA M60"));
    check("g4ad.xlarge");
    ck_assert(only_problem(PROBLEM_FATAL, "AMD Radeon"));
    check("g6f.xlarge");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "0 whole GPUs"));
    check("p5.96xlarge");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "NVIDIA H100 80GB, so that is assumed"));
    check("p9x.24xlarge");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Did you mean \"p4d.24xlarge\"?") ||
              only_problem(PROBLEM_SUSPICIOUS, "Did you mean \"p3dn.24xlarge\"?"));
    check("something-quite-different");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "can be checked."));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/instance_types", knows_the_types, rows_are_whole, guesses_by_family,
              tells_architectures, checks_types);
}
