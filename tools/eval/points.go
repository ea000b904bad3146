package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"inkdrift/vae"
	"inkdrift/vae/data"
	"inkdrift/vae/ink"
	"inkdrift/vae/latent"
)

// mapPoints is how many of the test pictures are on the map of a model: the first.
const mapPoints = 1000

// pointsName is the file of the points of a model.
func pointsName(model string) string { return model + ".points.json" }

// hasPoints reports whether the studio shows a map of the model with points: the pads can take it, and its pictures have
// classes.
func hasPoints(m *vae.Model, s set) bool {
	c := m.Config()
	return m.HasEncoder() && m.Conditions() == 0 && c.Latent >= 2 && c.Input == [3]int{1, ink.PreparedSide, ink.PreparedSide} && s.digits
}

// pointsOf encodes the pictures of d. The components are those of all of them.
func pointsOf(m *vae.Model, d data.Dataset) (*latent.Points, error) {
	const batch = 250
	dim, n := m.Latent(), d.Len()
	mu, logvar, x := make([]float32, n*dim), make([]float32, batch*dim), make([]float32, batch*m.InputLen())
	for from := 0; from < n; from += batch {
		index := make([]int, min(batch, n-from))
		for i := range index {
			index[i] = from + i
		}
		k := len(index)
		d.Batch(x[:k*m.InputLen()], index)
		if err := m.Encode(mu[from*dim:(from+k)*dim], logvar[:k*dim], x[:k*m.InputLen()]); err != nil {
			return nil, err
		}
	}
	p := &latent.Points{Dim: dim, Mu: mu[:min(n, mapPoints)*dim]}
	for i := range p.Len() {
		p.Labels = append(p.Labels, byte(d.Label(i)))
	}
	all := mat.NewDense(n, dim, nil)
	for i, v := range mu {
		all.Set(i/dim, i%dim, float64(v))
	}
	var pc stat.PC
	if !pc.PrincipalComponents(all, nil) {
		return nil, fmt.Errorf("no principal components of %d points", n)
	}
	var directions mat.Dense
	pc.VectorsTo(&directions)
	for k := range p.Components {
		p.Components[k] = make([]float32, dim)
		sign, largest := 1.0, 0.0
		for j := range dim {
			if v := directions.At(j, k); v*v > largest {
				largest, sign = v*v, v
			}
		}
		for j := range dim {
			v := directions.At(j, k)
			if sign < 0 { // either sign would do; it must be the same each time
				v = -v
			}
			p.Components[k][j] = float32(v)
		}
	}
	return p, nil
}

// writePoints writes the file of points of a model beside it.
func writePoints(path, name string, m *vae.Model, s set) error {
	p, err := pointsOf(m, s.test)
	if err != nil {
		return err
	}
	b, err := smallest(p)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(filepath.Dir(path), pointsName(name)), append(b, '\n'), 0o644)
}

// maxPointsFile bounds the file of points as it travels, in bytes.
const maxPointsFile = 29_000

// smallest encodes the points as finely as they fit into a file, but no finer than can be seen.
func smallest(p *latent.Points) ([]byte, error) {
	for _, levels := range []int{2000, 127, 100, 80, 64, 48, 40, 32, 24, 16} {
		b, err := p.Encode(levels)
		if err != nil {
			return nil, err
		}
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		if packed.Len() <= maxPointsFile {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%d points of %d dimensions do not fit into %d bytes", p.Len(), p.Dim, maxPointsFile)
}
