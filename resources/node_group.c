/* node_group: a managed node group of EKS for GPU nodes. */
#include "base/json.h"
#include "gpu/ami.h"
#include "resources/eks_object.h"
#include "resources/rows_sharing.h"
#include "resources/tags.h"
#include "schema/check.h"

enum node_group_call { CALL_NONE, CALL_VERSION, CALL_CONFIG, CALL_TAGS };

static const char *const capacity_types[] = { "ON_DEMAND", "SPOT", "CAPACITY_BLOCK", NULL };
static const char *const managers[] = { "terraform", "autoscaler", NULL };
static const char *const update_strategies[] = { "DEFAULT", "MINIMAL", NULL };
static const char *const pool_states[] = { "STOPPED", "RUNNING", "HIBERNATED", NULL };
static const char *const repair_actions[] = { "Replace", "Reboot", "NoAction", NULL };

static bool name_of_length_valid(struct str s, size_t longest)
{
    if (s.len < 1 || s.len > longest)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && (i == 0 || (c != '-' && c != '_')))
            return false;
    }
    return true;
}

static bool node_group_name_valid(struct str s)
{
    return name_of_length_valid(s, 63);
}

/* 18 characters are added to it. */
static bool node_group_prefix_valid(struct str s)
{
    return name_of_length_valid(s, 45);
}

static bool role_arn_valid(struct str s)
{
    return str_starts(s, "arn:") && str_contains(s, ":iam::") && str_contains(s, ":role/");
}

static const struct check check_name = {
    check_valid, .valid = node_group_name_valid,
    .doc = "1 to 63 letters, digits, `-` and `_`, starting with a letter or digit"
};
static const struct check check_name_prefix = {
    check_valid, .valid = node_group_prefix_valid,
    .doc = "1 to 45 letters, digits, `-` and `_`, starting with a letter or digit"
};
static const struct check check_role_arn = { check_valid, .valid = role_arn_valid,
                                             .doc = "the ARN of an IAM role, like "
                                                    "`arn:aws:iam::123456789012:role/NAME`" };
static const struct check check_capacity_type = { check_known_words, .words = capacity_types };
static const struct check check_managed_by = { check_words, .words = managers };
static const struct check check_update_strategy = { check_known_words, .words = update_strategies };
static const struct check check_pool_state = { check_known_words, .words = pool_states };
static const struct check check_repair_action = { check_known_words, .words = repair_actions };
static const struct check check_least_0 = { check_range, .min = 0, .max = INT64_MAX };
static const struct check check_least_1 = { check_range, .min = 1, .max = INT64_MAX };
static const struct check check_1_to_100 = { check_range, .min = 1, .max = 100, .doc = "1 to 100" };
static const struct check check_version_text = { check_length, .min = 1, .max = 255 };
static const struct check check_taint_key = { check_length, .min = 1, .max = 317 };

/* EKS answers {"name": "..."} for each group. */
static const struct value *name_of_group(struct arena *arena, const json_t *json)
{
    struct str name = json_str_at(json, "name");
    return name.at ? value_string(arena, name) : &value_null;
}

static const struct codec codec_group_name = { .from_api = name_of_group };

static const struct str *types_of(struct arena *arena, const struct value *object, size_t *count)
{
    const struct value *list = value_at(object, "instance_types");
    *count = 0;
    if (list->kind != VALUE_SEQUENCE)
        return NULL;
    struct str *names = ARENA_NEW_ARRAY(arena, struct str, list->count);
    for (size_t i = 0; i < list->count; i++)
        if (value_is_set(list->items[i]))
            names[(*count)++] = value_text(list->items[i]);
    return names;
}

/* With a launch template the image may be its own: EKS says then which type it is. */
static const struct value *derive_ami_type(struct call *call, const struct derivation *from)
{
    size_t count;
    const struct str *names = types_of(call->arena, from->planned, &count);
    if (!count || !value_is_null(value_at(from->planned, "launch_template")) ||
        !value_is_wholly_known(value_at(from->planned, "instance_types")))
        return NULL;
    const char *ami_type = ami_type_for(names, count);
    return ami_type ? value_string(call->arena, str_of(ami_type)) : NULL;
}

/* The one instance type that says what GPUs the nodes have, where all agree. */
static const struct instance_type *common_type(struct call *call, const struct derivation *from,
                                               bool *unknown)
{
    *unknown = !value_is_wholly_known(value_at(from->planned, "instance_types"));
    size_t count;
    const struct str *names = types_of(call->arena, from->planned, &count);
    const struct instance_type *common = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct instance_type *type = instance_type_find(names[i]);
        if (!type || (common && (common->gpu != type->gpu || common->gpus != type->gpus)))
            return NULL;
        common = type;
    }
    return common;
}

static const struct value *derive_gpu(struct call *call, const struct derivation *from)
{
    bool unknown;
    const struct instance_type *type = common_type(call, from, &unknown);
    if (unknown)
        return &value_unknown;
    return type ? value_string(call->arena, str_of(type->gpu->name)) : &value_null;
}

static const struct value *derive_gpus_per_node(struct call *call, const struct derivation *from)
{
    bool unknown;
    const struct instance_type *type = common_type(call, from, &unknown);
    if (unknown)
        return &value_unknown;
    return type ? value_int(call->arena, type->gpus) : &value_null;
}

static const struct attr scaling_rows[] = {
    { "min_size", &type_number, REQUIRED, .check = &check_least_0,
      .doc = "The least number of nodes." },
    { "max_size", &type_number, REQUIRED, .check = &check_least_1,
      .doc = "The greatest number of nodes." },
    { "desired_size", &type_number, OPTIONAL | COMPUTED, .check = &check_least_0,
      .foreign_when = "desired_size_managed_by=autoscaler",
      .doc = "The number of nodes. Under an autoscaler only the number to begin with." },
    { 0 },
};

static const struct attr taint_rows[] = {
    { "key", &type_string, REQUIRED, .check = &check_taint_key, .doc = "Key of the taint." },
    { "value", &type_string, OPTIONAL, .check = &check_label_value, .doc = "Value of the taint." },
    { "effect", &type_string, REQUIRED, .check = &check_taint_effect,
      .codec = &codec_eks_taint_effect, .doc = "What it does to pods." },
    { 0 },
};

static const struct attr update_config_rows[] = {
    { "max_unavailable", &type_number, OPTIONAL, .check = &check_1_to_100, .server_default = "1",
      .yields_to = "max_unavailable_percentage",
      .doc = "How many nodes may be unavailable during an update." },
    { "max_unavailable_percentage", &type_number, OPTIONAL, .check = &check_1_to_100,
      .doc = "The same as a percentage." },
    { "update_strategy", &type_string, OPTIONAL, .check = &check_update_strategy,
      .server_default = "\"DEFAULT\"",
      .doc = "`DEFAULT` launches new nodes first, `MINIMAL` terminates first: for capacity that is "
             "scarce." },
    { 0 },
};

static const struct attr launch_template_rows[] = {
    { "id", &type_string, OPTIONAL | COMPUTED | REPLACES, .doc = "Id of the launch template." },
    { "name", &type_string, OPTIONAL | COMPUTED | REPLACES, .yields_to = "id",
      .doc = "Name of the launch template." },
    { "version", &type_string, REQUIRED, .check = &check_version_text,
      .doc = "Version of the launch template." },
    { 0 },
};

static const struct attr remote_access_rows[] = {
    { "ec2_ssh_key", &type_string, OPTIONAL | REPLACES, .doc = "EC2 key pair for SSH." },
    { "source_security_group_ids", &type_string_set, OPTIONAL | REPLACES,
      .api = "sourceSecurityGroups",
      .doc = "Security groups that SSH is open to. Without them it is open to the world." },
    { 0 },
};

static const struct attr repair_override_rows[] = {
    { "node_monitoring_condition", &type_string, REQUIRED, .doc = "The condition that is meant." },
    { "node_unhealthy_reason", &type_string, REQUIRED, .doc = "The reason that is meant." },
    { "min_repair_wait_time_mins", &type_number, REQUIRED, .check = &check_least_1,
      .doc = "Minutes to wait before the repair." },
    { "repair_action", &type_string, REQUIRED, .check = &check_repair_action,
      .doc = "`Replace`, `Reboot` or `NoAction`." },
    { 0 },
};

static const struct attr node_repair_rows[] = {
    { "enabled", &type_bool, REQUIRED, .doc = "Whether EKS repairs unhealthy nodes." },
    { "max_unhealthy_node_threshold_count", &type_number, OPTIONAL, .check = &check_least_1,
      .doc = "With more unhealthy nodes than this nothing is repaired." },
    { "max_unhealthy_node_threshold_percentage", &type_number, OPTIONAL, .check = &check_1_to_100,
      .doc = "The same as a percentage." },
    { "max_parallel_nodes_repaired_count", &type_number, OPTIONAL, .check = &check_least_1,
      .doc = "How many nodes are repaired at a time." },
    { "max_parallel_nodes_repaired_percentage", &type_number, OPTIONAL, .check = &check_1_to_100,
      .doc = "The same as a percentage." },
    { "override", NULL, .nesting = BLOCK_LIST, .rows = repair_override_rows,
      .api = "nodeRepairConfigOverrides", .doc = "What is done for one condition and reason." },
    { 0 },
};

static const struct attr warm_pool_rows[] = {
    { "enabled", &type_bool, OPTIONAL | COMPUTED, .default_json = "true",
      .doc = "Whether the pool is kept." },
    { "min_size", &type_number, OPTIONAL, .check = &check_least_0, .server_default = "0",
      .doc = "The least number of instances in the pool." },
    { "max_group_prepared_capacity", &type_number, OPTIONAL, .server_default = "-1",
      .doc = "The most instances in the pool and in service together; -1 is no limit." },
    { "pool_state", &type_string, OPTIONAL, .check = &check_pool_state,
      .server_default = "\"STOPPED\"",
      .doc = "State of the instances in the pool: `STOPPED`, `RUNNING` or `HIBERNATED`." },
    { "reuse_on_scale_in", &type_bool, OPTIONAL, .server_default = "false",
      .doc = "Whether instances go back to the pool when the group shrinks." },
    { 0 },
};

static const struct attr sharing_rows[] = SHARING_ROWS("labels", REPLACES);

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "node_group_name", &type_string, OPTIONAL | COMPUTED | REPLACES, .api = "nodegroupName",
      .check = &check_name, .doc = "Name of the node group. Generated when left out." },
    { "node_group_name_prefix", &type_string, OPTIONAL | REPLACES | UNSENT,
      .check = &check_name_prefix, .doc = "What a generated name starts with." },
    { "node_role_arn", &type_string, REQUIRED | REPLACES, .api = "nodeRole",
      .check = &check_role_arn, .doc = "IAM role of the nodes." },
    { "subnet_ids", &type_string_set, REQUIRED | REPLACES, .api = "subnets",
      .doc = "Subnets that nodes are launched in." },
    { "instance_types", &type_string_list, OPTIONAL | COMPUTED | REPLACES,
      .doc = "Instance types of the nodes. With `SPOT` give several." },
    { "ami_type", &type_string, OPTIONAL | COMPUTED | REPLACES | ONCE, .derive = derive_ami_type,
      .doc =
          "AMI type of the nodes. Chosen from the instance types when left out, and kept then." },
    { "capacity_type", &type_string, OPTIONAL | COMPUTED | REPLACES,
      .default_json = "\"ON_DEMAND\"", .check = &check_capacity_type,
      .doc = "`ON_DEMAND`, `SPOT` or `CAPACITY_BLOCK`." },
    { "disk_size", &type_number, OPTIONAL | COMPUTED | REPLACES, .check = &check_least_1,
      .doc = "Size of the root volume in GiB. EKS' default is 20." },
    { "version", &type_string, OPTIONAL | COMPUTED, .call = CALL_VERSION,
      .doc = "Kubernetes version of the nodes. The cluster's when left out." },
    { "release_version", &type_string, OPTIONAL | COMPUTED, .call = CALL_VERSION,
      .derived_from = "version", .doc = "Release of the AMI. The latest when left out." },
    { "force_update_version", &type_bool, OPTIONAL | UNSENT, .api = "force", .call = CALL_VERSION,
      .doc = "Update also where pods cannot be drained." },
    { "scaling_config", NULL, .nesting = BLOCK_SINGLE, .rows = scaling_rows, .call = CALL_CONFIG,
      .min_items = 1, .max_items = 1, .doc = "How many nodes there are." },
    { "desired_size_managed_by", &type_string, OPTIONAL | COMPUTED | UNSENT,
      .default_json = "\"terraform\"", .check = &check_managed_by,
      .doc = "Who decides the number of nodes: `terraform`, or an `autoscaler`, whose number is "
             "then neither drift nor changed." },
    { "labels", &type_string_map, OPTIONAL, .call = CALL_CONFIG, .form = FORM_MAP_DELTA,
      .check = &check_label_value, .key_check = &check_label_key, .doc = "Labels of the nodes." },
    { "taint", NULL, .nesting = BLOCK_LIST, .rows = taint_rows, .api = "taints", .max_items = 50,
      .key = "key effect", .call = CALL_CONFIG, .form = FORM_SET_DELTA,
      .doc = "Taints of the nodes." },
    { "update_config", NULL, .nesting = BLOCK_SINGLE, .rows = update_config_rows,
      .call = CALL_CONFIG,
      .server_default = "{\"maxUnavailable\":1,\"updateStrategy\":\"DEFAULT\"}",
      .doc = "How updates proceed." },
    { "launch_template", NULL, REPLACES, .nesting = BLOCK_SINGLE, .rows = launch_template_rows,
      .call = CALL_VERSION, .doc = "Launch template of the nodes." },
    { "remote_access", NULL, REPLACES, .nesting = BLOCK_SINGLE, .rows = remote_access_rows,
      .doc = "SSH access to the nodes." },
    { "node_repair_config", NULL, .nesting = BLOCK_SINGLE, .rows = node_repair_rows,
      .call = CALL_CONFIG, .server_default = "{\"enabled\":false}",
      .doc = "How EKS repairs unhealthy nodes." },
    { "warm_pool_config", NULL, .nesting = BLOCK_SINGLE, .rows = warm_pool_rows,
      .call = CALL_CONFIG, .server_default = "{\"enabled\":false}",
      .doc = "Instances that are kept ready to join." },
    ROW_SHARING("labels", sharing_rows, ),
    ROWS_TAGS(CALL_TAGS),
    { "arn", &type_string, COMPUTED | STABLE | READ_ONLY, .api = "nodegroupArn",
      .doc = "ARN of the node group." },
    { "status", &type_string, COMPUTED | READ_ONLY, .doc = "Status of the node group." },
    { "autoscaling_group_names", &type_string_list, COMPUTED | STABLE | READ_ONLY,
      .api = "resources.autoScalingGroups", .codec = &codec_group_name,
      .doc = "Auto Scaling groups of the node group." },
    { "gpu", &type_string, COMPUTED | UNSENT, .derive = derive_gpu,
      .doc = "GPU of the nodes, like `v100`; null where the instance types differ in it." },
    { "gpus_per_node", &type_number, COMPUTED | UNSENT, .derive = derive_gpus_per_node,
      .doc = "GPUs of each node; null where the instance types differ in it." },
    ROW_TIMEOUTS,
    { 0 },
};

static const struct rule rules[] = {
    { AT_MOST_ONE_OF, NULL, "node_group_name node_group_name_prefix" },
    { AT_MOST_ONE_OF, NULL, "disk_size launch_template" },
    { AT_MOST_ONE_OF, NULL, "remote_access launch_template" },
    { AT_LEAST_ONE_OF, NULL, "instance_types launch_template" },
    { EXACTLY_ONE_OF, "launch_template", "id name" },
    { AT_MOST_ONE_OF, "update_config", "max_unavailable max_unavailable_percentage" },
    { AT_MOST_ONE_OF, "node_repair_config",
      "max_unhealthy_node_threshold_count max_unhealthy_node_threshold_percentage" },
    { AT_MOST_ONE_OF, "node_repair_config",
      "max_parallel_nodes_repaired_count max_parallel_nodes_repaired_percentage" },
    { 0 },
};

static bool check_instance_types(struct call *call, const struct value *config)
{
    bool ok = true;
    size_t count;
    const struct str *names = types_of(call->arena, config, &count);
    for (size_t i = 0; i < count; i++) {
        struct problems problems = problems_make(call->arena);
        instance_type_check(names[i], NULL, &problems);
        ok &= problems_report(
            call, PATH_AT_INDEX(PATH_AT_ATTRIBUTE(NULL, STR("instance_types")), (int64_t)i),
            "Instance type cannot be used", &problems);
    }
    struct str ami_type = value_text(value_at(config, "ami_type"));
    if (count && ami_type.at) {
        struct problems problems = problems_make(call->arena);
        ami_type_check(ami_type, names, count, value_text(value_at(config, "version")), &problems);
        ok &= problems_report(call, NULL, "AMI type does not fit", &problems);
    }
    if (count && !ami_type.at && value_is_null(value_at(config, "ami_type")) &&
        value_is_null(value_at(config, "launch_template")) && !ami_type_for(names, count))
        ok = fail(call, PATH_AT_ATTRIBUTE(NULL, STR("instance_types")),
                  "Instance types of two architectures",
                  "One node group has one AMI, so its instance types must all be x86 or all be "
                  "arm. Make a "
                  "node group for each.");
    return ok;
}

static bool check_scaling(struct call *call, const struct value *config)
{
    const struct value *scaling = value_at(config, "scaling_config");
    const struct path *at = PATH_AT_ATTRIBUTE(NULL, STR("scaling_config"));
    int64_t min = 0;
    int64_t max = INT64_MAX;
    int64_t desired;
    (void)value_to_int(value_at(scaling, "min_size"), &min);
    (void)value_to_int(value_at(scaling, "max_size"), &max);
    if (min > max)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("min_size")), "Sizes contradict each other",
                    "`min_size` is %lld, above the `max_size` of %lld.", (long long)min,
                    (long long)max);
    if (!value_to_int(value_at(scaling, "desired_size"), &desired))
        return true;
    if (desired < min || desired > max)
        return fail(call, PATH_AT_ATTRIBUTE(at, STR("desired_size")), "Sizes contradict each other",
                    "Expected `desired_size` from %lld to %lld, found %lld.", (long long)min,
                    (long long)max, (long long)desired);
    return true;
}

static bool check_mig(struct call *call, const struct value *config)
{
    const struct path *at =
        PATH_AT_ATTRIBUTE(PATH_AT_ATTRIBUTE(NULL, STR("sharing")), STR("mig_layout"));
    bool ok = true;
    size_t count;
    const struct str *names = types_of(call->arena, config, &count);
    if (!value_is_set(value_at(value_at(config, "sharing"), "mig_layout")))
        return true;
    for (size_t i = 0; i < count; i++) {
        const struct gpu_model *gpu = instance_type_gpu(names[i]);
        if (gpu && !gpu->mig)
            ok = fail(call, at, "No MIG on this GPU",
                      "%.*s has the %s, which cannot be divided by MIG. Leave `mig_layout` out, or "
                      "choose p4d, "
                      "p4de, p5, p5e, p5en, p6, p6e, g7 or g7e instances.",
                      STR_ARG(names[i]), gpu->marketing);
    }
    return ok;
}

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    bool ok = check_instance_types(call, config);
    ok &= check_scaling(call, config);
    ok &= check_mig(call, config);
    ok &= taints_check(call, "taint", value_at(config, "taint"));
    return sharing_check_labels(call, config) && ok;
}

static const struct eks_object eks = {
    .collection = "/clusters/{cluster_name}/node-groups",
    .item = "/clusters/{cluster_name}/node-groups/{node_group_name}",
    .member = "nodegroup",
    .updates = { [CALL_VERSION] =
                     "/clusters/{cluster_name}/node-groups/{node_group_name}/update-version",
                 [CALL_CONFIG] =
                     "/clusters/{cluster_name}/node-groups/{node_group_name}/update-config" },
    .tags_call = CALL_TAGS,
    .update_item = "/clusters/{cluster_name}/updates/{update_id}",
    .update_query = "nodegroupName={node_group_name}",
};

const struct resource node_group = {
    .name = "node_group",
    .doc = "A managed node group of Amazon EKS for GPU nodes. It chooses the AMI that has the "
           "GPU's driver, "
           "labels the nodes for sharing, and leaves the number of nodes to an autoscaler where "
           "asked.",
    .rows = rows,
    .rules = rules,
    .driver = &eks_object_driver,
    .eks = &eks,
    .identity = "node_group_name",
    .needs_cluster = true,
    .generated_name = "node_group_name",
    .timeouts = { .create_s = 3600, .read_s = 120, .update_s = 3600, .delete_s = 3600 },
    .validate = validate,
};
