//go:build !wasip1

package gatewright

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// now is 2026-01-01T00:00:00Z, in milliseconds.
const now = 1_767_225_600_000

// Facts are what a native test says about a call; only tests have them. What is
// empty or nil there is none of.
type Facts struct {
	Agent     string
	Issuer    string
	Principal string
	Owner     string
	Chain     []Link
	Scopes    []string
	Proof     Proof
	ExpiresAt uint64
	// Claims are those that the operator lets policies see.
	Claims     []Claim
	Purpose    Purpose
	Method     string
	Server     string
	Name       string
	Hints      Hints
	Targets    []string
	Contents   []string
	Definition string
	// Schema and Claimed are what package encoding/json can write.
	Schema    any
	Claimed   any
	At        uint64
	Decision  string
	Session   string
	Labels    []SessionLabel
	Approvals []Approval
	// History is newest first.
	History []PastCall
	Budgets map[BudgetPlace]Budget
}

// BudgetPlace is where a budget is counted: a name that the operator set, and a key.
type BudgetPlace struct{ Name, Key string }

// NewRequest is a `tools/call` for a native test, without arguments.
func NewRequest(tool string) *Request {
	return &Request{facts: facts{
		Facts: Facts{
			Agent:     "did:example:agent",
			Issuer:    "did:example:issuer",
			Principal: "user:alice",
			Scopes:    []string{"*:*"},
			Proof:     ProofBearer,
			ExpiresAt: now + 3_600_000,
			Method:    "tools/call",
			Server:    "server",
			Name:      tool,
			At:        now,
			Decision:  "decision",
			Session:   "session",
		},
		held: document(map[string]any{}),
	}}
}

// With changes what the harmless defaults say:
//
//	request.With(func(facts *gatewright.Facts) { facts.Principal = "user:bob" })
func (request *Request) With(change func(facts *Facts)) *Request {
	change(&request.facts.Facts)
	request.facts.Labels = slices.Clone(request.facts.Labels)
	request.facts.Claims = slices.Clone(request.facts.Claims)
	slices.SortFunc(request.facts.Claims, func(one, other Claim) int {
		return strings.Compare(one.Name, other.Name)
	})
	slices.SortFunc(request.facts.Labels, func(one, other SessionLabel) int {
		return strings.Compare(one.Name, other.Name)
	})
	return request
}

// WithMethod sets the MCP method. One that lists asks whether the thing may be
// shown.
func (request *Request) WithMethod(method string) *Request {
	return request.With(func(facts *Facts) {
		facts.Method, facts.Purpose = method, PurposeCall
		if strings.HasSuffix(method, "/list") {
			facts.Purpose = PurposeListing
		}
	})
}

// WithServer sets the configured name of the tool server.
func (request *Request) WithServer(server string) *Request {
	return request.With(func(facts *Facts) { facts.Server = server })
}

// WithClaim sets a claim of the credential that the operator lets policies see.
func (request *Request) WithClaim(name string, values ...string) *Request {
	return request.With(func(facts *Facts) {
		facts.Claims = slices.DeleteFunc(slices.Clone(facts.Claims), func(claim Claim) bool { return claim.Name == name })
		facts.Claims = append(facts.Claims, Claim{Name: name, Values: values})
	})
}

// WithLabels sets what earlier calls left on the session.
func (request *Request) WithLabels(names ...string) *Request {
	return request.With(func(facts *Facts) {
		facts.Labels = nil
		for _, name := range names {
			facts.Labels = append(facts.Labels, SessionLabel{Name: name})
		}
	})
}

// WithBudget sets a budget of the operator, with what is spent of it under a key.
func (request *Request) WithBudget(name, key string, budget Budget) *Request {
	return request.With(func(facts *Facts) {
		budgets := map[BudgetPlace]Budget{}
		maps.Copy(budgets, facts.Budgets)
		budgets[BudgetPlace{Name: name, Key: key}] = budget
		facts.Budgets = budgets
	})
}

// WithHistory sets what the session did before, newest first.
func (request *Request) WithHistory(calls ...PastCall) *Request {
	return request.With(func(facts *Facts) { facts.History = calls })
}

// WithArguments sets all arguments. What package encoding/json cannot write
// panics.
func (request *Request) WithArguments(arguments any) *Request {
	request.facts.held = document(arguments)
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
	return request.WithArguments(put(json.RawMessage(root), checked.tokens(), argument))
}

// NewResponse is a result for a native test, as the tool server would answer it.
func NewResponse(result any) *Response {
	return &Response{answer{as: ResponseFinal, held: document(result)}}
}

// NewTextResponse is a result of one text block.
func NewTextResponse(text string) *Response {
	block := map[string]any{"type": "text", "text": text}
	return NewResponse(map[string]any{"content": []any{block}})
}

// NewErrorResponse is a protocol error in place of a result.
func NewErrorResponse(code int, message string) *Response {
	content := document(map[string]any{"code": code, "message": message})
	return &Response{answer{as: ResponseError, held: content}}
}

// NewNotification is a message on the way to the answer.
func NewNotification(method string, params any) *Response {
	return &Response{answer{as: ResponseNotification, method: method, held: document(params)}}
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
	return memory{whole: root}
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
