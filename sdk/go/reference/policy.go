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

// historyShown is how many earlier calls `history` shows.
const historyShown = 3

// count outlives a call in one instance, and every call has its own.
var count int

// hoard is what `grow` keeps.
var hoard [][]byte

func judge(settings *settings, request *gatewright.Request) (gatewright.Opinion, error) {
	if name := request.Name(); slices.Contains(settings.closed, name) {
		return forbidden(settings.tag+": "+name+" is closed").Because("closed", ""), nil
	}
	if request.IsListing() {
		return gatewright.Abstain(), nil
	}
	do := request.Argument("/do").Value()
	switch do.Kind {
	case gatewright.Missing:
		return gatewright.Abstain(), nil
	case gatewright.Text:
		return answer(do.Text, settings, request), nil
	}
	return gatewright.Deny(gatewright.InvalidArguments, "do is not text"), nil
}

func answer(do string, settings *settings, request *gatewright.Request) gatewright.Opinion {
	tag := settings.tag
	switch do {
	case "abstain":
		return gatewright.Abstain()
	case "allow":
		return gatewright.Allow()
	case "forbidden":
		return forbidden(tag)
	case "insufficient-scope":
		return gatewright.Deny(gatewright.InsufficientScope, tag, "a:b", "c:*")
	case "invalid-arguments":
		return gatewright.Deny(gatewright.InvalidArguments, tag)
	case "unsafe-context":
		return gatewright.Deny(gatewright.UnsafeContext, tag)
	case "ask":
		ask := gatewright.NewAsk(tag, "because")
		ask.Show = []string{"/do", "/a~1b"}
		ask.Roles = []string{"lead", "owner"}
		ask.Quorum = 2
		ask.ExcludeRequester = true
		ask.Exclude = []string{"mallory"}
		ask.DecideWithinSeconds = 3600
		ask.UseWithinSeconds = 600
		return gatewright.AskPeople(ask)
	case "ask-anyone":
		return gatewright.AskPeople(gatewright.NewAsk(tag, ""))
	case "ask-nobody":
		ask := gatewright.NewAsk(tag, "")
		// Zero would be the default.
		ask.Quorum = 17
		return gatewright.AskPeople(ask)
	case "charge":
		return gatewright.Abstain().Owing(fixed(tag))
	case "charge-set":
		return gatewright.Abstain().Owing(budgeted(tag))
	case "label":
		return gatewright.Abstain().Owing(label(tag))
	case "declassify":
		return gatewright.Abstain().Owing(declassify(tag))
	case "redact":
		return gatewright.Abstain().Owing(redact())
	case "limit":
		return gatewright.Abstain().Owing(limit)
	case "all":
		return gatewright.Allow().
			Owing(fixed(tag), budgeted(tag), label(tag), declassify(tag), redact(), limit)
	case "deny-owing":
		return forbidden(tag).Owing(label(tag))
	case "ask-owing":
		return gatewright.AskPeople(gatewright.NewAsk(tag, "")).Owing(label(tag))
	case "note":
		return gatewright.Allow().Because("wish", tag).Because("unlisted", "")
	case "at-most":
		return atMost(settings.max, request)
	case "starts":
		text, prefix := request.Argument("/text").Value(), request.Argument("/prefix").Value()
		areTexts := text.Kind == gatewright.Text && prefix.Kind == gatewright.Text
		if areTexts && strings.HasPrefix(text.Text, prefix.Text) {
			return gatewright.Allow()
		}
		return gatewright.Abstain()
	case "log":
		gatewright.Debug(tag + " debug")
		gatewright.Info(tag + " info")
		gatewright.Warn(tag + " warn")
		return gatewright.Allow()
	case "value", "keys", "json", "node", "text", "member", "at", "walk":
		return forbidden(show(do, pointed(request), request))
	case "echo":
		return forbidden(textAt(request, "/text"))
	case "length":
		return forbidden(strconv.Itoa(utf8.RuneCountInString(textAt(request, "/text"))))
	case "caller":
		return forbidden(describeCaller(request))
	case "claims":
		return forbidden(describeClaims(request, textAt(request, "/text")))
	case "action":
		return forbidden(describeAction(request))
	case "tool":
		return forbidden(describeTool(request))
	case "context":
		return forbidden(describeContext(request))
	case "decision":
		return forbidden(request.Decision())
	case "has-label":
		return forbidden(strconv.FormatBool(request.HasLabel(textAt(request, "/text"))))
	case "budget":
		return forbidden(describeBudget(request.Budget(textAt(request, "/text"), tag)))
	case "history":
		return forbidden(describeHistory(request.History(historyShown)))
	case "throw":
		panic("thrown on purpose")
	case "loop":
		for {
		}
	case "recurse":
		return forbidden(strconv.Itoa(recurse(1)))
	case "grow":
		for {
			hoard = append(hoard, make([]byte, 1<<20))
		}
	case "huge":
		return forbidden(strings.Repeat("x", 4_000_000))
	case "count":
		count++
		return forbidden(strconv.Itoa(count))
	}
	return gatewright.Deny(gatewright.InvalidArguments, "unknown: "+do)
}

// show is what stands at a place, in the way that is wished.
func show(wish string, place gatewright.Place, request *gatewright.Request) string {
	switch wish {
	case "value":
		return describe(place.Value())
	case "keys":
		return strings.Join(place.Keys(), "|")
	case "json":
		json, exists := place.JSON()
		if !exists {
			return "missing"
		}
		return json
	}
	node, exists := place.Node()
	if wish == "text" {
		if exists {
			if text, isText := node.Text(); isText {
				return text
			}
		}
		return "none"
	}
	if exists {
		switch wish {
		case "node":
			return describeNode(node)
		case "walk":
			return walk(node)
		case "member":
			node, exists = node.Member(textAt(request, "/member"))
		case "at":
			node, exists = node.At(index(request))
		}
	}
	if !exists {
		return "missing"
	}
	return node.JSON()
}

// limit is one more than a float can hold.
const limit = gatewright.LimitResult(9007199254740993)

func fixed(tag string) gatewright.Charge { return gatewright.FixedCharge(tag, 1, math.MaxUint64, 60) }

func budgeted(tag string) gatewright.Charge {
	return gatewright.BudgetCharge(tag, 2, "calls").RefundedOnFailure()
}

func label(tag string) gatewright.Label { return gatewright.Label{tag, "seen"} }

func declassify(tag string) gatewright.Declassify { return gatewright.Declassify{tag, "seen"} }

func redact() gatewright.Redact { return gatewright.Redact{"/content/0/text", "/a~1b"} }

func forbidden(message string) gatewright.Opinion {
	return gatewright.Deny(gatewright.Forbidden, message)
}

// pointed is the place that the argument `/pointer` names.
func pointed(request *gatewright.Request) gatewright.Place {
	return request.Argument(textAt(request, "/pointer"))
}

// textAt is the text at a pointer; one that is not there is empty.
func textAt(request *gatewright.Request, pointer string) string {
	value := request.Argument(pointer).Value()
	if value.Kind != gatewright.Text {
		return ""
	}
	return value.Text
}

// index is the argument `/index`, or 0.
func index(request *gatewright.Request) uint32 {
	n, err := request.Argument("/index").Integer()
	if err != nil || n < 0 || n > math.MaxUint32 {
		return 0
	}
	return uint32(n)
}

func atMost(max int64, request *gatewright.Request) gatewright.Opinion {
	n, err := request.Argument("/n").Integer()
	switch {
	case err != nil:
		return gatewright.Deny(gatewright.InvalidArguments, "n is not an integer")
	case n > max:
		message := strconv.FormatInt(n, 10) + " is above " + strconv.FormatInt(max, 10)
		return gatewright.Deny(gatewright.InvalidArguments, message)
	}
	return gatewright.Allow()
}

// recurse never ends.
func recurse(depth int) int { return recurse(depth+1) + depth }

func init() {
	gatewright.Policy(judge, gatewright.Description{
		Powers: gatewright.PowerAllow | gatewright.PowerDeny | gatewright.PowerAsk | gatewright.PowerCharge |
			gatewright.PowerLabel | gatewright.PowerDeclassify | gatewright.PowerRedact | gatewright.PowerLimitResult,
		Rules: []gatewright.Rule{
			{ID: "wish", Title: "What /do says"},
			{ID: "closed", Title: "Tools that are closed"},
		},
	})
}

func main() {}
