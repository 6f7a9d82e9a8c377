package gatewright

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// ReadSettings reads JSON text as the settings of a policy. A policy needs it
// for tests only: the component reads its settings by itself.
//
// Fields are named by their `json` tags, as in package encoding/json, and types
// with UnmarshalJSON or UnmarshalText read themselves. The rest is stricter: a
// member without a field is refused, a field without a member too, unless its
// tag says `omitempty` or `omitzero` or it is a pointer; case counts. If the
// settings have a method `Check() error`, it has the last word.
func ReadSettings[S any](text string) (*S, error) {
	settings := new(S)
	if reader, ok := any(settings).(readsJSON); ok {
		return settings, reader.UnmarshalJSON([]byte(text))
	}
	if err := decode(text, settings, false); err != nil {
		var place *misfit
		if errors.As(err, &place) && place.pointer != "" {
			return nil, &SettingsError{Pointer: place.pointer, Message: place.detail}
		}
		return nil, &SettingsError{Message: "the settings do not fit: " + err.Error()}
	}
	if checked, ok := any(settings).(interface{ Check() error }); ok {
		if err := checked.Check(); err != nil {
			return nil, err
		}
	}
	return settings, nil
}

// SettingsError says why settings are refused. [ReadSettings] makes it; `Check`
// and UnmarshalJSON may, to say where.
type SettingsError struct {
	// Pointer is a JSON Pointer (RFC 6901) to what is wrong; empty where it is
	// no single place.
	Pointer string
	// Message is for the operator.
	Message string
}

// Error says where, and what.
func (err *SettingsError) Error() string {
	return (&misfit{pointer: err.Pointer, detail: err.Message}).Error()
}

// settingsErrorOf says where the error has its place, if it has one.
func settingsErrorOf(err error) *SettingsError {
	var settings *SettingsError
	var argument *ArgumentError
	switch {
	case errors.As(err, &settings):
		return settings
	case errors.As(err, &argument) && argument.Detail != "":
		return &SettingsError{Pointer: argument.Pointer, Message: err.Error()}
	}
	return &SettingsError{Message: err.Error()}
}

// decoder reads JSON values into variables.
type decoder struct {
	// isLax passes over members without a field.
	isLax bool
}

type (
	readsJSON interface{ UnmarshalJSON([]byte) error }
	readsText interface{ UnmarshalText([]byte) error }
)

// misfit is an error that has grown its place.
type misfit struct{ pointer, detail string }

func (err *misfit) Error() string {
	if err.pointer == "" {
		return err.detail
	}
	return "`" + err.pointer + "`: " + err.detail
}

func decode(text string, into any, isLax bool) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return errors.New("it can be read into a pointer only")
	}
	root, err := parse(text)
	if err != nil {
		return err
	}
	return decoder{isLax: isLax}.read(root, target.Elem(), "")
}

func (decoder decoder) read(from *value, into reflect.Value, at Pointer) error {
	wrong := func(detail string) error { return &misfit{pointer: string(at), detail: detail} }
	switch reader := into.Addr().Interface().(type) {
	case readsJSON:
		if err := reader.UnmarshalJSON([]byte(from.written)); err != nil {
			inner := settingsErrorOf(err)
			return &misfit{pointer: string(at) + inner.Pointer, detail: inner.Message}
		}
		return nil
	case readsText:
		if from.Kind != Text {
			return wrong("it is " + from.Kind.String() + ", not text")
		}
		if err := reader.UnmarshalText([]byte(from.Text)); err != nil {
			return wrong(err.Error())
		}
		return nil
	}
	expected := ""
	switch into.Kind() {
	case reflect.Pointer:
		if from.Kind == Null {
			into.SetZero()
			return nil
		}
		into.Set(reflect.New(into.Type().Elem()))
		return decoder.read(from, into.Elem(), at)
	case reflect.Struct:
		if from.Kind == Object {
			return decoder.readStruct(from, into, at)
		}
		expected = "an object"
	case reflect.Map:
		if from.Kind == Object && into.Type().Key().Kind() == reflect.String {
			return decoder.readMap(from, into, at)
		}
		expected = "an object"
	case reflect.Slice:
		if from.Kind == Array {
			into.Set(reflect.MakeSlice(into.Type(), len(from.items), len(from.items)))
			for i, item := range from.items {
				if err := decoder.read(item, into.Index(i), at.Child(strconv.Itoa(i))); err != nil {
					return err
				}
			}
			return nil
		}
		expected = "an array"
	case reflect.String:
		if from.Kind == Text {
			into.SetString(from.Text)
			return nil
		}
		expected = "text"
	case reflect.Bool:
		if from.Kind == Boolean {
			into.SetBool(from.Boolean)
			return nil
		}
		expected = "a boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if from.Kind == Integer {
			if into.OverflowInt(from.Integer) {
				return wrong("the integer is out of range")
			}
			into.SetInt(from.Integer)
			return nil
		}
		expected = "an integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if from.Kind == Integer || from.Kind == Number {
			integer, err := strconv.ParseUint(from.written, 10, 64)
			if err != nil || into.OverflowUint(integer) {
				return wrong("the integer is out of range")
			}
			into.SetUint(integer)
			return nil
		}
		expected = "an integer"
	case reflect.Float32, reflect.Float64:
		if from.Kind == Integer || from.Kind == Number {
			number, err := strconv.ParseFloat(from.written, 64)
			if err != nil {
				return wrong("the number is out of range")
			}
			into.SetFloat(number)
			return nil
		}
		expected = "a number"
	case reflect.Interface:
		if into.NumMethod() == 0 {
			if found := from.any(); found != nil {
				into.Set(reflect.ValueOf(found))
			}
			return nil
		}
		return wrong("the policy cannot read it")
	default:
		return wrong("the policy cannot read it")
	}
	return wrong("it is " + from.Kind.String() + ", not " + expected)
}

func (decoder decoder) readStruct(from *value, into reflect.Value, at Pointer) error {
	wrong := func(detail string) error { return &misfit{pointer: string(at), detail: detail} }
	known := make(map[string]bool)
	for i := range into.NumField() {
		field := into.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !field.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		known[name] = true
		item := from.memberNamed(name)
		if item == nil {
			isOptional := field.Type.Kind() == reflect.Pointer ||
				strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
			if !isOptional {
				return wrong("`" + name + "` is missing")
			}
			continue
		}
		if err := decoder.read(item, into.Field(i), at.Child(name)); err != nil {
			return err
		}
	}
	for _, name := range from.names {
		if !known[name] && !decoder.isLax {
			return &misfit{pointer: string(at.Child(name)), detail: "there is no such setting"}
		}
	}
	return nil
}

func (decoder decoder) readMap(from *value, into reflect.Value, at Pointer) error {
	kind := into.Type()
	into.Set(reflect.MakeMapWithSize(kind, len(from.items)))
	for i, name := range from.names {
		item := reflect.New(kind.Elem()).Elem()
		if err := decoder.read(from.items[i], item, at.Child(name)); err != nil {
			return err
		}
		into.SetMapIndex(reflect.ValueOf(name).Convert(kind.Key()), item)
	}
	return nil
}

// any is the value as package encoding/json gives it to a variable without a
// type.
func (read *value) any() any {
	switch read.Kind {
	case Boolean:
		return read.Boolean
	case Integer, Number:
		number, _ := strconv.ParseFloat(read.written, 64) // out of range is infinite
		return number
	case Text:
		return read.Text
	case Array:
		items := make([]any, len(read.items))
		for i, item := range read.items {
			items[i] = item.any()
		}
		return items
	case Object:
		members := make(map[string]any, len(read.items))
		for i, name := range read.names {
			members[name] = read.items[i].any()
		}
		return members
	}
	return nil
}
