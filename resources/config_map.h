/* What the resources that are ConfigMaps share. */
#pragma once

#include "resources/kubernetes_object.h"
#include "resources/rows_common.h"

extern const struct kubernetes_kind config_map_kind;

/* SHA-256 over the map `rendered`. */
const struct value *derive_checksum(struct call *call, const struct derivation *from);

/* Name, namespace (NAMESPACE where left out), labels and annotations. */
#define ROWS_CONFIG_MAP(NAMESPACE)                                                                 \
    { "name",                                                                                      \
      &type_string,                                                                                \
      REQUIRED | REPLACES,                                                                         \
      .api = "metadata.name",                                                                      \
      .check = &check_dns_subdomain,                                                               \
      .doc = "Name of the ConfigMap." },                                                           \
        { "namespace",                                                                             \
          &type_string,                                                                            \
          OPTIONAL | COMPUTED | REPLACES,                                                          \
          .api = "metadata.namespace",                                                             \
          .default_json = "\"" NAMESPACE "\"",                                                     \
          .check = &check_dns_label,                                                               \
          .doc = "Namespace of the ConfigMap." },                                                  \
        { "labels",                                                                                \
          &type_string_map,                                                                        \
          OPTIONAL,                                                                                \
          .api = "metadata.labels",                                                                \
          .check = &check_label_value,                                                             \
          .key_check = &check_label_key,                                                           \
          .doc = "Labels of the ConfigMap." },                                                     \
    {                                                                                              \
        "annotations", &type_string_map, OPTIONAL,                                                 \
            .api = "metadata.annotations", .key_check = &check_label_key,                          \
            .foreign_keys = "kubectl.kubernetes.io/", .doc = "Annotations of the ConfigMap."       \
    }
