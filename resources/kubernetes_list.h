/* All objects of a kind, for what looks around in a cluster. */
#pragma once

#include "clients/kubernetes.h"
#include "resources/kubernetes_object.h"

/* Lists the objects of KIND in NAMESPACE (empty: everywhere) into *ITEMS, an array; NULL where the
 * server does not have the kind.  VERSION overrides the kind's where at != NULL.  False with an
 * error added. */
bool kubernetes_list_kind(struct call *call, const struct kubernetes_client *client,
                          const struct kubernetes_kind *kind, struct str version,
                          struct str namespace, const json_t **items);

/* The item of ITEMS called NAME, or NULL. */
json_t *kubernetes_list_find(const json_t *items, struct str name);

/* The version of KIND's group in which the server has the kind: the kind's own if possible, else
 * the first that it names.  at == NULL with an error added where there is none: the definition is
 * missing. */
struct str kubernetes_list_version(struct call *call, const struct kubernetes_client *client,
                                   const struct kubernetes_kind *kind);
