# Bottlerocket shares GPUs by its own settings: no ConfigMap and no DaemonSet.
resource "gpushare_karpenter_ec2_node_class" "gpu" {
  name = "gpu"
  role = "KarpenterNodeRole-sandbox"

  ami_selector_term {
    alias = "bottlerocket@latest"
  }

  subnet_selector_term {
    tags = { "karpenter.sh/discovery" = "sandbox" }
  }

  security_group_selector_term {
    tags = { "karpenter.sh/discovery" = "sandbox" }
  }

  bottlerocket_settings {
    time_slicing {
      replicas          = 10
      rename_by_default = false
    }
  }

  # Images with CUDA are large: Bottlerocket keeps them on its second volume.
  block_device_mapping {
    device_name = "/dev/xvdb"

    ebs {
      volume_size = "100Gi"
      volume_type = "gp3"
    }
  }
}
