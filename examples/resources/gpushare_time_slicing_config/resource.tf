resource "gpushare_time_slicing_config" "this" {
  name      = "nvidia-device-plugin"
  namespace = "kube-system"

  # Three pods share each MIG instance of an A100, and none may ask for two shares.
  config {
    name                           = "a100"
    mig_strategy                   = "mixed"
    replicas                       = { "nvidia.com/mig-1g.5gb" = 3 }
    fail_requests_greater_than_one = true
  }

  # Ten pods share a GPU.
  config {
    name     = "any"
    replicas = { "nvidia.com/gpu" = 10 }
  }
}

# What pods see on a node of that key: {"nvidia.com/gpu" = 10} for each GPU.
output "shares_per_gpu" {
  value = gpushare_time_slicing_config.this.advertised["any"]
}
