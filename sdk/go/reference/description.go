package main

import (
	"strconv"
	"strings"

	gatewright "gatewright.dev/sdk/go"
)

func describe(value gatewright.Value) string {
	switch value.Kind {
	case gatewright.Null:
		return "null"
	case gatewright.Boolean:
		return "boolean " + strconv.FormatBool(value.Boolean)
	case gatewright.Integer:
		return "integer " + strconv.FormatInt(value.Integer, 10)
	case gatewright.Number:
		return "number " + value.Text
	case gatewright.Text:
		return "text " + value.Text
	case gatewright.Array:
		return "array " + strconv.Itoa(value.Count)
	case gatewright.Object:
		return "object " + strconv.Itoa(value.Count)
	}
	return "missing"
}

// kinds are the contract's words.
var kinds = map[gatewright.Kind]string{
	gatewright.Null:    "null",
	gatewright.Boolean: "boolean",
	gatewright.Number:  "number",
	gatewright.Text:    "text",
	gatewright.Array:   "array",
	gatewright.Object:  "object",
}

func describeNode(node *gatewright.Node) string {
	return kinds[node.Kind()] + " " + strconv.Itoa(node.Len()) + " " + node.JSON()
}

// walk writes a value by looking at each node in it.
func walk(node *gatewright.Node) string {
	defer node.Close()
	switch node.Kind() {
	case gatewright.Null:
		return "null"
	case gatewright.Text:
		text, _ := node.Text()
		return "'" + text + "'"
	case gatewright.Array:
		return "[" + strings.Join(walkAll(node), ",") + "]"
	case gatewright.Object:
		members := walkAll(node)
		for i, name := range node.Keys() {
			members[i] = name + "=" + members[i]
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	switch value := node.Value(); value.Kind {
	case gatewright.Boolean:
		return strconv.FormatBool(value.Boolean)
	case gatewright.Integer:
		return strconv.FormatInt(value.Integer, 10)
	default:
		return value.Text
	}
}

func walkAll(node *gatewright.Node) []string {
	children := node.Children()
	walked := make([]string, len(children), node.Len())
	for i, child := range children {
		walked[i] = walk(child)
	}
	return walked
}

func describeCaller(request *gatewright.Request) string {
	var chain []string
	for _, link := range request.Chain() {
		shown := link.ID
		if link.Issuer != "" {
			shown += "<" + link.Issuer + ">"
		}
		chain = append(chain, shown)
	}
	return strings.Join([]string{
		request.Agent(),
		request.Issuer(),
		orDash(request.Principal()),
		orDash(request.Owner()),
		strings.Join(chain, ","),
		strings.Join(request.Scopes(), ","),
		request.Proof().String(),
		strconv.FormatUint(request.ExpiresAt(), 10),
	}, "|")
}

func describeClaims(request *gatewright.Request, name string) string {
	var claims []string
	for _, claim := range request.Claims() {
		claims = append(claims, claim.Name+"="+strings.Join(claim.Values, "+"))
	}
	return strings.Join(claims, ",") + "|" + strings.Join(request.Claim(name), "+")
}

func describeAction(request *gatewright.Request) string {
	pinned := request.Hints()
	var hints []string
	for _, hint := range []struct {
		name  string
		isSet bool
	}{
		{"read-only", pinned.ReadOnly},
		{"destructive", pinned.Destructive},
		{"idempotent", pinned.Idempotent},
		{"open-world", pinned.OpenWorld},
		{"untrusted", pinned.Untrusted},
		{"sensitive", pinned.Sensitive},
	} {
		if hint.isSet {
			hints = append(hints, hint.name)
		}
	}
	return strings.Join([]string{
		request.Purpose().String(),
		request.Method(),
		request.Server(),
		request.Name(),
		strings.Join(hints, ","),
		strings.Join(request.Targets(), ","),
		strings.Join(request.Contents(), ","),
	}, "|")
}

func describeTool(request *gatewright.Request) string {
	return orDash(request.Definition()) + "|" + nodeOrDash(request.Schema()) + "|" + nodeOrDash(request.Claimed())
}

func describeContext(request *gatewright.Request) string {
	var labels, approvals []string
	for _, label := range request.Labels() {
		shown := label.Name
		if label.Source != "" {
			shown += "<" + label.Source
		}
		if label.At != 0 {
			shown += "@" + strconv.FormatUint(label.At, 10)
		}
		labels = append(labels, shown)
	}
	for _, approval := range request.Approvals() {
		approvals = append(approvals, strings.Join([]string{
			approval.By, strings.Join(approval.Roles, "+"), strconv.FormatUint(approval.At, 10), approval.Method,
		}, ":"))
	}
	return strings.Join([]string{
		strconv.FormatUint(request.At(), 10),
		request.Session(),
		strings.Join(labels, ","),
		strings.Join(approvals, ","),
	}, "|")
}

func describeBudget(budget gatewright.Budget) string {
	return strings.Join([]string{
		strconv.FormatUint(budget.Limit, 10),
		strconv.FormatUint(uint64(budget.WindowSeconds), 10),
		strconv.FormatUint(budget.Spent, 10),
	}, " ")
}

func describeHistory(calls []gatewright.PastCall) string {
	var lines []string
	for _, call := range calls {
		lines = append(lines, strings.Join([]string{
			call.ID, strconv.FormatUint(call.At, 10), call.Method, call.Server, call.Name,
			call.Outcome.String(), orDash(call.Reason, call.Reason != ""),
		}, " "))
	}
	return strings.Join(lines, "|")
}

// orDash shows that there is nothing.
func orDash(text string, exists bool) string {
	if !exists {
		return "-"
	}
	return text
}

func nodeOrDash(node *gatewright.Node, exists bool) string {
	if !exists {
		return "-"
	}
	return node.JSON()
}
