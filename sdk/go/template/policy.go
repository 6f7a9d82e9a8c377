// An agent may read files with certain endings, and no others.
package main

import (
	"strings"

	gatewright "gatewright.dev/sdk/go"
)

type settings struct {
	Endings []string `json:"endings"`
}

func judge(settings *settings, request *gatewright.Request) (gatewright.Verdict, error) {
	if request.IsListing() {
		return gatewright.Abstain(), nil
	}
	path, err := request.Argument("/path").Text()
	if err != nil {
		return gatewright.Verdict{}, err
	}
	for _, ending := range settings.Endings {
		if strings.HasSuffix(path, ending) {
			return gatewright.Allow(), nil
		}
	}
	endings := strings.Join(settings.Endings, ", ")
	return gatewright.Deny(gatewright.InvalidArguments, "use a path that ends in "+endings), nil
}

func init() { gatewright.Policy(judge) }

func main() {}
