resource "gpushare_time_slicing_config" "operator" {
  name      = "time-slicing"
  namespace = "gpu-operator"

  config {
    name     = "any"
    replicas = { "nvidia.com/gpu" = 10 }
  }
}

# The operator's chart makes the ClusterPolicy; these fields of it are ours.
resource "gpushare_gpu_operator_settings" "this" {
  device_plugin_config = gpushare_time_slicing_config.operator.name
  default_config       = "any"
}
