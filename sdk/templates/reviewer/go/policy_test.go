package main

import (
	"testing"

	gatewright "gatewright.dev/sdk/go"
)

func TestAResultLabelsTheSession(t *testing.T) {
	request := gatewright.NewRequest("fetch")
	for _, c := range []struct {
		response *gatewright.Response
		labels   int
	}{
		{gatewright.NewTextResponse("hello"), 1},
		{gatewright.NewErrorResponse(-32000, "not found"), 0},
	} {
		report, err := review(&settings{Label: "outside"}, request, c.response)
		if err != nil || len(report.Labels) != c.labels {
			t.Errorf("%v, %v", report.Labels, err)
		}
	}
}
