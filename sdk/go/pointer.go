package gatewright

import (
	"errors"
	"strings"
)

// Pointer is a well-formed JSON Pointer (RFC 6901). Take it in place of a
// string in settings, so that a typo is refused when the policy is loaded.
type Pointer string

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// ParsePointer reads `/path/to/0/value`; the empty text is the whole document.
func ParsePointer(text string) (Pointer, error) {
	isGood := text == "" || text[0] == '/'
	for rest := text; isGood; {
		var found bool
		if _, rest, found = strings.Cut(rest, "~"); !found {
			break
		}
		isGood = rest != "" && (rest[0] == '0' || rest[0] == '1')
	}
	if !isGood {
		return "", errors.New("`" + text + "` is not a JSON Pointer; hint: it starts with `/`, and `~` is written `~0`")
	}
	return Pointer(text), nil
}

// UnmarshalText checks a pointer of the settings.
func (pointer *Pointer) UnmarshalText(text []byte) (err error) {
	*pointer, err = ParsePointer(string(text))
	return err
}

// Child is the member called name (or the element with that index) of what
// stands at the pointer.
func (pointer Pointer) Child(name string) Pointer {
	return pointer + "/" + Pointer(strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1"))
}

// tokens are the names on the way, unescaped; none for the whole document.
func (pointer Pointer) tokens() []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(string(pointer[1:]), "/")
	for i, token := range tokens {
		tokens[i] = unescape.Replace(token)
	}
	return tokens
}
