package gatewright

// Link is an agent on the way from the principal to the one that asks.
type Link struct {
	ID string
	// Issuer says that it may delegate; empty where that is not known.
	Issuer string
}

// Claim is a claim of the credential that the operator lets policies see.
type Claim struct {
	// Name is the one that the operator gave it.
	Name string
	// Values are one, or those of a list.
	Values []string
}

// Proof is how strongly the caller proved that it holds the credential.
type Proof uint8

const (
	// ProofNone: no credential; the operator named this local agent.
	ProofNone Proof = abiProofKindCaseNone
	// ProofBearer: whoever has the token may use it.
	ProofBearer Proof = abiProofKindCaseBearer
	// ProofSender: the sender proved that it holds the key (DPoP, RFC 9449).
	ProofSender Proof = abiProofKindCaseSender
	// ProofCall: the sender signed this very call.
	ProofCall Proof = abiProofKindCaseCall
)

// String gives the contract's word: none, bearer, sender or call.
func (proof Proof) String() string { return word(proof, abiProofKindWords[:]) }

// Purpose is why a policy is asked.
type Purpose uint8

const (
	// PurposeCall: somebody makes the call.
	PurposeCall Purpose = abiPurposeKindCaseCall
	// PurposeListing: somebody asks what there is.
	PurposeListing Purpose = abiPurposeKindCaseListing
)

// String gives the contract's word: call or listing.
func (purpose Purpose) String() string { return word(purpose, abiPurposeKindWords[:]) }

// Hints are what the operator pinned about a tool; never what the tool server
// claims about itself. None set means that nobody pinned it.
type Hints struct {
	// ReadOnly: the tool changes nothing.
	ReadOnly bool
	// Destructive: the tool can destroy or overwrite.
	Destructive bool
	// Idempotent: the same call twice has the effect of one.
	Idempotent bool
	// OpenWorld: the tool reaches beyond the system it belongs to.
	OpenWorld bool
	// Untrusted: what it answers may be written by anybody.
	Untrusted bool
	// Sensitive: what it answers must not leave with another call.
	Sensitive bool
}

// SessionLabel is a label that the session carries.
type SessionLabel struct {
	Name string
	// Source is the binding that left it last; empty where that is not recorded.
	Source string
	// At is when it was left last. Unix time, milliseconds; 0 where that is not
	// recorded.
	At uint64
}

// Approval says that somebody approved exactly this call.
type Approval struct {
	// By is the id of the person.
	By    string
	Roles []string
	// At is when. Unix time, milliseconds.
	At uint64
	// Method says how it was shown who approves.
	Method string
}

// Budget is what is spent of a budget in the window that the call falls in.
type Budget struct {
	// Limit is the most that one window may cost.
	Limit uint64
	// WindowSeconds is how long a window lasts.
	WindowSeconds uint32
	// Spent is what was charged when the call was judged; more than the limit
	// where charges came after their calls.
	Spent uint64
}

// Left is what is left of it.
func (budget Budget) Left() uint64 { return budget.Limit - min(budget.Spent, budget.Limit) }

// historyMax is how many calls of a session the gate keeps.
const historyMax = 64

// PastCall is an earlier call of the session.
type PastCall struct {
	// ID of the decision. Several calls have the same where one message named
	// several things.
	ID string
	// At is when the gate received it. Unix time, milliseconds.
	At uint64
	// Method, Server and Name as those of [Request].
	Method string
	Server string
	Name   string
	// Outcome is what became of it.
	Outcome Outcome
	// Reason says why not, if not: a reason of the gate, for example
	// `forbidden`; empty where there is none.
	Reason string
}

// Outcome is what became of an earlier call.
type Outcome uint8

const (
	// Allowed: went ahead, and the tool answered.
	Allowed Outcome = abiOutcomeCaseAllowed
	// Denied: was refused.
	Denied Outcome = abiOutcomeCaseDenied
	// Held: waits, or waited, for a person.
	Held Outcome = abiOutcomeCaseHeld
	// Failed: went ahead, and no usable answer came back.
	Failed Outcome = abiOutcomeCaseFailed
	// Pending: went ahead, and nothing came back yet.
	Pending Outcome = abiOutcomeCasePending
)

// String gives the contract's word: allowed, denied, held, failed or pending.
func (outcome Outcome) String() string { return word(outcome, abiOutcomeWords[:]) }

// word is the contract's word for a value.
func word[E ~uint8](value E, words []string) string {
	if int(value) < len(words) {
		return words[value]
	}
	return "unknown"
}
