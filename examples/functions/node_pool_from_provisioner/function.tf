locals {
  converted = provider::gpushare::node_pool_from_provisioner(<<-YAML
    apiVersion: karpenter.sh/v1alpha5
    kind: Provisioner
    metadata:
      name: gpu-provisioner
    spec:
      requirements:
        - key: "instance-type"
          operator: In
          values: ["p3.2xlarge", "p4d.24xlarge", "g4dn.xlarge"]
      limits:
        resources:
          cpu: "1000"
          memory: "1000Gi"
      provider:
        instanceProfile: KarpenterNodeInstanceProfile
        subnetSelector:
          karpenter.sh/discovery: my-cluster
        securityGroupSelector:
          karpenter.sh/discovery: my-cluster
  YAML
  )
}

# Resources of this provider, to be pasted: terraform output -raw resources
output "resources" {
  value = local.converted.hcl
}

# What was changed, and what has no successor.
output "changes" {
  value = local.converted.problems[*].sentence
}
