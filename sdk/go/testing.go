//go:build !wasip1

package gatewright

import (
	"encoding/json"
	"strconv"
	"strings"
)

// now is 2026-01-01T00:00:00Z, in milliseconds.
const now = 1_767_225_600_000

// NewRequest is a `tools/call` for a native test, without arguments. Change the
// fields where the harmless defaults do not fit.
func NewRequest(tool string) *Request {
	return &Request{
		Subject: Subject{
			ID:        "did:example:agent",
			Issuer:    "did:example:issuer",
			Principal: "user:alice",
			Scopes:    []string{"*:*"},
			Proof:     ProofBearer,
			ExpiresAt: now + 3_600_000,
		},
		Action:    Action{Method: "tools/call", Server: "server", Name: tool},
		Context:   Context{At: now, Session: "session"},
		arguments: document(map[string]any{}),
	}
}

// WithArguments sets all arguments. What package encoding/json cannot write
// panics.
func (request *Request) WithArguments(arguments any) *Request {
	request.arguments = document(arguments)
	return request
}

// WithArgument sets one argument; objects on the way are made where they are
// missing.
func (request *Request) WithArgument(pointer string, argument any) *Request {
	checked, err := ParsePointer(pointer)
	if err != nil {
		panic(err)
	}
	root, _ := request.Argument("").JSON()
	request.arguments = document(put(json.RawMessage(root), checked.tokens(), argument))
	return request
}

// WithHistory sets what the session did before, newest first.
func (request *Request) WithHistory(calls ...PastCall) *Request {
	request.past = calls[:min(len(calls), historyMax)]
	return request
}

// NewResponse is a result for a native test, as the tool server would answer it.
func NewResponse(result any) *Response {
	memory := document(result)
	return &Response{result: memory, IsError: memory.get("/isError").Boolean}
}

// NewTextResponse is a result of one text block.
func NewTextResponse(text string) *Response {
	block := map[string]any{"type": "text", "text": text}
	return NewResponse(map[string]any{"content": []any{block}})
}

func document(content any) memory {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(content); err != nil {
		panic(err)
	}
	root, err := parse(text.String())
	if err != nil {
		panic(err)
	}
	return memory{root: root}
}

// put gives the document with a value in it.
func put(within json.RawMessage, tokens []string, content any) any {
	if len(tokens) == 0 {
		return content
	}
	var elements []json.RawMessage
	if json.Unmarshal(within, &elements) == nil && elements != nil {
		changed := make([]any, 0, len(elements)+1)
		isFound := false
		for i, element := range elements {
			if tokens[0] == strconv.Itoa(i) {
				changed = append(changed, put(element, tokens[1:], content))
				isFound = true
			} else {
				changed = append(changed, element)
			}
		}
		if !isFound {
			if tokens[0] != "-" {
				panic("no element `" + tokens[0] + "` in the array")
			}
			changed = append(changed, put(nil, tokens[1:], content))
		}
		return changed
	}
	members := map[string]json.RawMessage{}
	_ = json.Unmarshal(within, &members) // anything else is replaced by an object
	changed := map[string]any{}
	for name, member := range members {
		changed[name] = member
	}
	changed[tokens[0]] = put(members[tokens[0]], tokens[1:], content)
	return changed
}
