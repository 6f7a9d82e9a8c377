package gatewright

// Node is one value of a document, as the gate has parsed it. Walking it costs
// what is read, and needs no parser.
type Node struct{ of nodeSource }

// nodeSource is a value in the gate, or in memory.
type nodeSource interface {
	kind() Kind
	value() Value
	len() int
	get(pointer string) (*Node, bool)
	member(name string) (*Node, bool)
	at(index uint32) (*Node, bool)
	children() []*Node
	keys() []string
	text() (string, bool)
	json() string
	drop()
}

// Kind of the value; every number is a [Number], also an integer.
func (node *Node) Kind() Kind { return node.held().kind() }

// Value is what stands there, one level deep.
func (node *Node) Value() Value { return node.held().value() }

// Len is the number of elements of an array, of members of an object, of bytes
// of a text; 0 for others.
func (node *Node) Len() int { return node.held().len() }

// Get is the value at a JSON Pointer (RFC 6901), from here. A pointer that is not
// well-formed is a fault.
func (node *Node) Get(pointer string) (found *Node, exists bool) { return node.held().get(pointer) }

// Member is the one of this name, which is no pointer; none where this is no
// object.
func (node *Node) Member(name string) (member *Node, exists bool) { return node.held().member(name) }

// At is the element or, in the order of the message, the member at a place. To
// go through all of them, Children costs less.
func (node *Node) At(index uint32) (child *Node, exists bool) { return node.held().at(index) }

// Children are all elements or, in the order of the message, all members'
// values; empty where there are none.
func (node *Node) Children() []*Node { return node.held().children() }

// Keys are the member names, in the order of the message; empty where this is no
// object.
func (node *Node) Keys() []string { return node.held().keys() }

// Text is the text, if it is one.
func (node *Node) Text() (text string, isText bool) { return node.held().text() }

// JSON is the text of the value, as it was written.
func (node *Node) JSON() string { return node.held().json() }

// Integer is the integer, if it is written as one and fits.
func (node *Node) Integer() (integer int64, isInteger bool) {
	value := node.Value()
	return value.Integer, value.Kind == Integer
}

// Boolean is the boolean, if it is one.
func (node *Node) Boolean() (boolean, isBoolean bool) {
	value := node.Value()
	return value.Boolean, value.Kind == Boolean
}

// Close gives the node back to the gate. Every node is given back when the call
// ends; a policy that walks through many may do it earlier. A closed node is not
// to be asked any more: that is a fault. Closing it again does nothing.
func (node *Node) Close() {
	if node.of != nil {
		node.of.drop()
		node.of = nil
	}
}

func (node *Node) held() nodeSource {
	if node.of == nil {
		panic("a closed node is asked")
	}
	return node.of
}
