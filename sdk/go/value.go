package gatewright

// Value is a JSON value, one level deep. Which field holds it says Kind.
type Value struct {
	Kind Kind
	// Boolean of a Boolean.
	Boolean bool
	// Integer of an Integer.
	Integer int64
	// Text of a Text; of a Number exactly what was written.
	Text string
	// Count of elements of an Array, of members of an Object.
	Count int
}

// Kind of a JSON value.
type Kind uint8

const (
	// Missing: nothing stands there.
	Missing Kind = iota
	// Null is `null`.
	Null
	// Boolean is `true` or `false`.
	Boolean
	// Integer is a number written as one (an optional minus sign and digits)
	// that fits into 64 bits. `-0` is not one.
	Integer
	// Number is any other number.
	Number
	// Text is a string.
	Text
	// Array is a list.
	Array
	// Object has members.
	Object
)

// String names the kind, with an article where it needs one.
func (kind Kind) String() string {
	return word(kind, []string{"missing", "null", "a boolean", "an integer", "a number", "text", "an array", "an object"})
}
