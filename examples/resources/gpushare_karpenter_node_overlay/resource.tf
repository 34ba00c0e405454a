resource "gpushare_time_slicing_config" "this" {
  name = "nvidia-device-plugin"

  config {
    name     = "any"
    replicas = { "nvidia.com/gpu" = 10 }
  }
}

resource "gpushare_karpenter_node_pool" "gpu" {
  name   = "gpu"
  limits = { "nvidia.com/gpu" = "80" } # in shares

  node_class_ref {
    name = "default"
  }

  requirement {
    key      = "node.kubernetes.io/instance-type"
    operator = "In"
    values   = ["p3.2xlarge", "p3.8xlarge"]
  }

  sharing {
    config_key = "any"
  }
}

# Makes time-slicing-1 (10 shares) and time-slicing-4 (40 shares).
resource "gpushare_karpenter_node_overlay" "gpu" {
  name           = "time-slicing"
  node_pool      = gpushare_karpenter_node_pool.gpu.name
  instance_types = ["p3.2xlarge", "p3.8xlarge"]
  replicas       = gpushare_time_slicing_config.this.config[0].replicas
}
