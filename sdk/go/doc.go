// Package gatewright makes a Gatewright policy of one settings struct and one
// function:
//
//	type Settings struct {
//		Endings []string `json:"endings"`
//	}
//
//	func judge(settings *Settings, request *gatewright.Request) (gatewright.Opinion, error) {
//		path, err := request.Argument("/path").Text()
//		if err != nil {
//			return gatewright.Opinion{}, err
//		}
//		for _, ending := range settings.Endings {
//			if strings.HasSuffix(path, ending) {
//				return gatewright.Allow().Because("endings", ""), nil
//			}
//		}
//		return gatewright.Deny(gatewright.InvalidArguments, "read other files").Because("endings", ""), nil
//	}
//
//	func init() {
//		gatewright.Policy(judge, gatewright.Description{
//			Powers: gatewright.PowerAllow | gatewright.PowerDeny,
//			Rules:  []gatewright.Rule{{ID: "endings", Title: "Paths end as the operator says"}},
//		})
//	}
//
//	func main() {}
//
// A policy is a pure function of its settings and the call. It has no clock, no
// randomness, no files and no network; the time of the call is [Request.At].
// Every call starts from the state that was there after the settings were read,
// so nothing that one call leaves in a variable is there in the next.
//
// `gatewright build` makes a component of the package. Everything else is
// ordinary Go: `go test` runs the policy natively, on requests that
// [NewRequest] builds.
package gatewright
