# Small models that are asked now and then, on nodes of Karpenter's.
data "gpushare_sharing_recommendation" "models" {
  instance_type = "g5.xlarge"
  memory_mib    = 2000
  utilisation   = 0.1
  autoscaler    = "karpenter"
}

output "best" {
  value = data.gpushare_sharing_recommendation.models.best
}

output "reasons" {
  value = { for way in data.gpushare_sharing_recommendation.models.ways : way.way => way.reasons }
}

# The resources that do it: terraform output -raw configuration
output "configuration" {
  value = data.gpushare_sharing_recommendation.models.ways[0].hcl
}
