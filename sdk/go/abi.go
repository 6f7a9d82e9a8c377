//go:build wasip1

package gatewright

// The canonical ABI of the contract (`wit/policy.wit`), the only file that is
// unsafe. The layouts are those of 32-bit WebAssembly: a Go pointer has 64
// bits, so pointers are numbers here, and `kept` holds what they point to.

import (
	"structs"
	"unsafe"
)

// kept holds memory that only numbers point to. Go does not move the heap, but
// it frees what nobody holds.
var kept []unsafe.Pointer

type (
	wireString struct {
		_    structs.HostLayout
		data uint32
		size uint32
	}
	// wireList points to elements that follow each other.
	wireList wireString
	// wireOption is an option<string>.
	wireOption struct {
		_     structs.HostLayout
		some  uint32
		value wireString
	}
	wireValue struct {
		_     structs.HostLayout
		some  uint32
		_     uint32
		kind  uint32
		_     uint32
		bits  uint32
		bits2 uint32
	}
	wireRequest struct {
		_ structs.HostLayout
		// subject
		id, issuer         wireString
		principal, owner   wireOption
		delegation, scopes wireList
		proof              uint8
		expiresAt          uint64
		// action
		method, server, name wireString
		hints                uint8
		// context
		at                uint64
		session           wireString
		labels, approvers wireList
	}
	wirePastCall struct {
		_                    structs.HostLayout
		at                   uint64
		method, server, name wireString
		outcome              uint8
	}
	// wireVerdict has the fields of a denial or of an approval, whose places
	// are the same, behind the case.
	wireVerdict struct {
		_       structs.HostLayout
		verdict uint32
		payload [8]uint32
	}
	wireObligation struct {
		_          structs.HostLayout
		obligation uint32
		_          uint32
		payload    [4]uint32
		limit      uint64
		window     uint32
		_          uint32
	}
	wireEdit struct {
		_       structs.HostLayout
		pointer wireString
		json    wireOption
	}
	// wireResult is a result<_, string>, or a result<list<edit>, string>: a
	// list and a string look the same.
	wireResult struct {
		_       structs.HostLayout
		isError uint32
		value   wireString
	}
	wireFinding struct {
		_       structs.HostLayout
		finding uint32
		first   wireString
		labels  wireList
	}
)

// lentBytes is the size of a block that memory.wat hands out pieces of: more
// than a request and a few arguments need.
const lentBytes = 64 << 10

// firstLent is no part of the heap, so that it costs nothing until it is used.
var firstLent [lentBytes / 8]uint64

//go:wasmimport gatewright:go/memory lend
func lend(block unsafe.Pointer, size uint32)

func init() { lend(unsafe.Pointer(&firstLent), lentBytes) }

// realloc gives the gate memory when the lent block is used up.
//
//go:wasmexport gatewright_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	isPiece := size <= lentBytes/8
	bytes := size
	if isPiece {
		bytes = lentBytes
	}
	words := make([]uint64, (uint64(bytes)+7)/8) // aligned for everything
	block := unsafe.Pointer(unsafe.SliceData(words))
	kept = append(kept, block)
	if isPiece {
		used := (size + 7) &^ 7
		lend(unsafe.Add(block, used), bytes-used)
	}
	copy(unsafe.Slice((*byte)(block), size), unsafe.Slice((*byte)(old), oldSize))
	return block
}

// release lets go of what only numbers pointed to, once it is lifted or sent.
func release() {
	clear(kept)
	kept = kept[:0]
}

// --- from the gate ---

// pointer is the place in linear memory.
func pointer[T any](at uint32) *T { return (*T)(unsafe.Add(unsafe.Pointer(nil), at)) }

// lift gives the string without copying it: it lives in memory of realloc.
func (wire wireString) lift() string { return unsafe.String(pointer[byte](wire.data), wire.size) }

func (wire wireOption) lift() string {
	if uint8(wire.some) == 0 {
		return ""
	}
	return wire.value.lift()
}

func (wire wireList) lift() []string {
	return lift(wire, wireString.lift)
}

func lift[W, T any](wire wireList, lift func(W) T) []T {
	items := make([]T, wire.size)
	for i, item := range unsafe.Slice(pointer[W](wire.data), wire.size) {
		items[i] = lift(item)
	}
	return items
}

func (wire *wireValue) lift() Value {
	if uint8(wire.some) == 0 {
		return Value{}
	}
	value := Value{Kind: Null + Kind(uint8(wire.kind))}
	switch value.Kind {
	case Boolean:
		value.Boolean = uint8(wire.bits) != 0
	case Integer:
		value.Integer = int64(uint64(wire.bits2)<<32 | uint64(wire.bits))
	case Number, Text:
		value.Text = wireString{data: wire.bits, size: wire.bits2}.lift()
	case Array, Object:
		value.Count = int(wire.bits)
	}
	return value
}

func (wire *wireRequest) lift() *Request {
	request := &Request{
		Subject: Subject{
			ID: wire.id.lift(), Issuer: wire.issuer.lift(),
			Principal: wire.principal.lift(), Owner: wire.owner.lift(),
			Delegation: wire.delegation.lift(), Scopes: wire.scopes.lift(),
			Proof: Proof(wire.proof), ExpiresAt: wire.expiresAt,
		},
		Action: Action{
			Method: wire.method.lift(), Server: wire.server.lift(), Name: wire.name.lift(),
			Hints: Hints{
				ReadOnly: wire.hints&1 != 0, Destructive: wire.hints&2 != 0,
				Idempotent: wire.hints&4 != 0, OpenWorld: wire.hints&8 != 0,
			},
		},
		Context: Context{
			At: wire.at, Session: wire.session.lift(),
			Labels: wire.labels.lift(), Approvers: wire.approvers.lift(),
		},
		arguments: hostArguments{},
	}
	release()
	return request
}

func (wire wirePastCall) lift() PastCall {
	return PastCall{
		At: wire.at, Method: wire.method.lift(), Server: wire.server.lift(), Name: wire.name.lift(),
		Outcome: Outcome(wire.outcome),
	}
}

// --- to the gate ---

func lowerString(text string) wireString {
	data := unsafe.Pointer(unsafe.StringData(text))
	kept = append(kept, data)
	return wireString{data: uint32(uintptr(data)), size: uint32(len(text))}
}

func lowerList[T, W any](items []T, lower func(T) W) wireList {
	wires := make([]W, len(items))
	for i, item := range items {
		wires[i] = lower(item)
	}
	data := unsafe.Pointer(unsafe.SliceData(wires))
	kept = append(kept, data)
	return wireList{data: uint32(uintptr(data)), size: uint32(len(items))}
}

func lowerVerdict(verdict Verdict) (wire wireVerdict) {
	wire.verdict = uint32(verdict.Decision)
	payload := &wire.payload
	put := func(at int, part wireString) { payload[at], payload[at+1] = part.data, part.size }
	switch verdict.Decision {
	case DecisionAllow:
		put(0, wireString(lowerList(verdict.Obligations, lowerObligation)))
	case DecisionDeny:
		payload[0] = uint32(verdict.Denial.Refusal)
		put(1, lowerString(verdict.Denial.Message))
		put(3, wireString(lowerList(verdict.Denial.Scopes, lowerString)))
	case DecisionAsk:
		put(0, lowerString(verdict.Approval.Title))
		put(2, lowerString(verdict.Approval.Reason))
		put(4, wireString(lowerList(verdict.Approval.Roles, lowerString)))
		payload[6] = uint32(verdict.Approval.Quorum)
		payload[7] = verdict.Approval.TTLSeconds
	}
	return wire
}

func lowerObligation(obligation Obligation) (wire wireObligation) {
	put := func(part wireString) { wire.payload[0], wire.payload[1] = part.data, part.size }
	number := func(at int, number uint64) { wire.payload[at], wire.payload[at+1] = uint32(number), uint32(number>>32) }
	switch obligation := obligation.(type) {
	case Charge:
		put(lowerString(obligation.Key))
		number(2, obligation.Cost)
		wire.limit, wire.window = obligation.Limit, obligation.WindowSeconds
	case Label:
		wire.obligation = 1
		put(wireString(lowerList(obligation, lowerString)))
	case Redact:
		wire.obligation = 2
		put(wireString(lowerList(obligation, lowerString)))
	case LimitResult:
		wire.obligation = 3
		number(0, uint64(obligation))
	default:
		panic("an obligation is nil")
	}
	return wire
}

func lowerEdit(edit Edit) wireEdit {
	wire := wireEdit{pointer: lowerString(edit.Pointer)}
	if edit.JSON != "" {
		wire.json = wireOption{some: 1, value: lowerString(edit.JSON)}
	}
	return wire
}

func lowerError(err error) wireResult {
	return wireResult{isError: 1, value: lowerString(err.Error())}
}

func lowerFinding(finding Finding) wireFinding {
	if finding.IsBlocked {
		return wireFinding{finding: 1, first: lowerString(finding.Message)}
	}
	return wireFinding{
		first:  wireString(lowerList(finding.Edits, lowerEdit)),
		labels: lowerList(finding.Labels, lowerString),
	}
}
