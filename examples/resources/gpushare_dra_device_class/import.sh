terraform import gpushare_dra_device_class.small mig-1g.5gb
