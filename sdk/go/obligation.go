package gatewright

// Obligation is what the gate must do if the call goes ahead: a [Charge], a
// [Label], a [Redact] or a [LimitResult]. One that it cannot perform denies the
// call.
type Obligation interface{ obligation() }

// Charge takes from a budget that is counted in fixed windows; a call that
// would overrun it is denied.
type Charge struct {
	// Key of the budget, counted per binding.
	Key string
	// Cost of this call.
	Cost uint64
	// Limit is the most that one window may cost.
	Limit uint64
	// WindowSeconds is the length of the window.
	WindowSeconds uint32
}

// Label leaves labels on the session.
type Label []string

// Redact replaces what stands at these JSON Pointers (RFC 6901) in the result
// with `null`. Pointers that match nothing are fine.
type Redact []string

// LimitResult withholds a result larger than this many bytes.
type LimitResult uint64

func (Charge) obligation()      {}
func (Label) obligation()       {}
func (Redact) obligation()      {}
func (LimitResult) obligation() {}
