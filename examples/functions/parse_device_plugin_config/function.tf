locals {
  found = provider::gpushare::parse_device_plugin_config(<<-YAML
    version: v1
    flages:
      migStrategy: single
    sharing:
      timeSlicing:
        failRequestGreaterThanOne: true
        resources:
          - name: nvidia.com/gpu
            replicas: 10
  YAML
  )
}

# The plugin would lose both misspelt keys in silence.
output "problems" {
  value = local.found.problems[*].sentence
}

output "shares_of_each_gpu" {
  value = local.found.advertised
}
