/* Which way of sharing suits tasks: a decision matrix, computed.
 *
 * A way is ruled out by what it cannot do; the others get points from 0 to 100 for what the tasks
 * need, and each says why. */
#pragma once

#include "gpu/instance_types.h"

enum sharing_way {
    WAY_TIME_SLICING,
    WAY_MPS,
    WAY_MIG,
    WAY_MIG_TIME_SLICING,
    WAY_DRA,
    WAY_NONE, /* whole GPUs */
    WAYS,
};

/* "time-slicing", "mps", "mig", "mig-with-time-slicing", "dra", "none". */
extern const char *const sharing_way_names[WAYS];

enum isolation_need {
    ISOLATION_NONE,   /* tasks trust each other */
    ISOLATION_MEMORY, /* no task may take or read another's memory */
    ISOLATION_FAULT,  /* and a task that dies must not take others with it */
};

enum autoscaler { AUTOSCALER_NONE, AUTOSCALER_CLUSTER, AUTOSCALER_KARPENTER, AUTOSCALER_AUTO_MODE };

struct sharing_need {
    const struct instance_type *type; /* never NULL */
    enum isolation_need isolation;
    int64_t memory_mib; /* of each task; 0: not known */
    double utilisation; /* the share of a GPU's time that a task uses; 0: not known */
    bool needs_steady_latency;
    enum autoscaler autoscaler;
};

#define REASON_LIMIT 8

struct recommendation {
    enum sharing_way way;
    bool possible;
    int points;                       /* 0 where it is not possible */
    int64_t tasks_per_gpu;            /* 0 where it is not possible */
    int64_t replicas;                 /* of each GPU or MIG instance; 0: not shared that way */
    struct str profile;               /* of MIG; else at == NULL */
    int64_t instances;                /* of that profile on a GPU */
    struct str reasons[REASON_LIMIT]; /* whole sentences, the ones against it too */
    size_t reason_count;
    struct str hcl; /* resources of this provider that do it; at == NULL where it is not possible */
};

/* All ways for NEED into OUT, the best first, those that are not possible last. */
void recommendation_make(struct arena *arena, const struct sharing_need *need,
                         struct recommendation out[WAYS]);
