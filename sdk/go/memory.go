package gatewright

// memory is a document that is held here.
type memory struct{ whole *value }

func (document memory) root() *Node { return &Node{of: document.whole} }

func (document memory) get(pointer string) Value {
	if found := document.at(pointer); found != nil {
		return found.Value
	}
	return Value{}
}

func (document memory) json(pointer string) (string, bool) {
	if found := document.at(pointer); found != nil {
		return found.written, true
	}
	return "", false
}

// at is the value there, or nothing. A bad pointer is a fault in the gate, and
// a panic here.
func (document memory) at(pointer string) *value { return document.whole.find(pointer) }
