package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inkdrift/tools/internal/repo"
)

var gonum = []string{"gonum.org/v1/gonum/..."}

// rules hold for the packages under vae and wasm. Imports point one way: compute,
// nn, vae, train; ink knows no data set, data, latent and probe know no model; and the stage gets no numeric
// package, not even through others, as all it may import is listed here too.
var rules = map[string]Rule{
	"vae/compute":               {Outside: gonum},
	"vae/compute/computetest":   {Inside: []string{"vae/compute", "vae/compute/avx2"}, Outside: gonum},
	"vae/compute/avx2":          {Inside: []string{"vae/compute"}, Outside: gonum},
	"vae/compute/strict":        {Outside: gonum},
	"vae/prior":                 {Inside: []string{"vae/compute"}, Outside: gonum},
	"vae/nn":                    {Inside: []string{"vae/compute"}, Outside: gonum},
	"vae":                       {Inside: []string{"vae/compute", "vae/nn", "vae/prior"}, Outside: gonum},
	"vae/ink":                   {},
	"vae/data":                  {Inside: []string{"vae/ink"}},
	"vae/data/picture":          {Inside: []string{"vae/data", "vae/ink"}},
	"vae/data/picture/decoders": {Inside: []string{"vae/data/picture"}},
	"vae/data/album":            {Inside: []string{"vae/data", "vae/data/picture", "vae/data/picture/decoders", "vae/compute"}, Outside: []string{"golang.org/x/text/..."}},
	"vae/data/files":            {Inside: []string{"vae/data", "vae/data/album"}},
	"vae/data/sets":             {Inside: []string{"vae/data", "vae/ink", "vae/compute"}},
	"vae/latent":                {},
	"vae/impute":                {Inside: []string{"vae/compute"}},
	"vae/probe":                 {Inside: []string{"vae/compute"}, Outside: gonum},
	"vae/metric":                {Inside: []string{"vae", "vae/compute", "vae/nn", "vae/data", "vae/probe"}, Outside: gonum},
	"vae/classify":              {Inside: []string{"vae/compute", "vae/nn", "vae/data", "vae/store"}},
	"vae/store":                 {Inside: []string{"vae", "vae/compute", "vae/nn", "vae/prior"}},
	"vae/train":                 {Inside: []string{"vae", "vae/compute", "vae/nn", "vae/data", "vae/ink", "vae/metric", "vae/prior", "vae/store"}, Outside: gonum},
	"vae/export":                {Inside: []string{"vae/export/onnx", "vae/export/torch", "vae/store"}},
	"vae/export/onnx":           {Inside: []string{"vae", "vae/nn", "vae/prior"}, Outside: []string{"google.golang.org/protobuf/encoding/protowire"}},
	"vae/export/torch":          {Inside: []string{"vae", "vae/nn", "vae/train"}},
	"vae/preset":                {Inside: []string{"vae", "vae/nn", "vae/store", "vae/train", "vae/data/sets"}},

	"wasm/proto": {},
	"wasm/port":  {Inside: []string{"wasm/proto"}, JS: true},
	"wasm/simd":  {Inside: []string{"vae/compute"}, Outside: gonum},
	"wasm/scene": {Inside: []string{"wasm/proto", "vae/latent"}},

	// The dispatcher knows no particular request; who registers them does not know
	// each other, but for data sets, and joins no worker.
	"wasm/engine":           {Inside: []string{"wasm/proto"}},
	"wasm/engine/model":     {Inside: []string{"wasm/proto", "vae", "vae/prior", "vae/store"}},
	"wasm/engine/studio":    {Inside: []string{"wasm/proto", "wasm/engine", "wasm/engine/model", "vae", "vae/classify", "vae/compute", "vae/data", "vae/data/picture", "vae/impute", "vae/ink", "vae/latent"}},
	"wasm/engine/dataset":   {Inside: []string{"wasm/proto", "wasm/engine", "vae/data", "vae/data/album", "vae/data/files", "vae/data/picture", "vae/data/picture/decoders", "vae/data/sets", "vae/ink"}},
	"wasm/engine/training":  {Inside: []string{"wasm/proto", "wasm/engine", "wasm/engine/model", "wasm/engine/dataset", "vae/..."}, Outside: gonum},
	"wasm/engine/fewlabels": {Inside: []string{"wasm/proto", "wasm/engine", "wasm/engine/model", "wasm/engine/dataset", "vae/data", "vae/probe"}},
	"wasm/engine/export":    {Inside: []string{"wasm/proto", "wasm/engine", "vae/export"}},
	"wasm/engine/worker":    {Inside: []string{"wasm/engine", "wasm/port", "wasm/simd"}, JS: true},
	// Only tests import it.
	"wasm/engine/enginetest": {Inside: []string{"wasm/proto", "wasm/engine", "vae", "vae/data/picture/decoders", "vae/store"}},

	"wasm/cmd/studio": {Inside: []string{"wasm/engine", "wasm/engine/model", "wasm/engine/studio", "wasm/engine/worker", "vae/data/picture"}},
	"wasm/cmd/trainer": {Inside: []string{
		"wasm/engine", "wasm/engine/model", "wasm/engine/dataset", "wasm/engine/training", "wasm/engine/export", "wasm/engine/fewlabels", "wasm/engine/worker", "wasm/port", "vae/data/picture/decoders",
	}},

	"wasm/bench/tasks":   {Inside: []string{"vae/..."}, Outside: gonum},
	"wasm/cmd/bench":     {Inside: []string{"vae/data", "wasm/bench/tasks", "wasm/simd"}, JS: true},
	"wasm/stage/control": {Inside: []string{"wasm/proto", "wasm/scene", "vae/latent"}},
	"wasm/cmd/stage": {
		Inside:  []string{"wasm/port", "wasm/proto", "wasm/scene", "wasm/stage/control"},
		Outside: []string{"github.com/hajimehoshi/ebiten/..."},
		JS:      true,
	},

	"tools/webgen": {Inside: []string{"wasm/proto"}},
}

var strict = []string{"vae", "wasm"}

func TestImports(t *testing.T) {
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	files, err := Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files were found", len(files))
	}
	for _, sentence := range Check(files, rules, strict) {
		t.Error(sentence)
	}
}

// TestCheckSeesViolations gives the real rules files that break them.
func TestCheckSeesViolations(t *testing.T) {
	var good []File
	for p := range rules {
		good = append(good, File{Package: p, Name: "a.go", Native: true, Imports: []string{"fmt", "math"}})
	}
	if wrong := Check(good, rules, strict); len(wrong) > 0 {
		t.Fatalf("without a violation: %q", wrong)
	}
	for _, c := range []struct {
		pkg, file, imports string
		native             bool
		want               string // part of the sentence; empty: allowed
	}{
		{"vae/compute", "a.go", "inkdrift/vae/nn", true, "not among"},
		{"vae/nn", "a.go", "inkdrift/vae", true, "not among"},
		{"vae", "a.go", "inkdrift/vae/train", true, "not among"},
		{"vae", "a.go", "inkdrift/vae/data", true, "not among"},
		{"vae/train", "a.go", "inkdrift/vae/nn", true, ""},
		{"vae/train", "a.go", "inkdrift/wasm/proto", true, "not among"},
		{"vae/train", "a_test.go", "inkdrift/wasm/proto", true, "not among"},
		{"vae/train", "a_js.go", "syscall/js", false, "only the glue"},
		{"vae/train", "a_js_test.go", "syscall/js", false, "only the glue"},
		{"vae/data", "a.go", "inkdrift/vae/nn", true, "not among"},
		{"vae/data", "a.go", "inkdrift/vae/ink", true, ""},
		{"vae/ink", "a.go", "inkdrift/vae/data", true, "not among"},
		{"vae/probe", "a.go", "inkdrift/vae/metric", true, "not among"},
		{"vae/probe", "a.go", "inkdrift/vae", true, "not among"},
		{"vae/data", "a_test.go", "inkdrift/vae/nn", true, ""},
		{"vae/data", "a.go", "github.com/hajimehoshi/ebiten/v2", true, "only the stage"},
		{"vae/data", "a.go", "example.org/x", true, "not among the modules"},
		{"vae/nn", "a.go", "gonum.org/v1/gonum/blas/blas32", true, ""},
		{"vae/nn", "a.go", "gonum.org/v1/gonumish", true, "not among the modules"},
		{"vae/store", "a.go", "inkdrift/tools/internal/atomicfile", true, "not among"},
		{"vae/store", "a_test.go", "inkdrift/tools/internal/atomicfile", true, ""},
		{"wasm/cmd/stage", "a_js.go", "inkdrift/vae", false, "not among"},
		{"wasm/cmd/stage", "a_js.go", "inkdrift/vae/nn", false, "not among"},
		{"wasm/cmd/stage", "a_js.go", "gonum.org/v1/gonum/mat", false, "not among the modules"},
		{"wasm/cmd/stage", "a_js.go", "github.com/hajimehoshi/ebiten/v2/vector", false, ""},
		{"wasm/cmd/stage", "a.go", "github.com/hajimehoshi/ebiten/v2", true, "_js.go"},
		{"wasm/scene", "a.go", "inkdrift/vae/data", true, "not among"},
		{"wasm/scene", "a.go", "github.com/hajimehoshi/ebiten/v2", true, "only the stage"},
		{"wasm/scene", "a_js.go", "syscall/js", false, "only the glue"},
		{"wasm/engine/worker", "a_js.go", "github.com/hajimehoshi/ebiten/v2", false, "only the stage"},
		{"wasm/engine", "a_js.go", "syscall/js", false, "only the glue"},
		{"wasm/engine", "a.go", "inkdrift/wasm/engine/model", true, "not among"},
		{"wasm/engine", "a.go", "inkdrift/vae", true, "not among"},
		{"wasm/engine/studio", "a.go", "inkdrift/wasm/engine/dataset", true, "not among"},
		{"wasm/engine/studio", "a.go", "inkdrift/vae/train", true, "not among"},
		{"wasm/engine/dataset", "a.go", "inkdrift/wasm/engine/training", true, "not among"},
		{"wasm/engine/training", "a.go", "inkdrift/wasm/engine/studio", true, "not among"},
		{"wasm/engine/training", "a.go", "inkdrift/wasm/engine/worker", true, "not among"},
		{"wasm/engine/fewlabels", "a.go", "inkdrift/wasm/engine/training", true, "not among"},
		{"wasm/engine/fewlabels", "a_test.go", "inkdrift/wasm/engine/enginetest", true, ""},
		{"wasm/engine/training", "a.go", "inkdrift/wasm/engine/enginetest", true, "not among"},
		{"wasm/cmd/studio", "a_js.go", "inkdrift/wasm/engine/training", false, "not among"},
		{"wasm/cmd/trainer", "a_js.go", "inkdrift/wasm/engine/studio", false, "not among"},
		{"wasm/port", "a_js.go", "syscall/js", false, ""},
		{"wasm/simd", "a.go", "inkdrift/vae/compute/computetest", true, "not among"},
		{"wasm/simd", "a_test.go", "inkdrift/vae/compute/computetest", true, ""},
		{"wasm/simd", "a_test.go", "inkdrift/vae/nn", true, "not among"},
		{"wasm/simd", "a_test.go", "github.com/tetratelabs/wazero", true, ""},
		{"wasm/fresh", "a.go", "fmt", true, "new package"},
		{"vae/fresh/inner", "a.go", "fmt", true, "new package"},
		{"tools/train", "main.go", "inkdrift/vae/train", true, ""},
		{"tools/train", "main.go", "inkdrift/wasm/proto", true, "not for tools"},
		{"tools/webgen", "main.go", "inkdrift/wasm/proto", true, ""},
		{"tools/webgen", "main.go", "inkdrift/wasm/port", true, "not for tools"},
		{"vae/train", "a.go", "inkdrift/vae/preset", true, "not among"},
		{"tools/train", "main.go", "github.com/hajimehoshi/ebiten/v2", true, "only the stage"},
		{"tools/build", "main.go", "github.com/andybalholm/brotli", true, ""},
		{"tools/build", "main.go", "syscall/js", true, "only the glue"},
	} {
		bad := File{Package: c.pkg, Name: c.file, Imports: []string{"fmt", c.imports}, Native: c.native}
		wrong := Check(append(good[:len(good):len(good)], bad), rules, strict)
		switch {
		case c.want == "" && len(wrong) > 0:
			t.Errorf("%s/%s may import %s, but: %q", c.pkg, c.file, c.imports, wrong)
		case c.want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], c.want) || !strings.Contains(wrong[0], c.pkg)):
			t.Errorf("%s/%s imports %s: %q, want one sentence with %q", c.pkg, c.file, c.imports, wrong, c.want)
		}
	}
	if wrong := Check(good[1:], rules, strict); len(wrong) != 1 || !strings.Contains(wrong[0], "does not exist") {
		t.Errorf("a rule for no package: %q", wrong)
	}
}

func TestParse(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"vae/a.go":                "package vae\n\nimport (\n\t\"fmt\"\n\tx \"inkdrift/vae/nn\"\n)\n\nvar _ = fmt.Sprint(x.X)\n",
		"wasm/stage/b_js.go":      "package main\n\nimport _ \"syscall/js\"\n",
		"wasm/stage/c.go":         "//go:build js && wasm\n\npackage main\n",
		"wasm/stage/c_test.go":    "package main\n",
		"vae/testdata/d.go":       "not Go",
		"web/node_modules/x/e.go": "not Go",
		".cache/f.go":             "not Go",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := Parse(root)
	if err != nil {
		t.Fatal(err)
	}
	native := make(map[string]bool)
	for _, f := range files {
		native[f.Package+"/"+f.Name] = f.Native
		if f.Name == "a.go" && (len(f.Imports) != 2 || f.Imports[1] != "inkdrift/vae/nn") {
			t.Errorf("imports of a.go: %q", f.Imports)
		}
	}
	if len(files) != 4 || !native["vae/a.go"] || native["wasm/stage/b_js.go"] || native["wasm/stage/c.go"] || !native["wasm/stage/c_test.go"] {
		t.Errorf("files %+v", files)
	}
	if err := os.WriteFile(filepath.Join(root, "broken.go"), []byte("package"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(root); err == nil {
		t.Error("a broken file: no error")
	}
}
