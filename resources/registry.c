/* The list of what the provider offers.
 *
 * To add a resource: write its file of rows, declare and list it here, give it an example under
 * examples/resources/ and case folders under tests/resources/; then `make docs`. */
#include "resources/resource.h"

#include <string.h>

extern const struct resource dra_device_class, dra_resource_claim, dra_resource_claim_template,
    gpu_operator_settings;
extern const struct resource karpenter_ec2_node_class, karpenter_node_overlay, karpenter_node_pool,
    mig_config, node_group, time_slicing_config;
extern const struct data_source cluster, cost_projection, instance_types, mig_profiles,
    sharing_recommendation;

const struct resource *const registry_resources[] = {
    &dra_device_class,
    &dra_resource_claim,
    &dra_resource_claim_template,
    &gpu_operator_settings,
    &karpenter_ec2_node_class,
    &karpenter_node_overlay,
    &karpenter_node_pool,
    &mig_config,
    &node_group,
    &time_slicing_config,
    NULL,
};

const struct data_source *const registry_data_sources[] = {
    &cluster, &cost_projection, &instance_types, &mig_profiles, &sharing_recommendation, NULL,
};

/* TYPE_NAME without the provider's prefix, or at == NULL. */
static struct str without_prefix(struct str type_name)
{
    if (!str_starts(type_name, TYPE_PREFIX))
        return (struct str){ 0 };
    return str_slice(type_name, strlen(TYPE_PREFIX), type_name.len);
}

const struct resource *registry_find_resource(struct str type_name)
{
    struct str name = without_prefix(type_name);
    for (size_t i = 0; name.at && registry_resources[i]; i++)
        if (str_is(name, registry_resources[i]->name))
            return registry_resources[i];
    return NULL;
}

const struct data_source *registry_find_data_source(struct str type_name)
{
    struct str name = without_prefix(type_name);
    for (size_t i = 0; name.at && registry_data_sources[i]; i++)
        if (str_is(name, registry_data_sources[i]->name))
            return registry_data_sources[i];
    return NULL;
}
