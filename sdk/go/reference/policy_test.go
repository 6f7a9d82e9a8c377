package main

import (
	"errors"
	"testing"

	gatewright "gatewright.dev/sdk/go"
)

func TestSettingsAreRefusedInTheOrderOfTheCorpus(t *testing.T) {
	for text, want := range map[string]gatewright.SettingsError{
		`{`:                           {Message: "settings are not JSON"},
		`[]`:                          {Message: "settings are not an object"},
		`{"max":"x"}`:                 {Message: "tag is missing"},
		`{"tag":1}`:                   {Pointer: "/tag", Message: "tag is not text"},
		`{"tag":"","closed":1}`:       {Pointer: "/tag", Message: "tag is empty"},
		`{"tag":"T","closed":[1]}`:    {Pointer: "/closed", Message: "closed is not a list of names"},
		`{"tag":"T","closed":null}`:   {Pointer: "/closed", Message: "closed is not a list of names"},
		`{"tag":"T","max":1.5,"z":1}`: {Pointer: "/max", Message: "max is not an integer"},
		`{"tag":"T","z/":1,"a":2}`:    {Pointer: "/z~1", Message: "unknown setting z/"},
	} {
		_, err := gatewright.ReadSettings[settings](text)
		var refused *gatewright.SettingsError
		if !errors.As(err, &refused) || *refused != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	read, err := gatewright.ReadSettings[settings](`{"tag":"T"}`)
	if err != nil || read.tag != "T" || read.max != 100 || len(read.closed) != 0 {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestAnswersAreThoseOfTheCorpus(t *testing.T) {
	settings := &settings{tag: "T", closed: []string{"shut"}, max: 100}
	for do, want := range map[string]string{
		"action":  "call|tools/call|server|t|||",
		"at-most": "n is not an integer",
		"caller":  "did:example:agent|did:example:issuer|user:alice|-||*:*|bearer|1767229200000",
		"claims":  "|",
		"count":   "1",
		"keys":    "do",
		"tool":    "-|-|-",
		"value":   "object 1",
		"walk":    "{do='walk'}",
		"zzz":     "unknown: zzz",
	} {
		opinion, err := judge(settings, gatewright.NewRequest("t").WithArgument("/do", do))
		if err != nil || opinion.Verdict.Denial.Message != want {
			t.Errorf("%s: %+v, %v", do, opinion, err)
		}
	}
	opinion, _ := judge(settings, gatewright.NewRequest("shut").WithMethod("tools/list"))
	if opinion.Verdict.Denial.Message != "T: shut is closed" || opinion.Notes[0].Rule != "closed" {
		t.Errorf("%+v", opinion)
	}
}
