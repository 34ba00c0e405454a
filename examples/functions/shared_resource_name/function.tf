# "nvidia.com/gpu.shared"
output "resource" {
  value = provider::gpushare::shared_resource_name("nvidia.com/gpu", true)
}
