/* dra_device_class: a class of devices that claims ask for. */
#include "resources/rows_dra.h"

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain, .doc = "Name of the DeviceClass." },
    { "labels", &type_string_map, OPTIONAL, .api = "metadata.labels", .check = &check_label_value,
      .key_check = &check_label_key, .doc = "Labels of the DeviceClass." },
    { "annotations", &type_string_map, OPTIONAL, .api = "metadata.annotations",
      .key_check = &check_label_key, .foreign_keys = "kubectl.kubernetes.io/",
      .doc = "Annotations of the DeviceClass." },
    { "selector", NULL, .nesting = BLOCK_LIST, .rows = dra_selector_rows, .api = "spec.selectors",
      .max_items = 32, .doc = "Which devices are of the class; all selectors must hold." },
    { "config", NULL, .nesting = BLOCK_LIST, .rows = dra_class_config_rows, .api = "spec.config",
      .max_items = 32,
      .doc = "How NVIDIA's driver sets up devices that are allocated through the class." },
    { "extended_resource_name", &type_string, OPTIONAL, .api = "spec.extendedResourceName",
      .check = &check_extended_resource,
      .doc = "Extended resource, like `nvidia.com/gpu`, by which pods may ask for devices of the "
             "class without a claim. Kubernetes' gate `DRAExtendedResource` (on from 1.36); "
             "elsewhere the API server drops it in silence." },
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct kubernetes_kind device_class_kind = {
    .group = "resource.k8s.io",
    .version = "v1",
    .kind = "DeviceClass",
    .plural = "deviceclasses",
};

const struct resource dra_device_class = {
    .name = "dra_device_class",
    .doc = "A DeviceClass (`resource.k8s.io/v1`): GPUs or MIG instances that claims ask for by one "
           "name, and how they are shared.\n\n" DRA_NOTES,
    .rows = rows,
    .driver = &kubernetes_object_driver,
    .kubernetes = &device_class_kind,
    .identity = "name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = dra_check_class,
};
