package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sheet runs the tool and returns what it says and the picture it writes.
func sheet(t *testing.T, args ...string) (string, image.Image, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sheet.png")
	var out bytes.Buffer
	if err := run(append(args, "-out", file), &out); err != nil {
		return out.String(), nil, err
	}
	f, err := os.Open(file)
	if err != nil {
		return out.String(), nil, nil
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), m, nil
}

func TestSheet(t *testing.T) {
	dir := t.TempDir()
	m := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for i := range m.Pix {
		m.Pix[i] = byte(i) | byte(i%4/3*255)
	}
	for i, name := range []string{"a/1.png", "a/2.png", "b/3.png", "b/4.png", "c.txt"} {
		name = filepath.Join(dir, "pictures", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		m.Set(i, 0, color.Black)
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		content := b.Bytes()
		if strings.HasSuffix(name, ".txt") {
			content = []byte("text")
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pictures := filepath.Join(dir, "pictures")
	for _, c := range []struct {
		args []string
		w, h int
		says string
	}{
		{[]string{"-list"}, 0, 0, "faces"},
		{[]string{"-list", "-json"}, 0, 0, `{"name":"digits","shape":[1,28,28],"classes":10,`},
		{[]string{"-set", "faces", "-json"}, 16*34 - 2, 10*34 - 2, `{"name":"faces","shape":[3,32,32],`},
		{[]string{"-set", "faces", "-columns", "3", "-rows", "2", "-zoom", "2"}, 2 * (3*34 - 2), 2 * (2*34 - 2), "dealt by numbers"},
		{[]string{"-set", "textures", "-by-class", "-columns", "4"}, 4*30 - 2, 6*30 - 2, `"gabor"`},
		{[]string{"-from", pictures, "-size", "20", "-grey", "-whole", "-columns", "9"}, 2*22 - 2, 20, "c.txt"},
		{[]string{"-from", filepath.Join(pictures, "a", "1.png"), "-patches", "-size", "8", "-columns", "5", "-rows", "1"}, 5*10 - 2, 8, "10000 to train on"},
	} {
		says, m, err := sheet(t, c.args...)
		if err != nil || !strings.Contains(says, c.says) {
			t.Errorf("%q: error %v, says %q", c.args, err, says)
			continue
		}
		if c.w > 0 && (m == nil || m.Bounds() != image.Rect(0, 0, c.w, c.h)) {
			t.Errorf("%q: the picture is not %d x %d", c.args, c.w, c.h)
		}
	}
	for words, args := range map[string][]string{
		"unknown data set": {"-set", "cats"},
		"-columns":         {"-columns", "0"},
		"-zoom":            {"-zoom", "17"},
		"one picture":      {"-from", filepath.Join(pictures, "a", "1.png")},
		"neither a zip":    {"-from", filepath.Join(pictures, "c.txt")},
		"no such file":     {"-from", filepath.Join(pictures, "d.zip")},
		"no classes":       {"-from", filepath.Join(pictures, "a", "1.png"), "-patches", "-size", "8", "-by-class"},
		"size":             {"-from", pictures, "-size", "0"},
	} {
		if _, _, err := sheet(t, args...); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: the error does not say %q: %v", args, words, err)
		}
	}
}
