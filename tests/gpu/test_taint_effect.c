/* The spellings of taint effects. */
#include "gpu/taint_effect.h"

#include "tests/gpu/suite.h"

static const char *const pairs[][2] = {
    { "NoSchedule", "NO_SCHEDULE" },
    { "PreferNoSchedule", "PREFER_NO_SCHEDULE" },
    { "NoExecute", "NO_EXECUTE" },
};

START_TEST(both_spellings_mean_the_same)
{
    for (size_t i = 0; i < 3; i++) {
        struct str kubernetes = str_of(pairs[i][0]), eks = str_of(pairs[i][1]);
        ck_assert(taint_effect_valid(kubernetes) && taint_effect_valid(eks));
        ck_assert(taint_effect_equal(kubernetes, eks) && taint_effect_equal(eks, kubernetes));
        ck_assert_str_eq(taint_effect_to_eks(kubernetes), pairs[i][1]);
        ck_assert_str_eq(taint_effect_to_eks(eks), pairs[i][1]);
        ck_assert_str_eq(taint_effect_to_kubernetes(eks), pairs[i][0]);
        ck_assert_str_eq(taint_effect_to_kubernetes(kubernetes), pairs[i][0]);
        ck_assert(!taint_effect_equal(kubernetes, str_of(pairs[(i + 1) % 3][1])));
    }
}
END_TEST

START_TEST(nothing_else_is_an_effect)
{
    ck_assert(!taint_effect_valid(STR("noschedule")));
    ck_assert(!taint_effect_valid(STR("")));
    ck_assert_ptr_null(taint_effect_to_eks(STR("No_Schedule")));
    ck_assert_ptr_null(taint_effect_to_kubernetes(STR("")));
    ck_assert(taint_effect_equal(STR("x"), STR("x")));
    ck_assert(!taint_effect_equal(STR("x"), STR("NoSchedule")));
    ck_assert(!taint_effect_equal(STR("NoSchedule"), STR("x")));
}
END_TEST

START_TEST(suggests_in_the_spelling_used)
{
    ck_assert_str_eq(taint_effect_nearest(STR("NoShedule")), "NoSchedule");
    ck_assert_str_eq(taint_effect_nearest(STR("NO_SHEDULE")), "NO_SCHEDULE");
    ck_assert_ptr_null(taint_effect_nearest(STR("xyz")));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/taint_effect", both_spellings_mean_the_same, nothing_else_is_an_effect,
              suggests_in_the_spelling_used);
}
