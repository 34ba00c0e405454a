terraform import gpushare_time_slicing_config.this kube-system/nvidia-device-plugin
