package main

import (
	"testing"

	gatewright "gatewright.dev/sdk/go"
)

func TestMoreBecomesTheMost(t *testing.T) {
	search := func() *gatewright.Request { return gatewright.NewRequest("search") }
	for name, c := range map[string]struct {
		request *gatewright.Request
		edits   int
	}{
		"more": {search().WithArgument("/limit", 1000), 1},
		"none": {search(), 1},
		"less": {search().WithArgument("/limit", 5), 0},
	} {
		revision, err := revise(&settings{Most: 10}, c.request)
		if err != nil || len(revision.Edits) != c.edits {
			t.Errorf("%s: %v, %v", name, revision.Edits, err)
		}
	}
}

func TestWhatIsNoNumberIsRefused(t *testing.T) {
	request := gatewright.NewRequest("search").WithArgument("/limit", "all")
	if _, err := revise(&settings{Most: 10}, request); err == nil {
		t.Error("text is an error")
	}
}
