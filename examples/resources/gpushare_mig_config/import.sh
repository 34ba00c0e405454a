terraform import gpushare_mig_config.this gpu-operator/mig-parted-config
