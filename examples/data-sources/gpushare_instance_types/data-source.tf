# The types with GPUs of 24 GB or more that run x86 images, the cheapest first.
data "gpushare_instance_types" "large" {
  min_gpus           = 1
  min_gpu_memory_mib = 22000
  arch               = "amd64"
}

output "cheapest" {
  value = data.gpushare_instance_types.large.names[0]
}

# The types whose GPUs can be divided, and into what.
data "gpushare_instance_types" "mig" {
  mig_capable = true
}

output "mig_profiles" {
  value = { for type in data.gpushare_instance_types.mig.instance_types : type.name => type.mig_profiles }
}
