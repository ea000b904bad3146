package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"inkdrift/vae"
)

// galleryName is the list of the models in their directory.
const galleryName = "gallery.json"

// entry is a model in the list. Who adds one writes the first five fields; -update
// writes the others.
type entry struct {
	Name  string            `json:"name"`
	File  string            `json:"file"`
	Title map[string]string `json:"title"` // by language
	About map[string]string `json:"about"` // a sentence
	Data  string            `json:"data"`  // set that it is measured on: "mnist" or a made one

	Family  string   `json:"family"`
	Input   [3]int   `json:"input"`
	Latent  int      `json:"latent"`
	Params  int      `json:"params"`
	Figures *figures `json:"figures,omitempty"`
	Sheet   string   `json:"sheet,omitempty"` // a few samples, see sheetOf
}

// figures are what the page and docs/models.md show of a report; what a model does not
// have is left out.
type figures struct {
	Images      int     `json:"images,omitempty"` // of NLL and ELBO
	NLL         float64 `json:"nll,omitempty"`
	NLLSamples  int     `json:"nllSamples,omitempty"`
	ELBO        float64 `json:"elbo,omitempty"`
	ClassError  float64 `json:"classError,omitempty"`
	LinearError float64 `json:"linearError,omitempty"`
	PSNR        float64 `json:"psnr,omitempty"`
	FID         float64 `json:"fid,omitempty"`
	FIDSamples  int     `json:"fidSamples,omitempty"`
	Covered     int     `json:"covered,omitempty"`
	Classes     int     `json:"classes,omitempty"`
	Score       float64 `json:"score,omitempty"` // Inception-style, of the judge
	Precision   float64 `json:"precision,omitempty"`
	Recall      float64 `json:"recall,omitempty"`
	// Of samples of the fitted prior.
	FittedFID       float64 `json:"fittedFid,omitempty"`
	FittedScore     float64 `json:"fittedScore,omitempty"`
	FittedCovered   int     `json:"fittedCovered,omitempty"`
	FittedPrecision float64 `json:"fittedPrecision,omitempty"`
	FittedRecall    float64 `json:"fittedRecall,omitempty"`

	Seed uint64 `json:"seed,omitempty"`
}

// readGallery reads the list in a directory.
func readGallery(dir string) ([]entry, error) {
	path := filepath.Join(dir, galleryName)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []entry
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s lists no models", path)
	}
	return list, nil
}

// chooserName is the list of the models that the pads take, with what the page needs of them at its first visit.
const chooserName = "index.json"

// choice is a model in that list. Who adds one writes the first five fields; -update takes the others from the gallery.
type choice struct {
	Name       string            `json:"name"`
	File       string            `json:"file"`
	Title      map[string]string `json:"title"`
	About      map[string]string `json:"about"`
	Latent     int               `json:"latent"`
	NLL        float64           `json:"nll,omitempty"`
	NLLSamples int               `json:"nllSamples,omitempty"`
	Images     int               `json:"images,omitempty"`
}

// updateChooser writes the gallery's figures to the list of the models that the pads take, if dir has one.
func updateChooser(dir string, gallery []entry) error {
	path := filepath.Join(dir, chooserName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var list []choice
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i := range list {
		c := &list[i]
		at := slices.IndexFunc(gallery, func(e entry) bool { return e.Name == c.Name })
		if at < 0 || gallery[at].Figures == nil {
			continue
		}
		f := gallery[at].Figures
		c.NLL, c.NLLSamples, c.Images = f.NLL, f.NLLSamples, f.Images
	}
	if b, err = encodeGallery(list); err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// encodeGallery gives a list as its file holds it.
func encodeGallery[E entry | choice](list []E) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(list)
	return b.Bytes(), err
}

// images is how many pictures the figures of NLL and ELBO are of.
func (e *entry) images() int {
	if e.Figures == nil || e.Figures.Images == 0 {
		return usual
	}
	return e.Figures.Images
}

// take writes a model's description, samples and figures to its entry. Figures
// that were not measured this time stay.
func (e *entry) take(l line) (err error) {
	e.Family, e.Input, e.Latent, e.Params = l.Family, l.model.Config().Input, l.Latent, l.Params
	if e.Sheet, err = sheetOf(l.model, l.Seed); err != nil {
		return err
	}
	f := figures{}
	if e.Figures != nil {
		f = *e.Figures
	}
	f.Seed = l.Seed
	if l.Likelihoods != nil && l.Binarization == "dynamic" {
		f.Images, f.ELBO = l.Images, rounded(l.ELBO, 2)
		if l.NLLSamples > 0 {
			f.NLL, f.NLLSamples = rounded(l.NLL, 2), l.NLLSamples
		}
	}
	if l.Latents != nil && l.Accuracy > 0 {
		f.ClassError = rounded(1-l.Accuracy, 4)
	}
	if l.Reading != nil {
		f.LinearError = rounded(l.LinearError, 4)
	}
	if l.Fidelity != nil {
		f.PSNR = rounded(l.PSNR, 2)
	}
	if l.Distance != nil {
		f.FID, f.FIDSamples = rounded(l.FID, 2), l.Distance.Samples
	}
	if l.Coverage != nil {
		f.Covered, f.Classes = l.Covered, len(l.Counts)
	}
	if l.Score != nil {
		f.Score = rounded(l.Score.Mean, 2)
	}
	if l.Manifold != nil {
		f.Precision, f.Recall = rounded(l.Precision, 3), rounded(l.Recall, 3)
	}
	if l.Fitted != nil {
		f.FittedFID, f.FittedScore, f.FittedCovered = rounded(l.FittedFID, 2), rounded(l.FittedScore, 2), l.FittedCovered
		f.FittedPrecision, f.FittedRecall = rounded(l.FittedPrecision, 3), rounded(l.FittedRecall, 3)
	}
	e.Figures = &f
	return nil
}

// sheetPictures is how many samples the list shows of a model that is not fetched
// yet.
const sheetPictures = 10

// sheetOf draws samples, from the fitted prior where there is one, as the page reads them: a hexadecimal digit for each value,
// 0 for 0 and f for 1, picture by picture.
func sheetOf(m *vae.Model, seed uint64) (string, error) {
	x, z := make([]float32, sheetPictures*m.InputLen()), make([]float32, sheetPictures*m.Latent())
	sample := m.Sample
	if m.Prior() != nil {
		sample = m.SampleFitted
	}
	if err := sample(x, z, seed); err != nil {
		return "", err
	}
	digits := make([]byte, len(x))
	for i, v := range x {
		digits[i] = "0123456789abcdef"[min(max(int(15*v+0.5), 0), 15)]
	}
	return string(digits), nil
}

func rounded(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// tableFile is the document with the table of models, as seen from the directory of
// the models.
const tableFile = "../../docs/models.md"

// Markers around the table.
const (
	tableBegin = "<!-- models: written by tools/eval -update -->\n"
	tableEnd   = "<!-- end of models -->\n"
)

// overview is the table of the models in dir, in Markdown, for tableFile.
func overview(dir string, list []entry) (string, error) {
	rows := [][]string{{"model", "family", "data", "latent", "file", "NLL", "ELBO", "classifier", "linear", "PSNR", "FID", "score", "fitted FID", "score", "classes", "seed"}}
	for _, e := range list {
		info, err := os.Stat(filepath.Join(dir, e.File))
		if err != nil {
			return "", err
		}
		f := figures{}
		if e.Figures != nil {
			f = *e.Figures
		}
		some := func(ok bool, format string, values ...any) string {
			if !ok {
				return "-"
			}
			return fmt.Sprintf(format, values...)
		}
		rows = append(rows, []string{
			fmt.Sprintf("[`%s`](../web/models/%s.md)", e.Name, e.Name), e.Family, e.Data, fmt.Sprint(e.Latent), fmt.Sprintf("%.1f MB", float64(info.Size())/1e6),
			some(f.NLL != 0, "%.2f%s", f.NLL, beside(f.Images)), some(f.ELBO != 0, "%.2f", f.ELBO),
			some(f.ClassError != 0, "%.2f %%", 100*f.ClassError), some(f.LinearError != 0, "%.2f %%", 100*f.LinearError),
			some(f.PSNR != 0, "%.2f dB", f.PSNR), some(f.FID != 0, "%.1f", f.FID), some(f.Score != 0, "%.2f", f.Score),
			some(f.FittedFID != 0, "%.1f", f.FittedFID), some(f.FittedScore != 0, "%.2f", f.FittedScore), some(f.Classes != 0, "%d of %d", f.Covered, f.Classes), some(f.Seed != 0, "%d", f.Seed),
		})
	}
	rows = slices.Insert(rows, 1, slices.Repeat([]string{"---"}, len(rows[0])))
	var b strings.Builder
	for i, r := range rows {
		if i == 1 {
			b.WriteString("|" + strings.Join(r, "|") + "|\n")
			continue
		}
		b.WriteString("| " + strings.Join(r, " | ") + " |\n")
	}
	return b.String(), nil
}

// usual is how many pictures NLL and ELBO are measured on, where nothing else is said.
const usual = 1000

// beside says how many pictures there are, if that is unusual.
func beside(images int) string {
	if images == usual {
		return ""
	}
	return fmt.Sprintf(" (%d)", images)
}

// withOverview puts the table between the markers of a document.
func withOverview(document, table string) (string, error) {
	begin := strings.Index(document, tableBegin)
	end := strings.Index(document, tableEnd)
	if begin < 0 || end < begin {
		return "", fmt.Errorf("no place for the table of models: the lines %q and %q are missing", strings.TrimSpace(tableBegin), strings.TrimSpace(tableEnd))
	}
	return document[:begin+len(tableBegin)] + table + document[end:], nil
}

// update writes what was measured to the list in dir and, where they exist, to the
// table in tableFile and to the list of the models that the pads take.
func update(dir string, lines []line) error {
	list, err := readGallery(dir)
	if err != nil {
		return err
	}
	for _, l := range lines {
		at := slices.IndexFunc(list, func(e entry) bool { return e.Name == l.Model })
		if at < 0 {
			return fmt.Errorf("%s does not list %s: add its name, file, title, about and data", filepath.Join(dir, galleryName), l.Model)
		}
		if err := list[at].take(l); err != nil {
			return err
		}
	}
	b, err := encodeGallery(list)
	if err != nil {
		return err
	}
	table, err := overview(dir, list)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, tableFile)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		text, err := withOverview(string(old), table)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, galleryName), b, 0o644); err != nil {
		return err
	}
	return updateChooser(dir, list)
}
