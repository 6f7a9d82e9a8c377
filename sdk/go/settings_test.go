package gatewright

import (
	"errors"
	"reflect"
	"testing"
)

type rule struct {
	Place Pointer  `json:"place"`
	Above *float64 `json:"above"`
}

// span reads itself.
type span struct{ from int64 }

func (span *span) UnmarshalJSON(text []byte) error {
	root, err := ReadJSON(text)
	if err == nil {
		span.from, err = root.At("/from").Integer()
	}
	return err
}

type ruleSettings struct {
	Endings []string        `json:"endings"`
	Max     uint8           `json:"max"`
	Rules   []rule          `json:"rules,omitempty"`
	Names   map[string]bool `json:"names,omitzero"`
	Any     any             `json:"any,omitempty"`
	Spans   []span          `json:"spans,omitempty"`
	Hidden  string          `json:"-"`
}

func (settings *ruleSettings) Check() error {
	if settings.Max == 7 {
		return &SettingsError{Pointer: "/max", Message: "7 is taken"}
	}
	return nil
}

func TestSettingsThatDoNotFitAreRefusedWithAReason(t *testing.T) {
	for text, want := range map[string]SettingsError{
		"[]":                             {"", "the settings do not fit: it is an array, not an object"},
		"{":                              {"", "the settings do not fit: not JSON at byte 1"},
		"{}":                             {"", "the settings do not fit: `endings` is missing"},
		`{"endings":[],"max":1,"Max":2}`: {"/Max", "there is no such setting"},
		`{"endings":[1],"max":1}`:        {"/endings/0", "it is an integer, not text"},
		`{"endings":[],"max":256}`:       {"/max", "the integer is out of range"},
		`{"endings":[],"max":-1}`:        {"/max", "the integer is out of range"},
		`{"endings":[],"max":"1"}`:       {"/max", "it is text, not an integer"},
		`{"endings":[],"max":7}`:         {"/max", "7 is taken"},
		`{"endings":[],"max":1,"-":1}`:   {"/-", "there is no such setting"},
		`{"endings":null,"max":1}`:       {"/endings", "it is null, not an array"},
		`{"endings":[],"max":1,"rules":[{"above":1}]}`: {"/rules/0", "`place` is missing"},
		`{"endings":[],"max":1,"rules":[{"place":"a"}]}`: {
			"/rules/0/place", "`a` is not a JSON Pointer; hint: it starts with `/`, and `~` is written `~0`",
		},
		`{"endings":[],"max":1,"rules":[{"place":"/a","b/c":1}]}`: {"/rules/0/b~1c", "there is no such setting"},
		`{"endings":[],"max":1,"names":{"x":1}}`:                  {"/names/x", "it is an integer, not a boolean"},
		`{"endings":[],"max":1,"spans":[{"from":"x"}]}`:           {"/spans/0/from", "the setting `/from` does not fit: it is text, not an integer"},
	} {
		_, err := ReadSettings[ruleSettings](text)
		if got := settingsErrorOf(err); *got != want {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestASettingsErrorSaysWhere(t *testing.T) {
	for _, test := range []struct {
		err  error
		want SettingsError
	}{
		{errors.New("no"), SettingsError{"", "no"}},
		{&SettingsError{"/a", "no"}, SettingsError{"/a", "no"}},
		{&ArgumentError{Noun: "setting", Pointer: "/a"}, SettingsError{"", "the setting `/a` is missing"}},
		{&ArgumentError{Noun: "setting", Pointer: "/a", Detail: "no"}, SettingsError{"/a", "the setting `/a` does not fit: no"}},
	} {
		if got := settingsErrorOf(test.err); *got != test.want {
			t.Errorf("%+v", got)
		}
	}
	if text := (&SettingsError{"/a", "no"}).Error(); text != "`/a`: no" {
		t.Error(text)
	}
}

func TestSettingsAreReadByTheirTags(t *testing.T) {
	settings, err := ReadSettings[ruleSettings](`{"endings":[".md"],"max":255,
		"rules":[{"place":"/a","above":1.5},{"place":"","above":null}],"names":{"x":true},"any":[1,{"a":null}]}`)
	if err != nil {
		t.Fatal(err)
	}
	above := 1.5
	want := &ruleSettings{
		Endings: []string{".md"},
		Max:     255,
		Rules:   []rule{{Place: "/a", Above: &above}, {Place: ""}},
		Names:   map[string]bool{"x": true},
		Any:     []any{1.0, map[string]any{"a": nil}},
	}
	if !reflect.DeepEqual(settings, want) {
		t.Errorf("%+v", settings)
	}
}

func TestAPolicyWithoutSettingsTakesNone(t *testing.T) {
	if _, err := ReadSettings[struct{}](`{"rots":[]}`); err == nil {
		t.Error("a setting that nobody reads is taken")
	}
	if _, err := ReadSettings[struct{}](`{}`); err != nil {
		t.Error(err)
	}
}
