# The layouts of an A100 that leave nothing unused.
output "full_layouts" {
  value = [for layout in provider::gpushare::mig_layouts("p4d.24xlarge") : layout.name if layout.maximal]
}
