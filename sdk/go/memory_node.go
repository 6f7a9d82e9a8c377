package gatewright

import "strconv"

// A value that is held here is a node, too.

func (held *value) kind() Kind {
	if held.Kind == Integer {
		return Number
	}
	return held.Kind
}

func (held *value) value() Value { return held.Value }

func (held *value) len() int {
	if held.Kind == Text {
		return len(held.Text)
	}
	return held.Count
}

func (held *value) get(pointer string) (*Node, bool) { return found(held.find(pointer)) }

func (held *value) member(name string) (*Node, bool) { return found(held.memberNamed(name)) }

func (held *value) at(index uint32) (*Node, bool) {
	if uint64(index) >= uint64(len(held.items)) {
		return nil, false
	}
	return found(held.items[index])
}

func (held *value) children() []*Node {
	nodes := make([]*Node, len(held.items))
	for i, item := range held.items {
		nodes[i] = &Node{of: item}
	}
	return nodes
}

func (held *value) keys() []string { return held.names }

func (held *value) text() (string, bool) { return held.Text, held.Kind == Text }

func (held *value) json() string { return held.written }

func (held *value) drop() {}

func found(held *value) (*Node, bool) {
	if held == nil {
		return nil, false
	}
	return &Node{of: held}, true
}

// find is the value at a pointer, from here, or nothing. A bad pointer is a fault
// in the gate, and a panic here.
func (held *value) find(pointer string) *value {
	checked, err := ParsePointer(pointer)
	if err != nil {
		panic(err)
	}
	for _, token := range checked.tokens() {
		if held == nil {
			return nil
		}
		switch held.Kind {
		case Object:
			held = held.memberNamed(token)
		case Array:
			index, err := strconv.Atoi(token)
			if err != nil || strconv.Itoa(index) != token || index < 0 || index >= len(held.items) {
				return nil
			}
			held = held.items[index]
		default:
			return nil
		}
	}
	return held
}
