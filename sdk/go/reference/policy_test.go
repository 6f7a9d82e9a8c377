package main

import (
	"testing"

	gatewright "gatewright.dev/sdk/go"
)

func TestSettingsAreRefusedInTheOrderOfTheCorpus(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                           "settings are not JSON",
		`[]`:                          "settings are not an object",
		`{"max":"x"}`:                 "tag is missing",
		`{"tag":1}`:                   "tag is not text",
		`{"tag":"","closed":1}`:       "tag is empty",
		`{"tag":"T","closed":[1]}`:    "closed is not a list of names",
		`{"tag":"T","closed":null}`:   "closed is not a list of names",
		`{"tag":"T","max":1.5,"z":1}`: "max is not an integer",
		`{"tag":"T","z":1,"a":2}`:     "unknown setting z",
	} {
		if _, err := gatewright.ReadSettings[settings](text); err == nil || err.Error() != want {
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
		"at-most": "n is not an integer",
		"count":   "1",
		"keys":    "do",
		"subject": "did:example:agent|did:example:issuer|user:alice|-||*:*|bearer|1767229200000",
		"value":   "object 1",
		"zzz":     "unknown: zzz",
	} {
		verdict, err := judge(settings, gatewright.NewRequest("t").WithArgument("/do", do))
		if err != nil || verdict.Denial.Message != want {
			t.Errorf("%s: %+v, %v", do, verdict, err)
		}
	}
	if verdict, _ := judge(settings, gatewright.NewRequest("shut")); verdict.Denial.Message != "T: shut is closed" {
		t.Errorf("%+v", verdict)
	}
}
