package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// object is a JavaScript object with its properties in order.
type object []property

type property struct {
	name  string
	value any
}

func (o *object) add(name string, value any) { *o = append(*o, property{name, value}) }

// lineWidth is that of Biome's configuration.
const lineWidth = 140

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// writeJS writes a value as Biome formats it: on one line where it fits, with used
// characters of it taken by what stands around.
func writeJS(out *strings.Builder, v reflect.Value, indent string, used int) {
	v = inner(v)
	line := inline(v)
	if len(indent)+used+len(line) <= lineWidth && (v.Kind() == reflect.Slice && v.Type() != reflect.TypeFor[object]() || used > 0 && !nested(v)) {
		out.WriteString(line)
		return
	}
	props, isObject := properties(v)
	if isObject && len(props) == 0 || !isObject && v.Kind() != reflect.Slice {
		out.WriteString(line)
		return
	}
	deeper := indent + "  "
	open, shut := "[", "]"
	if isObject {
		open, shut = "{", "}"
	}
	out.WriteString(open + "\n")
	if isObject {
		for _, p := range props {
			out.WriteString(deeper + key(p.name) + ": ")
			writeJS(out, reflect.ValueOf(p.value), deeper, len(key(p.name))+len(": ,"))
			out.WriteString(",\n")
		}
	} else {
		for i := range v.Len() {
			out.WriteString(deeper)
			writeJS(out, v.Index(i), deeper, len(","))
			out.WriteString(",\n")
		}
	}
	out.WriteString(indent + shut)
}

// nested reports whether an object contains objects, which then get a line
// each.
func nested(v reflect.Value) bool {
	props, _ := properties(v)
	for _, p := range props {
		if _, ok := properties(inner(reflect.ValueOf(p.value))); ok {
			return true
		}
	}
	return false
}

func inner(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// properties gives those of an object or a struct; fields that JSON leaves out are
// left out.
func properties(v reflect.Value) (props []property, ok bool) {
	if o, ok := v.Interface().(object); ok {
		return o, true
	}
	if v.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			embedded, _ := properties(v.Field(i))
			props = append(props, embedded...)
		case name == "-" || strings.HasPrefix(options, "omit") && empty(v.Field(i)):
		default:
			props = append(props, property{name, v.Field(i).Interface()})
		}
	}
	return props, true
}

func empty(v reflect.Value) bool { return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 }

func inline(v reflect.Value) string {
	v = inner(v)
	if props, ok := properties(v); ok {
		var parts []string
		for _, p := range props {
			parts = append(parts, key(p.name)+": "+inline(reflect.ValueOf(p.value)))
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = inline(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.String:
		return quote(v.String())
	case reflect.Float32:
		return strconv.FormatFloat(v.Float(), 'g', -1, 32)
	case reflect.Float64:
		if f := v.Float(); f == float64(int64(f)) {
			return strconv.FormatInt(int64(f), 10)
		}
		return strings.Replace(strconv.FormatFloat(v.Float(), 'g', -1, 64), "e-0", "e-", 1)
	}
	return fmt.Sprint(v.Interface())
}

func key(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return quote(name)
}

func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
