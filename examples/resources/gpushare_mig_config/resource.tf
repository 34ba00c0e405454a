# Both layouts are checked against the A100s of a p4d.24xlarge at plan.
resource "gpushare_mig_config" "this" {
  name           = "mig-parted-config"
  namespace      = "gpu-operator"
  instance_types = ["p4d.24xlarge"]

  layout {
    name = "all-1g.5gb"

    device_group {
      mig_enabled = true
      mig_devices = { "1g.5gb" = 7 }
    }
  }

  layout {
    name = "half-divided"

    device_group {
      devices     = "0,1,2,3"
      mig_enabled = true
      mig_devices = {
        "1g.5gb"  = 2
        "2g.10gb" = 1
        "3g.20gb" = 1
      }
    }

    device_group {
      devices     = "4,5,6,7"
      mig_enabled = false
    }
  }
}
