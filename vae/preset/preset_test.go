package preset_test

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/preset"
	"inkdrift/vae/train"
)

func TestPresets(t *testing.T) {
	names := preset.Names()
	if sorted := slices.Compact(slices.Sorted(slices.Values(names))); len(sorted) != len(names) {
		t.Errorf("a name is there twice: %q", names)
	}
	for _, p := range preset.All() {
		r := p.Recipe()
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := train.ReadRecipe(b); err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s written and read: %+v, %v", p.Name, back, err)
		}
		if found, err := preset.Find(p.Name); err != nil || !reflect.DeepEqual(found, p) {
			t.Errorf("%s is not found: %v", p.Name, err)
		}
	}
	var e *train.OptionError
	if _, err := preset.Find("roman"); !errors.As(err, &e) || !strings.Contains(err.Error(), names[0]) {
		t.Errorf("an unknown preset: %v", err)
	}
	for _, family := range vae.Families() {
		if p, err := preset.Find(preset.FamilyPreset(family)); err != nil || p.Settings.Family != family || !p.Offered {
			t.Errorf("the preset of %s is %q of family %q, %v", family, p.Name, p.Settings.Family, err)
		}
	}
}

// values gives settings by their JSON names.
func values(t *testing.T, s preset.Settings) map[string]any {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// with gives s with another value of one setting.
func with(t *testing.T, s preset.Settings, name string, value any) preset.Settings {
	t.Helper()
	v := values(t, s)
	v[name] = value
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out preset.Settings
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatalf("%s = %v: %v", name, value, err)
	}
	return out
}

func TestFieldsAreThoseOfSettings(t *testing.T) {
	var names []string
	for _, f := range preset.Fields {
		names = append(names, f.Name)
	}
	want := []string{"workers"}
	for name := range values(t, preset.Defaults()) {
		want = append(want, name)
	}
	traits := reflect.TypeFor[vae.Traits]()
	for _, f := range preset.Fields {
		for _, n := range f.Needs {
			_, known := traits.FieldByNameFunc(func(name string) bool { return strings.EqualFold(name, n.Trait) })
			if (n.Trait == "") == (n.Setting == "") || n.Trait != "" && !known || n.Setting != "" && !slices.Contains(names, n.Setting) {
				t.Errorf("%s needs what there is not: %+v", f.Name, n)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("fields\n%q, settings\n%q", names, want)
	}
	for _, list := range []struct {
		field string
		want  []string
	}{{"family", vae.Families()}, {"activation", vae.Activations()}} {
		i := slices.IndexFunc(preset.Fields, func(f preset.Field) bool { return f.Name == list.field })
		if got := slices.Sorted(slices.Values(preset.Fields[i].Choices)); !slices.Equal(got, slices.Sorted(slices.Values(list.want))) {
			t.Errorf("%s: the page offers %q, there are %q", list.field, got, list.want)
		}
	}
}

func TestPresetsKeepToTheFields(t *testing.T) {
	for _, p := range preset.All() {
		v := values(t, p.Settings)
		for _, f := range preset.Fields {
			ok := true
			switch value := v[f.Name].(type) {
			case float64:
				ok = value >= f.Min && value <= f.Max && (f.Kind == preset.Number || f.Kind == preset.Int && value == math.Trunc(value))
			case string:
				ok = f.Kind == preset.Name || f.Kind == preset.Start || f.Kind == preset.Choice && slices.Contains(f.Choices, value)
			case []any:
				ok = f.Kind == preset.Widths && len(value) <= preset.MaxLayers
				for _, w := range value {
					ok = ok && w.(float64) >= 1 && w.(float64) <= preset.MaxWidth
				}
			}
			if !ok {
				t.Errorf("%s: %s is %v", p.Name, f.Name, v[f.Name])
			}
		}
	}
}

// bases are settings of which each setting applies in one at least.
func bases() []preset.Settings {
	var all []preset.Settings
	for _, name := range []string{"quick", "faces", "conditional", "gan", "vae-gan"} {
		p, err := preset.Find(name)
		if err != nil {
			panic(err)
		}
		all = append(all, p.Settings)
		s := p.Settings
		s.Optimizer = "sgd"
		s.KLWarmUp = 10
		all = append(all, s)
		s.Optimizer = preset.AdamW
		all = append(all, s)
	}
	return all
}

var grey = [3]int{1, 28, 28}

// TestLimitsAreThoseOfTheChecks sets every setting to what the page takes at most
// and at least, which the checks of a recipe must take, too, and beyond what they
// take, which must be refused in terms of that setting.
func TestLimitsAreThoseOfTheChecks(t *testing.T) {
	// Limits of the form alone: the checks take more. Others are the same.
	wider := map[string]bool{"latent": true, "sigma": true, "samples": true, "freeBits": true, "beta": true, "betaStart": true, "klWarmUp": true,
		"noise": true, "noiseSteps": true, "discriminatorRate": true, "weightDecay": true, "l1": true, "l2": true, "clipNorm": true,
		"learningRate": true, "warmUp": true, "batch": true, "seed": true, "epochs": true}
	notOfRecipe := map[string]bool{"data": true, "images": true, "workers": true, "minutes": true, "patience": true}
	for _, f := range preset.Fields {
		if notOfRecipe[f.Name] {
			continue
		}
		var good, bad []any
		switch f.Kind {
		case preset.Int, preset.Number:
			good = []any{f.Min, f.Max}
			if f.Name != "seed" { // has no sign
				bad = append(bad, -1)
			}
			if !wider[f.Name] {
				bad = append(bad, f.Max+1, f.Min-1)
			}
		case preset.Choice:
			for _, c := range f.Choices {
				good = append(good, c)
			}
			bad = []any{"nonesuch"}
		case preset.Widths:
			good = []any{[]int{1, 2}, []int{16}}
			bad = []any{[]int{0}, []int{vae.MaxWidth + 1}}
		}
		for _, value := range good {
			for _, s := range bases() {
				if err := with(t, s, f.Name, value).Recipe(grey).Validate(); err != nil && f.Name != "family" { // another one does not go with the rest
					t.Errorf("%s = %v of %s: %v", f.Name, value, s.Family, err)
				}
			}
		}
		for _, value := range bad {
			refused := false
			for _, s := range bases() {
				refused = refused || with(t, s, f.Name, value).Recipe(grey).Validate() != nil
			}
			if !refused {
				t.Errorf("%s = %v is not refused, and the page's limit should be that of the check", f.Name, value)
			}
		}
	}
}

// TestFromModel: the settings of a run that goes on with a model make that model's network.
func TestFromModel(t *testing.T) {
	for _, p := range preset.All() {
		r := p.Recipe()
		s := preset.FromModel("model", r.Model, p.Settings.Data)
		if got := s.Recipe(r.Model.Input); s.From != "model" || !train.SameModel(got.Model, r.Model) {
			t.Errorf("%s: %+v, want %+v", p.Name, got.Model, r.Model)
		}
		if r.Model.Discriminator == nil {
			continue
		}
		r.Model.Discriminator = nil
		if lean := preset.FromModel("model", r.Model, p.Settings.Data); len(lean.Discriminator) == 0 {
			t.Errorf("%s: a lean model has no discriminator to train", p.Name)
		}
	}
}
