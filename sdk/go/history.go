package gatewright

// historyMax is how many calls of a session the gate keeps.
const historyMax = 64

// PastCall is an earlier call of the session.
type PastCall struct {
	// At is when the gate received it. Unix time, milliseconds.
	At uint64
	// Method, Server and Name as in [Action].
	Method string
	Server string
	Name   string
	// Outcome is what became of it.
	Outcome Outcome
}

// Outcome is what became of an earlier call.
type Outcome uint8

const (
	// Allowed: went ahead, and the tool answered.
	Allowed Outcome = iota
	// Denied: was refused.
	Denied
	// Held: waits, or waited, for a person.
	Held
	// Failed: went ahead, and no usable answer came back, or none yet.
	Failed
)

// String gives the contract's word: allowed, denied, held or failed.
func (outcome Outcome) String() string {
	return word(outcome, "allowed", "denied", "held", "failed")
}
