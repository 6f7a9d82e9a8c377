//go:build wasip1 && gatewright_policy

package gatewright

import "errors"

var (
	configureArea wireResult
	verdictArea   wireVerdict
)

//go:wasmexport gatewright:policy/judging@0.1.0#configure
func exportConfigure(settings string) *wireResult {
	configureArea = configure("policy", settings)
	return &configureArea
}

//go:wasmexport gatewright:policy/judging@0.1.0#judge
func exportJudge(request *wireRequest) *wireVerdict {
	defer reportPanic()
	verdict, err := component.judge(request.lift())
	if err != nil {
		verdict = denied(denialOf(err))
	}
	verdictArea = lowerVerdict(verdict)
	return &verdictArea
}

func denialOf(err error) Denial {
	var denial Denial
	var argument *ArgumentError
	switch {
	case errors.As(err, &denial):
	case errors.As(err, &argument):
		denial = Denial{Refusal: InvalidArguments, Message: err.Error()}
	default:
		fault("error: " + err.Error())
	}
	return denial
}
