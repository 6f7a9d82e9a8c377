package gatewright

// Opinion is what a policy that judges answers: a verdict, what the gate owes if
// the call goes ahead, and why. The zero value abstains.
type Opinion struct {
	Verdict Verdict
	// Obligations hold if the call goes ahead, whoever allows it. At most 32.
	Obligations []Obligation
	// Notes say why. At most 16.
	Notes []Note
}

// Note says why a policy answered as it did. It is recorded; the agent does not
// see it.
type Note struct {
	// Rule is the id of one that the [Description] lists, at most 128 bytes.
	Rule string
	// Text says it in words, at most 1,024 bytes; may be empty.
	Text string
}

// Abstain is neither yes nor no.
func Abstain() Opinion { return Opinion{} }

// Allow says yes.
func Allow() Opinion { return Opinion{Verdict: Verdict{Decision: DecisionAllow}} }

// Deny says no. The agent reads the message: say what to do instead. Scopes
// that would be enough go with [InsufficientScope] only.
func Deny(refusal Refusal, message string, scopes ...string) Opinion {
	return Opinion{Verdict: denied(Denial{Refusal: refusal, Message: message, Scopes: scopes})}
}

// AskPeople says yes only if people agree, and another policy allows.
func AskPeople(ask Ask) Opinion {
	return Opinion{Verdict: Verdict{Decision: DecisionAsk, Ask: ask.withDefaults()}}
}

// Owing adds what the gate owes if the call goes ahead, whoever allows it.
func (opinion Opinion) Owing(obligations ...Obligation) Opinion {
	opinion.Obligations = joined(opinion.Obligations, obligations...)
	return opinion
}

// Because adds why: a rule that the [Description] lists, and words for the
// operator, which may be empty.
func (opinion Opinion) Because(rule, text string) Opinion {
	opinion.Notes = joined(opinion.Notes, Note{Rule: rule, Text: text})
	return opinion
}

// IsAllow says whether it is a yes.
func (opinion Opinion) IsAllow() bool { return opinion.Verdict.Decision == DecisionAllow }

// IsDeny says whether it is a no.
func (opinion Opinion) IsDeny() bool { return opinion.Verdict.Decision == DecisionDeny }

// joined is a list of its own: an answer that is made of another shares nothing
// with it.
func joined[T any](some []T, more ...T) []T {
	return append(some[:len(some):len(some)], more...)
}
