//go:build wasip1

package gatewright

// What the gate gives. A function that no policy calls is not imported.

// facts are those of the call that is asked about.
type facts struct{}

func (facts) agent() string {
	hostCallerID(result())
	return liftText()
}

func (facts) issuer() string {
	hostCallerIssuer(result())
	return liftText()
}

func (facts) principal() (string, bool) {
	hostCallerPrincipal(result())
	return liftOptionalText()
}

func (facts) owner() (string, bool) {
	hostCallerOwner(result())
	return liftOptionalText()
}

func (facts) chain() []Link {
	hostCallerChain(result())
	return liftList(abiLinkSize, linkAt)
}

func (facts) scopes() []string {
	hostCallerScopes(result())
	return liftTexts()
}

func (facts) proof() Proof { return Proof(hostCallerProof()) }

func (facts) expiresAt() uint64 { return hostCallerExpiresAt() }

func (facts) claims() []Claim {
	hostCallerClaims(result())
	return liftList(abiCredentialClaimSize, claimAt)
}

func (facts) claim(name string) []string {
	hostCallerClaim(name, result())
	return liftTexts()
}

func (facts) purpose() Purpose { return Purpose(hostActionPurpose()) }

func (facts) method() string {
	hostActionMethod(result())
	return liftText()
}

func (facts) server() string {
	hostActionServer(result())
	return liftText()
}

func (facts) name() string {
	hostActionName(result())
	return liftText()
}

func (facts) hints() Hints {
	set := hostActionHints()
	return Hints{
		ReadOnly:    set&abiHintSetReadOnly != 0,
		Destructive: set&abiHintSetDestructive != 0,
		Idempotent:  set&abiHintSetIdempotent != 0,
		OpenWorld:   set&abiHintSetOpenWorld != 0,
		Untrusted:   set&abiHintSetUntrusted != 0,
		Sensitive:   set&abiHintSetSensitive != 0,
	}
}

func (facts) targets() []string {
	hostActionTargets(result())
	return liftTexts()
}

func (facts) contents() []string {
	hostActionContents(result())
	return liftTexts()
}

func (facts) definition() (string, bool) {
	hostActionDefinition(result())
	return liftOptionalText()
}

func (facts) schema() (*Node, bool) {
	hostActionSchema(result())
	return liftNode()
}

func (facts) claimed() (*Node, bool) {
	hostActionClaimed(result())
	return liftNode()
}

func (facts) at() uint64 { return hostContextAt() }

func (facts) decision() string {
	hostContextDecision(result())
	return liftText()
}

func (facts) session() string {
	hostContextSession(result())
	return liftText()
}

func (facts) labels() []SessionLabel {
	hostContextLabels(result())
	return liftList(abiLabelSize, sessionLabelAt)
}

func (facts) hasLabel(name string) bool { return hostContextHasLabel(name) != 0 }

func (facts) approvals() []Approval {
	hostContextApprovals(result())
	return liftList(abiApprovalSize, approvalAt)
}

func (facts) history(limit int) []PastCall {
	hostHistoryRecent(uint32(limit), result())
	return liftList(abiPastCallSize, pastCallAt)
}

func (facts) budget(name, key string) Budget {
	hostBudgetRead(name, key, result())
	defer release()
	return Budget{
		Limit:         (result() + abiReadingLimit).uint64(),
		WindowSeconds: (result() + abiReadingWindowSeconds).uint32(),
		Spent:         (result() + abiReadingSpent).uint64(),
	}
}

func (facts) arguments() source { return gateArguments{} }

// gateArguments are the arguments of the call that is asked about.
type gateArguments struct{}

func (gateArguments) root() *Node { return nodeOf(hostArgumentsRoot()) }

func (gateArguments) get(pointer string) Value {
	hostArgumentsGet(pointer, result())
	return liftOptionalValue()
}

func (gateArguments) json(pointer string) (string, bool) {
	hostArgumentsJSON(pointer, result())
	return liftOptionalText()
}

// answer is what came back of the call that is reviewed.
type answer struct{}

func (answer) kind() (ResponseKind, string) {
	hostResponseKind(result())
	defer release()
	kind := ResponseKind(result().byte())
	if kind != ResponseNotification {
		return kind, ""
	}
	return kind, (result() + abiResponseKindPayload).text()
}

func (answer) isError() bool { return hostResponseIsError() != 0 }

func (answer) document() source { return gateResponse{} }

// gateResponse is the JSON of what came back.
type gateResponse struct{}

func (gateResponse) root() *Node { return nodeOf(hostResponseRoot()) }

func (gateResponse) get(pointer string) Value {
	hostResponseGet(pointer, result())
	return liftOptionalValue()
}

func (gateResponse) json(pointer string) (string, bool) {
	hostResponseJSON(pointer, result())
	return liftOptionalText()
}

// gateNode is the handle of a node that the gate knows.
type gateNode uint32

func nodeOf(handle uint32) *Node { return &Node{of: gateNode(handle)} }

func (node gateNode) kind() Kind {
	switch hostNodeKind(uint32(node)) {
	case abiKindCaseNull:
		return Null
	case abiKindCaseBoolean:
		return Boolean
	case abiKindCaseNumber:
		return Number
	case abiKindCaseText:
		return Text
	case abiKindCaseArray:
		return Array
	case abiKindCaseObject:
		return Object
	}
	panic("the gate gives a node of a kind that this SDK does not know")
}

func (node gateNode) value() Value {
	hostNodeValue(uint32(node), result())
	return liftValue()
}

func (node gateNode) len() int { return int(hostNodeLen(uint32(node))) }

func (node gateNode) get(pointer string) (*Node, bool) {
	hostNodeGet(uint32(node), pointer, result())
	return liftNode()
}

func (node gateNode) member(name string) (*Node, bool) {
	hostNodeMember(uint32(node), name, result())
	return liftNode()
}

func (node gateNode) at(index uint32) (*Node, bool) {
	hostNodeAt(uint32(node), index, result())
	return liftNode()
}

func (node gateNode) children() []*Node {
	hostNodeChildren(uint32(node), result())
	return liftList(abiNodeSize, func(place address) *Node { return nodeOf(place.uint32()) })
}

func (node gateNode) keys() []string {
	hostNodeKeys(uint32(node), result())
	return liftTexts()
}

func (node gateNode) text() (string, bool) {
	hostNodeText(uint32(node), result())
	return liftOptionalText()
}

func (node gateNode) json() string {
	hostNodeJSON(uint32(node), result())
	return liftText()
}

func (node gateNode) drop() { hostNodeDrop(uint32(node)) }

func write(level level, message string) { hostLogWrite(uint32(level), message) }
