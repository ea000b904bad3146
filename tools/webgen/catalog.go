package main

import (
	"fmt"
	"reflect"
	"strings"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/preset"
	"inkdrift/wasm/proto"
)

// exported is a constant of a module.
type exported struct {
	name, doc, typ string
	value          any
}

// write declares the constant.
func (e exported) write(out *strings.Builder) {
	fmt.Fprintf(out, "\n/** %s @type {%s} */\nexport const %s = ", e.doc, e.typ, e.name)
	v := reflect.ValueOf(e.value)
	if v.Kind() == reflect.Int {
		fmt.Fprintf(out, "%d;\n", v.Int())
		return
	}
	out.WriteString("frozen(")
	writeJS(out, v, "", len("export const  = frozen();")+len(e.name))
	out.WriteString(");\n")
}

// frozen is the function that constants call.
const frozen = `
/**
 * @template T
 * @param {T} value
 * @returns {T} it, frozen with all that is in it
 */
function frozen(value) {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}
`

// madeSet is a data set that the engine makes.
type madeSet struct {
	Shape      [3]int            `json:"shape"`      // of a picture: channels, height, width
	Classes    []string          `json:"classes"`    // names of the labels in order; empty for none
	Attributes []proto.Attribute `json:"attributes"` // what is known of each picture besides
	Ink        bool              `json:"ink"`        // drawn with a pen, so that a pixel can be taken for ink or none
	Train      int               `json:"train"`      // a good number of pictures to train on
	Validation int               `json:"validation"` // pictures that are held back for validation
	Test       int               `json:"test"`       // pictures for the test
}

// family is a family of models.
type family struct {
	vae.Traits
	Preset string `json:"preset"` // with the usual settings of the family
}

// pageTypes are declared by hand: a struct of Go cannot say that a field is there
// for some kinds only.
const pageTypes = ` * @typedef {{trait: keyof Traits, is: boolean} | {setting: string, in?: string[]}} Need a condition under which a
 *   setting says something: a trait of the family, or another setting, which must be one of in or else above 0
 * @typedef {'live' | 'new'} When a change takes effect: at once, or with the next run
 * @typedef {{type: 'int' | 'number', min: number, max: number, when: When, needs?: Need[]}
 *   | {type: 'choice', choices: string[], when: When, needs?: Need[]}
 *   | {type: 'widths', layers: number, width: number, when: When, needs?: Need[]}
 *   | {type: 'name' | 'start', when: When, needs?: Need[]}} Field what a setting may be; layers: how many there may be at most
 * @typedef {{offered: boolean, settings: Partial<Settings>}} Preset offered: it is in the page's list, others are taken by
 *   name; settings: those that differ from the defaults
`

// catalog makes web/generated/catalog.js.
func catalog(root string) ([]byte, error) {
	d := newDocs(root)
	var out strings.Builder
	out.WriteString(header)
	out.WriteString("\n/**\n * What Go knows and the page shows: presets, families, data sets, and the limits of settings.\n *\n")
	for _, t := range []struct {
		name string
		of   reflect.Type
	}{
		{"Traits", reflect.TypeFor[vae.Traits]()}, {"Settings", reflect.TypeFor[preset.Settings]()},
		{"Pixels", reflect.TypeFor[preset.Pixels]()}, {"MadeSet", reflect.TypeFor[madeSet]()},
	} {
		if err := typedef(&out, d, t.name, t.of); err != nil {
			return nil, err
		}
	}
	out.WriteString(" * @typedef {Traits & {preset: string}} Family preset: name of the preset with the usual settings of the family\n")
	out.WriteString(pageTypes)
	out.WriteString(" */\n")
	out.WriteString(frozen)
	for _, e := range constants() {
		e.write(&out)
	}
	return []byte(out.String()), nil
}

// constants lists what the catalog exports.
func constants() []exported {
	var families, fields, presets, made, measures, pixels object
	for _, f := range preset.Fields {
		if f.Name == "family" {
			for _, name := range f.Choices {
				traits, _ := vae.FamilyTraits(name)
				families.add(name, family{traits, preset.FamilyPreset(name)})
			}
		}
		fields.add(f.Name, fieldOf(f))
	}
	for _, p := range preset.All() {
		var shown object
		shown.add("offered", p.Offered)
		shown.add("settings", difference(p.Settings, preset.Defaults()))
		presets.add(p.Name, shown)
	}
	for _, s := range sets.All() {
		m := madeSet{[3]int{s.Shape.C, s.Shape.H, s.Shape.W}, s.Classes, []proto.Attribute{}, s.Ink, s.Train, s.Validation, s.Test}
		for _, a := range s.Attributes {
			m.Attributes = append(m.Attributes, proto.Attribute(a))
		}
		made.add(s.Name, m)
	}
	answer := reflect.TypeFor[proto.MeasureOK]()
	for i := range answer.NumField() {
		if f := answer.Field(i); f.Type.Kind() == reflect.Pointer {
			measures.add(jsonName(f), jsonNames(f.Type.Elem()))
		}
	}
	pixels.add("ink", preset.Ink)
	pixels.add("shades", preset.Shades)
	return []exported{
		{"families", "Families of models by name.", "Record<string, Family>", families},
		{"fields", "What each setting may be, in the order of the forms.", "Record<string, Field>", fields},
		{"defaults", "What every preset has that says nothing else.", "Settings", preset.Defaults()},
		{"presets", "The first is the one that a visitor finds.", "Record<string, Preset>", presets},
		{"pixels", "Settings that suit pictures of a pen, and others.", "{ink: Pixels, shades: Pixels}", pixels},
		{"madeSets", "The sets that the engine makes, in the order in which they are offered.", "Record<string, MadeSet>", made},
		{"firstValidation", "The number of the first picture of a made set that is for validation; training begins at 0.", "number", data.FirstValidation},
		{"measures", "The figures of each measure that the engine takes.", "Record<string, string[]>", measures},
	}
}

// difference gives the settings of s that base has not.
func difference(s, base preset.Settings) (o object) {
	mine, _ := properties(reflect.ValueOf(s))
	other, _ := properties(reflect.ValueOf(base))
	for i, p := range mine {
		if !reflect.DeepEqual(p.value, other[i].value) {
			o.add(p.name, p.value)
		}
	}
	return o
}

// fieldOf leaves out fields that a kind of settings does not have.
func fieldOf(f preset.Field) (o object) {
	o.add("type", string(f.Kind))
	switch f.Kind {
	case preset.Int, preset.Number:
		o.add("min", f.Min)
		o.add("max", f.Max)
	case preset.Choice:
		o.add("choices", f.Choices)
	case preset.Widths:
		o.add("layers", preset.MaxLayers)
		o.add("width", preset.MaxWidth)
	}
	o.add("when", string(f.When))
	if len(f.Needs) == 0 {
		return o
	}
	var needs []object
	for _, n := range f.Needs {
		var need object
		if n.Trait != "" {
			need.add("trait", n.Trait)
			need.add("is", n.Is)
		} else {
			need.add("setting", n.Setting)
			if len(n.In) > 0 {
				need.add("in", n.In)
			}
		}
		needs = append(needs, need)
	}
	o.add("needs", needs)
	return o
}

// typedef writes a struct as a typedef of JSDoc.
func typedef(out *strings.Builder, d *docs, name string, t reflect.Type) error {
	fields, err := d.fieldDocs(t)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, " * @typedef {object} %s\n", name)
	for i := range t.NumField() {
		f := t.Field(i)
		out.WriteString(strings.TrimRight(fmt.Sprintf(" * @property {%s} %s %s", jsType(f.Type), jsonName(f), fields[f.Name]), " ") + "\n")
	}
	out.WriteString(" *\n")
	return nil
}

// jsType gives the JSDoc type of a field of the catalog.
func jsType(t reflect.Type) string {
	if t == reflect.TypeFor[[]proto.Attribute]() {
		return "import('./protocol.js').Attribute[]"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return jsType(t.Elem()) + "[]"
	case reflect.Array:
		return "[number, number, number]"
	}
	return "number"
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// jsonNames lists the fields of a struct, those of embedded ones first.
func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			names = append(names, jsonNames(f.Type)...)
		} else {
			names = append(names, jsonName(f))
		}
	}
	return names
}
