package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/minimnist"
	"inkdrift/tools/internal/repo"
	"inkdrift/tools/internal/report"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

func table(t *testing.T) (all []model, dir string) {
	t.Helper()
	root, err := repo.Root()
	if err != nil {
		t.Fatal(err)
	}
	if all, err = models(); err != nil {
		t.Fatal(err)
	}
	return all, filepath.Join(root, "web", "models")
}

// TestEveryShippedModelIsMade: each model file has its entry here, and a card that
// says how to make it.
func TestEveryShippedModelIsMade(t *testing.T) {
	all, dir := table(t)
	var made, shipped []string
	for _, m := range all {
		made = append(made, m.name)
		card, err := os.ReadFile(filepath.Join(dir, m.name+".md"))
		if err != nil {
			t.Error(err)
		} else if want := "\nmake models MODEL=" + m.name + "\n"; !strings.Contains(string(card), want) {
			t.Errorf("the card of %s lacks %q", m.name, want)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		shipped = append(shipped, strings.TrimSuffix(filepath.Base(f), ".safetensors"))
	}
	slices.Sort(made)
	slices.Sort(shipped)
	if !slices.Equal(made, shipped) {
		t.Errorf("made: %q, shipped: %q", made, shipped)
	}
}

func TestList(t *testing.T) {
	all, _ := table(t)
	var out bytes.Buffer
	fs := flag.NewFlagSet("models", flag.ContinueOnError)
	found := report.Flag(fs, "a model", &out, nil)
	for _, args := range [][]string{nil, {"-json"}} {
		out.Reset()
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		if err := list(found, all); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var last modelLine
		if len(lines) != len(all) || found.JSON() != (json.Unmarshal([]byte(lines[len(lines)-1]), &last) == nil) {
			t.Errorf("%v: %s", args, &out)
		}
		if found.JSON() && (last.Name != all[len(all)-1].name || last.Data == "") {
			t.Errorf("%+v", last)
		}
	}
}

// TestRecipes: what makes a model is what its file says made it, and each run can
// begin.
func TestRecipes(t *testing.T) {
	all, dir := table(t)
	before := map[string]train.Recipe{}
	for _, m := range all {
		if m.data != mnist {
			if _, err := sets.Find(m.data); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
		}
		for _, r := range m.runs {
			if err := r.recipe.Validate(); err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
			if from, ok := before[r.init]; r.init != "" {
				a, b := r.recipe.Model, from.Model
				a.Classes, a.Classifier, b.Classes, b.Classifier = 0, nil, 0, nil
				if !ok || !reflect.DeepEqual(a, b) {
					t.Errorf("%s begins with %q, which is none of its model before it", r.name, r.init)
				}
			}
			if _, again := before[r.name]; again {
				t.Errorf("two runs are called %s", r.name)
			}
			before[r.name] = r.recipe
		}
		if len(m.runs) == 0 {
			continue
		}
		last := m.runs[len(m.runs)-1]
		b, err := os.ReadFile(filepath.Join(dir, m.name+".safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := store.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		said, err := train.ReadRecipe([]byte(f.Metadata["recipe"]))
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		if got, want := normal(last.recipe), normal(said); last.name != m.name || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the table has\n%+v\nthe file says\n%+v", m.name, got, want)
		}
	}
}

// normal gives defaults one form.
func normal(r train.Recipe) train.Recipe {
	if r.Train.Optimizer == "" {
		r.Train.Optimizer = train.Adam
	}
	if r.Train.DiscriminatorRate == 0 {
		r.Train.DiscriminatorRate = 1
	}
	if r.Model.Classes == 0 {
		r.Head = train.HeadOptions{}
	}
	return r
}

func TestFind(t *testing.T) {
	all, _ := table(t)
	names := func(l []model, err error) (s string) {
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range l {
			s += m.name + ":"
			for _, r := range m.runs {
				s += " " + r.name
			}
			s += "\n"
		}
		return s
	}
	if got, want := names(find(all, "iwae-50")), "vae-50: vae-50-1 vae-50-2 vae-50-3 vae-50-4\niwae-50: iwae-50-1 iwae-50-2 iwae-50\n"; got != want {
		t.Errorf("iwae-50 needs\n%swant\n%s", got, want)
	}
	if got, want := names(find(all, "digits")), "digits: digits-1 digits\n"; got != want {
		t.Errorf("digits needs\n%s", got)
	}
	if got, err := find(all, ""); err != nil || len(got) != len(all) {
		t.Errorf("%d of %d models, %v", len(got), len(all), err)
	}
	if _, err := find(all, "roman"); err == nil || !strings.Contains(err.Error(), "digits-2d") {
		t.Errorf("an unknown model: %v", err)
	}
}

// recorder is a tool that records its arguments and writes its output file.
type recorder struct {
	t     *testing.T
	calls []string
	fail  string // -out of the call that is cut off, with a checkpoint
}

var errCut = errors.New("cut off")

func (r *recorder) tool(tool string, args ...string) error {
	r.t.Helper()
	short := []string{tool}
	out := ""
	for i, a := range args {
		if i > 0 && args[i-1] == "-out" {
			out = a
		}
		short = append(short, filepath.Base(a))
	}
	r.calls = append(r.calls, strings.Join(short, " "))
	if filepath.Base(out) == r.fail {
		r.fail = ""
		return errors.Join(errCut, os.WriteFile(out+".ckpt", []byte("step"), 0o644))
	}
	os.Remove(out + ".ckpt")
	return os.WriteFile(out, []byte(filepath.Base(out)), 0o644)
}

// TestMakeResumes: interrupted runs resume from their checkpoint, and nothing
// is made twice.
func TestMakeResumes(t *testing.T) {
	all, _ := table(t)
	r := &recorder{t: t, fail: "vae-50-3.safetensors"}
	k := maker{options: options{data: "/mnist", work: t.TempDir(), out: t.TempDir(), stderr: io.Discard}, tool: r.tool}
	makeAll := func(name string) (err error) {
		wanted, err := find(all, name)
		for _, m := range wanted {
			if err == nil {
				err = k.make(m)
			}
		}
		return err
	}
	if err := makeAll("iwae-50"); !errors.Is(err, errCut) {
		t.Fatal(err)
	}
	for _, name := range []string{"iwae-50", "iwae-50", "dcgan", classifier, "vae-50"} {
		if err := makeAll(name); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"train -data mnist -config vae-50-1.json -out vae-50-1.safetensors -steps 48300",
		"train -data mnist -config vae-50-2.json -out vae-50-2.safetensors -init vae-50-1.safetensors",
		"train -data mnist -config vae-50-3.json -out vae-50-3.safetensors -init vae-50-2.safetensors",
		"train -data mnist -config vae-50-3.json -out vae-50-3.safetensors -resume vae-50-3.safetensors.ckpt",
		"train -data mnist -config vae-50-4.json -out vae-50-4.safetensors -init vae-50-3.safetensors",
		"train -data mnist -config iwae-50-1.json -out iwae-50-1.safetensors -init vae-50-4.safetensors",
		"train -data mnist -config iwae-50-2.json -out iwae-50-2.safetensors -init iwae-50-1.safetensors",
		"train -data mnist -config iwae-50.json -out iwae-50.safetensors -init iwae-50-2.safetensors",
		"attach -model iwae-50.safetensors -out iwae-50-attached.safetensors -components 64,100 -data mnist",
		"train -data mnist -config dcgan.json -out dcgan.safetensors -lean",
		"classify -data mnist -out classifier.safetensors",
		"train -data mnist -config vae-50-5.json -out vae-50-5.safetensors -init vae-50-4.safetensors",
		"train -data mnist -config vae-50-6.json -out vae-50-6.safetensors -init vae-50-5.safetensors",
		"train -data mnist -config vae-50.json -out vae-50.safetensors -init vae-50-6.safetensors",
		"attach -model vae-50.safetensors -out vae-50-attached.safetensors -components 64,100 -data mnist",
	}
	if !slices.Equal(r.calls, want) {
		t.Errorf("the calls are\n%s\nwant\n%s", strings.Join(r.calls, "\n"), strings.Join(want, "\n"))
	}
	var files []string
	entries, err := os.ReadDir(k.out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		files = append(files, e.Name())
	}
	if want := []string{"classifier.safetensors", "dcgan.safetensors", "iwae-50.safetensors", "vae-50.safetensors"}; !slices.Equal(files, want) {
		t.Errorf("finished: %q", files)
	}
	// Recipes are written as tools/train reads them.
	b, err := os.ReadFile(filepath.Join(k.work, "iwae-50.json"))
	if err != nil {
		t.Fatal(err)
	}
	var text map[string]any
	if recipe, err := train.ReadRecipe(b); err != nil || recipe.Train.Samples != 5 || json.Unmarshal(b, &text) != nil {
		t.Errorf("%s: %v", b, err)
	}
}

// TestMakeAttaches: a model that reads drawings gets the reader and a prior after its
// last run, and the whole is what is published.
func TestMakeAttaches(t *testing.T) {
	all, _ := table(t)
	r := &recorder{t: t}
	k := maker{options: options{data: "/mnist", pens: "/pens", work: t.TempDir(), out: t.TempDir(), stderr: io.Discard}, tool: r.tool}
	wanted, err := find(all, "digits")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, m := range wanted {
			if err := k.make(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{
		"classify -data mnist -out reader.safetensors -reader -pens pens",
		"train -data mnist -config digits-1.json -out digits-1.safetensors",
		"train -data mnist -config digits.json -out digits.safetensors -pens pens -init digits-1.safetensors",
		"attach -model digits.safetensors -out digits-attached.safetensors -reader reader.safetensors -components 64,100 -data mnist",
	}
	if !slices.Equal(r.calls, want) {
		t.Errorf("the calls are\n%s\nwant\n%s", strings.Join(r.calls, "\n"), strings.Join(want, "\n"))
	}
	if b, err := os.ReadFile(filepath.Join(k.out, "digits.safetensors")); err != nil || string(b) != "digits-attached.safetensors" {
		t.Errorf("published: %q, %v", b, err)
	}
	r.calls = nil
	drawings := model{name: "drawings", data: mnist, runs: []run{{name: "drawings", recipe: wanted[0].runs[0].recipe, pens: true}}}
	if err := k.make(drawings); err != nil || !slices.Equal(r.calls, []string{"train -data mnist -config drawings.json -out drawings.safetensors -pens pens"}) {
		t.Errorf("a run with drawings: %q, %v", r.calls, err)
	}
	faces, err := find(all, "faces")
	if err != nil {
		t.Fatal(err)
	}
	var missing *data.FileError
	if err := checkPens(wanted, t.TempDir()); !errors.As(err, &missing) || !strings.Contains(err.Error(), "PENS=") {
		t.Errorf("no pen digits: %v", err)
	}
	if err := checkPens([]model{drawings}, t.TempDir()); err == nil {
		t.Error("a run with drawings needs pen digits")
	}
	if err := checkPens(faces, t.TempDir()); err != nil {
		t.Errorf("faces need none: %v", err)
	}
}

func TestCheckData(t *testing.T) {
	all, _ := table(t)
	faces, err := find(all, "faces")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkData(faces, "/nowhere"); err != nil {
		t.Errorf("made pictures need no files: %v", err)
	}
	dir := minimnist.Dir(t, 10, 10)
	if err := checkData(all, dir); err != nil {
		t.Error(err)
	}
	if err := os.Rename(filepath.Join(dir, mnistFiles[1]), filepath.Join(dir, mnistFiles[1]+".gz")); err != nil {
		t.Fatal(err)
	}
	if err := checkData(all, dir); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, mnistFiles[2])); err != nil {
		t.Fatal(err)
	}
	if err := checkData(all, dir); err == nil || !strings.Contains(err.Error(), mnistFiles[2]) || strings.Contains(err.Error(), mnistFiles[0]) {
		t.Errorf("a missing file: %v", err)
	}
}
