package gatewright

// A JSON reader (RFC 8259) that keeps the text of every value. The standard
// library's one would make every component 1.0 to 2.2 MB larger.

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// depthMax bounds how deep values nest, and so the stack.
const depthMax = 128

// value is a JSON value with all that is in it.
type value struct {
	Value
	// written is its text.
	written string
	// names of the members, as long as items; none in an array.
	names []string
	items []*value
}

// reader is a place in JSON text.
type reader struct {
	text string
	at   int
}

var errJSON = errors.New("not JSON")

// parse reads one JSON value and nothing else.
func parse(text string) (*value, error) {
	reader := &reader{text: text}
	root, err := reader.value(0)
	if err == nil && reader.peek() != 0 {
		err = errJSON
	}
	if err != nil {
		return nil, errors.New(err.Error() + " at byte " + strconv.Itoa(reader.at))
	}
	return root, nil
}

// memberNamed is the last one of that name, or nothing.
func (object *value) memberNamed(name string) *value {
	for i := len(object.names) - 1; i >= 0; i-- {
		if object.names[i] == name {
			return object.items[i]
		}
	}
	return nil
}

// peek gives the next byte that is not a space, or 0 at the end.
func (reader *reader) peek() byte {
	for ; reader.at < len(reader.text); reader.at++ {
		switch char := reader.text[reader.at]; char {
		case ' ', '\t', '\n', '\r':
		case 0:
			return 1 // no token begins with it
		default:
			return char
		}
	}
	return 0
}

// take steps over a byte if it comes next.
func (reader *reader) take(char byte) bool {
	if reader.peek() != char {
		return false
	}
	reader.at++
	return true
}

func (reader *reader) value(depth int) (*value, error) {
	if depth > depthMax {
		return nil, errors.New("nested too deep")
	}
	read := &value{}
	char := reader.peek()
	start := reader.at
	var err error
	switch {
	case char == '{':
		err = reader.object(read, depth)
	case char == '[':
		err = reader.array(read, depth)
	case char == '"':
		read.Kind = Text
		read.Text, err = reader.string()
	case char == '-' || char >= '0' && char <= '9':
		err = reader.number(read)
	case reader.word("true"):
		read.Kind, read.Boolean = Boolean, true
	case reader.word("false"):
		read.Kind = Boolean
	case reader.word("null"):
		read.Kind = Null
	default:
		err = errJSON
	}
	read.written = reader.text[start:reader.at]
	return read, err
}

func (reader *reader) word(word string) bool {
	if !strings.HasPrefix(reader.text[reader.at:], word) {
		return false
	}
	reader.at += len(word)
	return true
}

func (reader *reader) object(read *value, depth int) error {
	read.Kind = Object
	reader.at++
	for !reader.take('}') {
		if len(read.items) > 0 && !reader.take(',') || reader.peek() != '"' {
			return errJSON
		}
		name, err := reader.string()
		if err != nil {
			return err
		}
		if !reader.take(':') {
			return errJSON
		}
		item, err := reader.value(depth + 1)
		if err != nil {
			return err
		}
		read.names = append(read.names, name)
		read.items = append(read.items, item)
	}
	read.Count = len(read.items)
	return nil
}

func (reader *reader) array(read *value, depth int) error {
	read.Kind = Array
	reader.at++
	for !reader.take(']') {
		if len(read.items) > 0 && !reader.take(',') {
			return errJSON
		}
		item, err := reader.value(depth + 1)
		if err != nil {
			return err
		}
		read.items = append(read.items, item)
	}
	read.Count = len(read.items)
	return nil
}

func (reader *reader) number(read *value) error {
	start := reader.at
	digits := func() bool {
		from := reader.at
		for reader.at < len(reader.text) && '0' <= reader.text[reader.at] && reader.text[reader.at] <= '9' {
			reader.at++
		}
		return reader.at > from
	}
	next := func(chars string) bool {
		is := reader.at < len(reader.text) && strings.IndexByte(chars, reader.text[reader.at]) >= 0
		if is {
			reader.at++
		}
		return is
	}
	next("-")
	if !next("0") && !digits() {
		return errJSON
	}
	whole := reader.at
	if next(".") && !digits() {
		return errJSON
	}
	if next("eE") {
		next("+-")
		if !digits() {
			return errJSON
		}
	}
	read.Kind, read.Text = Number, reader.text[start:reader.at]
	if integer, err := strconv.ParseInt(read.Text, 10, 64); err == nil && reader.at == whole && read.Text != "-0" {
		read.Value = Value{Kind: Integer, Integer: integer}
	}
	return nil
}

func (reader *reader) string() (string, error) {
	reader.at++
	begin, start := reader.at, reader.at
	var unescaped []byte
	for reader.at < len(reader.text) {
		char := reader.text[reader.at]
		switch {
		case char == '"':
			if !utf8.ValidString(reader.text[begin:reader.at]) {
				return "", errJSON
			}
			plain := reader.text[start:reader.at]
			reader.at++
			return string(unescaped) + plain, nil
		case char < 0x20:
			return "", errJSON
		case char == '\\':
			unescaped = append(unescaped, reader.text[start:reader.at]...)
			unicode, ok := reader.escape()
			if !ok {
				return "", errJSON
			}
			unescaped = utf8.AppendRune(unescaped, unicode)
			start = reader.at
		default:
			reader.at++
		}
	}
	return "", errJSON
}

// escape reads `\n` or `\u00e9` or a pair of surrogates; a lone one is refused.
func (reader *reader) escape() (rune, bool) {
	if reader.at+1 >= len(reader.text) {
		return 0, false
	}
	char := reader.text[reader.at+1]
	if char == 'u' {
		unicode, ok := reader.unicode()
		if !utf16.IsSurrogate(unicode) || !ok {
			return unicode, ok
		}
		low, ok := reader.unicode()
		pair := utf16.DecodeRune(unicode, low)
		return pair, ok && pair != utf8.RuneError
	}
	reader.at += 2
	const escapes, meanings = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	index := strings.IndexByte(escapes, char)
	if index < 0 {
		return 0, false
	}
	return rune(meanings[index]), true
}

func (reader *reader) unicode() (rune, bool) {
	rest := reader.text[reader.at:]
	if len(rest) < 6 || rest[:2] != `\u` {
		return 0, false
	}
	unit, err := strconv.ParseUint(rest[2:6], 16, 16)
	reader.at += 6
	return rune(unit), err == nil
}
