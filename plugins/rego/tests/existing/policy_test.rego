package gatewright_test

import data.gatewright

transfer(amount, country) := {
	"action": {"method": "tools/call", "server": "bank", "name": "transfer"},
	"arguments": {"amount": amount, "country": country},
}

test_a_small_payment_is_allowed if {
	gatewright.allow with input as transfer(5, "DE") with data.countries as ["DE"]
}

test_another_country_is_denied if {
	count(gatewright.deny) == 1 with input as transfer(5, "XX") with data.countries as ["DE"]
}

test_the_message_names_the_country if {
	some message in gatewright.deny with input as transfer(5, "XX") with data.countries as []
	contains(message, "`XX`")
}

test_a_large_payment_is_asked if {
	gatewright.ask.title == "pay 5000" with input as transfer(5000, "DE") with data.countries as ["DE"]
}

test_another_tool_is_not_allowed if {
	not gatewright.allow with input as {"action": {"name": "close"}, "arguments": {"amount": 5}}
}
