# GPU sharing on one EKS cluster: nodes with GPUs, what divides their GPUs, and a Karpenter pool.
# What each part is and where it comes from: README.md beside this file.

terraform {
  required_providers {
    gpushare = {
      source = "gpushare/gpushare"
    }
  }
}

variable "cluster_name" {
  description = "Name of the EKS cluster."
  type        = string
  default     = "sandbox"
}

variable "node_role_arn" {
  description = "IAM role of the nodes."
  type        = string
  default     = "arn:aws:iam::123456789012:role/gpu-node"
}

variable "subnet_ids" {
  description = "Subnets that nodes are launched in."
  type        = set(string)
  default     = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
}

provider "gpushare" {
  cluster_name = var.cluster_name
}

# One to three nodes with four V100s each; the autoscaler decides how many.
resource "gpushare_node_group" "gpu" {
  node_group_name         = "gpu-node-group"
  node_role_arn           = var.node_role_arn
  subnet_ids              = var.subnet_ids
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

  sharing {
    config_key = gpushare_time_slicing_config.tenths.config[0].name
  }
}

# Ten pods on each GPU.
resource "gpushare_time_slicing_config" "tenths" {
  name      = "nvidia-device-plugin"
  namespace = "kube-system"

  config {
    name         = "any"
    mig_strategy = "none"
    replicas     = { "nvidia.com/gpu" = 10 }
  }
}

# Four pods on each GPU, for nodes whose device plugin reads this ConfigMap instead.
resource "gpushare_time_slicing_config" "quarters" {
  name      = "nvidia-device-plugin-quarters"
  namespace = "kube-system"

  config {
    name         = "any"
    mig_strategy = "none"
    replicas     = { "nvidia.com/gpu" = 4 }
  }
}

# Seven isolated instances on each A100.
resource "gpushare_mig_config" "a100" {
  name           = "mig-parted-config"
  namespace      = "gpu-operator"
  instance_types = ["p4d.24xlarge"]

  layout {
    name = "all-1g.5gb"

    device_group {
      devices     = "all"
      mig_enabled = true
      mig_devices = { "1g.5gb" = 7 }
    }
  }
}

# GPU nodes that Karpenter launches when pods need them.
resource "gpushare_karpenter_node_pool" "gpu" {
  name = "gpu"

  node_class_ref {
    name = "default"
  }

  requirement {
    key      = "karpenter.k8s.aws/instance-family"
    operator = "In"
    values   = ["p3"]
  }

  taint {
    key    = "nvidia.com/gpu"
    value  = "true"
    effect = "NoSchedule"
  }

  sharing {
    config_key = gpushare_time_slicing_config.tenths.config[0].name
  }
}

output "shares_per_node" {
  description = "How many pods fit on the GPUs of one node of the node group."
  value = (gpushare_node_group.gpu.gpus_per_node *
  gpushare_time_slicing_config.tenths.advertised["any"]["nvidia.com/gpu"])
}
