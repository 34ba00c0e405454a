terraform {
  required_providers {
    gpushare = {
      source = "gpushare/gpushare"
    }
  }
}

variable "cluster_name" {
  description = "Name of the EKS cluster. It may be unknown at plan: aws_eks_cluster.this.id, for example."
  type        = string
  default     = "sandbox"
}

# Region and credentials come from where the AWS CLI takes them; endpoint, certificate authority
# and token of the cluster come from EKS.
provider "gpushare" {
  cluster_name = var.cluster_name

  default_tags = {
    team = "ml"
  }
}
