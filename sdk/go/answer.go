//go:build wasip1

package gatewright

import "errors"

// What the exports of each world call: abi_policy.go and its like are generated,
// and a build tag chooses one of them.

// answerDescribe says nothing of a component that is not of the world that it is
// built for: answerConfigure refuses it, and says why.
func answerDescribe() address {
	defer reportPanic()
	if component.world != builtWorld {
		return lowerDescription(Description{})
	}
	return lowerDescription(component.about)
}

func answerConfigure(settings string) address {
	defer reportPanic()
	release()
	if component.world != builtWorld {
		return lowerConfigured(&SettingsError{Message: "this is no " + builtWorld +
			": its `init` does not register one; hint: `world` in `policy.toml` says what it is"})
	}
	if err := component.configure(settings); err != nil {
		return lowerConfigured(settingsErrorOf(err))
	}
	warm()
	return lowerConfigured(nil)
}

func answerJudge() address {
	defer reportPanic()
	opinion, err := component.judge(&Request{})
	if err != nil {
		opinion.Verdict = denied(denialOf(err))
	}
	return lowerOpinion(opinion)
}

func answerRevise() address {
	defer reportPanic()
	return lowerRevision(component.revise(&Request{}))
}

func answerReview() address {
	defer reportPanic()
	report, err := component.review(&Request{}, &Response{})
	if err != nil {
		report.Finding = Finding{IsBlocked: true, Message: err.Error()}
	}
	return lowerReport(report)
}

// denialOf looks first at what the error is, and only then at what it wraps,
// which takes more fuel than all else in such a call.
func denialOf(err error) Denial {
	switch known := err.(type) {
	case Denial:
		return known
	case *ArgumentError:
		return Denial{Refusal: InvalidArguments, Message: known.Error()}
	}
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
