// Whoever got a result of these tools has a label from then on.
package main

import (
	_ "embed"

	gatewright "gatewright.dev/sdk/go"
)

// byLabel is the rule that every label follows; records name it.
const byLabel = "label"

//go:embed settings.schema.json
var schema string

// settings are what the operator chooses.
type settings struct {
	// Label is what a session carries that got a result.
	Label string `json:"label"`
}

func review(settings *settings, _ *gatewright.Request, response *gatewright.Response) (gatewright.Report, error) {
	if response.IsError() {
		return gatewright.Pass(), nil
	}
	return gatewright.Pass().Labelling(settings.Label).Because(byLabel, ""), nil
}

func init() {
	gatewright.Reviewer(review, gatewright.Description{
		SettingsSchema: schema,
		Powers:         gatewright.PowerLabel,
		Rules:          []gatewright.Rule{{ID: byLabel, Title: "Results label the session"}},
	})
}

func main() {}
