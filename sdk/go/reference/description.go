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

func describeSubject(subject *gatewright.Subject) string {
	return strings.Join([]string{
		subject.ID,
		subject.Issuer,
		orDash(subject.Principal),
		orDash(subject.Owner),
		strings.Join(subject.Delegation, ","),
		strings.Join(subject.Scopes, ","),
		subject.Proof.String(),
		strconv.FormatUint(subject.ExpiresAt, 10),
	}, "|")
}

func describeAction(action *gatewright.Action) string {
	var hints []string
	for _, hint := range []struct {
		name  string
		isSet bool
	}{
		{"read-only", action.Hints.ReadOnly},
		{"destructive", action.Hints.Destructive},
		{"idempotent", action.Hints.Idempotent},
		{"open-world", action.Hints.OpenWorld},
	} {
		if hint.isSet {
			hints = append(hints, hint.name)
		}
	}
	return strings.Join([]string{action.Method, action.Server, action.Name, strings.Join(hints, ",")}, "|")
}

func describeContext(context *gatewright.Context) string {
	return strings.Join([]string{
		strconv.FormatUint(context.At, 10),
		context.Session,
		strings.Join(context.Labels, ","),
		strings.Join(context.Approvers, ","),
	}, "|")
}

func describeHistory(calls []gatewright.PastCall) string {
	var lines []string
	for _, call := range calls {
		at := strconv.FormatUint(call.At, 10)
		lines = append(lines, strings.Join([]string{at, call.Method, call.Server, call.Name, call.Outcome.String()}, " "))
	}
	return strings.Join(lines, "|")
}

// orDash shows that there is nothing.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
