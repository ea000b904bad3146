package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inkdrift/tools/internal/datasets"
	"inkdrift/tools/internal/minimnist"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/latent"
)

// shipped is the directory of the models that the page comes with.
const shipped = "../../web/models"

// TestGalleryListsWhatIsThere: every model is listed, has a card, and is described
// as its file is.
func TestGalleryListsWhatIsThere(t *testing.T) {
	list, err := readGallery(shipped)
	if err != nil {
		t.Fatal(err)
	}
	// The classifier is no generative model; the collapsed one is there to be compared with.
	listed := map[string]bool{"classifier.safetensors": true, "collapsed.safetensors": true}
	for _, e := range list {
		listed[e.File] = true
		m, err := open(filepath.Join(shipped, e.File))
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		c := m.Config()
		if m.name != e.Name || c.Family != e.Family || c.Input != e.Input || c.Latent != e.Latent || m.NumParams() != e.Params {
			t.Errorf("%s is listed as %s %v %d %d; its file %s has %s %v %d %d", e.Name, e.Family, e.Input, e.Latent, e.Params, e.File, c.Family, c.Input, c.Latent, m.NumParams())
		}
		if n := sheetPictures * c.InputLen(); len(e.Sheet) != n || strings.Trim(e.Sheet, "0123456789abcdef") != "" {
			t.Errorf("%s has no sheet of %d hexadecimal digits; tools/eval -update draws it", e.Name, n)
		}
		if _, err := sets.Find(e.Data); err != nil && e.Data != "mnist" {
			t.Errorf("%s is measured on %q: %v", e.Name, e.Data, err)
		}
		if p, err := os.ReadFile(filepath.Join(shipped, pointsName(e.Name))); e.Data == "mnist" && hasPoints(m.Model, set{digits: true}) {
			checkPoints(t, e.Name, p, c.Latent)
		} else if err == nil {
			t.Errorf("%s has points and no map", e.Name)
		}
		for _, lang := range []string{"en", "zh"} {
			if e.Title[lang] == "" || e.About[lang] == "" {
				t.Errorf("%s has no title or sentence in %q", e.Name, lang)
			}
		}
		if _, err := os.Stat(filepath.Join(shipped, e.Name+".md")); err != nil {
			t.Errorf("%s has no card: %v", e.Name, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(shipped, "*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !listed[filepath.Base(f)] {
			t.Errorf("%s does not list %s", galleryName, filepath.Base(f))
		}
	}
	b, err := os.ReadFile(filepath.Join(shipped, galleryName))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := encodeGallery(list); err != nil || !bytes.Equal(again, b) {
		t.Errorf("%s is not written as -update writes it (%v)", galleryName, err)
	}
}

// TestGallerySize: all models together stay below 12 MB compressed.
func TestGallerySize(t *testing.T) {
	const most = 12_000_000
	files, err := filepath.Glob(filepath.Join(shipped, "*.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	var packed counter
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if packed == 0 || packed > most {
		t.Errorf("%d models take %d bytes, gzipped; at most %d may", len(files), packed, most)
	}
}

// counter counts bytes.
type counter int

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

// TestTableIsCurrent: the table of docs/models.md is that of the list.
func TestTableIsCurrent(t *testing.T) {
	list, err := readGallery(shipped)
	if err != nil {
		t.Fatal(err)
	}
	table, err := overview(shipped, list)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(shipped, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := withOverview(string(b), table); err != nil || want != string(b) {
		t.Errorf("the table of models in %s is not that of %s (%v); tools/eval -update writes it:\n%s", tableFile, galleryName, err, table)
	}
}

func TestUpdate(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "web/models")
	if err := os.CopyFS(dir, os.DirFS(library(t))); err != nil {
		t.Fatal(err)
	}
	document := "before\n" + tableBegin + "old\n" + tableEnd + "after\n"
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	create(t, filepath.Join(dir, tableFile), func(w io.Writer) error {
		_, err := io.WriteString(w, document)
		return err
	})
	create(t, filepath.Join(dir, chooserName), func(w io.Writer) error {
		_, err := io.WriteString(w, `[{"name": "tiny", "file": "tiny.safetensors", "title": {"en": "Tiny"}, "about": {"en": "A model."}, "latent": 3, "nll": 99.9}]`)
		return err
	})
	args := []string{"-models", dir, "-data", minimnist.Dir(t, 40, 30), "-nll-samples", "2", "-images", "12", "-samples", "120", "-linear", "35", "-update"}
	if err := run(context.Background(), args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	first, err := readGallery(dir)
	if err != nil {
		t.Fatal(err)
	}
	figuresOf := func(list []entry, name string) figures {
		i := slices.IndexFunc(list, func(e entry) bool { return e.Name == name })
		return *list[i].Figures
	}
	if f := figuresOf(first, "tiny"); f.NLL == 0 || f.ELBO == 0 || f.ClassError == 0 || f.FID == 0 || f.NLLSamples != 2 || f.Images != 12 || f.Classes != 10 || f.Seed != 1 {
		t.Errorf("%+v", f)
	}
	var chooser []choice
	if b, err := os.ReadFile(filepath.Join(dir, chooserName)); err != nil || json.Unmarshal(b, &chooser) != nil || len(chooser) != 1 {
		t.Fatalf("%v: %s", err, b)
	}
	if c, f := chooser[0], figuresOf(first, "tiny"); c.NLL != f.NLL || c.NLLSamples != 2 || c.Images != 12 || c.Title["en"] != "Tiny" || c.Latent != 3 {
		t.Errorf("%+v, with the figures %+v", c, f)
	}
	if f := figuresOf(first, "cloth"); f.NLL != 0 || f.FID != 0 || f.PSNR == 0 {
		t.Errorf("a density or a classifier of digits: %+v", f)
	}
	if f := figuresOf(first, "gan"); f.NLL != 0 || f.PSNR != 0 || f.FID == 0 {
		t.Errorf("%+v", f)
	}
	b, err := os.ReadFile(filepath.Join(dir, tableFile))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.HasPrefix(text, "before\n") || !strings.HasSuffix(text, "after\n") || strings.Contains(text, "old") || strings.Count(text, "\n| [`") != 5 {
		t.Error(text)
	}
	// One model again, without the NLL, on as many pictures as before: the others'
	// figures and its NLL stay.
	if err := run(context.Background(), append(args, "-model", filepath.Join(dir, "tiny.safetensors"), "-nll-samples", "0", "-images", "-1", "-seed", "2"), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	second, err := readGallery(dir)
	if err != nil {
		t.Fatal(err)
	}
	a, z := figuresOf(first, "tiny"), figuresOf(second, "tiny")
	if z.NLL != a.NLL || z.ELBO == a.ELBO || z.Images != 12 || z.Seed != 2 || figuresOf(second, "hand") != figuresOf(first, "hand") {
		t.Errorf("%+v after %+v", z, a)
	}
	// A model that is not listed is refused, and nothing is written.
	other := filepath.Join(t.TempDir(), "other.safetensors")
	save(t, other, tiny, "mnist")
	if err := run(context.Background(), append(args, "-model", other), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("%v", err)
	}
}

// checkPoints checks the file of points of a shipped model.
func checkPoints(t *testing.T, name string, file []byte, dim int) {
	t.Helper()
	p, err := latent.DecodePoints(file)
	if err != nil {
		t.Errorf("%s: %v; tools/eval -points writes them", name, err)
		return
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(file)
	_ = w.Close()
	if p.Dim != dim || p.Len() != mapPoints || len(p.Labels) != mapPoints || packed.Len() > 30_000 {
		t.Errorf("%s: %d points of %d dimensions in %d bytes", name, p.Len(), p.Dim, packed.Len())
	}
}

// TestPoints encodes the test pictures and finds the directions in which they vary most.
func TestPoints(t *testing.T) {
	path := model(t)
	if err := run(context.Background(), []string{"-model", path, "-data", minimnist.Dir(t, 1, 30), "-points"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(path), "tiny.points.json"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := latent.DecodePoints(b)
	if err != nil {
		t.Fatal(err)
	}
	m, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := datasets.Parse(minimnist.Dir(t, 1, 30))
	if err != nil {
		t.Fatal(err)
	}
	s, err := (&shelf{spec: spec}).find("mnist")
	if err != nil {
		t.Fatal(err)
	}
	if p.Len() != 30 || p.Dim != m.Latent() {
		t.Fatalf("%d points of %d dimensions", p.Len(), p.Dim)
	}
	x, mu, logvar := make([]float32, 784), make([]float32, p.Dim), make([]float32, p.Dim)
	s.test.Batch(x, []int{7})
	if err := m.Encode(mu, logvar, x); err != nil {
		t.Fatal(err)
	}
	for j, v := range p.Row(7) {
		if d := v - mu[j]; d > 0.01 || d < -0.01 {
			t.Errorf("point 7 is %v, encoded %v", p.Row(7), mu)
		}
	}
	if int(p.Labels[7]) != s.test.Label(7) {
		t.Errorf("label %d", p.Labels[7])
	}
	// No other plane of two axes holds more of the variance.
	best := latent.Spanned(make([]float32, p.Dim), p.Components[:]...).Share(p.Mu)
	for i := range p.Dim {
		for k := range i {
			if share := latent.Dimensions(p.Dim, i, k).Share(p.Mu); share > best+1e-3 {
				t.Errorf("the components hold %v of the variance, dimensions %d and %d %v", best, i, k, share)
			}
		}
	}
}
