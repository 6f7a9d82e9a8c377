package gatewright

// Request is one call. Whatever is asked about it is read from the gate then,
// and costs nothing before.
type Request struct{ facts facts }

// Agent is the stable id of the agent: the credential's subject (a DID, a SPIFFE
// id, an OAuth client id).
func (request *Request) Agent() string { return request.facts.agent() }

// Issuer is who issued the credential.
func (request *Request) Issuer() string { return request.facts.issuer() }

// Principal is the person or organisation that the agent acts for, if there is
// one.
func (request *Request) Principal() (principal string, exists bool) { return request.facts.principal() }

// Owner is the accountable owner, as the agent registry of the gate has it, if it
// has one.
func (request *Request) Owner() (owner string, exists bool) { return request.facts.owner() }

// Chain lists every agent between the principal and this one, nearest the
// principal first. It is empty where the principal delegated to it directly.
func (request *Request) Chain() []Link { return request.facts.chain() }

// Scopes say what the credential covers, for example `files:read_*`.
func (request *Request) Scopes() []string { return request.facts.scopes() }

// Proof says how strongly the caller proved that it holds the credential.
func (request *Request) Proof() Proof { return request.facts.proof() }

// ExpiresAt is when the credential ends. Unix time, milliseconds.
func (request *Request) ExpiresAt() uint64 { return request.facts.expiresAt() }

// Claims are those of the credential that the operator lets policies see: groups,
// roles, a tenant. They are sorted by name.
func (request *Request) Claims() []Claim { return request.facts.claims() }

// Claim gives the values of the claim of this name; none where there is none.
func (request *Request) Claim(name string) []string { return request.facts.claim(name) }

// Purpose is why the policy is asked.
func (request *Request) Purpose() Purpose { return request.facts.purpose() }

// IsListing says whether this asks if a tool, prompt or resource may be shown
// in a list, and not if it may be used. There are no arguments then; a denial
// hides the entry, and no allow is needed to show it.
func (request *Request) IsListing() bool { return request.Purpose() == PurposeListing }

// Method of MCP, for example `tools/call`.
func (request *Request) Method() string { return request.facts.method() }

// Server is the configured name of the tool server.
func (request *Request) Server() string { return request.facts.server() }

// Name of the tool or prompt, or the URI of the resource; empty for methods that
// name nothing.
func (request *Request) Name() string { return request.facts.name() }

// Hints are what the operator pinned about the tool.
func (request *Request) Hints() Hints { return request.facts.hints() }

// Targets are arguments that say what the tool works on or where it sends: JSON
// Pointers that the operator pinned.
func (request *Request) Targets() []string { return request.facts.targets() }

// Contents are arguments that are handed on as they are: JSON Pointers that the
// operator pinned.
func (request *Request) Contents() []string { return request.facts.contents() }

// Definition is the digest of the definition that is pinned, by the operator or
// at first sight. None where none is.
func (request *Request) Definition() (digest string, exists bool) { return request.facts.definition() }

// Schema is the JSON Schema of the arguments in that definition. None where none
// is pinned, or where it is too long to be kept.
func (request *Request) Schema() (schema *Node, exists bool) { return request.facts.schema() }

// Claimed is what the tool server says about the tool itself; worth no more than
// the server is trusted. None where the gate did not see it in a list.
func (request *Request) Claimed() (claimed *Node, exists bool) { return request.facts.claimed() }

// At is when the gate received the call. Unix time, milliseconds.
func (request *Request) At() uint64 { return request.facts.at() }

// Decision is the id of the decision to come. Unique; do not decide by it.
func (request *Request) Decision() string { return request.facts.decision() }

// Session groups the calls of one agent, for one principal, at one task,
// whatever credentials it shows.
func (request *Request) Session() string { return request.facts.session() }

// Labels are what earlier calls of this session left behind, sorted by name.
func (request *Request) Labels() []SessionLabel { return request.facts.labels() }

// HasLabel says whether the session carries a label of this name.
func (request *Request) HasLabel(name string) bool { return request.facts.hasLabel(name) }

// Approvals say who approved this call already.
func (request *Request) Approvals() []Approval { return request.facts.approvals() }

// Argument is what stands at a JSON Pointer (RFC 6901) in the arguments (the
// `arguments` of `tools/call` and `prompts/get`, the `params` of every other
// method); the empty pointer is the whole. A pointer that is not well-formed is
// a fault: the call is denied and the operator told.
func (request *Request) Argument(pointer string) Place {
	return Place{source: request.facts.arguments(), noun: "argument", pointer: pointer}
}

// Root is all arguments, to walk through.
func (request *Request) Root() *Node { return request.facts.arguments().root() }

// Budget is one that the operator set for the binding under this name, as it is
// charged under a key. A name that is not set is a fault. What others spend
// meanwhile is not in it: a charge keeps a call within its budget.
func (request *Request) Budget(name, key string) Budget { return request.facts.budget(name, key) }

// History gives the latest calls of the session, newest first, at most limit;
// the gate keeps the last 64.
func (request *Request) History(limit int) []PastCall {
	return request.facts.history(min(max(limit, 0), historyMax))
}
