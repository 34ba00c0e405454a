resource "gpushare_karpenter_node_pool" "gpu" {
  name = "gpu"

  limits = {
    cpu              = "1000"
    memory           = "1000Gi"
    "nvidia.com/gpu" = "80"
  }

  # An EC2NodeClass; group and kind are its defaults.
  node_class_ref {
    name = "default"
  }

  requirement {
    key      = "karpenter.k8s.aws/instance-family"
    operator = "In"
    values   = ["p3"]
  }

  taint {
    key    = "nvidia.com/gpu"
    value  = "true"
    effect = "NoSchedule"
  }

  disruption {
    consolidate_after    = "5m"
    consolidation_policy = "WhenEmpty"

    budget {
      nodes = "1"
    }
  }

  sharing {
    config_key = "any"
  }
}
