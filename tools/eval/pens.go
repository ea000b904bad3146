package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"inkdrift/tools/internal/handwriting"
	"inkdrift/vae"
	"inkdrift/vae/classify"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
)

// reading is what -json prints of a model and a way of drawing.
type reading struct {
	Model string `json:"model"`
	Slice string `json:"slice"`
	metric.Calibration
	// Recon is the mean squared error of reconstructions; 0 of a classifier.
	Recon float64 `json:"mse,omitempty"`
	Bars  *bars   `json:"bars,omitempty"` // in the place of the others
	// Said is what the page says; nil of a model whose typicality has not been measured.
	Said *said `json:"said,omitempty"`
}

// bars says of how many barred sevens the reconstruction is nearer to the drawing
// than to the same one without its bar.
type bars struct {
	Kept int `json:"kept"`
	Of   int `json:"of"`
}

// reader reads pictures.
type reader struct {
	name    string
	classes int
	probs   func(probs, x []float32) error
	model   *vae.Model // nil of a classifier
}

// penPictures are the pictures that reading is measured on, by their way of
// drawing.
type penPictures struct {
	name string
	data data.Dataset
}

// readings measures how models read digits of a pen, of writers that nothing is
// trained on, and the test pictures of MNIST.
func readings(f flags, models []wanted, stdout io.Writer) error {
	p, err := handwriting.OpenPens(f.pens)
	if err != nil {
		return err
	}
	digits := p.Test
	if f.writers == "all" {
		digits = append(append(append([]data.PenDigit{}, p.Train...), p.Calibration...), p.Test...)
	}
	var sets []penPictures
	for _, s := range handwriting.Slices() {
		sets = append(sets, penPictures{s.Name, data.Cache(data.NewPenSet(s.Name, digits, s.Style, 1, f.seed))})
	}
	_, test, err := data.OpenMNIST(f.data)
	if err != nil {
		return err
	}
	sets = append(sets, penPictures{"any", data.Cache(data.NewPenSet("any", digits, data.AnyStyle(), 2, f.seed))}, penPictures{test.Name(), test})
	var all []reading
	add := func(v reading) error {
		all = append(all, v)
		if !f.report.JSON() {
			return nil
		}
		return f.report.Write(v, "")
	}
	for _, w := range models {
		r, err := openReader(w.path)
		if err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
		if r == nil {
			continue // nothing that reads digits
		}
		typicals, err := readTypical(filepath.Dir(w.path))
		if err != nil {
			return err
		}
		usual, measured := typicals[r.name]
		if measured = measured && r.model != nil; measured {
			s, err := r.saysOfOthers(usual)
			if err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
			if err := add(reading{Model: r.name, Slice: "letters and doodles", Said: &s}); err != nil {
				return err
			}
		}
		if r.model != nil && r.model.Conditions() == 0 {
			kept, of, err := r.bars(digits)
			if err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
			if err := add(reading{Model: r.name, Slice: "bars of 7", Bars: &bars{kept, of}}); err != nil {
				return err
			}
		}
		for _, s := range sets {
			v, err := r.read(s)
			if err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
			if measured {
				s, err := r.says(usual, s.data.Len(), func(x []float32, i int) { s.data.Batch(x, []int{i}) })
				if err != nil {
					return fmt.Errorf("%s: %w", w.path, err)
				}
				v.Said = &s
			}
			if err := add(v); err != nil {
				return err
			}
		}
	}
	if f.report.JSON() {
		return nil
	}
	return readingsTable(stdout, all)
}

// openReader opens a model or a classifier of digits; nil for a model that reads
// none.
func openReader(path string) (*reader, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if n, _, err := classify.Read(b); err == nil {
		return &reader{name: nameOf(path), classes: n.Classes(), probs: func(probs, x []float32) error { return n.Run(nil, probs, x) }}, nil
	}
	m, err := open(path)
	if err != nil {
		return nil, err
	}
	k := m.Classes() + m.Conditions()
	if k != 10 || m.Config().Input != [3]int{1, 28, 28} {
		return nil, nil
	}
	return &reader{m.name, k, m.Recognise, m.Model}, nil
}

func (r *reader) read(s penPictures) (reading, error) {
	v := reading{Model: r.name, Slice: s.name}
	n, p := s.data.Len(), s.data.Shape().Len()
	probs, labels := make([]float32, n*r.classes), make([]int, n)
	const batch = 100
	x, index := make([]float32, batch*p), make([]int, batch)
	var off float64
	for first := 0; first < n; first += batch {
		rows := min(batch, n-first)
		for i := range rows {
			index[i] = first + i
			labels[first+i] = s.data.Label(first + i)
		}
		s.data.Batch(x[:rows*p], index[:rows])
		if err := r.probs(probs[first*r.classes:][:rows*r.classes], x[:rows*p]); err != nil {
			return v, err
		}
		if r.model == nil || r.model.Conditions() > 0 {
			continue
		}
		l := rows * r.model.Latent()
		mu, logvar, y := make([]float32, l), make([]float32, l), make([]float32, rows*p)
		if err := r.model.Encode(mu, logvar, x[:rows*p]); err != nil {
			return v, err
		}
		if err := r.model.Decode(y, mu); err != nil {
			return v, err
		}
		off += squares(y, x[:rows*p])
	}
	v.Calibration = metric.MeasureCalibration(probs, labels, r.classes)
	v.Recon = off / float64(n*p)
	return v, nil
}

// bars counts the barred sevens of digits whose bar comes back. The bar is the
// shorter of two strokes.
func (r *reader) bars(digits []data.PenDigit) (kept, of int, err error) {
	var barred, plain []data.PenDigit
	for _, d := range digits {
		if d.Label != 7 || len(d.Strokes) != 2 {
			continue
		}
		long := 0
		if length(d.Strokes[1]) > length(d.Strokes[0]) {
			long = 1
		}
		barred = append(barred, d)
		d.Strokes = [][]data.PenPoint{d.Strokes[long]}
		plain = append(plain, d)
	}
	with, without := data.NewPenSet("", barred, data.UsualStyle(), 1, 1), data.NewPenSet("", plain, data.UsualStyle(), 1, 1)
	p, l := r.model.InputLen(), r.model.Latent()
	x, other, y := make([]float32, p), make([]float32, p), make([]float32, p)
	mu, logvar := make([]float32, l), make([]float32, l)
	for i := range barred {
		with.Batch(x, []int{i})
		without.Batch(other, []int{i})
		if err := r.model.Encode(mu, logvar, x); err != nil {
			return 0, 0, err
		}
		if err := r.model.Decode(y, mu); err != nil {
			return 0, 0, err
		}
		if squares(y, x) < squares(y, other) {
			kept++
		}
	}
	return kept, len(barred), nil
}

// length is that of a stroke on the tablet.
func length(s []data.PenPoint) (sum float64) {
	for i := 1; i < len(s); i++ {
		sum += math.Hypot(float64(s[i].X-s[i-1].X), float64(s[i].Y-s[i-1].Y))
	}
	return sum
}

// squares is the sum of squared differences.
func squares(a, b []float32) (sum float64) {
	for i := range a {
		d := float64(a[i] - b[i])
		sum += d * d
	}
	return sum
}

func readingsTable(w io.Writer, all []reading) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, strings.Join([]string{"model", "drawn", "pictures", "right", "ECE", "sure", "of those right", "perhaps", "unknown", "MSE", ""}, "\t"))
	for _, r := range all {
		if r.Bars != nil {
			fmt.Fprintf(t, "%s\t%s\t%d\tkept %d\t\t\t\t\t\t\t\n", r.Model, r.Slice, r.Bars.Of, r.Bars.Kept)
			continue
		}
		perhaps, unknown := "-", "-"
		if r.Said != nil {
			perhaps, unknown = fmt.Sprintf("%.2f %%", 100*r.Said.Perhaps), fmt.Sprintf("%.2f %%", 100*r.Said.Unknown)
		}
		if r.Images == 0 {
			fmt.Fprintf(t, "%s\t%s\t%d\t\t\t\t\t%s\t%s\t\t\n", r.Model, r.Slice, typicalOthers, perhaps, unknown)
			continue
		}
		mse := "-"
		if r.Recon > 0 {
			mse = fmt.Sprintf("%.4f", r.Recon)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.2f %%\t%.4f\t%.1f %%\t%.2f %%\t%s\t%s\t%s\t\n",
			r.Model, r.Slice, r.Images, 100*r.Accuracy, r.ECE, 100*r.Sure, 100*r.SureRight, perhaps, unknown, mse)
	}
	return t.Flush()
}
