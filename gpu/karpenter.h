/* What Karpenter accepts in NodePools and NodeOverlays, and what it means.
 *
 * Sources: the CRDs of Karpenter 1.14 and 1.15 (AWS build) with their CEL rules.  A key that
 * Karpenter does not know is no error to it: it becomes a label of the node and restricts nothing.
 */
#pragma once

#include "gpu/problem.h"

enum requirement_place { REQUIREMENT_OF_NODE_POOL, REQUIREMENT_OF_NODE_OVERLAY };

enum requirement_verdict {
    REQUIREMENT_KNOWN,   /* Karpenter knows what it means */
    REQUIREMENT_CUSTOM,  /* a label of the user's own */
    REQUIREMENT_WRONG,   /* surely meant another key: `suggestion` */
    REQUIREMENT_REFUSED, /* the API refuses it: `reason`, perhaps `suggestion` */
};

struct requirement_key {
    enum requirement_verdict verdict;
    const char *suggestion; /* the right key, or NULL */
    const char *reason;     /* a whole sentence, or NULL */
};

/* Judges KEY as the key of a requirement. */
struct requirement_key requirement_key_check(struct str key, enum requirement_place place);

struct requirement {
    struct str key;
    struct str operation;
    const struct str *values;
    size_t value_count;
    int64_t min_values; /* 0: not given */
};

/* Adds what is wrong with REQUIREMENT, for the attributes "key", "operator", "values" and
 * "min_values". */
void requirement_check(const struct requirement *requirement, enum requirement_place place,
                       struct problems *problems);

/* A duration as the CRD takes it: whole numbers of s, m and h ("1h30m"), without sign or fraction.
 */
bool karpenter_duration_valid(struct str s);
/* The same, or "Never". */
bool karpenter_duration_or_never_valid(struct str s);
/* A budget's duration: whole hours and minutes, then perhaps "0s". */
bool budget_duration_valid(struct str s);
/* A budget's nodes: a number, or 0% to 100%. */
bool budget_nodes_valid(struct str s);

struct budget {
    struct str nodes;
    struct str schedule; /* at == NULL: not given */
    struct str duration; /* at == NULL: not given */
    const struct str *reasons;
    size_t reason_count;
};

/* Adds what is wrong with BUDGET, for the attributes "nodes", "schedule", "duration", "reasons". */
void budget_check(const struct budget *budget, struct problems *problems);

/* Adds a problem where a label of a NodePool's template is one that Karpenter sets itself. */
void template_label_check(struct str key, const char *field, struct problems *problems);

/* The GPU count of Karpenter's labels, for overlays. */
#define KARPENTER_GPU_COUNT "karpenter.k8s.aws/instance-gpu-count"
#define KARPENTER_GPU_NAME "karpenter.k8s.aws/instance-gpu-name"
#define KARPENTER_NODE_POOL "karpenter.sh/nodepool"
