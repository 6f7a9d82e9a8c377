package gatewright

import "errors"

// Policy makes a component of the world `policy`: it judges calls. Call it once,
// in init.
//
// The settings are read by [ReadSettings] when the policy is loaded; an error
// keeps it from being loaded and is shown to the operator. Use struct{} for a
// policy without settings.
//
// An error that is an [*ArgumentError] denies the call with [InvalidArguments],
// one that is a [Denial] with that. Any other is a fault: the call is denied,
// and its text goes to the operator and not to the agent.
func Policy[S any](judge func(*S, *Request) (Verdict, error)) {
	register("policy", func(settings *S) {
		component.judge = func(request *Request) (Verdict, error) { return judge(settings, request) }
	})
}

// Editor makes a component of the world `editor`: it rewrites arguments before
// anyone judges them. Call it once, in init. An error denies the call.
func Editor[S any](revise func(*S, *Request) ([]Edit, error)) {
	register("editor", func(settings *S) {
		component.revise = func(request *Request) ([]Edit, error) { return revise(settings, request) }
	})
}

// Reviewer makes a component of the world `reviewer`: it looks at results on
// their way back. Call it once, in init. An error blocks the result: the agent
// gets its text.
func Reviewer[S any](review func(*S, *Request, *Response) (Finding, error)) {
	register("reviewer", func(settings *S) {
		component.review = func(request *Request, response *Response) (Finding, error) {
			return review(settings, request, response)
		}
	})
}

// component is what this program is: one world, configured once.
var component struct {
	world     string
	configure func(settings string) error
	judge     func(*Request) (Verdict, error)
	revise    func(*Request) ([]Edit, error)
	review    func(*Request, *Response) (Finding, error)
}

func register[S any](world string, configured func(*S)) {
	isSecond := component.world != ""
	component.world = world
	component.configure = func(text string) error {
		if isSecond {
			return errors.New("one policy, one component: it registers two")
		}
		settings, err := ReadSettings[S](text)
		if err == nil {
			configured(settings)
		}
		return err
	}
}
