resource "aws_launch_template" "gpu" {
  name_prefix = "gpu-"
  user_data   = base64encode(provider::gpushare::bottlerocket_user_data({ time_slicing = { replicas = 10 } }))
}
