package main

import (
	"reflect"
	"slices"
	"testing"

	"inkdrift/tools/internal/repo"
	"inkdrift/vae/preset"
	"inkdrift/wasm/proto"
)

// TestFresh fails where web/generated is not what Go says.
func TestFresh(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	if err := run(root, true); err != nil {
		t.Fatal(err)
	}
}

// TestLimitsOfTheProtocol holds the settings of package preset, which knows no
// messages, beside what requests may ask for.
func TestLimitsOfTheProtocol(t *testing.T) {
	field := func(name string) preset.Field {
		i := slices.IndexFunc(preset.Fields, func(f preset.Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("there is no setting %s", name)
		}
		return preset.Fields[i]
	}
	workers := field("workers")
	for size, ok := range map[float64]bool{workers.Min: false, 1: true, workers.Max: true, workers.Max + 1: false} { // 0 is for auto
		if err := (proto.TrainGroup{Size: int(size), Generation: 1}).Check(); (err == nil) != ok {
			t.Errorf("a group of %v: %v", size, err)
		}
	}
	images := field("images")
	for _, n := range []float64{images.Min, images.Max} {
		data := proto.Data{Kind: "digits", Count: int(n)}
		if err := (proto.TrainRestore{Data: data, Validation: data}).Check(); err != nil {
			t.Errorf("%v pictures: %v", n, err)
		}
	}
}

func TestJavaScript(t *testing.T) {
	var inner, o object
	inner.add("x-y", []float64{1, 0.5, 1e-7})
	o.add("it's", inner)
	if got, want := inline(reflect.ValueOf(o)), `{ 'it\'s': { 'x-y': [1, 0.5, 1e-7] } }`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNullFields(t *testing.T) {
	doc := "HandOK answers.\nOn an empty pad Label,\nProbs are null. Bufs are not."
	for field, want := range map[string]bool{"Label": true, "Probs": true, "Bufs": false, "Lab": false} {
		if mayBeNull(field, "", doc) != want {
			t.Errorf("%s: %v", field, !want)
		}
	}
}
