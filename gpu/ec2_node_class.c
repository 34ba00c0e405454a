/* Patterns of the EC2NodeClass's CRD. */
#include "gpu/ec2_node_class.h"

#include "gpu/quantity.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_id(struct str s, const char *prefix)
{
    if (!str_starts(s, prefix))
        return false;
    s = str_slice(s, str_of(prefix).len, s.len);
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]) && (s.at[i] < 'a' || s.at[i] > 'z'))
            return false;
    return s.len > 0;
}

bool ami_id_valid(struct str s)
{
    return is_id(s, "ami-");
}

bool subnet_id_valid(struct str s)
{
    return is_id(s, "subnet-");
}

bool security_group_id_valid(struct str s)
{
    return is_id(s, "sg-");
}

bool capacity_reservation_id_valid(struct str s)
{
    return is_id(s, "cr-");
}

bool placement_group_id_valid(struct str s)
{
    return is_id(s, "pg-");
}

bool aws_account_id_valid(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]))
            return false;
    return s.len == 12;
}

static const char *const alias_families[] = { "al2",         "al2023",      "bottlerocket",
                                              "windows2019", "windows2022", "windows2025" };
static const char *const ami_families[] = { "AL2",         "AL2023",      "Bottlerocket",
                                            "Windows2019", "Windows2022", "Windows2025" };

#define FAMILIES (sizeof alias_families / sizeof *alias_families)

static struct str family_of(struct str alias)
{
    return str_slice(alias, 0, str_find(alias, '@', 0));
}

bool ami_alias_valid(struct str s)
{
    struct str family = family_of(s);
    if (!family.len || family.len + 1 >= s.len || s.len > 30)
        return false;
    for (size_t i = 0; i < family.len; i++) {
        char c = family.at[i];
        if (!is_digit(c) && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z'))
            return false;
    }
    return true;
}

const char *ami_alias_family(struct str alias)
{
    for (size_t i = 0; i < FAMILIES; i++)
        if (str_is(family_of(alias), alias_families[i]))
            return ami_families[i];
    return NULL;
}

const char *ami_alias_nearest(struct str alias)
{
    return str_nearest(family_of(alias), alias_families, FAMILIES);
}

bool ami_alias_pins_windows(struct str alias)
{
    return str_starts(alias, "windows") && ami_alias_family(alias) && !str_ends(alias, "@latest");
}

/* The number in front of a unit, which it leaves in *S; 0 where none is there, or one with a
 * leading zero. */
static int64_t take_size(struct str *s)
{
    size_t digits = 0;
    int64_t size = 0;
    while (digits < s->len && digits < 6 && is_digit(s->at[digits]))
        size = size * 10 + (s->at[digits++] - '0');
    if (digits && s->at[0] == '0')
        return 0;
    *s = str_slice(*s, digits, s->len);
    return size;
}

bool volume_size_valid(struct str s)
{
    int64_t size = take_size(&s);
    if (size <= 0)
        return false;
    if (str_is(s, "Gi"))
        return size <= 59000;
    if (str_is(s, "G"))
        return size <= 64000;
    /* The CRD's pattern leaves out 18, 19, 28, 29, ... */
    if (str_is(s, "Ti"))
        return size <= 9 || size == 58 || (size < 58 && size % 10 <= 7);
    return str_is(s, "T") && size <= 64;
}

bool reserved_quantity_valid(struct str s)
{
    return quantity_valid(s) && !str_starts(s, "-");
}

static bool percentage_valid(struct str s)
{
    struct str whole = str_slice(s, 0, str_find(s, '.', 0));
    struct str fraction = str_slice(s, whole.len + 1, s.len);
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.at[i]) && i != whole.len)
            return false;
    if (!whole.len || (whole.len < s.len && !fraction.len) || fraction.len > 2)
        return false;
    bool no_fraction = !fraction.len || str_is(fraction, "0") || str_is(fraction, "00");
    return whole.len <= 2 || (str_is(whole, "100") && no_fraction);
}

bool eviction_threshold_valid(struct str s)
{
    if (str_ends(s, "%"))
        return percentage_valid(str_slice(s, 0, s.len - 1));
    return quantity_valid(s);
}

const char *restricted_tag_reason(struct str key)
{
    static const char *const restricted[] = { "eks:eks-cluster-name", "karpenter.sh/nodepool",
                                              "karpenter.sh/nodeclaim",
                                              "karpenter.k8s.aws/ec2nodeclass" };
    if (!key.len)
        return "a tag's key cannot be empty";
    if (str_starts(key, "kubernetes.io/cluster"))
        return "Karpenter sets the tags that start with `kubernetes.io/cluster` itself";
    for (size_t i = 0; i < sizeof restricted / sizeof *restricted; i++)
        if (str_is(key, restricted[i]))
            return "Karpenter sets it itself";
    return NULL;
}
