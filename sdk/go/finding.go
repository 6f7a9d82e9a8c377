package gatewright

// Finding is what a policy that reviews answers: [Pass] or [Block]. The zero
// value passes the result on as it is.
type Finding struct {
	// Edits are changes to the result, in order, before the agent sees it.
	Edits []Edit
	// Labels that the session carries from now on.
	Labels []string
	// IsBlocked: the agent gets Message instead of the result.
	IsBlocked bool
	Message   string
}

// Pass lets the result go on, changed like this, in order.
func Pass(edits ...Edit) Finding { return Finding{Edits: edits} }

// WithLabels puts labels on the session.
func (finding Finding) WithLabels(labels ...string) Finding {
	finding.Labels = labels
	return finding
}

// Block gives the agent this text instead of the result.
func Block(message string) Finding { return Finding{IsBlocked: true, Message: message} }
