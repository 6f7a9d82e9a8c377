package gatewright

// Description is what a policy says about itself. It does not depend on
// settings.
type Description struct {
	// SettingsSchema is a JSON Schema of the settings, for example from
	// `//go:embed settings.schema.json`; none where it is empty.
	SettingsSchema string
	// Powers that any of its answers may need.
	Powers Powers
	// Rules that notes refer to. Records name them in clear; a rule that is not
	// described stands in them as a digest.
	Rules []Rule
}

// Rule is one that a policy answers by.
type Rule struct {
	// ID is stable: reports and exceptions refer to it. At most 128 bytes.
	ID string
	// Title is one line for a person, at most 1,024 bytes.
	Title string
}

// Powers are things that an answer can do: `PowerAllow | PowerDeny`. The
// operator grants them to a binding; an answer that needs one that was not
// granted is a fault.
type Powers uint16

// What an answer can do: a verdict, an obligation, an edit, a block.
const (
	PowerAllow       Powers = abiPowersAllow
	PowerDeny        Powers = abiPowersDeny
	PowerAsk         Powers = abiPowersAsk
	PowerCharge      Powers = abiPowersCharge
	PowerLabel       Powers = abiPowersLabel
	PowerDeclassify  Powers = abiPowersDeclassify
	PowerRedact      Powers = abiPowersRedact
	PowerLimitResult Powers = abiPowersLimitResult
	PowerEdit        Powers = abiPowersEdit
	PowerBlock       Powers = abiPowersBlock
)
