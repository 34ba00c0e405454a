/* The GPUs that AWS rents, and what each can share. */
#pragma once

#include "gpu/mig_profiles.h"

struct gpu_model {
    const char *name;                      /* ours, unique: "a100-40gb" */
    const char *label;                     /* karpenter.k8s.aws/instance-gpu-name: "a100" */
    const char *marketing;                 /* "NVIDIA A100 40GB" */
    const char *manufacturer;              /* "nvidia" or "amd" */
    unsigned compute_major, compute_minor; /* CUDA compute capability; 0.0: not CUDA */
    const struct mig_geometry *mig;        /* NULL: not capable of MIG */
    const char *pci_device_id;             /* "20B0"; NULL: not known */
    const char *mig_driver;                /* the least driver for MIG; NULL: no MIG or not known */
    const char *refused;                   /* why it cannot be used any more; NULL: it can */
};

enum gpu_model_id {
    GPU_A100_40GB,
    GPU_A100_80GB,
    GPU_A10G,
    GPU_A30,
    GPU_B200,
    GPU_B300,
    GPU_GB200,
    GPU_GB300,
    GPU_H100,
    GPU_H200,
    GPU_K80,
    GPU_L4,
    GPU_L40S,
    GPU_M60,
    GPU_RADEON_PRO_V520,
    GPU_RTX_PRO_4500,
    GPU_RTX_PRO_SERVER_6000,
    GPU_T4,
    GPU_T4G,
    GPU_V100,
    GPU_MODEL_COUNT,
};

extern const struct gpu_model gpu_model_rows[GPU_MODEL_COUNT];

/* The model called NAME, in any case: our name, Karpenter's label where only one model has it, or
 * the name of its MIG geometry ("A100-40GB"); NULL for any other. */
const struct gpu_model *gpu_model_find(struct str name);

/* Our name nearest to NAME, or NULL. */
const char *gpu_model_nearest(struct str name);

/* Whether LABEL is a value that Karpenter gives to karpenter.k8s.aws/instance-gpu-name. */
bool gpu_label_known(struct str label);

bool gpu_model_is_nvidia(const struct gpu_model *model);

/* The marketing names of the models that have the MIG profile NAME, separated by ", "; empty where
 * none has it. */
struct str mig_profile_gpus(struct arena *arena, struct str name);
