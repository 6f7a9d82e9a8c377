package gatewright

// Policy makes a component of the world `policy`: it judges calls. Call it once,
// in init.
//
// The settings are read by [ReadSettings] when the policy is loaded; an error
// keeps it from being loaded and is shown to the operator. Use struct{} for a
// policy without settings.
//
// An error that is an [*ArgumentError] denies the call with [InvalidArguments],
// one that is a [Denial] with that; obligations and notes of the opinion beside
// it stay. Any other is a fault: the call is denied, and its text goes to the
// operator and not to the agent.
func Policy[S any](judge func(*S, *Request) (Opinion, error), about Description) {
	register("policy", about, func(settings *S) {
		component.judge = func(request *Request) (Opinion, error) { return judge(settings, request) }
	})
}

// Editor makes a component of the world `editor`: it rewrites arguments before
// anyone judges them. Call it once, in init. An error denies the call.
func Editor[S any](revise func(*S, *Request) (Revision, error), about Description) {
	register("editor", about, func(settings *S) {
		component.revise = func(request *Request) (Revision, error) { return revise(settings, request) }
	})
}

// Reviewer makes a component of the world `reviewer`: it looks at results on
// their way back. Call it once, in init. An error blocks the result: the agent
// gets its text. Labels, charges and notes of the report beside it stay.
func Reviewer[S any](review func(*S, *Request, *Response) (Report, error), about Description) {
	register("reviewer", about, func(settings *S) {
		component.review = func(request *Request, response *Response) (Report, error) {
			return review(settings, request, response)
		}
	})
}

// component is what this program is: one world, configured once.
var component struct {
	world     string
	about     Description
	configure func(settings string) error
	judge     func(*Request) (Opinion, error)
	revise    func(*Request) (Revision, error)
	review    func(*Request, *Response) (Report, error)
}

func register[S any](world string, about Description, configured func(*S)) {
	isSecond := component.world != ""
	component.world, component.about = world, about
	component.configure = func(text string) error {
		if isSecond {
			return &SettingsError{Message: "one policy, one component: it registers two"}
		}
		settings, err := ReadSettings[S](text)
		if err == nil {
			configured(settings)
		}
		return err
	}
}
