/* Configurations of recommendations. */
#include "gpu/recommendation_hcl.h"

#include "tests/gpu/suite.h"

static struct str hcl(const struct recommendation *way, enum autoscaler autoscaler)
{
    const struct sharing_need need = { .type = instance_type_find(STR("p4d.24xlarge")),
                                       .autoscaler = autoscaler };
    return recommendation_hcl(&arena, &need, way);
}

START_TEST(shares_on_node_groups)
{
    const struct recommendation way = { .way = WAY_MPS, .replicas = 8 };
    ck_assert_str_eq(hcl(&way, AUTOSCALER_NONE).at,
                     "resource \"gpushare_time_slicing_config\" \"shared\" {\n"
                     "  name = \"nvidia-device-plugin\"\n"
                     "\n"
                     "  config {\n"
                     "    name     = \"shared\"\n"
                     "    strategy = \"mps\"\n"
                     "    replicas = { \"nvidia.com/gpu\" = 8 }\n"
                     "  }\n"
                     "}\n"
                     "\n"
                     "# In the gpushare_node_group whose GPUs are meant:\n"
                     "#\n"
                     "#   sharing {\n"
                     "#     config_key = \"shared\"\n"
                     "#     strategy   = \"mps\"\n"
                     "#   }\n");
}
END_TEST

START_TEST(instances_that_are_shared_on_karpenters_nodes)
{
    const struct recommendation way = {
        .way = WAY_MIG_TIME_SLICING, .replicas = 3, .profile = STR("1g.5gb"), .instances = 7
    };
    struct str text = hcl(&way, AUTOSCALER_KARPENTER);
    ck_assert(str_contains(text, "    replicas     = { \"nvidia.com/mig-1g.5gb\" = 3 }\n"));
    ck_assert(str_contains(text, "      mig_devices = { \"1g.5gb\" = 7 }\n"));
    ck_assert(str_contains(text, "    config_key = \"shared\"\n    mig_layout = \"shared\"\n"));
    ck_assert(str_contains(text, "gpushare_karpenter_node_overlay"));
    ck_assert(str_contains(text, "  mig_strategy   = \"mixed\"\n  replicas       = "));
}
END_TEST

START_TEST(instances_alone_need_no_replicas)
{
    const struct recommendation way = { .way = WAY_MIG, .profile = STR("3g.20gb"), .instances = 2 };
    struct str text = hcl(&way, AUTOSCALER_KARPENTER);
    ck_assert(str_starts(text, "resource \"gpushare_mig_config\""));
    ck_assert(!str_contains(text, "gpushare_time_slicing_config"));
    ck_assert(!str_contains(text, "config_key"));
}
END_TEST

START_TEST(claims_and_whole_gpus)
{
    const struct recommendation dra = { .way = WAY_DRA, .tasks_per_gpu = 4 };
    ck_assert(str_contains(hcl(&dra, AUTOSCALER_NONE), "gpushare_dra_resource_claim"));
    const struct recommendation none = { .way = WAY_NONE };
    ck_assert(str_starts(hcl(&none, AUTOSCALER_NONE), "# Whole GPUs"));
    struct str pool = hcl(&none, AUTOSCALER_KARPENTER);
    ck_assert(str_contains(pool, "gpushare_karpenter_node_pool"));
    ck_assert(!str_contains(pool, "sharing {"));
    ck_assert(!str_contains(pool, "overlay"));
}
END_TEST

int main(void)
{
    SUITE_RUN("recommendation_hcl", shares_on_node_groups,
              instances_that_are_shared_on_karpenters_nodes, instances_alone_need_no_replicas,
              claims_and_whole_gpus);
}
