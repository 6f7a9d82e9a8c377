package gatewright

deny contains sprintf("`%s` is not a country we pay to", [input.arguments.country]) if {
	input.action.name == "transfer"
	not input.arguments.country in data.countries
}

ask := {"title": sprintf("pay %v", [input.arguments.amount])} if {
	input.action.name == "transfer"
	input.arguments.amount > 1000
}

allow if {
	input.action.name == "transfer"
	input.arguments.amount > 0
}
