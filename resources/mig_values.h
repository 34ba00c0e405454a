/* A GPU's MIG profiles and layouts as values: for a data source and for functions. */
#pragma once

#include "gpu/gpu_models.h"
#include "schema/value.h"

/* List of objects with name, resource, max, compute_slices, memory_slices and starts. */
extern const struct type mig_profile_list_type;
/* List of objects with name, mig_devices and maximal. */
extern const struct type mig_layout_list_type;

NEVER_NULL const struct value *mig_profile_values(struct arena *arena,
                                                  const struct mig_geometry *geometry);
NEVER_NULL const struct value *mig_layout_values(struct arena *arena,
                                                 const struct mig_geometry *geometry);

/* The GPU of the instance type NAME, which MIG can divide; NULL with an error added AT. */
MUST_CHECK const struct gpu_model *mig_gpu_of_instance_type(struct call *call,
                                                            const struct path *at, struct str name);
/* The same for the name of a GPU. */
MUST_CHECK const struct gpu_model *mig_gpu_of_name(struct call *call, const struct path *at,
                                                   struct str name);
