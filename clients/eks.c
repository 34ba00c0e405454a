/* Paths are percent-encoded here and nowhere else; a cluster's description is read once. */
#include "clients/eks.h"

#include "base/encoding.h"

struct str eks_cluster_path(struct arena *arena, struct str cluster)
{
    return str_print(arena, "/clusters/%.*s", STR_ARG(percent_encode(arena, cluster, false)));
}

struct str eks_node_groups_path(struct arena *arena, struct str cluster)
{
    return str_print(arena, "%.*s/node-groups", STR_ARG(eks_cluster_path(arena, cluster)));
}

struct str eks_node_group_path(struct arena *arena, struct str cluster, struct str name)
{
    return str_print(arena, "%.*s/%.*s", STR_ARG(eks_node_groups_path(arena, cluster)),
                     STR_ARG(percent_encode(arena, name, false)));
}

struct str eks_update_path(struct arena *arena, struct str cluster, struct str id)
{
    return str_print(arena, "%.*s/updates/%.*s", STR_ARG(eks_cluster_path(arena, cluster)),
                     STR_ARG(percent_encode(arena, id, false)));
}

struct str eks_tags_path(struct arena *arena, struct str arn)
{
    return str_print(arena, "/tags/%.*s", STR_ARG(percent_encode(arena, arn, false)));
}

bool eks_call(struct call *call, const struct aws_client *client,
              const struct aws_operation *operation, struct aws_reply *reply)
{
    struct aws_operation with_service = *operation;
    with_service.service = AWS_EKS;
    return aws_send(call, client, &with_service, reply);
}

bool eks_is_absent(const struct aws_reply *reply)
{
    return reply->status == 404 &&
           (aws_reply_is(reply, "ResourceNotFound") || aws_reply_is(reply, "NotFound"));
}

bool eks_is_in_use(const struct aws_reply *reply)
{
    return aws_reply_is(reply, "ResourceInUse");
}

static struct str or_nothing(struct str text)
{
    return text.len ? text : (struct str){ 0 };
}

static void read_cluster(json_t *json, struct eks_cluster *out)
{
    *out = (struct eks_cluster){
        .name = json_str_at(json, "name"),
        .arn = json_str_at(json, "arn"),
        .id = or_nothing(json_str_at(json, "id")),
        .status = json_str_at(json, "status"),
        .version = json_str_at(json, "version"),
        .endpoint = or_nothing(json_str_at(json, "endpoint")),
        .public_access = json_is_true(json_at(json, "resourcesVpcConfig.endpointPublicAccess")),
        .private_access = json_is_true(json_at(json, "resourcesVpcConfig.endpointPrivateAccess")),
        .authentication_mode = json_str_at(json, "accessConfig.authenticationMode"),
        .json = json,
    };
}

static enum eks_outcome malformed(struct call *call, const struct path *at, struct str name,
                                  const char *what)
{
    fail(call, at, "Unexpected answer of EKS",
         "DescribeCluster of \"%.*s\" gave %s. Where an endpoint for eks is configured, check what "
         "answers there.",
         STR_ARG(name), what);
    return EKS_FAILED;
}

enum eks_outcome eks_describe_cluster(struct call *call, const struct path *at,
                                      const struct aws_client *client, struct str name,
                                      struct eks_cluster *out)
{
    struct aws_operation operation = {
        .action = "eks:DescribeCluster",
        .method = "GET",
        .path = eks_cluster_path(call->arena, name),
    };
    struct aws_reply reply;
    *out = (struct eks_cluster){ 0 };
    if (!name.len) {
        fail(call, at, "No cluster name",
             "cluster_name is empty; expected the name of an EKS "
             "cluster.");
        return EKS_FAILED;
    }
    if (!eks_call(call, client, &operation, &reply)) {
        if (eks_is_absent(&reply))
            return EKS_ABSENT;
        struct str doing = str_print(call->arena, "describing the cluster %.*s", STR_ARG(name));
        aws_fail(call, at, doing.at, &reply);
        return EKS_FAILED;
    }
    json_t *json = json_object_get(reply.body, "cluster");
    if (!json_is_object(json))
        return malformed(call, at, name, "no cluster");
    read_cluster(json, out);
    struct str ca = json_str_at(json, "certificateAuthority.data");
    if (ca.len)
        out->ca_pem = base64_decode(call->arena, ca);
    if (ca.len && !str_contains(out->ca_pem, "-----BEGIN CERTIFICATE-----"))
        return malformed(call, at, name, "a certificate authority that is no PEM in base64");
    return EKS_FOUND;
}

struct str eks_token_subject(const struct eks_cluster *cluster)
{
    return cluster->id.at ? cluster->id : cluster->name;
}
