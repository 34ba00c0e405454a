/* What a resource may know of the provider's configuration, and the way to its cluster. */
#pragma once

#include "schema/value.h"

struct aws_client;
struct kubernetes_client;
struct connections;

/* One configuration of the provider.  Lives as long as the process; never written after it is made.
 */
struct context {
    struct str cluster_name; /* at == NULL: none configured, or unknown */
    bool cluster_name_unknown;
    struct str region; /* resolved from all sources; at == NULL: none, or unknown */
    bool region_unknown;
    bool connection_unknown; /* credentials, endpoints or kubernetes {} hold unknown values */
    bool has_kubernetes;     /* kubernetes {} goes past EKS: no cluster names */
    const struct value *default_tags; /* map of string, null or unknown */
    const struct value *ignored_tags; /* object of the ignore_tags block, or null */
    struct connections *connections;
};

/* The way to a cluster's Kubernetes API server. */
enum reach {
    REACHED,
    NO_SUCH_CLUSTER, /* EKS itself says so: its objects are gone. No diagnostic. */
    NOT_REACHED,     /* an error was added */
};

/* Resolves the cluster CLUSTER_NAME in REGION (at == NULL: the provider's kubernetes {}), asking
 * EKS once and then from memory.  *CLIENT lives as long as the process. */
enum reach context_kubernetes(struct call *call, const struct context *context,
                              struct str cluster_name, struct str region,
                              const struct kubernetes_client **client);

/* Forgets what is known of the cluster, so that the next `context_kubernetes` asks EKS again: after
 * a TLS failure (its CA may have been rotated). */
void context_forget_cluster(const struct context *context, struct str cluster_name,
                            struct str region);

/* The client of the EKS API in REGION.  NULL with an error added where there are no credentials. */
const struct aws_client *context_aws(struct call *call, const struct context *context,
                                     struct str region);
