/* The table of GPU models. */
#include "gpu/gpu_models.h"

#include "tests/gpu/suite.h"

START_TEST(finds_models_by_any_of_their_names)
{
    ck_assert_ptr_eq(gpu_model_find(STR("a100-40gb")), &gpu_model_rows[GPU_A100_40GB]);
    ck_assert_ptr_eq(gpu_model_find(STR("A100-80GB")), &gpu_model_rows[GPU_A100_80GB]);
    ck_assert_ptr_eq(gpu_model_find(STR("H100-80GB")), &gpu_model_rows[GPU_H100]);
    ck_assert_ptr_eq(gpu_model_find(STR("H200")), &gpu_model_rows[GPU_H200]);
    ck_assert_ptr_eq(gpu_model_find(STR("l4")), &gpu_model_rows[GPU_L4]);
    ck_assert_ptr_null(gpu_model_find(STR("a100")));
    ck_assert_ptr_null(gpu_model_find(STR("l")));
    ck_assert_ptr_null(gpu_model_find((struct str){ 0 }));
    ck_assert_str_eq(gpu_model_nearest(STR("a100-40g")), "a100-40gb");
    ck_assert_ptr_null(gpu_model_nearest(STR("voodoo-banshee")));
}
END_TEST

START_TEST(rows_are_whole)
{
    for (size_t i = 0; i < GPU_MODEL_COUNT; i++) {
        const struct gpu_model *model = &gpu_model_rows[i];
        ck_assert_ptr_nonnull(model->name);
        ck_assert_ptr_eq(gpu_model_find(str_of(model->name)), model);
        ck_assert(gpu_label_known(str_of(model->label)));
        ck_assert_uint_eq(model->compute_major > 0, gpu_model_is_nvidia(model));
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(model->name, gpu_model_rows[k].name);
    }
    ck_assert(gpu_label_known(STR("a100")));
    ck_assert(!gpu_label_known(STR("a100-40gb")));
}
END_TEST

START_TEST(only_some_can_be_divided)
{
    static const char *const whole[] = { "v100", "t4", "t4g", "a10g", "l4", "l40s" };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        ck_assert_ptr_null(gpu_model_find(str_of(whole[i]))->mig);
    ck_assert_str_eq(gpu_model_find(STR("a100-80gb"))->mig->name, "A100-80GB");
    ck_assert_uint_eq(gpu_model_find(STR("rtx-pro-4500"))->mig->profile_count, 0);
    ck_assert_ptr_nonnull(gpu_model_find(STR("k80"))->refused);
}
END_TEST

START_TEST(says_which_gpus_have_a_profile)
{
    ck_assert_str_eq(mig_profile_gpus(&arena, STR("1g.5gb")).at, "NVIDIA A100 40GB");
    ck_assert_str_eq(mig_profile_gpus(&arena, STR("7g.80gb")).at,
                     "NVIDIA A100 80GB, NVIDIA H100 80GB");
    ck_assert_str_eq(mig_profile_gpus(&arena, STR("9g.9gb")).at, "");
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/gpu_models", finds_models_by_any_of_their_names, rows_are_whole,
              only_some_can_be_divided, says_which_gpus_have_a_profile);
}
