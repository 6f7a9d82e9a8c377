package gatewright

// Response is what the tool answered to a call that went ahead: the `result` of
// the JSON-RPC response.
type Response struct {
	result source
	// IsError says whether the tool reported an error (`isError`).
	IsError bool
}

// At is what stands at a JSON Pointer (RFC 6901) in the result; the empty
// pointer is the whole. A pointer that is not well-formed is a fault.
func (response *Response) At(pointer string) Place {
	return Place{source: response.result, noun: "result", pointer: pointer}
}
