/* What dynamic resource allocation and NVIDIA's driver for it accept.
 *
 * Sources: resource.k8s.io/v1 of Kubernetes 1.36, and the driver's opaque configuration
 * resource.nvidia.com/v1beta1 (api/nvidia.com/resource/v1beta1), which it decodes strictly. */
#pragma once

#include "gpu/problem.h"

#define DRA_DRIVER "gpu.nvidia.com"
#define DRA_API_VERSION "resource.nvidia.com/v1beta1"

/* Adds what is surely wrong with a selector in CEL, for the attribute "expression": brackets and
 * quotes that do not close, "=" for "==", and MIG profiles that no GPU has. */
void dra_selector_check(struct str expression, struct problems *problems);

/* An attribute's name with its domain: "gpu.nvidia.com/parentUUID". */
bool dra_attribute_valid(struct str s);

/* A device of a claim in NVIDIA's configuration: its index or its UUID. */
bool dra_device_valid(struct str s);

/* A limit of pinned memory: a quantity of at least 1Mi, as the driver cuts it to whole MiB. */
bool dra_memory_limit_valid(struct str s);

/* The sharing part of a GpuConfig or MigDeviceConfig. */
struct dra_sharing {
    struct str kind;     /* "GpuConfig" or "MigDeviceConfig" */
    struct str strategy; /* "TimeSlicing" or "MPS" */
    bool has_time_slicing_config;
    bool has_mps_config;
};

/* Adds what the driver refuses in SHARING, for the attributes "time_slicing_config" and
 * "mps_config". */
void dra_sharing_check(const struct dra_sharing *sharing, struct problems *problems);
