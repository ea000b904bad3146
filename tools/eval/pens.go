package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
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
	for _, w := range models {
		r, err := openReader(w.path)
		if err != nil {
			return fmt.Errorf("%s: %w", w.path, err)
		}
		if r == nil {
			continue // nothing that reads digits
		}
		for _, s := range sets {
			v, err := r.read(s)
			if err != nil {
				return fmt.Errorf("%s: %w", w.path, err)
			}
			all = append(all, v)
			if f.json {
				if err := json.NewEncoder(stdout).Encode(v); err != nil {
					return err
				}
			}
		}
	}
	if f.json {
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
	var squares float64
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
		for i := range y {
			d := float64(y[i] - x[i])
			squares += d * d
		}
	}
	v.Calibration = metric.MeasureCalibration(probs, labels, r.classes)
	v.Recon = squares / float64(n*p)
	return v, nil
}

func readingsTable(w io.Writer, all []reading) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, strings.Join([]string{"model", "drawn", "pictures", "right", "ECE", "sure", "of those right", "MSE", ""}, "\t"))
	for _, r := range all {
		mse := "-"
		if r.Recon > 0 {
			mse = fmt.Sprintf("%.4f", r.Recon)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.2f %%\t%.4f\t%.1f %%\t%.2f %%\t%s\t\n",
			r.Model, r.Slice, r.Images, 100*r.Accuracy, r.ECE, 100*r.Sure, 100*r.SureRight, mse)
	}
	return t.Flush()
}
