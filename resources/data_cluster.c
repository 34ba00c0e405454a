/* cluster: what an EKS cluster is, and what of GPU sharing is installed in it and by whom. */
#include "clients/eks.h"
#include "clients/kubernetes_error.h"
#include "resources/cluster_inventory.h"
#include "resources/resource.h"
#include "resources/rows_common.h"

static const struct attr rows[] = {
    { "cluster_name", &type_string, OPTIONAL | COMPUTED, .check = &check_cluster_name,
      .doc = "Name of the EKS cluster. Taken from the provider when left out." },
    { "region", &type_string, OPTIONAL | COMPUTED,
      .doc = "AWS region of the cluster. Taken from the provider when left out." },
    { "arn", &type_string, COMPUTED, .doc = "ARN of the cluster." },
    { "status", &type_string, COMPUTED, .doc = "Status of the cluster." },
    { "version", &type_string, COMPUTED, .doc = "Kubernetes version of the cluster." },
    { "endpoint", &type_string, COMPUTED, .doc = "Address of its API server." },
    { "certificate_authority", &type_string, COMPUTED,
      .doc = "Certificates (PEM) of its certificate authority." },
    { "authentication_mode", &type_string, COMPUTED,
      .doc = "How identities are mapped: `API`, `API_AND_CONFIG_MAP` or `CONFIG_MAP`." },
    { "device_plugins", &type_string_map, COMPUTED,
      .doc =
          "NVIDIA device plugins: `NAMESPACE/NAME` of the DaemonSet to image and who manages it." },
    { "gpu_operator", &type_string, COMPUTED,
      .doc = "NVIDIA's GPU operator: its image and who manages it; null where there is none." },
    { "karpenter", &type_string, COMPUTED,
      .doc = "Karpenter: its image and who manages it; null where there is none." },
    { "karpenter_feature_gates", &type_string_map, COMPUTED,
      .doc = "Karpenter's feature gates that are set, like `NodeOverlay = \"true\"`." },
    { "dra_drivers", &type_string_list, COMPUTED,
      .doc = "Drivers of dynamic resource allocation that offer device classes." },
    { "custom_resources", &type_string_list, COMPUTED,
      .doc =
          "Kinds that GPU sharing uses and the cluster serves, like `karpenter.sh/v1 NodePool`." },
    { 0 },
};

static const struct value *text(struct arena *arena, struct str s)
{
    return s.at ? value_string(arena, s) : &value_null;
}

static struct str or_default(const struct value *config, const char *name, struct str fallback)
{
    struct str given = value_text(value_at(config, name));
    return given.at ? given : fallback;
}

static bool add_description(struct call *call, const struct context *context, struct str name,
                            struct str region, const struct value **state)
{
    const struct aws_client *aws = context_aws(call, context, region);
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("cluster_name"));
    struct eks_cluster found;
    if (!aws)
        return false;
    switch (eks_describe_cluster(call, at, aws, name, &found)) {
    case EKS_FAILED:
        return false;
    case EKS_ABSENT:
        return fail(call, at, "No such cluster", "EKS knows no cluster `%.*s` in %.*s.",
                    STR_ARG(name), STR_ARG(region));
    case EKS_FOUND:
        break;
    }
    const struct value_member members[] = {
        { STR("arn"), text(call->arena, found.arn) },
        { STR("status"), text(call->arena, found.status) },
        { STR("version"), text(call->arena, found.version) },
        { STR("endpoint"), text(call->arena, found.endpoint) },
        { STR("certificate_authority"), text(call->arena, found.ca_pem) },
        { STR("authentication_mode"), text(call->arena, found.authentication_mode) },
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        *state = value_with(call->arena, *state, members[i].name, members[i].value);
    return true;
}

static const struct value *read_cluster(struct call *call, const struct context *context,
                                        const struct value *config)
{
    struct str name = or_default(config, "cluster_name", context->cluster_name);
    struct str region = or_default(config, "region", context->region);
    if (context->connection_unknown || (!name.at && context->cluster_name_unknown))
        return fail_null(
            call, NULL, "The cluster is not known yet",
            "The provider's configuration is not known at plan. Give this data source a "
            "`depends_on` on what creates the cluster, so that it is read at apply.");
    const struct value *state = attr_empty(call->arena, rows);
    state = value_with(call->arena, state, STR("cluster_name"), text(call->arena, name));
    state = value_with(call->arena, state, STR("region"), text(call->arena, region));
    if (name.at && !add_description(call, context, name, region, &state))
        return NULL;
    const struct kubernetes_client *client;
    switch (context_kubernetes(call, context, name, region, &client)) {
    case NOT_REACHED:
        return NULL;
    case NO_SUCH_CLUSTER:
        return fail_null(call, NULL, "No such cluster", "EKS knows no cluster `%.*s` in %.*s.",
                         STR_ARG(name), STR_ARG(region));
    case REACHED:
        break;
    }
    return cluster_inventory_add(call, client, state);
}

const struct data_source cluster = {
    .name = "cluster",
    .doc = "An EKS cluster: its version and endpoint, and what of GPU sharing is installed in it "
           "and who "
           "manages it.",
    .rows = rows,
    .lists = cluster_inventory_kinds,
    .read = read_cluster,
};
