//go:build wasip1

package gatewright

// What the gate gave, as values of Go. Each function reads what an import wrote
// and lets go of the memory that it came in.

func liftText() string {
	defer release()
	return result().text()
}

func liftOptionalText() (string, bool) {
	defer release()
	return optionalText(result())
}

func liftTexts() []string {
	defer release()
	return texts(result())
}

func liftList[T any](size uint32, item func(address) T) []T {
	defer release()
	return list(result(), size, item)
}

func liftNode() (*Node, bool) {
	if result().byte() == abiOptionNodeCaseNone {
		return nil, false
	}
	return nodeOf((result() + abiOptionNodePayload).uint32()), true
}

// liftOptionalValue reads a value that may be missing.
func liftOptionalValue() Value {
	defer release()
	if result().byte() == abiOptionValueCaseNone {
		return Value{}
	}
	return valueAt(result() + abiOptionValuePayload)
}

func liftValue() Value {
	defer release()
	return valueAt(result())
}

func valueAt(place address) Value {
	payload := place + abiValuePayload
	switch place.byte() {
	case abiValueCaseNull:
		return Value{Kind: Null}
	case abiValueCaseBoolean:
		return Value{Kind: Boolean, Boolean: payload.byte() != 0}
	case abiValueCaseInteger:
		return Value{Kind: Integer, Integer: int64(payload.uint64())}
	case abiValueCaseNumber:
		return Value{Kind: Number, Text: payload.text()}
	case abiValueCaseText:
		return Value{Kind: Text, Text: payload.text()}
	case abiValueCaseArray:
		return Value{Kind: Array, Count: int(payload.uint32())}
	case abiValueCaseObject:
		return Value{Kind: Object, Count: int(payload.uint32())}
	}
	panic("the gate gives a value of a kind that this SDK does not know")
}

func linkAt(place address) Link {
	issuer, _ := optionalText(place + abiLinkIssuer)
	return Link{ID: (place + abiLinkID).text(), Issuer: issuer}
}

func claimAt(place address) Claim {
	return Claim{Name: (place + abiCredentialClaimName).text(), Values: texts(place + abiCredentialClaimValues)}
}

func sessionLabelAt(place address) SessionLabel {
	source, _ := optionalText(place + abiLabelSource)
	label := SessionLabel{Name: (place + abiLabelName).text(), Source: source}
	if at := place + abiLabelAt; at.byte() != abiOptionU64CaseNone {
		label.At = (at + abiOptionU64Payload).uint64()
	}
	return label
}

func approvalAt(place address) Approval {
	return Approval{
		By:     (place + abiApprovalBy).text(),
		Roles:  texts(place + abiApprovalRoles),
		At:     (place + abiApprovalAt).uint64(),
		Method: (place + abiApprovalMethod).text(),
	}
}

func pastCallAt(place address) PastCall {
	reason, _ := optionalText(place + abiPastCallReason)
	return PastCall{
		ID:      (place + abiPastCallID).text(),
		At:      (place + abiPastCallAt).uint64(),
		Method:  (place + abiPastCallMethod).text(),
		Server:  (place + abiPastCallServer).text(),
		Name:    (place + abiPastCallName).text(),
		Outcome: Outcome((place + abiPastCallOutcome).byte()),
		Reason:  reason,
	}
}

func optionalText(place address) (string, bool) {
	if place.byte() == abiOptionStringCaseNone {
		return "", false
	}
	return (place + abiOptionStringPayload).text(), true
}

func texts(place address) []string { return list(place, abiStringSize, address.text) }

// list reads elements that follow each other, each of so many bytes.
func list[T any](place address, size uint32, item func(address) T) []T {
	first := address((place + abiListData).uint32())
	items := make([]T, (place + abiListLength).uint32())
	for i := range items {
		items[i] = item(first + address(uint32(i)*size))
	}
	return items
}
