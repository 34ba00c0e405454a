/* dra_resource_claim_template: a claim for each pod that refers to it. */
#include "resources/rows_dra.h"

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain, .doc = "Name of the ResourceClaimTemplate." },
    { "namespace", &type_string, OPTIONAL | COMPUTED | REPLACES, .api = "metadata.namespace",
      .default_json = "\"default\"", .check = &check_dns_label,
      .doc = "Namespace of the ResourceClaimTemplate, which is the pods'." },
    { "labels", &type_string_map, OPTIONAL, .api = "metadata.labels", .check = &check_label_value,
      .key_check = &check_label_key, .doc = "Labels of the ResourceClaimTemplate itself." },
    { "annotations", &type_string_map, OPTIONAL, .api = "metadata.annotations",
      .key_check = &check_label_key, .foreign_keys = "kubectl.kubernetes.io/",
      .doc = "Annotations of the ResourceClaimTemplate itself." },
    { "claim_labels", &type_string_map, OPTIONAL | REPLACES, .api = "spec.metadata.labels",
      .check = &check_label_value, .key_check = &check_label_key, .doc = "Labels of its claims." },
    { "claim_annotations", &type_string_map, OPTIONAL | REPLACES,
      .api = "spec.metadata.annotations", .key_check = &check_label_key,
      .doc = "Annotations of its claims." },
    ROWS_DRA_CLAIM("spec.spec"),
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct kubernetes_kind resource_claim_template_kind = {
    .group = "resource.k8s.io",
    .version = "v1",
    .kind = "ResourceClaimTemplate",
    .plural = "resourceclaimtemplates",
};

const struct resource dra_resource_claim_template = {
    .name = "dra_resource_claim_template",
    .doc = "A ResourceClaimTemplate (`resource.k8s.io/v1`): each pod that refers to it gets a "
           "claim of its own, whose devices its containers share. It cannot be changed: a change "
           "makes a new template, and claims made before stay as they are.\n\n" DRA_NOTES,
    .rows = rows,
    .rules = dra_claim_rules,
    .driver = &kubernetes_object_driver,
    .kubernetes = &resource_claim_template_kind,
    .identity = "namespace name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = dra_check_claim,
};
