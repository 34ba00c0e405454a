module gpushare/acceptance/tools/echo-provider

go 1.26.0
