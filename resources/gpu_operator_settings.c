/* gpu_operator_settings: the sharing part of the ClusterPolicy that NVIDIA's GPU operator follows.
 */
#include "resources/kubernetes_object.h"
#include "resources/rows_common.h"
#include "schema/check.h"

static const char *const mig_strategies[] = { "none", "single", "mixed", NULL };

static const struct check check_mig_strategy = { check_words, .words = mig_strategies };

static bool mig_default_valid(struct str s)
{
    return str_is(s, "all-disabled") || !s.len;
}

static const struct check check_mig_default = { check_valid, .valid = mig_default_valid,
                                                .doc = "`all-disabled` or an empty text" };

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, OPTIONAL | COMPUTED | REPLACES, .api = "metadata.name",
      .default_json = "\"cluster-policy\"", .check = &check_dns_subdomain,
      .doc = "Name of the ClusterPolicy, which must exist." },
    { "device_plugin_config", &type_string, OPTIONAL, .api = "spec.devicePlugin.config.name",
      .server_default = "\"\"", .check = &check_dns_subdomain,
      .doc = "Name of the ConfigMap of sharing configurations (gpushare_time_slicing_config), in "
             "the operator's namespace." },
    { "default_config", &type_string, OPTIONAL, .api = "spec.devicePlugin.config.default",
      .server_default = "\"\"", .check = &check_config_key,
      .doc = "Key of that ConfigMap for nodes without the label `nvidia.com/device-plugin.config`. "
             "Without it those nodes share nothing." },
    { "mig_strategy", &type_string, OPTIONAL, .api = "spec.mig.strategy",
      .check = &check_mig_strategy,
      .doc = "How MIG instances are advertised: `none`, `single` (as `nvidia.com/gpu`) or `mixed` "
             "(as `nvidia.com/mig-PROFILE`). As the operator sets it in the plugin's environment, "
             "it wins over the configuration's `mig_strategy`." },
    { "mig_manager_config", &type_string, OPTIONAL, .api = "spec.migManager.config.name",
      .server_default = "\"\"", .check = &check_dns_subdomain,
      .doc = "Name of the ConfigMap of MIG layouts (gpushare_mig_config), in the operator's "
             "namespace." },
    { "mig_manager_default_config", &type_string, OPTIONAL, .api = "spec.migManager.config.default",
      .server_default = "\"all-disabled\"", .check = &check_mig_default,
      .doc = "Layout of nodes without the label `nvidia.com/mig.config`: `all-disabled`, or empty "
             "for none. The operator takes no other." },
    ROW_FORCE_CONFLICTS,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct rule rules[] = {
    { AT_LEAST_ONE_OF, NULL,
      "device_plugin_config default_config mig_strategy mig_manager_config "
      "mig_manager_default_config" },
    { RULES_END, NULL, NULL },
};

/* A key without its ConfigMap, and a ConfigMap without a key, are what people get wrong. */
static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    bool has_map = !value_is_null(value_at(config, "device_plugin_config"));
    bool has_key = !value_is_null(value_at(config, "default_config"));
    if (has_key && !has_map)
        warn(call, PATH_AT_ATTRIBUTE(NULL, STR("default_config")), "A key without its ConfigMap",
             "`default_config` is a key of the ConfigMap that the ClusterPolicy names; unless "
             "something else sets that name, set `device_plugin_config` too.");
    if (has_map && !has_key)
        warn(call, PATH_AT_ATTRIBUTE(NULL, STR("device_plugin_config")), "No default configuration",
             "Without `default_config` only nodes with the label `nvidia.com/device-plugin.config` "
             "share their GPUs; on all others the ConfigMap has no effect.");
    return true;
}

static const struct kubernetes_kind cluster_policy_kind = {
    .group = "nvidia.com",
    .version = "v1",
    .kind = "ClusterPolicy",
    .plural = "clusterpolicies",
    .manager = "gpushare-gpu-operator-settings",
    .part = true,
};

const struct resource gpu_operator_settings = {
    .name = "gpu_operator_settings",
    .doc =
        "The sharing part of an existing ClusterPolicy (`nvidia.com/v1`), which NVIDIA's GPU "
        "operator follows: these fields only. The ClusterPolicy itself stays its chart's; without "
        "one creating fails. Deleting gives the fields up: those that nobody else has set are "
        "removed, and the operator's defaults hold again.\n"
        "\n"
        "The operator's chart sets some of these fields itself (`mig.strategy` above all). Then "
        "creating fails, naming it, unless the values agree or `force_conflicts` is set; leave "
        "them out of the chart's values.\n"
        "\n"
        "The operator's device plugin does not follow a changed ConfigMap by itself: "
        "`nvidia-device-plugin-daemonset` has to be restarted.",
    .rows = rows,
    .rules = rules,
    .driver = &kubernetes_object_driver,
    .kubernetes = &cluster_policy_kind,
    .identity = "name",
    .timeouts = KUBERNETES_TIMEOUTS,
    .validate = validate,
};
