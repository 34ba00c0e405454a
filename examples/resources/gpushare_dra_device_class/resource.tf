# MIG instances of one size, shared by time-slicing.
resource "gpushare_dra_device_class" "small" {
  name = "mig-1g.5gb"

  selector {
    expression = "device.driver == 'gpu.nvidia.com' && device.attributes['gpu.nvidia.com'].type == 'mig'"
  }

  selector {
    expression = "device.attributes['gpu.nvidia.com'].profile == '1g.5gb'"
  }

  config {
    kind = "MigDeviceConfig"

    sharing {
      strategy = "TimeSlicing"
    }
  }
}
