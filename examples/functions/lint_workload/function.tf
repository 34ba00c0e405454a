locals {
  found = provider::gpushare::lint_workload(<<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: model
    spec:
      template:
        spec:
          containers:
            - name: model
              image: example.com/model:1
              resources:
                limits:
                  nvidia.com/gpu: 7
  YAML
  , { "nvidia.com/gpu" = 10 })
}

# Seven shares are no larger part of a GPU than one.
output "problems" {
  value = [for problem in local.found.problems : "${problem.path}: ${problem.sentence}"]
}
