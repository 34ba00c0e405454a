# Four V100s on each node. The autoscaler decides how many nodes there are, from one to three.
resource "gpushare_node_group" "gpu" {
  node_group_name         = "gpu-node-group"
  node_role_arn           = "arn:aws:iam::123456789012:role/gpu-node"
  subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  instance_types          = ["p3.8xlarge"]
  desired_size_managed_by = "autoscaler"

  labels = {
    "eks-node" = "gpu"
  }

  scaling_config {
    min_size     = 1
    max_size     = 3
    desired_size = 1
  }

  taint {
    key    = "nvidia.com/gpu"
    value  = "true"
    effect = "NO_SCHEDULE"
  }

  # The nodes use the configuration with the key "any" of a gpushare_time_slicing_config.
  sharing {
    config_key = "any"
  }
}
