/* AMI types and what suits them. */
#include "gpu/ami.h"

#include "tests/gpu/suite.h"

static const char *chosen(const char *first, const char *second)
{
    struct str types[] = { str_of(first), str_of(second) };
    return ami_type_for(types, second ? 2 : 1);
}

static void check(const char *ami, const char *type, const char *version)
{
    struct str types[] = { str_of(type) };
    start_over();
    ami_type_check(str_of(ami), types, 1, str_of(version), &problems);
}

START_TEST(knows_the_types)
{
    static const char *const names[] = {
        "AL2023_x86_64_NVIDIA",
        "AL2023_ARM_64_NVIDIA",
        "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
        "AL2_x86_64_GPU",
        "CUSTOM",
        "WINDOWS_FULL_2025_x86_64",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_str_eq(ami_type_find(str_of(names[i]))->name, names[i]);
    ck_assert_ptr_null(ami_type_find(STR("AL2023")));
    ck_assert_str_eq(ami_type_nearest(STR("AL2023_X86_64_NVIDIA")), "AL2023_x86_64_NVIDIA");
    ck_assert(ami_has_device_plugin(ami_type_find(STR("BOTTLEROCKET_ARM_64_NVIDIA"))));
    ck_assert(!ami_has_device_plugin(ami_type_find(STR("BOTTLEROCKET_ARM_64"))));
    ck_assert(!ami_has_device_plugin(ami_type_find(STR("AL2023_x86_64_NVIDIA"))));
}
END_TEST

START_TEST(chooses)
{
    ck_assert_str_eq(chosen("p3.8xlarge", NULL), "AL2023_x86_64_NVIDIA");
    ck_assert_str_eq(chosen("g5g.xlarge", NULL), "AL2023_ARM_64_NVIDIA");
    ck_assert_str_eq(chosen("p6e-gb300.36xlarge", NULL), "AL2023_ARM_64_NVIDIA");
    ck_assert_str_eq(chosen("m5.large", NULL), "AL2023_x86_64_STANDARD");
    ck_assert_str_eq(chosen("m7g.large", NULL), "AL2023_ARM_64_STANDARD");
    ck_assert_str_eq(chosen("m5.large", "g4dn.xlarge"), "AL2023_x86_64_NVIDIA");
    ck_assert_str_eq(chosen("inf2.xlarge", NULL), "AL2023_x86_64_NEURON");
    ck_assert_str_eq(chosen("g4ad.xlarge", NULL), "AL2023_x86_64_STANDARD");
    ck_assert_ptr_null(chosen("g5.xlarge", "g5g.xlarge"));
}
END_TEST

START_TEST(accepts_what_suits)
{
    check("AL2023_x86_64_NVIDIA", "p3.8xlarge", "1.35");
    ck_assert_uint_eq(problems.count, 0);
    check("BOTTLEROCKET_ARM_64_NVIDIA", "g5g.xlarge", NULL);
    ck_assert_uint_eq(problems.count, 0);
    check("AL2_x86_64_GPU", "g4dn.xlarge", "1.32");
    ck_assert_uint_eq(problems.count, 0);
    check("AL2_x86_64_GPU", "g4dn.xlarge", NULL);
    ck_assert_uint_eq(problems.count, 0);
    check("CUSTOM", "g5g.xlarge", "1.35");
    ck_assert_uint_eq(problems.count, 0);
    check("AL2023_x86_64_STANDARD", "m5.large", "1.35");
    ck_assert_uint_eq(problems.count, 0);
    check("AL2023_x86_64_NVIDIA", "g9.xlarge", "1.35");
    ck_assert_uint_eq(problems.count, 0);
}
END_TEST

START_TEST(refuses_what_contradicts)
{
    check("AL2023_x86_64_NVIDIA", "g5g.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_FATAL, "is arm64.  Use AL2023_ARM_64_NVIDIA."));
    ck_assert(str_is(problems.first->field, "ami_type"));
    check("BOTTLEROCKET_x86_64_FIPS", "p4d.24xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_FATAL, "Use BOTTLEROCKET_x86_64_NVIDIA_FIPS."));
    check("AL2023_x86_64_STANDARD", "g6.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_FATAL, "Use AL2023_x86_64_NVIDIA."));
    check("AL2_x86_64", "g6.xlarge", "1.31");
    ck_assert(only_problem(PROBLEM_FATAL, "no NVIDIA driver"));
    check("WINDOWS_CORE_2025_x86_64", "g6.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_FATAL, "Use AL2023_x86_64_NVIDIA."));
    check("AL2023_x86_64_NVIDIA", "g4ad.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_FATAL, "AMD Radeon Pro V520, which it does not drive"));
    check("AL2_x86_64_GPU", "g4dn.xlarge", "1.33");
    ck_assert(
        only_problem(PROBLEM_FATAL, "Amazon Linux 2 ended with 1.32.  Use AL2023_x86_64_NVI"));
    check("AL2_x86_64_GPU", "g4dn.xlarge", "1.40.2");
    ck_assert(only_problem(PROBLEM_FATAL, "no AL2_x86_64_GPU image for Kubernetes 1.40.2"));
}
END_TEST

START_TEST(warns_of_what_is_new)
{
    check("AL2023_x86_64_NVIDA", "g5.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "Did you mean \"AL2023_x86_64_NVIDIA\"?"));
    check("SOMETHING_ELSE_ALTOGETHER", "g5.xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "is not known to this provider."));
    check("BOTTLEROCKET_ARM_64_NVIDIA", "p6e-gb200.36xlarge", "1.35");
    ck_assert(only_problem(PROBLEM_SUSPICIOUS, "documented for g5g only"));
}
END_TEST

START_TEST(mixed_architectures)
{
    struct str types[] = { STR("g5.xlarge"), STR("g5g.xlarge") };
    ami_type_check(STR("CUSTOM"), types, 2, STR("1.35"), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "g5.xlarge is amd64 and g5g.xlarge is arm64"));
    ck_assert(str_is(problems.first->field, "instance_types"));
    start_over();
    ami_type_check(STR("AL2_x86_64"), NULL, 0, STR("1.35"), &problems);
    ck_assert(only_problem(PROBLEM_FATAL, "Use AL2023_x86_64_STANDARD."));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/ami", knows_the_types, chooses, accepts_what_suits, refuses_what_contradicts,
              warns_of_what_is_new, mixed_architectures);
}
