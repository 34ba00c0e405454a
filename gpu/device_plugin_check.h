/* What is wrong with a device plugin configuration beyond its types.
 *
 * The plugin accepts much that cannot work; these rules refuse it: replicas of at least 2 and of at
 * most what MPS allows, each resource once, only resources that a GPU can have under the MIG
 * strategy, no MPS together with MIG. */
#pragma once

#include "gpu/device_plugin_config.h"
#include "gpu/gpu_models.h"
#include "gpu/problem.h"

/* Where a configuration is to run; all zero: not known. */
struct device_plugin_target {
    const struct gpu_model *const *gpus;
    size_t gpu_count;
};

/* Adds CONFIG's problems.  Each has the path in the file and, as `field` and `key`, the attribute
 * ("mig_strategy", "replicas" with the resource's name, "strategy",
 * "fail_requests_greater_than_one", or the attribute of a row of `device_plugin_fields`). */
void device_plugin_config_check(const struct device_plugin_config *config,
                                const struct device_plugin_target *target,
                                struct problems *problems);

/* Adds what is wrong with KEY as the name of a configuration, for the attribute FIELD: it is a key
 * of the ConfigMap and a node label's value. */
void device_plugin_key_check(struct str key, const char *field, struct problems *problems);
