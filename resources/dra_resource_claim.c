/* dra_resource_claim: devices that the pods which name the claim share. */
#include "resources/rows_dra.h"

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain, .doc = "Name of the ResourceClaim." },
    { "namespace", &type_string, OPTIONAL | COMPUTED | REPLACES, .api = "metadata.namespace",
      .default_json = "\"default\"", .check = &check_dns_label,
      .doc = "Namespace of the ResourceClaim, which is the pods'." },
    { "labels", &type_string_map, OPTIONAL, .api = "metadata.labels", .check = &check_label_value,
      .key_check = &check_label_key, .doc = "Labels of the ResourceClaim." },
    { "annotations", &type_string_map, OPTIONAL, .api = "metadata.annotations",
      .key_check = &check_label_key, .foreign_keys = "kubectl.kubernetes.io/",
      .doc = "Annotations of the ResourceClaim." },
    ROWS_DRA_CLAIM("spec"),
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct kubernetes_kind resource_claim_kind = {
    .group = "resource.k8s.io",
    .version = "v1",
    .kind = "ResourceClaim",
    .plural = "resourceclaims",
};

const struct resource dra_resource_claim = {
    .name = "dra_resource_claim",
    .doc = "A ResourceClaim (`resource.k8s.io/v1`): devices that all pods which name it share. "
           "What it asks for cannot be changed: a change makes a new claim, and deleting one waits "
           "until no pod uses it.\n\n" DRA_NOTES,
    .rows = rows,
    .rules = dra_claim_rules,
    .driver = &kubernetes_object_driver,
    .kubernetes = &resource_claim_kind,
    .identity = "namespace name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = dra_check_claim,
};
