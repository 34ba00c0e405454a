# Ten tasks on p3.8xlarge, whose nodes have four GPUs each.
data "gpushare_cost_projection" "ten_tasks" {
  instance_type = "p3.8xlarge"
  tasks         = 10
  replicas      = 10
  memory_mib    = 1500
  utilisation   = 0.22

  price {
    instance_type = "p3.8xlarge"
    spot          = 1.7031
  }
  price_date = "2026-07-20"
}

# USD per hour for all nodes: 36.72 with whole GPUs, 12.24 with shared ones.
output "on_demand" {
  value = { for way, plan in data.gpushare_cost_projection.ten_tasks.projection : way => plan.on_demand }
}

# The type that does the same for the least money.
output "cheapest" {
  value = data.gpushare_cost_projection.ten_tasks.cheapest["time-slicing"].instance_type
}

output "what_is_wrong_with_simple_sums" {
  value = data.gpushare_cost_projection.ten_tasks.findings
}
