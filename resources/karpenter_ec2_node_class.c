/* karpenter_ec2_node_class: how Karpenter launches EC2 instances as nodes. */
#include "gpu/ec2_node_class.h"
#include "resources/bottlerocket_block.h"
#include "resources/ec2_node_class_check.h"
#include "resources/kubernetes_object.h"
#include "schema/check.h"

static const char *const ami_families[] = { "AL2",         "AL2023",      "Bottlerocket", "Custom",
                                            "Windows2019", "Windows2022", "Windows2025",  NULL };
static const char *const volume_types[] = { "standard", "io1", "io2", "gp2",
                                            "sc1",      "st1", "gp3", NULL };
static const char *const match_criteria[] = { "open", "targeted", NULL };
static const char *const switches[] = { "enabled", "disabled", NULL };
static const char *const token_uses[] = { "required", "optional", NULL };
static const char *const interface_types[] = { "interface", "efa-only", NULL };
static const char *const store_policies[] = { "RAID0", NULL };
static const char *const eviction_signals[] = { "memory.available",
                                                "nodefs.available",
                                                "nodefs.inodesFree",
                                                "imagefs.available",
                                                "imagefs.inodesFree",
                                                "pid.available",
                                                NULL };
static const char *const reserved_resources[] = { "cpu", "memory", "ephemeral-storage", "pid",
                                                  NULL };

static const struct check check_ami_family = { check_known_words, .words = ami_families };
static const struct check check_volume_type = { check_known_words, .words = volume_types };
static const struct check check_match_criteria = { check_words, .words = match_criteria };
static const struct check check_switch = { check_words, .words = switches };
static const struct check check_tokens = { check_words, .words = token_uses };
static const struct check check_interface_type = { check_known_words, .words = interface_types };
static const struct check check_store_policy = { check_known_words, .words = store_policies };
static const struct check check_signal = { check_words, .words = eviction_signals };
static const struct check check_reserved_key = { check_words, .words = reserved_resources };
static const struct check check_not_empty = { check_length, .min = 1, .max = 2048 };
static const struct check check_natural = { check_range, .min = 0, .max = INT32_MAX };
static const struct check check_positive = { check_range, .min = 1, .max = INT64_MAX };
static const struct check check_percent = { check_range, .min = 0, .max = 100 };
static const struct check check_hops = { check_range, .min = 1, .max = 64 };
static const struct check check_initialization = { check_range, .min = 100, .max = 300 };
static const struct check check_tcp = { check_range, .min = 60, .max = 432000 };
static const struct check check_udp_stream = { check_range, .min = 60, .max = 180 };
static const struct check check_udp = { check_range, .min = 30, .max = 60 };
static const struct check check_alias = { check_valid, .valid = ami_alias_valid,
                                          .doc = "`family@version`, at most 30 characters, like "
                                                 "`al2023@latest`" };
static const struct check check_ami_id = { check_valid, .valid = ami_id_valid,
                                           .doc = "an AMI's id, like `ami-0123456789abcdef0`" };
static const struct check check_subnet_id = { check_valid, .valid = subnet_id_valid,
                                              .doc = "a subnet's id, like "
                                                     "`subnet-0123456789abcdef0`" };
static const struct check check_security_group_id = { check_valid, .valid = security_group_id_valid,
                                                      .doc = "a security group's id, like "
                                                             "`sg-0123456789abcdef0`" };
static const struct check check_reservation_id = { check_valid,
                                                   .valid = capacity_reservation_id_valid,
                                                   .doc = "a capacity reservation's id, like "
                                                          "`cr-0123456789abcdef0`" };
static const struct check check_placement_group_id = { check_valid,
                                                       .valid = placement_group_id_valid,
                                                       .doc = "a placement group's id, like "
                                                              "`pg-0123456789abcdef0`" };
static const struct check check_account = { check_valid, .valid = aws_account_id_valid,
                                            .doc = "an AWS account's 12 digits" };
static const struct check check_volume_size = { check_valid, .valid = volume_size_valid,
                                                .doc = "a size in `Gi`, `G`, `Ti` or `T`, like "
                                                       "`100Gi`" };
static const struct check check_reserved = { check_valid, .valid = reserved_quantity_valid,
                                             .doc = "a quantity that is not negative, like `100m` "
                                                    "or `1Gi`" };
static const struct check check_threshold = { check_valid, .valid = eviction_threshold_valid,
                                              .doc = "a quantity or a percentage, like `500Mi` or "
                                                     "`10%`" };

#define ROW_TERM_TAGS(WHAT)                                                                        \
    {                                                                                              \
        "tags", &type_string_map, OPTIONAL,                                                        \
            .check = &check_not_empty, .key_check = &check_not_empty,                              \
            .doc = "Tags of the " WHAT "; the value `*` stands for any."                           \
    }

static const struct attr ami_rows[] = {
    { "alias", &type_string, OPTIONAL, .check = &check_alias,
      .doc = "An EKS-optimised AMI as `family@version`: `al2023@latest`, `bottlerocket@v1.54.0`. "
             "Karpenter takes the variant with NVIDIA's driver for GPU instances by itself. It "
             "must be the only term." },
    { "id", &type_string, OPTIONAL, .check = &check_ami_id, .doc = "Id of an AMI." },
    { "name", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Name of an AMI; it may hold `*`." },
    { "owner", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Owner of the AMI: an account's id, `self`, `amazon` or `aws-marketplace`." },
    { "ssm_parameter", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Name or ARN of an SSM parameter that holds an AMI's id." },
    ROW_TERM_TAGS("AMI"),
    { 0 },
};

static const struct attr subnet_rows[] = {
    { "id", &type_string, OPTIONAL, .check = &check_subnet_id, .doc = "Id of a subnet." },
    ROW_TERM_TAGS("subnets"),
    { 0 },
};

static const struct attr security_group_rows[] = {
    { "id", &type_string, OPTIONAL, .check = &check_security_group_id,
      .doc = "Id of a security group." },
    { "name", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Name of a security group." },
    ROW_TERM_TAGS("security groups"),
    { 0 },
};

static const struct attr reservation_rows[] = {
    { "id", &type_string, OPTIONAL, .check = &check_reservation_id,
      .doc = "Id of a capacity reservation." },
    { "owner_id", &type_string, OPTIONAL, .api = "ownerID", .check = &check_account,
      .doc = "Account that owns it." },
    { "instance_match_criteria", &type_string, OPTIONAL, .check = &check_match_criteria,
      .doc = "How instances are matched with it: `open` or `targeted`." },
    ROW_TERM_TAGS("reservations"),
    { 0 },
};

static const struct attr placement_group_rows[] = {
    { "id", &type_string, OPTIONAL, .check = &check_placement_group_id,
      .doc = "Id of the placement group." },
    { "name", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Name of the placement group." },
    { 0 },
};

static const struct attr ebs_rows[] = {
    { "volume_size", &type_string, OPTIONAL, .check = &check_volume_size, .codec = &codec_quantity,
      .doc = "Size of the volume, like `100Gi`. Images with CUDA are large: the default root "
             "volume has 20 GiB." },
    { "volume_type", &type_string, OPTIONAL, .check = &check_volume_type,
      .doc = "Type of the volume, like `gp3`." },
    { "iops", &type_number, OPTIONAL, .check = &check_positive,
      .doc = "I/O operations a second, of `gp3`, `io1` and `io2`." },
    { "throughput", &type_number, OPTIONAL, .check = &check_positive,
      .doc = "MiB/s of a `gp3` volume." },
    { "encrypted", &type_bool, OPTIONAL, .doc = "Whether the volume is encrypted." },
    { "kms_key_id", &type_string, OPTIONAL, .api = "kmsKeyID", .check = &check_not_empty,
      .doc = "KMS key that encrypts it." },
    { "snapshot_id", &type_string, OPTIONAL, .api = "snapshotID", .check = &check_not_empty,
      .doc = "Snapshot that it is made of, for example with images already pulled." },
    { "volume_initialization_rate", &type_number, OPTIONAL, .check = &check_initialization,
      .doc = "MiB/s at which the snapshot is downloaded, 100 to 300." },
    { "delete_on_termination", &type_bool, OPTIONAL,
      .doc = "Whether the volume goes with the instance." },
    { 0 },
};

static const struct attr block_device_rows[] = {
    { "device_name", &type_string, OPTIONAL, .check = &check_not_empty,
      .doc = "Name of the device, like `/dev/xvda`." },
    { "root_volume", &type_bool, OPTIONAL,
      .doc = "Whether kubelet's folder is on it; at most one may be." },
    { "ebs", NULL, .nesting = BLOCK_SINGLE, .rows = ebs_rows, .doc = "The EBS volume." },
    { 0 },
};

static const struct attr metadata_rows[] = {
    { "http_endpoint", &type_string, OPTIONAL, .check = &check_switch,
      .server_default = "\"enabled\"", .api = "httpEndpoint",
      .doc = "Whether the metadata service answers: `enabled` (default) or `disabled`." },
    { "http_protocol_ipv6", &type_string, OPTIONAL, .api = "httpProtocolIPv6",
      .check = &check_switch, .server_default = "\"disabled\"",
      .doc = "Whether it answers over IPv6: `enabled` or `disabled` (default)." },
    { "http_put_response_hop_limit", &type_number, OPTIONAL, .check = &check_hops,
      .server_default = "1",
      .doc = "How far an answer may travel, 1 (default) to 64. Pods without host network need 2." },
    { "http_tokens", &type_string, OPTIONAL, .check = &check_tokens,
      .server_default = "\"required\"",
      .doc = "Whether requests need a token: `required` (default) or `optional`." },
    { 0 },
};

#define METADATA_DEFAULTS                                                                          \
    "{\"httpEndpoint\":\"enabled\",\"httpProtocolIPv6\":\"disabled\","                             \
    "\"httpPutResponseHopLimit\":1,\"httpTokens\":\"required\"}"

static const struct attr kubelet_rows[] = {
    { "cluster_dns", &type_string_list, OPTIONAL, .api = "clusterDNS", .check = &check_not_empty,
      .doc = "Addresses of the cluster's DNS server." },
    { "max_pods", &type_number, OPTIONAL, .check = &check_natural,
      .doc = "The most pods of a node. Many small shares need many pods." },
    { "pods_per_core", &type_number, OPTIONAL, .check = &check_natural,
      .doc = "The most pods for each core." },
    { "system_reserved", &type_string_map, OPTIONAL, .check = &check_reserved,
      .key_check = &check_reserved_key, .codec = &codec_quantity,
      .doc = "What is kept for the system, by resource: `cpu`, `memory`, `ephemeral-storage`, "
             "`pid`." },
    { "kube_reserved", &type_string_map, OPTIONAL, .check = &check_reserved,
      .key_check = &check_reserved_key, .codec = &codec_quantity,
      .doc = "What is kept for Kubernetes itself, by the same resources." },
    { "eviction_hard", &type_string_map, OPTIONAL, .check = &check_threshold,
      .key_check = &check_signal, .codec = &codec_quantity,
      .doc = "Thresholds at which pods are evicted at once, by signal (`memory.available`, ...)." },
    { "eviction_soft", &type_string_map, OPTIONAL, .check = &check_threshold,
      .key_check = &check_signal, .codec = &codec_quantity,
      .doc = "Thresholds at which pods are evicted after a grace period, by signal." },
    { "eviction_soft_grace_period", &type_string_map, OPTIONAL, .check = &check_positive_duration,
      .key_check = &check_signal, .codec = &codec_duration,
      .doc = "Those grace periods, for exactly the signals of `eviction_soft`." },
    { "eviction_max_pod_grace_period", &type_number, OPTIONAL, .check = &check_natural,
      .doc = "The longest grace period of a pod in a soft eviction, in seconds." },
    { "image_gc_high_threshold_percent", &type_number, OPTIONAL, .check = &check_percent,
      .api = "imageGCHighThresholdPercent",
      .doc = "Disk usage in percent from which on images are removed." },
    { "image_gc_low_threshold_percent", &type_number, OPTIONAL, .check = &check_percent,
      .api = "imageGCLowThresholdPercent", .doc = "Disk usage in percent down to which they are." },
    { "cpu_cfs_quota", &type_bool, OPTIONAL, .api = "cpuCFSQuota",
      .doc = "Whether CPU limits are enforced." },
    { 0 },
};

static const struct attr network_interface_rows[] = {
    { "network_card_index", &type_number, REQUIRED, .check = &check_natural,
      .doc = "Index of the network card." },
    { "device_index", &type_number, REQUIRED, .check = &check_natural,
      .doc = "Index of the device." },
    { "interface_type", &type_string, REQUIRED, .check = &check_interface_type,
      .doc = "Type: `interface` or `efa-only`." },
    { 0 },
};

static const struct attr connection_tracking_rows[] = {
    { "tcp_established_timeout", &type_number, OPTIONAL, .check = &check_tcp,
      .doc = "Seconds of idle established TCP connections, 60 to 432000." },
    { "udp_stream_timeout", &type_number, OPTIONAL, .check = &check_udp_stream,
      .doc = "Seconds of idle UDP streams, 60 to 180." },
    { "udp_timeout", &type_number, OPTIONAL, .check = &check_udp,
      .doc = "Seconds of idle UDP flows in one direction, 30 to 60." },
    { 0 },
};

static const struct attr cpu_rows[] = {
    { "nested_virtualization", &type_string, OPTIONAL, .check = &check_switch,
      .doc = "`enabled` or `disabled`; only types that can do it are launched when enabled." },
    { 0 },
};

#define SPEC_BLOCK_LIST(NAME, ROWS, API, MIN, MAX, DOC)                                            \
    {                                                                                              \
        NAME, NULL, .nesting = BLOCK_LIST, .rows = (ROWS), .api = "spec." API, .min_items = (MIN), \
                    .max_items = (MAX), .doc = (DOC)                                               \
    }
#define SPEC_BLOCK(NAME, ROWS, API, DOC)                                                           \
    {                                                                                              \
        NAME, NULL, .nesting = BLOCK_SINGLE, .rows = (ROWS), .api = "spec." API, .doc = (DOC)      \
    }

static const struct attr rows[] = {
    ROWS_CLUSTER,
    { "name", &type_string, REQUIRED | REPLACES, .api = "metadata.name",
      .check = &check_dns_subdomain, .doc = "Name of the EC2NodeClass." },
    { "labels", &type_string_map, OPTIONAL, .api = "metadata.labels", .check = &check_label_value,
      .key_check = &check_label_key, .doc = "Labels of the EC2NodeClass itself." },
    { "annotations", &type_string_map, OPTIONAL, .api = "metadata.annotations",
      .key_check = &check_label_key,
      .foreign_keys = "kubectl.kubernetes.io/ karpenter.k8s.aws/ec2nodeclass-hash",
      .doc = "Annotations of the EC2NodeClass itself." },
    SPEC_BLOCK_LIST("ami_selector_term", ami_rows, "amiSelectorTerms", 1, 30,
                    "Which AMIs nodes may have; one of the terms must hold."),
    { "ami_family", &type_string, OPTIONAL, .api = "spec.amiFamily", .check = &check_ami_family,
      .doc = "Family of the AMI, which decides the form of user data: `AL2023`, `Bottlerocket`, "
             "`Custom`, ... It follows from an alias, and is needed without one." },
    SPEC_BLOCK_LIST("subnet_selector_term", subnet_rows, "subnetSelectorTerms", 1, 30,
                    "In which subnets nodes are launched; one of the terms must hold."),
    SPEC_BLOCK_LIST("security_group_selector_term", security_group_rows,
                    "securityGroupSelectorTerms", 1, 30,
                    "Which security groups nodes get; one of the terms must hold."),
    SPEC_BLOCK_LIST("capacity_reservation_selector_term", reservation_rows,
                    "capacityReservationSelectorTerms", 0, 30,
                    "Which capacity reservations may be used; one of the terms must hold."),
    SPEC_BLOCK("placement_group_selector", placement_group_rows, "placementGroupSelector",
               "The placement group of the nodes."),
    { "role", &type_string, OPTIONAL, .api = "spec.role", .check = &check_not_empty,
      .doc = "IAM role of the nodes, by its name; Karpenter makes the instance profile." },
    { "instance_profile", &type_string, OPTIONAL, .api = "spec.instanceProfile",
      .check = &check_not_empty, .doc = "Instance profile of the nodes, instead of `role`." },
    { "user_data", &type_string, OPTIONAL | UNSENT, .parse = parse_user_data,
      .doc = "User data of the nodes, in the form of the AMI's family (MIME or NodeConfig for "
             "AL2023, TOML for Bottlerocket). Karpenter merges its own into it." },
    { "bottlerocket_settings", NULL, UNSENT, .nesting = BLOCK_SINGLE, .rows = bottlerocket_rows,
      .parse = parse_bottlerocket_block,
      .doc = "How Bottlerocket's built-in device plugin shares GPUs, as TOML behind `user_data`. "
             "It holds for all GPUs of a node." },
    { "rendered_user_data", &type_string, COMPUTED, .api = "spec.userData",
      .derive = derive_user_data, .derived_equal = same_user_data,
      .parse = parse_rendered_user_data, .doc = "User data as Karpenter gets it." },
    SPEC_BLOCK_LIST("block_device_mapping", block_device_rows, "blockDeviceMappings", 0, 50,
                    "A volume of the nodes."),
    { "instance_store_policy", &type_string, OPTIONAL, .api = "spec.instanceStorePolicy",
      .check = &check_store_policy,
      .doc = "`RAID0`: the instance's own disks become kubelet's and containerd's storage." },
    { "metadata_options", NULL, .nesting = BLOCK_SINGLE, .rows = metadata_rows,
      .api = "spec.metadataOptions", .server_default = METADATA_DEFAULTS,
      .doc = "The instances' metadata service." },
    SPEC_BLOCK("kubelet", kubelet_rows, "kubelet", "Settings of the nodes' kubelet."),
    SPEC_BLOCK_LIST("network_interface", network_interface_rows, "networkInterfaces", 0, 150,
                    "A network interface of the nodes, for EFA."),
    SPEC_BLOCK("connection_tracking", connection_tracking_rows, "connectionTracking",
               "Timeouts of idle connections."),
    SPEC_BLOCK("cpu_options", cpu_rows, "cpuOptions", "Options of the instances' CPU."),
    { "associate_public_ip_address", &type_bool, OPTIONAL, .api = "spec.associatePublicIPAddress",
      .doc = "Whether nodes get a public address." },
    { "ip_prefix_count", &type_number, OPTIONAL, .api = "spec.ipPrefixCount",
      .check = &check_natural, .doc = "IPv4 prefixes of the network interface." },
    { "detailed_monitoring", &type_bool, OPTIONAL, .api = "spec.detailedMonitoring",
      .doc = "Whether CloudWatch gets metrics every minute." },
    { "context", &type_string, OPTIONAL, .api = "spec.context",
      .doc = "EC2's reserved context of a fleet." },
    { "tags", &type_string_map, OPTIONAL, .api = "spec.tags",
      .doc = "Tags of what Karpenter makes in EC2: instances, volumes, launch templates." },
    ROWS_KUBERNETES_WRITE,
    ROW_TIMEOUTS,
    { 0 },
};

static const struct rule rules[] = {
    { EXACTLY_ONE_OF, NULL, "role instance_profile" },
    { AT_LEAST_ONE_OF, "ami_selector_term", "alias id name ssm_parameter tags" },
    { EXACTLY_ONE_OF, "subnet_selector_term", "id tags" },
    { EXACTLY_ONE_OF, "security_group_selector_term", "id name tags" },
    { AT_LEAST_ONE_OF, "capacity_reservation_selector_term", "id instance_match_criteria tags" },
    { EXACTLY_ONE_OF, "placement_group_selector", "id name" },
    { AT_LEAST_ONE_OF, "connection_tracking",
      "tcp_established_timeout udp_stream_timeout udp_timeout" },
    { RULES_END, NULL, NULL },
};

static bool validate(struct call *call, const struct context *context, const struct value *config)
{
    (void)context;
    return ec2_node_class_check(call, config);
}

static const struct kubernetes_kind node_class_kind = {
    .group = "karpenter.k8s.aws",
    .version = "v1",
    .kind = "EC2NodeClass",
    .plural = "ec2nodeclasses",
};

const struct resource karpenter_ec2_node_class = {
    .name = "karpenter_ec2_node_class",
    .doc =
        "A Karpenter EC2NodeClass (`karpenter.k8s.aws/v1`): how a pool's nodes are launched. The "
        "rules of its CRD are checked at plan; deleting it waits until no NodeClaim uses it.\n"
        "\n"
        "On Bottlerocket the device plugin is a service of the host: nodes share GPUs by "
        "`bottlerocket_settings` here, take no ConfigMap, and must not get a DaemonSet plugin as "
        "well (no `sharing` block in their NodePool). A change drifts the nodes, which Karpenter "
        "then replaces.\n"
        "\n"
        "EKS Auto Mode has node classes of its own (`eks.amazonaws.com`), without user data: "
        "sharing cannot be set up there, and this resource's kind does not exist unless Karpenter "
        "is installed too.",
    .rows = rows,
    .rules = rules,
    .driver = &kubernetes_object_driver,
    .kubernetes = &node_class_kind,
    .identity = "name",
    .timeouts = { .create_s = 60, .read_s = 60, .update_s = 60, .delete_s = 1800 },
    .validate = validate,
};
