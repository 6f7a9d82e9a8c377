// An agent may read files with certain endings, and no others.
package main

import (
	_ "embed"
	"strings"

	gatewright "gatewright.dev/sdk/go"
)

// byEnding is the rule that every answer follows; records name it.
const byEnding = "endings"

//go:embed settings.schema.json
var schema string

// settings are what the operator chooses.
type settings struct {
	// Endings of the paths that may be read.
	Endings []string `json:"endings"`
}

func judge(settings *settings, request *gatewright.Request) (gatewright.Opinion, error) {
	if request.IsListing() {
		return gatewright.Abstain(), nil
	}
	path, err := request.Argument("/path").Text()
	if err != nil {
		return gatewright.Opinion{}, err
	}
	for _, ending := range settings.Endings {
		if strings.HasSuffix(path, ending) {
			return gatewright.Allow().Because(byEnding, ""), nil
		}
	}
	endings := strings.Join(settings.Endings, ", ")
	opinion := gatewright.Deny(gatewright.InvalidArguments, "use a path that ends in "+endings)
	return opinion.Because(byEnding, ""), nil
}

func init() {
	gatewright.Policy(judge, gatewright.Description{
		SettingsSchema: schema,
		Powers:         gatewright.PowerAllow | gatewright.PowerDeny,
		Rules:          []gatewright.Rule{{ID: byEnding, Title: "Paths end as the operator says"}},
	})
}

func main() {}
