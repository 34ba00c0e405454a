/* The connections of one configuration: AWS by region, clusters by name, each resolved once.
 *
 * Owner of what calls share: everything here is written under one mutex. */
#pragma once

#include "clients/aws_config.h"
#include "clients/kubeconfig.h"
#include "resources/context.h"

struct connections_options {
    struct aws_settings aws;
    bool has_kubernetes;
    struct kubernetes_settings kubernetes;
};

/* Makes the connections of a configuration; nothing is asked yet.  They live as long as the
 * process.  *REGION is what all sources together say, or at == NULL.  NULL with an error added
 * where a file or an argument is wrong. */
struct connections *connections_make(struct call *call, const struct connections_options *options,
                                     struct str *region);
