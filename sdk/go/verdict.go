package gatewright

// Verdict is what a policy that judges answers: [Abstain], [Allow], [Deny] or
// [Ask]. The zero value abstains.
type Verdict struct {
	Decision Decision
	// Obligations of an allow.
	Obligations []Obligation
	// Denial of a deny.
	Denial Denial
	// Approval of an ask.
	Approval Approval
}

// Decision is which of the four answers a verdict is.
type Decision uint8

const (
	// DecisionAbstain: no opinion.
	DecisionAbstain Decision = iota
	// DecisionAllow: yes, if the obligations are met.
	DecisionAllow
	// DecisionDeny: no. Nothing outweighs it.
	DecisionDeny
	// DecisionAsk: only if a person agrees.
	DecisionAsk
)

// String gives the contract's word: abstain, allow, deny or ask.
func (decision Decision) String() string {
	return word(decision, "abstain", "allow", "deny", "ask")
}

// Refusal says why a policy refuses.
type Refusal uint8

const (
	// Forbidden: not allowed, whatever the arguments.
	Forbidden Refusal = iota
	// InsufficientScope: another credential would be allowed; the denial names
	// its scopes.
	InsufficientScope
	// InvalidArguments: this tool, but not with these arguments.
	InvalidArguments
	// UnsafeContext: not in this session, after what happened before.
	UnsafeContext
)

// String gives the contract's word, for example insufficient-scope.
func (refusal Refusal) String() string {
	return word(refusal, "forbidden", "insufficient-scope", "invalid-arguments", "unsafe-context")
}

// Denial is a refusal. It is an error too: a policy may return it as one.
type Denial struct {
	Refusal Refusal
	// Message is shown to the agent: say what to do instead, and nothing secret.
	Message string
	// Scopes that would have been enough; only with InsufficientScope.
	Scopes []string
}

// ttlSeconds is how long an approval stays usable when the policy does not say.
const ttlSeconds = 900

// Approval is what an approver is asked; [NewApproval] makes one.
type Approval struct {
	// Title is one line for the approver.
	Title string
	// Reason says why a person must look at it.
	Reason string
	// Roles that may approve; none means any approver.
	Roles []string
	// Quorum is how many different people must approve; 0 counts as 1.
	Quorum uint8
	// TTLSeconds is how long a granted approval stays usable.
	TTLSeconds uint32
}

// Abstain has no opinion.
func Abstain() Verdict { return Verdict{} }

// Allow says yes, if the gate meets these obligations.
func Allow(obligations ...Obligation) Verdict {
	return Verdict{Decision: DecisionAllow, Obligations: obligations}
}

// Deny says no. The agent reads the message: say what to do instead. Scopes
// that would be enough go with [InsufficientScope] only.
func Deny(refusal Refusal, message string, scopes ...string) Verdict {
	return denied(Denial{Refusal: refusal, Message: message, Scopes: scopes})
}

// Ask says yes only if a person agrees.
func Ask(approval Approval) Verdict {
	return Verdict{Decision: DecisionAsk, Approval: approval}
}

// NewApproval asks one approver of any role: a line that says what is to be
// approved, and why a person must look at it. A granted approval stays usable
// for 15 minutes. Change the fields where that does not fit.
func NewApproval(title, reason string) Approval {
	return Approval{Title: title, Reason: reason, Quorum: 1, TTLSeconds: ttlSeconds}
}

func denied(denial Denial) Verdict {
	return Verdict{Decision: DecisionDeny, Denial: denial}
}

// Error is the message.
func (denial Denial) Error() string { return denial.Message }
