# One GPU for all pods that name this claim, shared through MPS.
resource "gpushare_dra_resource_claim" "shared" {
  name      = "shared-gpu"
  namespace = "default"

  request {
    name              = "gpu"
    device_class_name = "gpu.nvidia.com"
  }

  config {
    requests = ["gpu"]

    sharing {
      strategy = "MPS"

      mps_config {
        default_active_thread_percentage   = 50
        default_pinned_device_memory_limit = "10Gi"
      }
    }
  }
}
