package datasets

import (
	"archive/zip"
	"bytes"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae/data"
)

var grey = data.Shape{C: 1, H: 28, W: 28}

func TestParseMade(t *testing.T) {
	for text, want := range map[string]Spec{
		"digits":                       {Name: "digits", Count: count, Seed: Seed},
		"procedural":                   {Name: "digits", Count: count, Seed: Seed},
		"digits:20,seed=3":             {Name: "digits", Count: 20, Seed: 3},
		"faces,first=7,count=5,seed=0": {Name: "faces", Count: 5, First: 7},
	} {
		s, err := Parse(text)
		if err != nil || s.Made == nil || s.Name != want.Name || s.Count != want.Count || s.First != want.First || s.Seed != want.Seed {
			t.Errorf("%s: %+v, %v", text, s, err)
		}
	}
}

// TestParseErrors: what is wrong is named, with what was given.
func TestParseErrors(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{
		"digits:x":                `count is "x", which is no whole number`,
		"digits:":                 `count is "", which is no whole number`,
		"digits:-3":               `count is "-3", which is no whole number`,
		"digits:0":                "count is 0, and must be 1 to ",
		"digits:90000000":         "count is 90000000, and must be 1 to ",
		"digits,seed=one":         `seed is "one", which is no whole number`,
		"digits,first=1.5":        `first is "1.5", which is no whole number`,
		"digits,first=90000000":   "first is 90000000, and must be 0 to ",
		"digits:16777216,first=1": "first and count go beyond",
		"digits,fit=whole":        "fit is a setting of sets in files",
		dir + ",count=3":          "count is a setting of sets that are made",
		dir + ",fit=round":        "fit must be crop or whole",
		dir + ",paper=white":      "paper must be a colour as #ffffff",
		dir + ",negative=1":       "negative takes no value",
		dir + ",name=":            "name must not be empty",
		"nonesuch":                "there is no file or folder of this name",
	} {
		_, err := Parse(text)
		var wrong *SpecError
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

// TestMadeSpec: the name in a checkpoint leads back to the same pictures.
func TestMadeSpec(t *testing.T) {
	for _, text := range []string{"digits:20,seed=3,first=2", "materials:5,seed=0,first=0"} {
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		set, err := s.Open(grey)
		if err != nil {
			t.Fatal(err)
		}
		if got := MadeSpec(set.RunName); got != text || set.Train.Len() != s.Count || set.Test.Len() == 0 {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, name := range []string{"mnist, 60000", "digits, seed 1, 5 from", "digits"} {
		if got := MadeSpec(name); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestOpenFiles: MNIST's folder, and pictures in class folders and in an archive of them.
func TestOpenFiles(t *testing.T) {
	open := func(text string) *Set {
		t.Helper()
		s, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		set, err := s.Open(grey)
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if set := open(minimnist.Dir(t, 7, 3)); !set.MNIST || set.Train.Len() != 7 || set.Test.Len() != 3 || set.RunName != "mnist, 7" {
		t.Errorf("MNIST: %+v", set)
	}

	dir := filepath.Join(t.TempDir(), "signs")
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i, class := range []string{"star", "moon"} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for k := range 10 {
			m := image.NewGray(image.Rect(0, 0, 28, 28))
			m.Pix[30*i+k] = 200
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			name := string(rune('a'+k)) + ".png"
			if err := os.WriteFile(filepath.Join(dir, class, name), b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			w, err := z.Create("signs/" + class + "/" + name)
			if err == nil {
				_, err = w.Write(b.Bytes())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	archive := dir + ".zip"
	if err := os.WriteFile(archive, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{dir, archive, dir + ",name=signs,negative"} {
		set := open(text)
		if set.Name != "signs" || len(set.Classes) != 2 || set.Train.Len()+set.Validation.Len()+set.Test.Len() != 20 || set.MNIST {
			t.Errorf("%s: %+v", text, set)
		}
	}
}
