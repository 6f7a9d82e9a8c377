// Package gatewright makes a Gatewright policy of one settings struct and one
// function:
//
//	type Settings struct {
//		Endings []string `json:"endings"`
//	}
//
//	func judge(settings *Settings, request *gatewright.Request) (gatewright.Verdict, error) {
//		path, err := request.Argument("/path").Text()
//		if err != nil {
//			return gatewright.Verdict{}, err
//		}
//		for _, ending := range settings.Endings {
//			if strings.HasSuffix(path, ending) {
//				return gatewright.Allow(), nil
//			}
//		}
//		return gatewright.Deny(gatewright.InvalidArguments, "read other files"), nil
//	}
//
//	func init() { gatewright.Policy(judge) }
//
//	func main() {}
//
// A policy is a pure function of its settings and the request. It has no
// clock, no randomness, no files and no network; the time of the call is
// request.Context.At. Every call starts from the state that was there after
// the settings were read, so nothing that one call leaves in a variable is
// there in the next.
//
// `gatewright build` makes a component of the package. Everything else is
// ordinary Go: `go test` runs the policy natively, on requests that
// [NewRequest] builds.
package gatewright
