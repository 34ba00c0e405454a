/* The patterns of the EC2NodeClass's CRD. */
#include "gpu/ec2_node_class.h"

#include "tests/gpu/suite.h"

typedef bool valid_fn(struct str s);

static void all_are(valid_fn *valid, bool expected, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(valid(str_of(texts[i])) == expected, "%s", texts[i]);
}

#define ALL_ARE(valid, expected, ...)                                                              \
    do {                                                                                           \
        static const char *const texts[] = { __VA_ARGS__ };                                        \
        all_are(valid, expected, texts, sizeof texts / sizeof *texts);                             \
    } while (0)

START_TEST(ids)
{
    ALL_ARE(ami_id_valid, true, "ami-0123abc");
    ALL_ARE(ami_id_valid, false, "", "ami-", "ami-A", "xami-1", "ami-1 ");
    ALL_ARE(subnet_id_valid, true, "subnet-1");
    ALL_ARE(subnet_id_valid, false, "sub-1");
    ALL_ARE(security_group_id_valid, true, "sg-1");
    ALL_ARE(security_group_id_valid, false, "sgr-1");
    ALL_ARE(capacity_reservation_id_valid, true, "cr-1");
    ALL_ARE(capacity_reservation_id_valid, false, "cr_1");
    ALL_ARE(placement_group_id_valid, true, "pg-1");
    ALL_ARE(placement_group_id_valid, false, "pg");
    ALL_ARE(aws_account_id_valid, true, "123456789012");
    ALL_ARE(aws_account_id_valid, false, "12345678901", "1234567890123", "12345678901a", "");
}
END_TEST

START_TEST(aliases)
{
    ALL_ARE(ami_alias_valid, true, "al2023@latest", "bottlerocket@v1.54.0", "new1@x");
    ALL_ARE(ami_alias_valid, false, "", "al2023", "al2023@", "@latest", "al-2023@latest",
            "al2023@latest-and-much-longer-x");
    ck_assert_str_eq(ami_alias_family(STR("al2023@latest")), "AL2023");
    ck_assert_str_eq(ami_alias_family(STR("bottlerocket@x")), "Bottlerocket");
    ck_assert_ptr_null(ami_alias_family(STR("al2024@x")));
    ck_assert_str_eq(ami_alias_nearest(STR("bottlerockt@latest")), "bottlerocket");
    ck_assert_ptr_null(ami_alias_nearest(STR("something@latest")));
    ck_assert(ami_alias_pins_windows(STR("windows2022@2024")));
    ck_assert(!ami_alias_pins_windows(STR("windows2022@latest")));
    ck_assert(!ami_alias_pins_windows(STR("al2023@v1")));
}
END_TEST

START_TEST(volume_sizes)
{
    ALL_ARE(volume_size_valid, true, "1Gi", "100Gi", "59000Gi", "64000G", "9Ti", "10Ti", "17Ti",
            "58Ti", "64T", "19T");
    ALL_ARE(volume_size_valid, false, "", "Gi", "0Gi", "059Gi", "59001Gi", "64001G", "18Ti", "59Ti",
            "65T", "100", "100GB", "1.5Gi", "-1Gi", "99999999999999999999Gi", "1Mi");
}
END_TEST

START_TEST(quantities_and_thresholds)
{
    ALL_ARE(reserved_quantity_valid, true, "0", "100m", "1Gi", "+1");
    ALL_ARE(reserved_quantity_valid, false, "", "-1", "x", "5%");
    ALL_ARE(eviction_threshold_valid, true, "5%", "99.99%", "100%", "100.00%", "0%", "500Mi", "1");
    ALL_ARE(eviction_threshold_valid, false, "", "%", "101%", "100.01%", "5.%", ".5%", "5.123%",
            "5.5.5%", "x%", "x");
}
END_TEST

START_TEST(restricted_tags)
{
    static const char *const restricted[] = {
        "",
        "eks:eks-cluster-name",
        "karpenter.sh/nodepool",
        "karpenter.sh/nodeclaim",
        "karpenter.k8s.aws/ec2nodeclass",
        "kubernetes.io/cluster/x",
        "kubernetes.io/clusters",
    };
    for (size_t i = 0; i < sizeof restricted / sizeof *restricted; i++)
        ck_assert_ptr_nonnull(restricted_tag_reason(str_of(restricted[i])));
    ck_assert_ptr_null(restricted_tag_reason(STR("team")));
    ck_assert_ptr_null(restricted_tag_reason(STR("karpenter.sh/discovery")));
}
END_TEST

int main(void)
{
    SUITE_RUN("ec2_node_class", ids, aliases, volume_sizes, quantities_and_thresholds,
              restricted_tags);
}
