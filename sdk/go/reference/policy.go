// The reference policy in Go: see `tests/corpus/reference-policy.md`.
package main

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	gatewright "gatewright.dev/sdk/go"
)

// count outlives a call in one instance, and every call has its own.
var count int

// hoard is what `grow` keeps.
var hoard [][]byte

func judge(settings *settings, request *gatewright.Request) (gatewright.Verdict, error) {
	if name := request.Action.Name; slices.Contains(settings.closed, name) {
		return forbid(settings.tag + ": " + name + " is closed")
	}
	do := request.Argument("/do").Value()
	switch do.Kind {
	case gatewright.Missing:
		return gatewright.Abstain(), nil
	case gatewright.Text:
		return answer(do.Text, settings, request)
	}
	return gatewright.Deny(gatewright.InvalidArguments, "do is not text"), nil
}

func answer(do string, settings *settings, request *gatewright.Request) (gatewright.Verdict, error) {
	tag := settings.tag
	charge := gatewright.Charge{Key: tag, Cost: 1, Limit: math.MaxUint64, WindowSeconds: 60}
	label := gatewright.Label{tag, "seen"}
	redact := gatewright.Redact{"/content/0/text", "/a~1b"}
	limit := gatewright.LimitResult(9007199254740993)

	switch do {
	case "abstain":
		return gatewright.Abstain(), nil
	case "allow":
		return gatewright.Allow(), nil
	case "forbidden":
		return forbid(tag)
	case "insufficient-scope":
		return gatewright.Deny(gatewright.InsufficientScope, tag, "a:b", "c:*"), nil
	case "invalid-arguments":
		return gatewright.Deny(gatewright.InvalidArguments, tag), nil
	case "unsafe-context":
		return gatewright.Deny(gatewright.UnsafeContext, tag), nil
	case "ask":
		approval := gatewright.NewApproval(tag, "because")
		approval.Roles = []string{"lead", "owner"}
		approval.Quorum = 2
		approval.TTLSeconds = 600
		return gatewright.Ask(approval), nil
	case "ask-anyone":
		return gatewright.Ask(gatewright.Approval{Title: tag}), nil
	case "charge":
		return gatewright.Allow(charge), nil
	case "label":
		return gatewright.Allow(label), nil
	case "redact":
		return gatewright.Allow(redact), nil
	case "limit":
		return gatewright.Allow(limit), nil
	case "all":
		return gatewright.Allow(charge, label, redact, limit), nil
	case "value":
		return forbid(describe(pointed(request).Value()))
	case "keys":
		return forbid(strings.Join(pointed(request).Keys(), "|"))
	case "json":
		json, exists := pointed(request).JSON()
		if !exists {
			json = "missing"
		}
		return forbid(json)
	case "at-most":
		return atMost(settings.max, request)
	case "starts":
		text, prefix := request.Argument("/text").Value(), request.Argument("/prefix").Value()
		areTexts := text.Kind == gatewright.Text && prefix.Kind == gatewright.Text
		if areTexts && strings.HasPrefix(text.Text, prefix.Text) {
			return gatewright.Allow(), nil
		}
		return gatewright.Abstain(), nil
	case "echo":
		text, err := request.Argument("/text").Text()
		return gatewright.Deny(gatewright.Forbidden, text), err
	case "length":
		text, err := request.Argument("/text").Text()
		return gatewright.Deny(gatewright.Forbidden, strconv.Itoa(utf8.RuneCountInString(text))), err
	case "subject":
		return forbid(describeSubject(&request.Subject))
	case "action":
		return forbid(describeAction(&request.Action))
	case "context":
		return forbid(describeContext(&request.Context))
	case "history":
		return forbid(describeHistory(request.History(3)))
	case "log":
		gatewright.Debug(tag + " debug")
		gatewright.Info(tag + " info")
		gatewright.Warn(tag + " warn")
		return gatewright.Allow(), nil
	case "throw":
		panic("thrown on purpose")
	case "loop":
		for {
		}
	case "recurse":
		return forbid(strconv.Itoa(recurse(1)))
	case "grow":
		for {
			hoard = append(hoard, make([]byte, 1<<20))
		}
	case "huge":
		return forbid(strings.Repeat("x", 4_000_000))
	case "count":
		count++
		return forbid(strconv.Itoa(count))
	}
	return gatewright.Deny(gatewright.InvalidArguments, "unknown: "+do), nil
}

func forbid(message string) (gatewright.Verdict, error) {
	return gatewright.Deny(gatewright.Forbidden, message), nil
}

// pointed is the place that the argument `/pointer` names.
func pointed(request *gatewright.Request) gatewright.Place {
	return request.Argument(request.Argument("/pointer").Value().Text)
}

func atMost(max int64, request *gatewright.Request) (gatewright.Verdict, error) {
	n, err := request.Argument("/n").Integer()
	switch {
	case err != nil:
		return gatewright.Deny(gatewright.InvalidArguments, "n is not an integer"), nil
	case n > max:
		message := strconv.FormatInt(n, 10) + " is above " + strconv.FormatInt(max, 10)
		return gatewright.Deny(gatewright.InvalidArguments, message), nil
	}
	return gatewright.Allow(), nil
}

// recurse never ends.
func recurse(depth int) int { return recurse(depth+1) + depth }

func init() { gatewright.Policy(judge) }

func main() {}
