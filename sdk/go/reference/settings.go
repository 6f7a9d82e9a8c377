package main

import gatewright "gatewright.dev/sdk/go"

type settings struct {
	tag    string
	closed []string
	max    int64
}

// UnmarshalJSON reads the settings by hand, because the corpus asks for the text
// and the order of the errors. A struct with `json` tags is enough otherwise.
func (settings *settings) UnmarshalJSON(text []byte) error {
	root, err := gatewright.ReadJSON(text)
	if err != nil {
		return refused("", "settings are not JSON")
	}
	if root.Value().Kind != gatewright.Object {
		return refused("", "settings are not an object")
	}

	switch tag := root.At("/tag").Value(); {
	case tag.Kind == gatewright.Missing:
		return refused("", "tag is missing")
	case tag.Kind != gatewright.Text:
		return refused("/tag", "tag is not text")
	case tag.Text == "":
		return refused("/tag", "tag is empty")
	default:
		settings.tag = tag.Text
	}

	if closed := root.At("/closed"); closed.Value().Kind != gatewright.Missing {
		if err := closed.Decode(&settings.closed); err != nil {
			return refused("/closed", "closed is not a list of names")
		}
	}

	switch max := root.At("/max").Value(); max.Kind {
	case gatewright.Missing:
		settings.max = 100
	case gatewright.Integer:
		settings.max = max.Integer
	default:
		return refused("/max", "max is not an integer")
	}

	for _, name := range root.Keys() {
		if name != "tag" && name != "closed" && name != "max" {
			return refused(gatewright.Pointer("").Child(name), "unknown setting "+name)
		}
	}
	return nil
}

func refused(pointer gatewright.Pointer, message string) error {
	return &gatewright.SettingsError{Pointer: string(pointer), Message: message}
}
