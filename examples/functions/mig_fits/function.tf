variable "mig_devices" {
  type    = map(number)
  default = { "3g.20gb" = 1, "2g.10gb" = 1, "1g.5gb" = 2 }

  validation {
    condition     = provider::gpushare::mig_fits("p4d.24xlarge", var.mig_devices).fits
    error_message = join(" ", provider::gpushare::mig_fits("p4d.24xlarge", var.mig_devices).problems[*].sentence)
  }
}

output "placement" {
  value = provider::gpushare::mig_fits("p4d.24xlarge", var.mig_devices).placement
}
