package gatewright

import "strconv"

// Place is a place in arguments or in a result: a JSON Pointer and what stands
// there. It is read when it is asked. A policy that returns the error of one of
// its methods denies the call with it ([InvalidArguments]).
type Place struct {
	source  source
	noun    string
	pointer string
}

// source is where arguments and results come from: from the gate in a
// component, from memory in a native test.
type source interface {
	root() *Node
	get(pointer string) Value
	json(pointer string) (string, bool)
}

// ReadJSON gives the whole of a JSON text (RFC 8259), for settings that read
// themselves with UnmarshalJSON.
func ReadJSON(text []byte) (Place, error) {
	root, err := parse(string(text))
	return Place{source: memory{whole: root}, noun: "setting"}, err
}

// At is the place at a JSON Pointer that starts here.
func (place Place) At(pointer string) Place {
	place.pointer += pointer
	return place
}

// Value is what stands there, one level deep.
func (place Place) Value() Value { return place.source.get(place.pointer) }

// Keys are the member names of the object there, in the order of the message;
// none where there is no object.
func (place Place) Keys() []string {
	node, exists := place.Node()
	if !exists {
		return nil
	}
	defer node.Close()
	return node.Keys()
}

// Node is what stands there, to walk through, if anything does.
func (place Place) Node() (node *Node, exists bool) {
	root := place.source.root()
	if place.pointer == "" {
		return root, true
	}
	defer root.Close()
	return root.Get(place.pointer)
}

// JSON is the text there, as it was sent, and whether there is any.
func (place Place) JSON() (string, bool) { return place.source.json(place.pointer) }

// IsAbsent says whether nothing or `null` stands there.
func (place Place) IsAbsent() bool { return place.Value().Kind <= Null }

// Text is the text there.
func (place Place) Text() (string, error) {
	value := place.Value()
	return value.Text, place.expect(value, Text)
}

// Boolean is the boolean there.
func (place Place) Boolean() (bool, error) {
	value := place.Value()
	return value.Boolean, place.expect(value, Boolean)
}

// Integer is the integer there: a number written as one, within 64 bits.
func (place Place) Integer() (int64, error) {
	value := place.Value()
	return value.Integer, place.expect(value, Integer)
}

// Number is the number there, as near as float64 can be.
func (place Place) Number() (float64, error) {
	value := place.Value()
	if value.Kind == Integer {
		return float64(value.Integer), nil
	}
	if err := place.expect(value, Number); err != nil {
		return 0, err
	}
	number, err := strconv.ParseFloat(value.Text, 64)
	if err != nil {
		return 0, place.doesNotFit("the number is out of range")
	}
	return number, nil
}

// Decode reads what stands there into a variable, as [ReadSettings] reads
// settings, except that members without a field are passed over.
func (place Place) Decode(into any) error {
	text, exists := place.JSON()
	if !exists {
		return &ArgumentError{Noun: place.noun, Pointer: place.pointer}
	}
	if err := decode(text, into, true); err != nil {
		return place.doesNotFit(err.Error())
	}
	return nil
}

func (place Place) expect(value Value, kind Kind) error {
	switch value.Kind {
	case kind:
		return nil
	case Missing:
		return &ArgumentError{Noun: place.noun, Pointer: place.pointer}
	}
	return place.doesNotFit("it is " + value.Kind.String() + ", not " + kind.String())
}

func (place Place) doesNotFit(detail string) error {
	return &ArgumentError{Noun: place.noun, Pointer: place.pointer, Detail: detail}
}

// ArgumentError says why there is no value of the wanted type.
type ArgumentError struct {
	// Noun is `argument`, `result` or `setting`.
	Noun string
	// Pointer says where.
	Pointer string
	// Detail says what is wrong with what stands there; empty where nothing
	// stands there.
	Detail string
}

// Error is written for the agent.
func (err *ArgumentError) Error() string {
	what := "the " + err.Noun + " `" + err.Pointer + "`"
	if err.Detail == "" {
		return what + " is missing"
	}
	return what + " does not fit: " + err.Detail
}
