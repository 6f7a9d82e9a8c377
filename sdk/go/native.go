//go:build !wasip1

package gatewright

import "os"

// What a native test says about a call, in place of the gate.

type facts struct {
	Facts
	held memory
}

func (facts *facts) agent() string { return facts.Agent }

func (facts *facts) issuer() string { return facts.Issuer }

func (facts *facts) principal() (string, bool) { return said(facts.Principal) }

func (facts *facts) owner() (string, bool) { return said(facts.Owner) }

func (facts *facts) chain() []Link { return facts.Chain }

func (facts *facts) scopes() []string { return facts.Scopes }

func (facts *facts) proof() Proof { return facts.Proof }

func (facts *facts) expiresAt() uint64 { return facts.ExpiresAt }

func (facts *facts) claims() []Claim { return facts.Claims }

func (facts *facts) claim(name string) []string {
	for _, claim := range facts.Claims {
		if claim.Name == name {
			return claim.Values
		}
	}
	return nil
}

func (facts *facts) purpose() Purpose { return facts.Purpose }

func (facts *facts) method() string { return facts.Method }

func (facts *facts) server() string { return facts.Server }

func (facts *facts) name() string { return facts.Name }

func (facts *facts) hints() Hints { return facts.Hints }

func (facts *facts) targets() []string { return facts.Targets }

func (facts *facts) contents() []string { return facts.Contents }

func (facts *facts) definition() (string, bool) { return said(facts.Definition) }

func (facts *facts) schema() (*Node, bool) { return documentSaid(facts.Schema) }

func (facts *facts) claimed() (*Node, bool) { return documentSaid(facts.Claimed) }

func (facts *facts) at() uint64 { return facts.At }

func (facts *facts) decision() string { return facts.Decision }

func (facts *facts) session() string { return facts.Session }

func (facts *facts) labels() []SessionLabel { return facts.Labels }

func (facts *facts) hasLabel(name string) bool {
	for _, label := range facts.Labels {
		if label.Name == name {
			return true
		}
	}
	return false
}

func (facts *facts) approvals() []Approval { return facts.Approvals }

func (facts *facts) history(limit int) []PastCall {
	return facts.History[:min(limit, len(facts.History))]
}

func (facts *facts) budget(name, key string) Budget {
	budget, exists := facts.Budgets[BudgetPlace{Name: name, Key: key}]
	if !exists {
		panic("no budget `" + name + "` is set for the key `" + key + "`")
	}
	return budget
}

func (facts *facts) arguments() source { return facts.held }

// said is a text that there is none of where it is empty.
func said(text string) (string, bool) { return text, text != "" }

func documentSaid(content any) (*Node, bool) {
	if content == nil {
		return nil, false
	}
	return document(content).root(), true
}

// answer is what came back of the call.
type answer struct {
	as     ResponseKind
	method string
	held   memory
}

func (answer *answer) kind() (ResponseKind, string) { return answer.as, answer.method }

func (answer *answer) isError() bool {
	switch answer.as {
	case ResponseFinal:
		return answer.held.get("/isError").Boolean
	case ResponseError:
		return true
	}
	return false
}

func (answer *answer) document() source { return answer.held }

func write(level level, message string) {
	os.Stderr.WriteString(word(level, abiLevelWords[:]) + ": " + message + "\n")
}
