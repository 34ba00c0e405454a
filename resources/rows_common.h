/* Rows that many resources share. */
#pragma once

#include "schema/attr.h"

/* In which cluster an object lives: taken from the provider's configuration where left out. */
#define ROWS_CLUSTER                                                                               \
    { "cluster_name",                                                                              \
      &type_string,                                                                                \
      OPTIONAL | COMPUTED | REPLACES | UNSENT,                                                     \
      .derive = derive_cluster_name,                                                               \
      .check = &check_cluster_name,                                                                \
      .doc = "Name of the EKS cluster. Taken from the provider when left out." },                  \
    {                                                                                              \
        "region", &type_string, OPTIONAL | COMPUTED | REPLACES | UNSENT,                           \
            .derive = derive_region,                                                               \
            .doc = "AWS region of the cluster. Taken from the provider when left out."             \
    }

/* How a Kubernetes object is written. */
#define ROWS_KUBERNETES_WRITE                                                                      \
    { "adopt", &type_bool, OPTIONAL | COMPUTED | UNSENT, .default_json = "false",                  \
      .doc = "Take over an object that exists already and overwrite what differs, instead of "     \
             "failing." },                                                                         \
        ROW_FORCE_CONFLICTS

#define ROW_FORCE_CONFLICTS                                                                        \
    {                                                                                              \
        "force_conflicts", &type_bool, OPTIONAL | COMPUTED | UNSENT,                               \
            .default_json = "false",                                                               \
            .doc =                                                                                 \
                "Take fields that another field manager owns with another value. Not needed to "   \
                "restore what this resource had set itself."                                       \
    }

#define ROW_TIMEOUTS                                                                               \
    {                                                                                              \
        "timeouts", NULL, UNSENT,                                                                  \
            .nesting = BLOCK_SINGLE, .rows = timeout_rows,                                         \
            .doc = "How long each step may take, as durations like `30s`, `10m` or `2h`."          \
    }

extern const struct attr timeout_rows[];
extern const struct check check_cluster_name, check_dns_subdomain, check_dns_label;
extern const struct check check_label_key, check_label_value, check_quantity, check_config_key;
extern const struct check check_taint_effect, check_positive_duration, check_duration_or_never;
extern const struct codec codec_duration, codec_quantity, codec_kubernetes_taint_effect,
    codec_eks_taint_effect;

const struct value *derive_cluster_name(struct call *call, const struct derivation *from);
const struct value *derive_region(struct call *call, const struct derivation *from);

/* False with an error added where LIST, the blocks NAME at the root, has a taint twice: its key and
 * effect together name it, whatever its value. */
bool taints_check(struct call *call, const char *name, const struct value *list);
