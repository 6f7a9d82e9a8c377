package gatewright

// Verdict is what a policy makes of a call. The zero value abstains.
type Verdict struct {
	Decision Decision
	// Denial of a deny.
	Denial Denial
	// Ask of an ask.
	Ask Ask
}

// Decision is which of the four answers a verdict is.
type Decision uint8

const (
	// DecisionAbstain: neither yes nor no.
	DecisionAbstain Decision = abiVerdictCaseAbstain
	// DecisionAllow: yes.
	DecisionAllow Decision = abiVerdictCaseAllow
	// DecisionDeny: no. Nothing outweighs it.
	DecisionDeny Decision = abiVerdictCaseDeny
	// DecisionAsk: only if people agree.
	DecisionAsk Decision = abiVerdictCaseAsk
)

// String gives the contract's word: abstain, allow, deny or ask.
func (decision Decision) String() string { return word(decision, abiVerdictWords[:]) }

// Refusal says why a policy refuses.
type Refusal uint8

const (
	// Forbidden: not allowed, whatever the arguments.
	Forbidden Refusal = abiRefusalCaseForbidden
	// InsufficientScope: another credential would be allowed; the denial names
	// its scopes.
	InsufficientScope Refusal = abiRefusalCaseInsufficientScope
	// InvalidArguments: this tool, but not with these arguments.
	InvalidArguments Refusal = abiRefusalCaseInvalidArguments
	// UnsafeContext: not in this session, after what happened before.
	UnsafeContext Refusal = abiRefusalCaseUnsafeContext
)

// String gives the contract's word, for example insufficient-scope.
func (refusal Refusal) String() string { return word(refusal, abiRefusalWords[:]) }

// Denial is a refusal. It is an error too: a policy may return it as one.
type Denial struct {
	Refusal Refusal
	// Message is shown to the agent: say what to do instead, and nothing secret.
	Message string
	// Scopes that would have been enough; only with InsufficientScope.
	Scopes []string
}

// Error is the message.
func (denial Denial) Error() string { return denial.Message }

func denied(denial Denial) Verdict {
	return Verdict{Decision: DecisionDeny, Denial: denial}
}

// decideWithinSeconds is how long people have when the policy does not say: a day.
const decideWithinSeconds = 24 * 60 * 60

// useWithinSeconds is how long an approval stays usable when the policy does not
// say.
const useWithinSeconds = 900

// Ask is what people are asked; [NewAsk] makes one, and so does a literal: what it
// leaves out is as [NewAsk] has it. The gate counts who approves:
// a policy never does.
type Ask struct {
	// Title is one line for the approver, at most 256 bytes.
	Title string
	// Reason says why a person must look at it, at most 4,096 bytes.
	Reason string
	// Show lists JSON Pointers (RFC 6901) into the arguments: what an approver
	// must see first. At most 16.
	Show []string
	// Roles that may approve; none means any approver. At most 16.
	Roles []string
	// Quorum is how many different people must approve: 1 to 16; 0 means 1.
	Quorum uint8
	// ExcludeRequester: whom the call is made for must not approve it.
	ExcludeRequester bool
	// Exclude lists who else must not approve, by id. At most 16.
	Exclude []string
	// DecideWithinSeconds is how long people have to decide: 1 to 2,592,000; 0 means
	// a day.
	DecideWithinSeconds uint32
	// UseWithinSeconds is how long the approval can be used, by one call, once
	// it is given: 1 to 2,592,000; 0 means 15 minutes.
	UseWithinSeconds uint32
}

// NewAsk asks one approver of any role, who has a day: a line that says what is
// to be approved, and why a person must look at it. The approval stays usable for
// 15 minutes. Change the fields where that does not fit.
func NewAsk(title, reason string) Ask {
	return Ask{
		Title: title, Reason: reason, Quorum: 1,
		DecideWithinSeconds: decideWithinSeconds, UseWithinSeconds: useWithinSeconds,
	}
}

// withDefaults is the ask with nothing left out.
func (ask Ask) withDefaults() Ask {
	if ask.Quorum == 0 {
		ask.Quorum = 1
	}
	if ask.DecideWithinSeconds == 0 {
		ask.DecideWithinSeconds = decideWithinSeconds
	}
	if ask.UseWithinSeconds == 0 {
		ask.UseWithinSeconds = useWithinSeconds
	}
	return ask
}
