# 40 shares: 4 GPUs, 10 of each.
output "shares_of_a_node" {
  value = provider::gpushare::advertised("g5.12xlarge", { "nvidia.com/gpu" = 10 }, null).per_node["nvidia.com/gpu"]
}

# Instances of MIG, each shared by three pods.
output "shares_of_instances" {
  value = provider::gpushare::advertised("p4d.24xlarge", { "nvidia.com/mig-1g.5gb" = 3 }, { "1g.5gb" = 7 }).per_gpu
}
