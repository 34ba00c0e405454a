module gpushare/acceptance/tools/cty-codec

go 1.26.0
