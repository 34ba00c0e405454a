/* What it costs to run tasks on GPUs: whole ones, shared ones, or divided ones.
 *
 * Nodes are counted whole, as they are paid.  Tasks on one GPU are the least of what the replicas,
 * the GPU's memory and the tasks' utilisation allow, and tasks on one node no more than it may run
 * pods. */
#pragma once

#include "gpu/contention.h"
#include "gpu/instance_types.h"

enum cost_mode { COST_WHOLE, COST_TIME_SLICING, COST_MPS, COST_MIG, COST_MODES };

enum cost_purchase { COST_ON_DEMAND, COST_SPOT, COST_RESERVED, COST_PURCHASES };

/* "whole", "time-slicing", "mps", "mig"; and "on-demand", "spot", "reserved". */
extern const char *const cost_mode_names[COST_MODES];
extern const char *const cost_purchase_names[COST_PURCHASES];

/* Prices that the user gives; they go over those of the table. */
struct cost_price {
    struct str instance_type;
    double usd_per_hour[COST_PURCHASES]; /* 0: not known */
};

struct cost_question {
    int64_t tasks;      /* at least 1 */
    int64_t memory_mib; /* of each task on the GPU, its CUDA context included; 0: not known */
    double utilisation; /* the share of a GPU's time that a task uses; 0: not known */
    double utilisation_target; /* how much of a GPU's time may be used in all; 0: 1 */
    int64_t replicas;          /* for time-slicing and MPS; 0: as many as the other limits allow */
    int64_t max_pods;          /* of the node asked about; 0: the table's */
    int64_t system_pods;       /* of each node's pods, those that are no tasks */
    struct str mig_profile;    /* at == NULL: the layout that holds most tasks */
    struct str arch;           /* of cheaper types: "amd64", "arm64"; at == NULL: any */
    const struct cost_price *prices;
    size_t price_count;
    const struct contention_curve *curve; /* NULL: the measured one, for time-slicing only */
};

struct cost_plan {
    const struct instance_type *type;
    enum cost_mode mode;
    struct str refused;    /* why it cannot be done, whole sentences; at == NULL: it can */
    int64_t tasks_per_gpu; /* at most */
    const char
        *limited_by; /* "whole GPUs", "replicas", "memory", "utilisation", "profile", "pods" */
    int64_t tasks_per_node; /* at most */
    int64_t nodes;
    int64_t gpus;                        /* that are paid for */
    int64_t tasks_on_gpu;                /* on the busiest one, when they are spread evenly */
    double usd_per_hour[COST_PURCHASES]; /* of all nodes; 0: not known */
    struct str layout;   /* MIG: the instances of each GPU, "7 x 1g.5gb"; else at == NULL */
    struct str profile;  /* MIG: the smallest instance that a task may get; else at == NULL */
    bool has_contention; /* the next two are known */
    double throughput;   /* of each task, where one alone on a GPU has 1 */
    double p99;          /* its 99th percentile of latency, where one alone has 1 */
    struct str advice;   /* whole sentences, or at == NULL */
};

/* What QUESTION's tasks take on nodes of TYPE in MODE. */
struct cost_plan cost_plan_make(struct arena *arena, const struct cost_question *question,
                                const struct instance_type *type, enum cost_mode mode);

/* The plan in MODE on the type of the table that serves the tasks for the least money on demand;
 * a plan that is refused, with type NULL, where none does. */
struct cost_plan cost_plan_cheapest(struct arena *arena, const struct cost_question *question,
                                    enum cost_mode mode);

/* The price of one node of TYPE in USD per hour; 0: not known. */
double cost_price_of(const struct cost_question *question, const struct instance_type *type,
                     enum cost_purchase purchase);

/* The sum that guides often make: one instance for each task against one instance for all. */
struct cost_simple_sum {
    double dedicated, shared, saved; /* USD per hour; 0: the price is not known */
};

struct cost_simple_sum cost_simple_sum(const struct cost_question *question,
                                       const struct instance_type *type,
                                       enum cost_purchase purchase);

/* Adds what is wrong with that sum for TYPE, and with QUESTION's prices. */
void cost_check(const struct cost_question *question, const struct instance_type *type,
                struct problems *problems);
