/* YAML documents read into JSON values, typed as sigs.k8s.io/yaml types them.
 *
 * libyaml gives events; what a plain scalar means (yes, 0755, 1e3, ~) follows the YAML 1.1 rules of
 * the Go library that Kubernetes and NVIDIA's tools use.  Anchors and aliases are refused, so that
 * a small text cannot unfold into a large value. */
#pragma once

#include "base/json.h"

/* Parses one document.  WHAT names its origin in messages.  NULL with an error added where TEXT is
 * not one YAML document, has a key twice in one mapping, a key that is no scalar, an alias, or
 * nests deeper than JSON_DEPTH_LIMIT; the message has line and column.  An empty document is JSON
 * null. */
MUST_CHECK json_t *yaml_parse(struct call *call, const struct path *at, struct str text,
                              const char *what);

/* Writes TEXT as a YAML scalar that reads back as the same string: plain where that is safe, else
 * double-quoted. */
void yaml_add_string(struct buf *out, struct str text);
