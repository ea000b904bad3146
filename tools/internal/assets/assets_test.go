package assets

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestEncodeRead(t *testing.T) {
	want := &List{Files: []File{
		{Path: "a.html", Bytes: 10, V: "0123456789abcdef", Gzip: 5, Brotli: 4},
		{Path: "b \"quoted\".png", Bytes: 7, V: "00"},
	}}
	b, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(fstest.MapFS{Name: {Data: b}})
	if err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if len(got.Files) != 2 || got.Files[0] != want.Files[0] || got.Files[1] != want.Files[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if strings.Contains(string(b), `"gz":0`) {
		t.Errorf("a file without .gz has a size for it:\n%s", b)
	}
}

func TestReadErrors(t *testing.T) {
	for name, dir := range map[string]fstest.MapFS{
		"no list":  {},
		"not JSON": {Name: {Data: []byte("{")}},
	} {
		if _, err := Read(dir); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestVersion(t *testing.T) {
	// SHA-256 of "abc", FIPS 180-2 appendix B.1.
	if got, want := Version([]byte("abc")), "ba7816bf8f01cfea"; got != want {
		t.Errorf("Version = %s, want %s", got, want)
	}
}

func TestFirstVisit(t *testing.T) {
	list := &List{Files: []File{
		{Path: "LICENSES.txt", Bytes: 1 << 40},
		{Path: "engine-studio.wasm", Bytes: 1000, Gzip: 300, Brotli: 200},
		{Path: Trainer, Bytes: 1 << 40},
		{Path: "app/tour-steps.js", Bytes: 1 << 40},
		{Path: "css/tour.css", Bytes: 1 << 40},
		{Path: "css/try.css", Bytes: 1 << 40},
		{Path: "ui/model-map-tiles.js", Bytes: 1 << 40},
		{Path: "examples/one.json", Bytes: 1 << 40},
		{Path: "index.html", Bytes: 100, Gzip: 50},
		{Path: "icon.png", Bytes: 10},
		{Path: "locales/en.json", Bytes: 40, Gzip: 30, Brotli: 20},
		{Path: "locales/zh.json", Bytes: 60, Gzip: 50, Brotli: 45},
		{Path: "models/index.json", Bytes: 1},
		{Path: "models/one.md", Bytes: 1 << 40},
		{Path: "models/one.safetensors", Bytes: 5},
		{Path: "models/two.safetensors", Bytes: 1 << 40},
	}}
	dir := fstest.MapFS{
		"models/index.json": {Data: []byte(`[{"name":"one","file":"one.safetensors"},{"name":"two","file":"two.safetensors"}]`)},
		"assets.json":       {Data: make([]byte, 7)},
		"assets.json.gz":    {Data: make([]byte, 6)},
		"sw.js":             {Data: make([]byte, 5)},
		"sw.js.br":          {Data: make([]byte, 4)},
	}
	got, err := FirstVisit(dir, list)
	if err != nil {
		t.Fatal(err)
	}
	want := Sizes{
		Files:  9,
		Raw:    1000 + 100 + 10 + 40 + 60 + 1 + 5 + 7 + 5,
		Gzip:   300 + 50 + 10 + 30 + 50 + 1 + 5 + 6 + 5,
		Brotli: 200 + 50 + 10 + 20 + 45 + 1 + 5 + 6 + 4,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFirstVisitWithoutModels(t *testing.T) {
	got, err := FirstVisit(fstest.MapFS{}, &List{Files: []File{{Path: "index.html", Bytes: 3}}})
	if err != nil || got.Raw != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, index := range []string{"[]", "[{}]", "{", "7"} {
		dir := fstest.MapFS{"models/index.json": {Data: []byte(index)}}
		if _, err := FirstVisit(dir, &List{}); err == nil {
			t.Errorf("%s: no error", index)
		}
	}
}

func TestSizesString(t *testing.T) {
	s := Sizes{Files: 3, Raw: 9e6, Gzip: 2_345_678, Brotli: 1_999_999}
	if got, want := s.String(), "2.00 MB (brotli) or 2.35 MB (gzip) in 3 files"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
