/* EC2 instance types with a GPU.
 *
 * The rows come from gpu/instance_types.json by tools/make-instance-types. */
#pragma once

#include "gpu/gpu_models.h"
#include "gpu/problem.h"

/* A number that is 0 in a column other than gpus and efa is not known. */
struct instance_type {
    const char *name;
    const struct gpu_model *gpu;
    unsigned gpus;           /* 0: a fraction of a GPU (g6f, gr6f) */
    unsigned gpu_memory_mib; /* of each GPU */
    unsigned vcpu;
    unsigned memory_mib;
    const char *arch;       /* "amd64" or "arm64" */
    unsigned max_pods;      /* without prefix delegation */
    unsigned efa;           /* EFA interfaces */
    const char *hypervisor; /* "nitro", "xen", or "" for bare metal */
    double usd_per_hour;    /* on demand, Linux, us-east-1, at instance_types_price_date */
};

extern const struct instance_type instance_type_rows[];
extern const size_t instance_type_count;

/* When the prices were read: "2026-07-20". */
extern const char instance_types_price_date[];

/* The row called NAME, or NULL. */
const struct instance_type *instance_type_find(struct str name);

/* The name of the row nearest to NAME, or NULL. */
const char *instance_type_nearest(struct str name);

/* A row of NAME's family ("p5" of "p5.96xlarge"), for sizes newer than the table: its GPU and
 * architecture hold, its sizes do not.  NULL where the family is unknown. */
const struct instance_type *instance_type_of_family(struct str name);

/* The GPU that NAME has, by its row or its family; NULL where neither is known. */
const struct gpu_model *instance_type_gpu(struct str name);

/* "amd64" or "arm64", for any EC2 type: by its row, its family, or the way families are named (a
 * 'g' behind the generation, and a1, are Graviton). */
const char *instance_type_arch(struct str name);

/* Adds what is wrong with NAME as a type whose GPUs are to be shared, for the attribute FIELD: a
 * type too old or of another manufacturer is an error, an unknown one a warning with the nearest.
 */
void instance_type_check(struct str name, const char *field, struct problems *problems);
