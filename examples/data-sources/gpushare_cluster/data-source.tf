data "gpushare_cluster" "this" {}

output "kubernetes_version" {
  value = data.gpushare_cluster.this.version
}

# Who runs a device plugin already, and from which image.
output "device_plugins" {
  value = data.gpushare_cluster.this.device_plugins
}
