// A search gives so many results at most, whatever the agent asks.
package main

import (
	_ "embed"
	"strconv"

	gatewright "gatewright.dev/sdk/go"
)

// byMost is the rule that every change follows; records name it.
const byMost = "most"

//go:embed settings.schema.json
var schema string

// settings are what the operator chooses.
type settings struct {
	// Most is how many results a search gives at most.
	Most int64 `json:"most"`
}

func revise(settings *settings, request *gatewright.Request) (gatewright.Revision, error) {
	if asked := request.Argument("/limit"); !asked.IsAbsent() {
		limit, err := asked.Integer()
		if err != nil || limit <= settings.Most {
			return gatewright.Revise(), err
		}
	}
	most := strconv.FormatInt(settings.Most, 10)
	return gatewright.Revise(gatewright.SetJSON("/limit", most)).Because(byMost, ""), nil
}

func init() {
	gatewright.Editor(revise, gatewright.Description{
		SettingsSchema: schema,
		Powers:         gatewright.PowerEdit,
		Rules:          []gatewright.Rule{{ID: byMost, Title: "Searches give so many results at most"}},
	})
}

func main() {}
