data "gpushare_mig_profiles" "a100" {
  instance_type = "p4d.24xlarge"
}

# What pods ask for under the strategy "mixed".
output "resources" {
  value = data.gpushare_mig_profiles.a100.profiles[*].resource
}

# The layouts that leave no part of the GPU unused.
output "full_layouts" {
  value = [for layout in data.gpushare_mig_profiles.a100.layouts : layout.name if layout.maximal]
}
