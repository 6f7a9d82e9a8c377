package main

import (
	"testing"

	gatewright "gatewright.dev/sdk/go"
)

func TestOtherEndingsAreRefused(t *testing.T) {
	settings := &settings{Endings: []string{".md"}}
	for path, want := range map[string]gatewright.Decision{
		"passwords.txt": gatewright.DecisionDeny,
		"notes.md":      gatewright.DecisionAllow,
	} {
		opinion, err := judge(settings, gatewright.NewRequest("read_file").WithArgument("/path", path))
		if err != nil || opinion.Verdict.Decision != want {
			t.Errorf("%s: %v, %v", path, opinion.Verdict.Decision, err)
		}
	}
}

func TestACallWithoutAPathIsRefused(t *testing.T) {
	settings := &settings{Endings: []string{".md"}}
	if _, err := judge(settings, gatewright.NewRequest("read_file")); err == nil {
		t.Error("a missing path is an error")
	}
}
