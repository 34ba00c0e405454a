# For the `user_data` of an aws_launch_template that the node group uses.
output "user_data" {
  value = base64encode(provider::gpushare::bottlerocket_user_data({
    time_slicing = {
      replicas          = 10
      rename_by_default = false
    }
  }))
}
