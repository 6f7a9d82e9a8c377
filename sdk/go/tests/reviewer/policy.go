// A reviewer that counts and labels what comes back: every part of a report.
package main

import (
	"strings"

	gatewright "gatewright.dev/sdk/go"
)

func review(_ *struct{}, request *gatewright.Request, response *gatewright.Response) (gatewright.Report, error) {
	kind, method := response.Kind()
	report := gatewright.Report{}.
		Labelling(kind.String()+method, request.Name()).
		Charging(
			gatewright.BudgetCharge("answers", 3, "calls"),
			gatewright.FixedCharge(request.Server(), 1, 10, 60).RefundedOnFailure(),
		).
		Because("counted", strings.Join(response.Root().Keys(), ","))
	if response.IsError() {
		report.Finding = gatewright.Finding{IsBlocked: true, Message: "it failed: " + response.Root().JSON()}
		return report, nil
	}
	text, err := response.At("/content/0/text").Text()
	if err != nil {
		return report, err
	}
	report.Finding.Edits = []gatewright.Edit{
		gatewright.SetText("/content/0/text", strings.ToUpper(text)),
		gatewright.Remove("/extra"),
	}
	return report, nil
}

func init() {
	gatewright.Reviewer(review, gatewright.Description{
		Powers: gatewright.PowerEdit | gatewright.PowerBlock | gatewright.PowerLabel | gatewright.PowerCharge,
		Rules:  []gatewright.Rule{{ID: "counted", Title: "Every answer counts"}},
	})
}

func main() {}
