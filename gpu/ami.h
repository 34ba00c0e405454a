/* EKS' AMI types: which of them has a GPU's driver, and which suits an instance type.
 *
 * Sources: the enum AMITypes of EKS' API and the EKS guide's page on optimized accelerated AMIs.
 * AWS adds values each quarter, so an unknown one is a warning only. */
#pragma once

#include "gpu/instance_types.h"

enum ami_driver { AMI_NO_DRIVER, AMI_NVIDIA, AMI_NEURON };

struct ami_type {
    const char *name;
    const char *family; /* "AL2", "AL2023", "BOTTLEROCKET", "WINDOWS" or "CUSTOM" */
    const char *arch;   /* "amd64", "arm64"; NULL: CUSTOM, which may be anything */
    enum ami_driver driver;
};

/* The AMI type NAME, or NULL. */
const struct ami_type *ami_type_find(struct str name);

/* The AMI type whose name is nearest to NAME, or NULL. */
const char *ami_type_nearest(struct str name);

/* Whether nodes of this AMI type run their own device plugin and take its settings from user data
 * (Bottlerocket with NVIDIA's driver). */
bool ami_has_device_plugin(const struct ami_type *ami);

/* The AMI type to choose for nodes of INSTANCE_TYPES (COUNT, at least one): "AL2023_x86_64_NVIDIA"
 * where any has an NVIDIA GPU, "AL2023_x86_64_NEURON" for Inferentia and Trainium, else
 * "AL2023_x86_64_STANDARD", or those of arm64.  NULL where they mix architectures. */
const char *ami_type_for(const struct str *instance_types, size_t count);

/* Adds what is wrong with nodes of AMI and INSTANCE_TYPES (COUNT), for the attributes "ami_type"
 * and "instance_types".  KUBERNETES_VERSION ("1.33") may be the view with at == NULL: not known. */
void ami_type_check(struct str ami, const struct str *instance_types, size_t count,
                    struct str kubernetes_version, struct problems *problems);
