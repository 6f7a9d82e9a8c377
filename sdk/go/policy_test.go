//go:build !wasip1

package gatewright

import (
	"reflect"
	"slices"
	"strconv"
	"testing"
)

func TestAnArgumentOfTheWrongTypeIsNotAMissingOne(t *testing.T) {
	request := NewRequest("transfer").WithArguments(map[string]any{"amount": "5", "note": nil})
	for _, test := range []struct {
		pointer, want string
		read          func(Place) error
	}{
		{"/account", "the argument `/account` is missing", func(place Place) error { _, err := place.Text(); return err }},
		{"/amount", "the argument `/amount` does not fit: it is text, not an integer", func(place Place) error { _, err := place.Integer(); return err }},
		{"/amount", "the argument `/amount` does not fit: it is text, not a boolean", func(place Place) error { _, err := place.Boolean(); return err }},
		{"/amount", "the argument `/amount` does not fit: it is text, not a number", func(place Place) error { _, err := place.Number(); return err }},
		{"/note", "the argument `/note` does not fit: it is null, not text", func(place Place) error { _, err := place.Text(); return err }},
		{"", "the argument `` does not fit: `/amount`: it is text, not a number", func(place Place) error {
			var transfer struct {
				Amount float64 `json:"amount"`
			}
			return place.Decode(&transfer)
		}},
	} {
		err := test.read(request.Argument(test.pointer))
		if err == nil || err.Error() != test.want {
			t.Errorf("%v", err)
		}
	}
	if !request.Argument("/note").IsAbsent() || !request.Argument("/other").IsAbsent() || request.Argument("/amount").IsAbsent() {
		t.Error("absent is what is missing or null")
	}
}

func TestArgumentsAreReadIntoAStruct(t *testing.T) {
	var transfer struct {
		Amount float64  `json:"amount"`
		To     []string `json:"to"`
		Note   string   `json:"note,omitempty"`
	}
	request := NewRequest("transfer").WithArguments(map[string]any{"amount": 1.5, "to": []string{"a"}, "more": 1})
	if err := request.Argument("").Decode(&transfer); err != nil || transfer.Amount != 1.5 || transfer.To[0] != "a" {
		t.Errorf("%+v, %v", transfer, err)
	}
}

func TestValuesAreReadOneLevelAtATime(t *testing.T) {
	request := NewRequest("t").WithArgument("/a/b", 1).WithArgument("/a/c", uint64(1<<63)).
		WithArgument("/a/d", []any{true, nil}).WithArgument("/a/d/-", "x<y").WithArgument("/a/d/0", false)
	for pointer, want := range map[string]Value{
		"":        {Kind: Object, Count: 1},
		"/a":      {Kind: Object, Count: 3},
		"/a/b":    {Kind: Integer, Integer: 1},
		"/a/c":    {Kind: Number, Text: "9223372036854775808"},
		"/a/d":    {Kind: Array, Count: 3},
		"/a/d/0":  {Kind: Boolean},
		"/a/d/1":  {Kind: Null},
		"/a/d/2":  {Kind: Text, Text: "x<y"},
		"/a/d/3":  {},
		"/a/d/01": {},
		"/a/b/c":  {},
		"/b":      {},
	} {
		if got := request.Argument(pointer).Value(); got != want {
			t.Errorf("%s: %+v", pointer, got)
		}
	}
	if keys := request.Argument("/a").Keys(); !slices.Equal(keys, []string{"b", "c", "d"}) {
		t.Error(keys)
	}
	if json, _ := request.Argument("/a/d").JSON(); json != `[false,null,"x<y"]` {
		t.Error(json)
	}
	if text, err := request.Argument("/a").At("/d/2").Text(); text != "x<y" {
		t.Error(text, err)
	}
}

func TestABadPointerFailsNativelyAsItFaultsInTheGate(t *testing.T) {
	for _, pointer := range []string{"path", "~", "/a~", "/a~2b"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken", pointer)
				}
			}()
			NewRequest("t").Argument(pointer).Value()
		}()
	}
}

func TestTokensAreWhatChildrenWereMadeOf(t *testing.T) {
	names := []string{"", "a", "~", "/", "~1", "~01", "-", "0"}
	var pointer Pointer
	for _, name := range names {
		pointer = pointer.Child(name)
	}
	if parsed, err := ParsePointer(string(pointer)); err != nil || !slices.Equal(parsed.tokens(), names) {
		t.Errorf("%s: %q, %v", pointer, parsed.tokens(), err)
	}
}

func TestHistoryIsTheNewestFirstAndBounded(t *testing.T) {
	var past []PastCall
	for i := range 100 {
		past = append(past, PastCall{Name: strconv.Itoa(i)})
	}
	request := NewRequest("t").WithHistory(past...)
	if calls := request.History(2); len(calls) != 2 || calls[1].Name != "1" {
		t.Error(calls)
	}
	if len(request.History(1000)) != 64 || len(request.History(-1)) != 0 {
		t.Error("the gate keeps 64 calls")
	}
}

func TestAListingIsNotACall(t *testing.T) {
	if NewRequest("rm").IsListing() {
		t.Error("a call is no listing")
	}
	if !NewRequest("rm").WithMethod("resources/templates/list").IsListing() {
		t.Error("it is a listing")
	}
}

func TestFactsAreWhatTheTestSays(t *testing.T) {
	request := NewRequest("t").WithServer("files").WithLabels("b", "a").With(func(facts *Facts) {
		facts.Principal = ""
		facts.Owner = "team"
		facts.Schema = map[string]any{"type": "object"}
	})
	if labels := request.Labels(); len(labels) != 2 || labels[0].Name != "a" {
		t.Error(labels)
	}
	if !request.HasLabel("b") || request.HasLabel("c") {
		t.Error("it has the labels a and b")
	}
	if principal, exists := request.Principal(); exists {
		t.Error(principal)
	}
	if owner, exists := request.Owner(); owner != "team" || !exists {
		t.Error(owner)
	}
	if schema, exists := request.Schema(); !exists || schema.JSON() != `{"type":"object"}` {
		t.Error("the schema is what was said")
	}
	if _, exists := request.Claimed(); exists || request.Server() != "files" {
		t.Error("nothing is claimed")
	}
}

func TestABudgetIsAsTheTestSays(t *testing.T) {
	request := NewRequest("t").WithBudget("calls", "bot", Budget{Limit: 10, WindowSeconds: 60, Spent: 7})
	if left := request.Budget("calls", "bot").Left(); left != 3 {
		t.Error(left)
	}
	if left := (Budget{Limit: 1, Spent: 2}).Left(); left != 0 {
		t.Error(left)
	}
	defer func() {
		if recover() == nil {
			t.Error("a budget that nobody set")
		}
	}()
	request.Budget("calls", "other")
}

func TestClaimsAreSortedAndFoundByTheirName(t *testing.T) {
	request := NewRequest("t").WithClaim("tenant", "acme").WithClaim("groups", "old").WithClaim("groups", "ops", "dev")
	want := []Claim{{Name: "groups", Values: []string{"ops", "dev"}}, {Name: "tenant", Values: []string{"acme"}}}
	if claims := request.Claims(); !reflect.DeepEqual(claims, want) {
		t.Error(claims)
	}
	if values := request.Claim("groups"); !slices.Equal(values, []string{"ops", "dev"}) {
		t.Error(values)
	}
	if len(request.Claim("Groups")) != 0 || len(NewRequest("t").Claims()) != 0 {
		t.Error("claims that nobody made")
	}
}

func TestAResponseSaysWhetherItIsAnError(t *testing.T) {
	if !NewResponse(map[string]any{"isError": true}).IsError() {
		t.Error("it is an error")
	}
	response := NewTextResponse("hello")
	if text, err := response.At("/content/0/text").Text(); text != "hello" || response.IsError() {
		t.Error(text, err)
	}
	if _, err := response.At("/other").Text(); err == nil || err.Error() != "the result `/other` is missing" {
		t.Error(err)
	}
	if response := NewErrorResponse(-32602, "no"); !response.IsError() {
		t.Error("it is an error")
	}
	notification := NewNotification("notifications/progress", map[string]any{"isError": true})
	if kind, method := notification.Kind(); kind != ResponseNotification || method != "notifications/progress" {
		t.Error(kind, method)
	}
	if notification.IsError() {
		t.Error("a notification is no error")
	}
}

func TestAnswersCanBeCompared(t *testing.T) {
	if !reflect.DeepEqual(Abstain(), Opinion{}) {
		t.Error("the zero opinion abstains")
	}
	opinion := Allow().
		Owing(BudgetCharge("k", 1, "calls").RefundedOnFailure(), Label{"seen"}, Declassify{"seen"}, Redact{"/a"}).
		Owing(LimitResult(1)).
		Because("rule", "text")
	charge := Charge{Key: "k", Cost: 1, Limit: BudgetLimit("calls"), IsRefundedOnFailure: true}
	if !opinion.IsAllow() || !reflect.DeepEqual(opinion.Obligations[0], Obligation(charge)) || len(opinion.Obligations) != 5 {
		t.Errorf("%+v", opinion)
	}
	if !slices.Equal(opinion.Notes, []Note{{Rule: "rule", Text: "text"}}) {
		t.Errorf("%+v", opinion.Notes)
	}
	denial := Deny(InsufficientScope, "m", "a:b").Verdict.Denial
	if denial.Refusal.String() != "insufficient-scope" || denial.Error() != "m" || denial.Scopes[0] != "a:b" {
		t.Errorf("%+v", denial)
	}
	if edit := SetText("/a", `x"y`); edit.JSON != `"x\"y"` {
		t.Error(edit)
	}
	if edit := SetJSON("/a", ""); edit.IsRemoval || !Remove("/a").IsRemoval {
		t.Error("only Remove removes")
	}
	for _, asked := range []Ask{NewAsk("t", "r"), {Title: "t", Reason: "r"}} {
		ask := AskPeople(asked).Verdict.Ask
		if ask.Quorum != 1 || ask.DecideWithinSeconds != 86_400 || ask.UseWithinSeconds != 900 {
			t.Errorf("%+v", ask)
		}
	}
	two := AskPeople(Ask{Title: "t", Quorum: 2, UseWithinSeconds: 5}).Verdict.Ask
	if two.Quorum != 2 || two.DecideWithinSeconds != 86_400 || two.UseWithinSeconds != 5 {
		t.Errorf("%+v", two)
	}
}

func TestAnswersMadeOfAnotherShareNothing(t *testing.T) {
	base := Allow().Owing(Label{"a"}, Label{"b"}, Label{"c"})
	one, other := base.Owing(Label{"one"}), base.Owing(Label{"other"})
	if !reflect.DeepEqual(one.Obligations[3], Obligation(Label{"one"})) || len(other.Obligations) != 4 {
		t.Errorf("%+v", one)
	}
}

func TestAReportKeepsWhatComesBesideABlock(t *testing.T) {
	report := Block("no").Labelling("seen").Charging(FixedCharge("k", 1, 10, 60)).Because("rule", "")
	want := Report{
		Finding: Finding{IsBlocked: true, Message: "no"},
		Labels:  []string{"seen"},
		Charges: []Charge{{Key: "k", Cost: 1, Limit: WindowLimit{Limit: 10, WindowSeconds: 60}}},
		Notes:   []Note{{Rule: "rule"}},
	}
	if !reflect.DeepEqual(report, want) {
		t.Errorf("%+v", report)
	}
}
