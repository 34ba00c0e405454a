/* Device filters of MIG layouts. */
#include "gpu/mig_parted_filter.h"

#include "tests/gpu/suite.h"

static struct str_list list_of(const struct str *filters, size_t count)
{
    return (struct str_list){ filters, count };
}

START_TEST(knows_the_form)
{
    ck_assert(mig_parted_filter_valid(STR("0x20B010DE")));
    ck_assert(mig_parted_filter_valid(STR("0x20b010de:0x134F10DE")));
    ck_assert(!mig_parted_filter_valid(STR("20B010DE")));
    ck_assert(!mig_parted_filter_valid(STR("0x20B010D")));
    ck_assert(!mig_parted_filter_valid(STR("0x20B010DG")));
    ck_assert(!mig_parted_filter_valid(STR("0x20B010DE:")));
    ck_assert(!mig_parted_filter_valid(STR("")));
}
END_TEST

START_TEST(passes_the_right_gpus)
{
    const struct str filters[] = { STR("0x20B010DE"), STR("0x233010de") };
    ck_assert(mig_parted_filter_passes(list_of(filters, 2), gpu_model_find(STR("a100-40gb"))));
    ck_assert(mig_parted_filter_passes(list_of(filters, 2), gpu_model_find(STR("h100"))));
    ck_assert(!mig_parted_filter_passes(list_of(filters, 2), gpu_model_find(STR("h200"))));
    ck_assert(!mig_parted_filter_passes(list_of(filters, 1), gpu_model_find(STR("h100"))));
    ck_assert(mig_parted_filter_passes((struct str_list){ 0 }, gpu_model_find(STR("h200"))));
    ck_assert(mig_parted_filter_passes(list_of(filters, 2), NULL));
    ck_assert(mig_parted_filter_passes(list_of(filters, 2), gpu_model_find(STR("rtx-pro-4500"))));
    const struct str other_vendor[] = { STR("0x20B01002") };
    ck_assert(
        !mig_parted_filter_passes(list_of(other_vendor, 1), gpu_model_find(STR("a100-40gb"))));
}
END_TEST

START_TEST(meets)
{
    const struct str a[] = { STR("0x20B010DE"), STR("0x233010DE") };
    const struct str b[] = { STR("0x233010de") }, c[] = { STR("0x233510DE") };
    ck_assert(mig_parted_filters_meet(list_of(a, 2), list_of(b, 1)));
    ck_assert(!mig_parted_filters_meet(list_of(a, 2), list_of(c, 1)));
    ck_assert(mig_parted_filters_meet((struct str_list){ 0 }, list_of(c, 1)));
    ck_assert(mig_parted_filters_meet(list_of(c, 1), (struct str_list){ 0 }));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/mig_parted_filter", knows_the_form, passes_the_right_gpus, meets);
}
