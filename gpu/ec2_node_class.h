/* What Karpenter's AWS provider accepts in an EC2NodeClass.
 *
 * Source: the CRD karpenter.k8s.aws/v1 of Karpenter 1.14 with its patterns and CEL rules. */
#pragma once

#include "base/str.h"

/* "ami-", "subnet-", ... and then lower-case letters and digits. */
bool ami_id_valid(struct str s);
bool subnet_id_valid(struct str s);
bool security_group_id_valid(struct str s);
bool capacity_reservation_id_valid(struct str s);
bool placement_group_id_valid(struct str s);

/* 12 digits. */
bool aws_account_id_valid(struct str s);

/* "family@version", at most 30 characters. */
bool ami_alias_valid(struct str s);

/* The amiFamily of an alias ("AL2023" of "al2023@latest"), or NULL where its family is not known.
 */
const char *ami_alias_family(struct str alias);

/* The alias family nearest to the one that ALIAS names, or NULL. */
const char *ami_alias_nearest(struct str alias);

/* Whether ALIAS pins a version that its family does not take: Windows knows "latest" only. */
bool ami_alias_pins_windows(struct str alias);

/* A volume's size, in Gi, G, Ti or T, as the CRD takes it. */
bool volume_size_valid(struct str s);

/* A quantity that is not negative: what kubelet reserves. */
bool reserved_quantity_valid(struct str s);

/* An eviction threshold: a quantity, or 0% to 100%. */
bool eviction_threshold_valid(struct str s);

/* Why Karpenter refuses the tag KEY (a part of a sentence), or NULL. */
const char *restricted_tag_reason(struct str key);
