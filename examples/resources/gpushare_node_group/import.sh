terraform import gpushare_node_group.gpu sandbox:gpu-node-group
