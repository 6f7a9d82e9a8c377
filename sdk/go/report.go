package gatewright

// Report is what a policy that reviews answers: [Pass] or [Block], and what
// comes beside. The zero value passes the result on as it is.
type Report struct {
	Finding Finding
	// Labels that the session carries from now on, whatever the finding.
	Labels []string
	// Charges are what the call cost beyond what was charged before it, also
	// where that overruns a budget. At most 32.
	Charges []Charge
	// Notes say why. At most 16.
	Notes []Note
}

// Finding is what becomes of a result. The zero value passes it on as it is.
type Finding struct {
	// Edits are changes to the result, in order, before the agent sees it.
	Edits []Edit
	// IsBlocked: the agent gets Message instead of the result.
	IsBlocked bool
	Message   string
}

// Pass lets the result go on, changed like this, in order.
func Pass(edits ...Edit) Report { return Report{Finding: Finding{Edits: edits}} }

// Block gives the agent this text instead of the result.
func Block(message string) Report {
	return Report{Finding: Finding{IsBlocked: true, Message: message}}
}

// Labelling puts labels on the session, whatever the finding.
func (report Report) Labelling(labels ...string) Report {
	report.Labels = joined(report.Labels, labels...)
	return report
}

// Charging adds what the call cost, beyond what was charged before it.
func (report Report) Charging(charges ...Charge) Report {
	report.Charges = joined(report.Charges, charges...)
	return report
}

// Because adds why: a rule that the [Description] lists, and words for the
// operator, which may be empty.
func (report Report) Because(rule, text string) Report {
	report.Notes = joined(report.Notes, Note{Rule: rule, Text: text})
	return report
}
