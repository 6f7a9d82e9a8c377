package gatewright

import "strings"

// Request is one call: who asks, what for, under which conditions, with which
// arguments (the `arguments` of `tools/call` and `prompts/get`, the `params` of
// every other method).
type Request struct {
	Subject Subject
	Action  Action
	Context Context

	arguments source
	past      []PastCall
}

// Subject is the agent, and whom it acts for.
type Subject struct {
	// ID is the credential's subject (a DID, a SPIFFE id, an OAuth client id).
	ID string
	// Issuer of the credential.
	Issuer string
	// Principal is the person or organisation the agent acts for, the root of
	// its delegation; empty where there is none.
	Principal string
	// Owner is the accountable owner from the agent registry; empty where there
	// is none.
	Owner string
	// Delegation lists every agent between the principal and the subject,
	// nearest the principal first.
	Delegation []string
	// Scopes say what the credential covers, for example `files:read_*`.
	Scopes []string
	// Proof says how the credential was proved for this call.
	Proof Proof
	// ExpiresAt is when the credential ends. Unix time, milliseconds.
	ExpiresAt uint64
}

// Action is what the agent wants to do.
type Action struct {
	// Method of MCP, for example `tools/call`.
	Method string
	// Server is the configured name of the tool server.
	Server string
	// Name of the tool or prompt, or the URI of the resource; empty for methods
	// that name nothing.
	Name string
	// Hints are what the operator pinned about it.
	Hints Hints
}

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
}

// Context is everything else that a decision may rest on.
type Context struct {
	// At is when the gate received the call. Unix time, milliseconds.
	At uint64
	// Session groups the calls made with one credential.
	Session string
	// Labels that earlier calls of this session left behind, sorted.
	Labels []string
	// Approvers already approved exactly this call.
	Approvers []string
}

// Proof is how strongly the caller proved that it holds the credential.
type Proof uint8

const (
	// ProofNone: no credential; the operator named this local agent.
	ProofNone Proof = iota
	// ProofBearer: whoever has the token may use it.
	ProofBearer
	// ProofSender: the sender proved that it holds the key (DPoP, RFC 9449).
	ProofSender
	// ProofCall: the sender signed this very call.
	ProofCall
)

// String gives the contract's word: none, bearer, sender or call.
func (proof Proof) String() string {
	return word(proof, "none", "bearer", "sender", "call")
}

// IsListing says whether this asks if a tool, prompt or resource may be shown
// in a list, and not if it may be used. There are no arguments then; a denial
// hides the entry, and no allow is needed to show it.
func (request *Request) IsListing() bool {
	return strings.HasSuffix(request.Action.Method, "/list")
}

// Argument is what stands at a JSON Pointer (RFC 6901) in the arguments; the
// empty pointer is the whole. A pointer that is not well-formed is a fault: the
// call is denied and the operator told.
func (request *Request) Argument(pointer string) Place {
	return Place{source: request.arguments, noun: "argument", pointer: pointer}
}

// History gives the latest calls of the session, newest first, at most limit;
// the gate keeps the last 64. Only for policies that judge: the worlds of
// editors and reviewers have no history.
func (request *Request) History(limit int) []PastCall {
	return recent(request, min(max(limit, 0), historyMax))
}

// word is the contract's word for a value of an enum.
func word[E ~uint8](value E, words ...string) string {
	if int(value) < len(words) {
		return words[value]
	}
	return "unknown"
}
