package gatewright

import (
	"encoding/json"
	"testing"
)

func TestWhatIsNotJSONIsRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "{", "[", "[1,]", "{,}", `{"a":1,}`, `{"a"}`, `{a:1}`, "01", "-", "1.", ".5", "1e", "+1",
		`"`, `"\`, `"\x"`, `"\u12"`, `"\ud800"`, `"\ud800\u0041"`, "\"\n\"", "\"\xff\"", "\"\xff\\n\"", "nul", "truefalse",
		"[1] 2", "1 \x00", "NaN", "[1 2]", `{"a":1 "b":2}`,
	} {
		if root, err := parse(text); err == nil {
			t.Errorf("%q is read as %v", text, root.Value)
		}
	}
}

func TestValuesAreReadAsTheGateGivesThem(t *testing.T) {
	for text, want := range map[string]Value{
		"null":                   {Kind: Null},
		" true ":                 {Kind: Boolean, Boolean: true},
		"false":                  {Kind: Boolean},
		"0":                      {Kind: Integer},
		"-9223372036854775808":   {Kind: Integer, Integer: -9223372036854775808},
		"9223372036854775808":    {Kind: Number, Text: "9223372036854775808"},
		"-0":                     {Kind: Number, Text: "-0"},
		"1.50":                   {Kind: Number, Text: "1.50"},
		"1E+2":                   {Kind: Number, Text: "1E+2"},
		`"\u00e9\ud83d\ude00\n"`: {Kind: Text, Text: "é😀\n"},
		`"a\/b\\\"\t"`:           {Kind: Text, Text: "a/b\\\"\t"},
		"[]":                     {Kind: Array},
		"[1, [2]]":               {Kind: Array, Count: 2},
		`{"a":1,"b":{}}`:         {Kind: Object, Count: 2},
	} {
		if got, err := parse(text); err != nil || got.Value != want {
			t.Errorf("%s: %+v, %v", text, got.Value, err)
		}
	}
}

func FuzzOurReaderAgreesWithTheStandardLibrary(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,null,"\ud83d\ude00"]}`, `[[[]]]`, `"\ud800"`, "-0.0", "1e999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := parse(text)
		if err != nil {
			return // we are stricter: lone surrogates, bytes that are not Unicode, depth
		}
		var standard any
		if err := json.Unmarshal([]byte(text), &standard); err != nil {
			if _, isRange := err.(*json.UnmarshalTypeError); !isRange {
				t.Fatalf("%q is JSON to us: %v", text, err)
			}
			return
		}
		ours, _ := json.Marshal(root.any())
		theirs, _ := json.Marshal(standard)
		if string(ours) != string(theirs) {
			t.Fatalf("%q: %s, not %s", text, ours, theirs)
		}
	})
}

func TestQuotedTextIsReadBack(t *testing.T) {
	for _, text := range []string{"", `"\`, "\x00\x1f\u007f", "é😀\u2028", "</script>"} {
		var read string
		if err := json.Unmarshal([]byte(Quote(text)), &read); err != nil || read != text {
			t.Errorf("%q is read as %q, %v", text, read, err)
		}
	}
}
