/* The text of MIG layouts, their equality, and what they advertise. */
#include "gpu/mig_parted_config.h"

#include "tests/gpu/suite.h"

static const struct mig_device seven[] = { { { "1g.5gb", 6 }, 7 } };
static const struct mig_device balanced[] = { { { "1g.5gb", 6 }, 2 },
                                              { { "2g.10gb", 7 }, 1 },
                                              { { "3g.20gb", 7 }, 1 } };

START_TEST(renders_the_guides_layout)
{
    struct mig_parted_group group = {
        .all_devices = true, .mig_enabled = true, .mig_devices = seven, .mig_device_count = 1
    };
    struct mig_parted_layout layout = { STR("all-1g.5gb"), &group, 1 };
    ck_assert_str_eq(mig_parted_config_render(&arena, &(struct mig_parted_config){ &layout, 1 }).at,
                     "version: v1\n"
                     "mig-configs:\n"
                     "  all-1g.5gb:\n"
                     "  - devices: all\n"
                     "    mig-enabled: true\n"
                     "    mig-devices:\n"
                     "      \"1g.5gb\": 7\n");
}
END_TEST

START_TEST(renders_every_form)
{
    const struct str filters[] = { STR("0x20B010DE"), STR("0x20B210DE") };
    const int64_t first[] = { 0, 1 }, second[] = { 2 };
    struct mig_parted_group groups[] = {
        { .device_filter = { filters, 2 },
          .devices = first,
          .device_count = 2,
          .mig_enabled = true,
          .mig_devices = balanced,
          .mig_device_count = 3 },
        { .devices = second, .device_count = 1, .mig_enabled = true },
    };
    struct mig_parted_group off = { .all_devices = true };
    struct mig_parted_layout layouts[] = { { STR("custom"), groups, 2 },
                                           { STR("all-disabled"), &off, 1 } };
    struct str text = mig_parted_config_render(&arena, &(struct mig_parted_config){ layouts, 2 });
    ck_assert_str_eq(text.at, "version: v1\n"
                              "mig-configs:\n"
                              "  custom:\n"
                              "  - device-filter: [\"0x20B010DE\", \"0x20B210DE\"]\n"
                              "    devices: [0, 1]\n"
                              "    mig-enabled: true\n"
                              "    mig-devices:\n"
                              "      \"1g.5gb\": 2\n"
                              "      \"2g.10gb\": 1\n"
                              "      \"3g.20gb\": 1\n"
                              "  - devices: [2]\n"
                              "    mig-enabled: true\n"
                              "    mig-devices: {}\n"
                              "  all-disabled:\n"
                              "  - devices: all\n"
                              "    mig-enabled: false\n");
    text = mig_parted_config_render(&arena, &(struct mig_parted_config){ 0 });
    ck_assert_str_eq(text.at, "version: v1\nmig-configs: {}\n");
}
END_TEST

static bool equal(const struct mig_parted_group *a, const struct mig_parted_group *b)
{
    struct mig_parted_layout first = { STR("x"), a, 1 }, second = { STR("x"), b, 1 };
    struct mig_parted_config left = { &first, 1 }, right = { &second, 1 };
    ck_assert(mig_parted_config_equal(&left, &right) == mig_parted_config_equal(&right, &left));
    return mig_parted_config_equal(&left, &right);
}

START_TEST(equality)
{
    const struct mig_device zero[] = { { STR("2g.10gb"), 0 }, { STR("1g.5gb"), 7 } };
    const struct str filters[] = { STR("0x20B010DE"), STR("0x20B210DE") };
    const int64_t first[] = { 0 }, second[] = { 1 };
    struct mig_parted_group a = {
        .all_devices = true, .mig_enabled = true, .mig_devices = seven, .mig_device_count = 1
    };
    struct mig_parted_group b = a;
    b.mig_devices = zero;
    b.mig_device_count = 2;
    ck_assert(equal(&a, &b));
    b.mig_devices = balanced;
    ck_assert(!equal(&a, &b));
    b = a;
    b.mig_enabled = false;
    ck_assert(!equal(&a, &b));
    b = a;
    b.device_filter = (struct str_list){ filters, 1 };
    ck_assert(!equal(&a, &b));
    a.device_filter = (struct str_list){ filters + 1, 1 };
    ck_assert(!equal(&a, &b));
    a = b;
    a.all_devices = false;
    a.devices = first;
    a.device_count = 1;
    ck_assert(!equal(&a, &b));
    b = a;
    b.devices = second;
    ck_assert(!equal(&a, &b));
    b.device_count = 0;
    ck_assert(!equal(&a, &b));
}
END_TEST

START_TEST(order_of_layouts_does_not_count)
{
    struct mig_parted_group group = { .all_devices = true };
    struct mig_parted_layout one[] = { { STR("a"), &group, 1 }, { STR("b"), &group, 1 } };
    struct mig_parted_layout two[] = { { STR("b"), &group, 1 }, { STR("a"), &group, 1 } };
    struct mig_parted_config a = { one, 2 }, b = { two, 2 }, c = { two, 1 };
    ck_assert(mig_parted_config_equal(&a, &b));
    ck_assert(!mig_parted_config_equal(&a, &c));
    two[1].name = STR("c");
    ck_assert(!mig_parted_config_equal(&a, &b));
    two[1] = (struct mig_parted_layout){ STR("a"), &group, 0 };
    ck_assert(!mig_parted_config_equal(&a, &b));
}
END_TEST

static const char *told(const struct mig_parted_layout *layout, const char *gpu, unsigned gpus)
{
    struct mig_parted_target target = { gpu ? gpu_model_find(str_of(gpu)) : NULL, gpus };
    struct mig_advertised_list list = mig_parted_advertised(&arena, layout, &target);
    struct buf out = buf_make(&arena, 4096);
    for (size_t i = 0; i < list.count; i++)
        buf_print(&out, "%s%.*s=%lld/%lld", i > 0 ? " " : "", STR_ARG(list.rows[i].resource),
                  (long long)list.rows[i].per_gpu, (long long)list.rows[i].per_node);
    return buf_str(&out).at;
}

START_TEST(advertises)
{
    const struct str filter[] = { STR("0x233010DE") };
    const int64_t first[] = { 0, 1, 2 }, second[] = { 3 };
    struct mig_parted_group all = {
        .all_devices = true, .mig_enabled = true, .mig_devices = seven, .mig_device_count = 1
    };
    struct mig_parted_layout layout = { STR("x"), &all, 1 };
    ck_assert_str_eq(told(&layout, "a100-40gb", 8), "nvidia.com/mig-1g.5gb=7/56");
    ck_assert_str_eq(told(&layout, NULL, 0), "nvidia.com/mig-1g.5gb=7/0");
    struct mig_parted_group groups[] = {
        { .devices = first,
          .device_count = 3,
          .mig_enabled = true,
          .mig_devices = balanced,
          .mig_device_count = 3 },
        { .devices = second, .device_count = 1 },
        { .device_filter = { filter, 1 }, .all_devices = true },
    };
    layout = (struct mig_parted_layout){ STR("y"), groups, 3 };
    ck_assert_str_eq(told(&layout, "a100-40gb", 4),
                     "nvidia.com/mig-1g.5gb=2/6 nvidia.com/mig-2g.10gb=1/3 "
                     "nvidia.com/mig-3g.20gb=1/3 nvidia.com/gpu=1/1");
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/mig_parted_config", renders_the_guides_layout, renders_every_form, equality,
              order_of_layouts_does_not_count, advertises);
}
