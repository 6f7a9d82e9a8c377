package gatewright

// Obligation is what the gate must do if the call goes ahead: a [Charge], a
// [Label], a [Declassify], a [Redact] or a [LimitResult]. One that it cannot
// perform denies the call.
type Obligation interface{ obligation() }

// Label leaves labels on the session. Power [PowerLabel].
type Label []string

// Declassify takes labels off the session. Power [PowerDeclassify].
type Declassify []string

// Redact replaces what stands at these JSON Pointers (RFC 6901) in the result
// with `null` before the agent sees it. Pointers that match nothing are fine.
// Power [PowerRedact].
type Redact []string

// LimitResult withholds a result larger than this many bytes. Power
// [PowerLimitResult].
type LimitResult uint64

// Charge is what a call costs: [FixedCharge] and [BudgetCharge] make one. A call
// that would overrun its budget is denied. Power [PowerCharge].
type Charge struct {
	// Key of the budget, counted per binding.
	Key string
	// Cost of this call.
	Cost uint64
	// Limit is how much the budget holds: a [BudgetLimit] or a [WindowLimit].
	Limit Limit
	// IsRefundedOnFailure: it is given back if no usable answer comes back.
	IsRefundedOnFailure bool
}

// Limit is how much a budget holds: a [BudgetLimit] or a [WindowLimit].
type Limit interface{ limit() }

// BudgetLimit is what the operator set for the binding under this name
// (`[binding.budgets]`). A name that is not set is a fault.
type BudgetLimit string

// WindowLimit is a budget in windows of a fixed size.
type WindowLimit struct {
	// Limit is the most that one window may cost.
	Limit uint64
	// WindowSeconds is the length of the window; 0 counts as 1.
	WindowSeconds uint32
}

// FixedCharge is a cost in windows of a fixed size.
func FixedCharge(key string, cost, limit uint64, windowSeconds uint32) Charge {
	return Charge{Key: key, Cost: cost, Limit: WindowLimit{Limit: limit, WindowSeconds: windowSeconds}}
}

// BudgetCharge is a cost in the budget that the operator set for the binding
// under a name.
func BudgetCharge(key string, cost uint64, budget string) Charge {
	return Charge{Key: key, Cost: cost, Limit: BudgetLimit(budget)}
}

// RefundedOnFailure is given back if no usable answer comes back.
func (charge Charge) RefundedOnFailure() Charge {
	charge.IsRefundedOnFailure = true
	return charge
}

func (Charge) obligation()      {}
func (Label) obligation()       {}
func (Declassify) obligation()  {}
func (Redact) obligation()      {}
func (LimitResult) obligation() {}

func (BudgetLimit) limit() {}
func (WindowLimit) limit() {}
