package gatewright

// Response is what came back of a call that went ahead.
type Response struct{ answer answer }

// ResponseKind is what a reviewer is shown.
type ResponseKind uint8

const (
	// ResponseFinal: the `result` of the answer.
	ResponseFinal ResponseKind = abiResponseKindCaseFinal
	// ResponseError: the `error` of the answer: a protocol error, with `code`
	// and `message`.
	ResponseError ResponseKind = abiResponseKindCaseError
	// ResponseNotification: the `params` of a message on the way. A call may
	// have any number of them before its answer, or no answer.
	ResponseNotification ResponseKind = abiResponseKindCaseNotification
)

// String gives the contract's word: final, error or notification.
func (kind ResponseKind) String() string { return word(kind, abiResponseKindWords[:]) }

// Kind is what it is. The method is that of a notification, and empty otherwise.
func (response *Response) Kind() (kind ResponseKind, method string) { return response.answer.kind() }

// IsError says whether the tool reported an error: `isError` in the result, or an
// `error`.
func (response *Response) IsError() bool { return response.answer.isError() }

// At is what stands at a JSON Pointer (RFC 6901); the empty pointer is the whole.
// A pointer that is not well-formed is a fault.
func (response *Response) At(pointer string) Place {
	return Place{source: response.answer.document(), noun: "result", pointer: pointer}
}

// Root is all of it, to walk through.
func (response *Response) Root() *Node { return response.answer.document().root() }
