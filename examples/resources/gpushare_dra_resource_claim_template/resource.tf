# A GPU for each pod; the containers of a pod share it by time-slicing.
resource "gpushare_dra_resource_claim_template" "gpu" {
  name      = "gpu"
  namespace = "default"

  request {
    name              = "gpu"
    device_class_name = "gpu.nvidia.com"

    selector {
      expression = "device.attributes['gpu.nvidia.com'].productName.startsWith('NVIDIA A100')"
    }
  }

  config {
    sharing {
      strategy = "TimeSlicing"

      time_slicing_config {
        interval = "Long"
      }
    }
  }
}
