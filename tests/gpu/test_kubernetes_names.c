/* Kubernetes' rules for names. */
#include "gpu/kubernetes_names.h"

#include "tests/gpu/suite.h"

/* COUNT times the letter a. */
static struct str letters(size_t count)
{
    struct str s = str_print(&arena, "%0*d", (int)count, 0);
    char *bytes = arena_alloc(&arena, count + 1);
    for (size_t i = 0; i < s.len; i++)
        bytes[i] = 'a';
    return (struct str){ bytes, count };
}

START_TEST(dns_labels)
{
    ck_assert(dns_label_valid(STR("kube-system")));
    ck_assert(dns_label_valid(STR("0")));
    ck_assert(dns_label_valid(letters(63)));
    ck_assert(!dns_label_valid(letters(64)));
    ck_assert(!dns_label_valid(STR("")));
    ck_assert(!dns_label_valid(STR("-a")));
    ck_assert(!dns_label_valid(STR("a-")));
    ck_assert(!dns_label_valid(STR("A")));
    ck_assert(!dns_label_valid(STR("a.b")));
    ck_assert(!dns_label_valid(STR("a_b")));
}
END_TEST

START_TEST(dns_subdomains)
{
    ck_assert(dns_subdomain_valid(STR("gpu-1.example.com")));
    ck_assert(dns_subdomain_valid(letters(253)));
    ck_assert(!dns_subdomain_valid(letters(254)));
    ck_assert(!dns_subdomain_valid(STR("")));
    ck_assert(!dns_subdomain_valid(STR("a..b")));
    ck_assert(!dns_subdomain_valid(STR(".a")));
    ck_assert(!dns_subdomain_valid(STR("a.")));
    ck_assert(!dns_subdomain_valid(STR("a.-b")));
    ck_assert(!dns_subdomain_valid(STR("mig-1g.10gb+me")));
}
END_TEST

START_TEST(label_keys)
{
    ck_assert(label_key_valid(STR("eks-node")));
    ck_assert(label_key_valid(STR("nvidia.com/gpu")));
    ck_assert(label_key_valid(STR("a_B.c-9")));
    ck_assert(!label_key_valid(STR("")));
    ck_assert(!label_key_valid(STR("/gpu")));
    ck_assert(!label_key_valid(STR("nvidia.com/")));
    ck_assert(!label_key_valid(STR("a/b/c")));
    ck_assert(!label_key_valid(STR("Nvidia.com/gpu")));
    ck_assert(!label_key_valid(STR("-a")));
    ck_assert(!label_key_valid(letters(64)));
}
END_TEST

START_TEST(label_values_and_config_keys)
{
    ck_assert(label_value_valid(STR("")));
    ck_assert(label_value_valid(STR("all-1g.5gb")));
    ck_assert(label_value_valid(letters(63)));
    ck_assert(!label_value_valid(letters(64)));
    ck_assert(!label_value_valid(STR("a b")));
    ck_assert(!label_value_valid(STR("1g.5gb+me")));
    ck_assert(!label_value_valid(STR(".a")));
    ck_assert(config_key_valid(STR("any")));
    ck_assert(!config_key_valid(STR("")));
    ck_assert(!config_key_valid(STR("slice_")));
}
END_TEST

START_TEST(config_map_keys)
{
    ck_assert(config_map_key_valid(STR("config.yaml")));
    ck_assert(config_map_key_valid(STR(".hidden")));
    ck_assert(config_map_key_valid(STR("-_")));
    ck_assert(config_map_key_valid(letters(253)));
    ck_assert(!config_map_key_valid(letters(254)));
    ck_assert(!config_map_key_valid(STR("")));
    ck_assert(!config_map_key_valid(STR(".")));
    ck_assert(!config_map_key_valid(STR("..a")));
    ck_assert(!config_map_key_valid(STR("a/b")));
}
END_TEST

int main(void)
{
    SUITE_RUN("gpu/kubernetes_names", dns_labels, dns_subdomains, label_keys,
              label_values_and_config_keys, config_map_keys);
}
