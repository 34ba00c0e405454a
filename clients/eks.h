/* Amazon EKS: paths, what its errors mean, and the one answer that everything else needs. */
#pragma once

#include "clients/aws_api.h"

/* /clusters/NAME */
struct str eks_cluster_path(struct arena *arena, struct str cluster);
/* /clusters/CLUSTER/node-groups, and with a name /clusters/CLUSTER/node-groups/NAME. */
struct str eks_node_groups_path(struct arena *arena, struct str cluster);
struct str eks_node_group_path(struct arena *arena, struct str cluster, struct str name);
/* /clusters/CLUSTER/updates/ID; the query has to name the node group (nodegroupName). */
struct str eks_update_path(struct arena *arena, struct str cluster, struct str id);
/* /tags/ARN; for UntagResource the query repeats tagKeys. */
struct str eks_tags_path(struct arena *arena, struct str arn);

/* `aws_send` of OPERATION, whose service is set here. */
bool eks_call(struct call *call, const struct aws_client *client,
              const struct aws_operation *operation, struct aws_reply *reply);

/* EKS itself said that it has no such thing; access and network errors never count. */
bool eks_is_absent(const struct aws_reply *reply);
/* Another update is in progress, the thing exists already, or something still uses it. */
bool eks_is_in_use(const struct aws_reply *reply);

struct eks_cluster {
    struct str name, arn;
    struct str id;       /* local clusters on Outposts only; at == NULL otherwise */
    struct str status;   /* CREATING, ACTIVE, DELETING, FAILED, UPDATING, PENDING */
    struct str version;  /* "1.36" */
    struct str endpoint; /* at == NULL while the cluster is being created */
    struct str ca_pem;   /* a bundle, two certificates during a rotation; at == NULL likewise */
    bool public_access, private_access;
    struct str authentication_mode;
    json_t *json; /* the whole description */
};

enum eks_outcome {
    EKS_FOUND,
    EKS_ABSENT, /* EKS has no such cluster */
    EKS_FAILED, /* an error was added */
};

/* Asks for the cluster NAME. */
enum eks_outcome eks_describe_cluster(struct call *call, const struct path *at,
                                      const struct aws_client *client, struct str name,
                                      struct eks_cluster *out);

/* What tokens carry as x-k8s-aws-id: the id of a local cluster, else the name. */
struct str eks_token_subject(const struct eks_cluster *cluster);
