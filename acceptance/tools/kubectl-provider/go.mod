module gpushare/acceptance/tools/kubectl-provider

go 1.26.0
