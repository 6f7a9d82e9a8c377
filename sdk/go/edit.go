package gatewright

// Revision is what a policy that rewrites arguments answers: [Revise] makes one.
// The zero value changes nothing.
type Revision struct {
	// Edits are changes to the arguments, in order.
	Edits []Edit
	// Notes say why. At most 16.
	Notes []Note
}

// Revise changes the arguments like this, in order.
func Revise(edits ...Edit) Revision { return Revision{Edits: edits} }

// Because adds why: a rule that the [Description] lists, and words for the
// operator, which may be empty.
func (revision Revision) Because(rule, text string) Revision {
	revision.Notes = joined(revision.Notes, Note{Rule: rule, Text: text})
	return revision
}

// Edit is one change to arguments or to a result.
type Edit struct {
	// Pointer is a JSON Pointer (RFC 6901). The value at it is replaced; a
	// member that is missing is added to its object; `-` appends to an array.
	Pointer string
	// JSON text to put there. Text that is not JSON, also none, is a fault.
	JSON string
	// IsRemoval: the member or element is removed, and JSON says nothing.
	IsRemoval bool
}

// SetText puts a text there.
func SetText(pointer, text string) Edit { return Edit{Pointer: pointer, JSON: Quote(text)} }

// SetJSON puts JSON text there. [Quote] makes JSON of a text, and package
// strconv of a number; package encoding/json makes it of everything, and the
// component larger.
func SetJSON(pointer, json string) Edit { return Edit{Pointer: pointer, JSON: json} }

// Remove takes the member or element away.
func Remove(pointer string) Edit { return Edit{Pointer: pointer, IsRemoval: true} }

// Quote makes a JSON string (RFC 8259) of a text. What is not Unicode in it
// becomes U+FFFD.
func Quote(text string) string {
	quoted := append(make([]byte, 0, len(text)+2), '"')
	for _, char := range text {
		switch {
		case char == '"' || char == '\\':
			quoted = append(quoted, '\\', byte(char))
		case char < 0x20:
			const digits = "0123456789abcdef"
			quoted = append(quoted, '\\', 'u', '0', '0', digits[char>>4], digits[char&0xf])
		default:
			quoted = append(quoted, string(char)...)
		}
	}
	return string(append(quoted, '"'))
}
