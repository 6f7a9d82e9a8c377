package gatewright

import (
	"strconv"
)

// memory is a document that is held here.
type memory struct{ root *value }

func (document memory) get(pointer string) Value {
	if found := document.at(pointer); found != nil {
		return found.Value
	}
	return Value{}
}

func (document memory) keys(pointer string) []string {
	if found := document.at(pointer); found != nil {
		return found.names
	}
	return nil
}

func (document memory) json(pointer string) (string, bool) {
	if found := document.at(pointer); found != nil {
		return found.json, true
	}
	return "", false
}

// at is the value there, or nothing. A bad pointer is a fault in the gate, and
// a panic here.
func (document memory) at(pointer string) *value {
	checked, err := ParsePointer(pointer)
	if err != nil {
		panic(err)
	}
	found := document.root
	for _, token := range checked.tokens() {
		if found == nil {
			return nil
		}
		switch found.Kind {
		case Object:
			found = found.member(token)
		case Array:
			index, err := strconv.Atoi(token)
			if err != nil || strconv.Itoa(index) != token || index < 0 || index >= len(found.items) {
				return nil
			}
			found = found.items[index]
		default:
			return nil
		}
	}
	return found
}
