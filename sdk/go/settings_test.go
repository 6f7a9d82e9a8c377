package gatewright

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type rule struct {
	Place Pointer  `json:"place"`
	Above *float64 `json:"above"`
}

type ruleSettings struct {
	Endings []string        `json:"endings"`
	Max     uint8           `json:"max"`
	Rules   []rule          `json:"rules,omitempty"`
	Names   map[string]bool `json:"names,omitzero"`
	Any     any             `json:"any,omitempty"`
	Hidden  string          `json:"-"`
}

func (settings *ruleSettings) Check() error {
	if settings.Max == 7 {
		return errors.New("7 is taken")
	}
	return nil
}

func TestSettingsThatDoNotFitAreRefusedWithAReason(t *testing.T) {
	for text, reason := range map[string]string{
		"[]":                             "it is an array, not an object",
		"{":                              "not JSON at byte 1",
		"{}":                             "`/endings`: it is missing",
		`{"endings":[],"max":1,"Max":2}`: "`/Max`: there is no such setting",
		`{"endings":[1],"max":1}`:        "`/endings/0`: it is an integer, not text",
		`{"endings":[],"max":256}`:       "`/max`: the integer is out of range",
		`{"endings":[],"max":-1}`:        "`/max`: the integer is out of range",
		`{"endings":[],"max":"1"}`:       "`/max`: it is text, not an integer",
		`{"endings":[],"max":7}`:         "7 is taken",
		`{"endings":[],"max":1,"-":1}`:   "`/-`: there is no such setting",
		`{"endings":null,"max":1}`:       "`/endings`: it is null, not an array",
		`{"endings":[],"max":1,"rules":[{"place":"a"}]}`:          "`/rules/0/place`: `a` is not a JSON Pointer",
		`{"endings":[],"max":1,"rules":[{"place":"/a","b/c":1}]}`: "`/rules/0/b~1c`: there is no such setting",
		`{"endings":[],"max":1,"names":{"x":1}}`:                  "`/names/x`: it is an integer, not a boolean",
	} {
		_, err := ReadSettings[ruleSettings](text)
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", text, err)
		}
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
