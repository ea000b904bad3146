package latent

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Limits of a file of points.
const (
	maxPoints    = 10_000
	maxDimension = 1024
)

// Points are pictures of a data set as a model encodes them, and how they vary.
type Points struct {
	Dim        int       // latent dimensions, at least 2
	Mu         []float32 // the posterior's mean of each picture, n x Dim
	Labels     []byte    // the class of each picture, n; empty where there are none
	Components [2][]float32
}

// file is how Points are written: a number of Mu is Step times a signed byte, so that a file is small.
type file struct {
	Dim        int          `json:"dim"`
	Step       float32      `json:"step"` // the same for all dimensions: those that hardly vary become zeros, which compress well
	Mu         []byte       `json:"mu"`   // as int8, base64 in JSON
	Labels     []byte       `json:"labels,omitempty"`
	Components [2][]float32 `json:"components"` // the two principal ones: directions of unit length
}

// Len is the number of points.
func (p *Points) Len() int { return len(p.Mu) / p.Dim }

// Row is the mean of picture i.
func (p *Points) Row(i int) []float32 { return p.Mu[i*p.Dim:][:p.Dim] }

// levels is the greatest byte of a file: coarser than a byte can be, because the last bits of a mean are noise that does
// not compress.
const levels = 48

// Encode writes the points as a file. It rounds means by at most a 96th of the greatest.
func (p *Points) Encode() ([]byte, error) {
	f := file{Dim: p.Dim, Labels: p.Labels, Components: p.Components, Mu: make([]byte, len(p.Mu))}
	widest := float32(0)
	for _, v := range p.Mu {
		widest = max(widest, float32(math.Abs(float64(v))))
	}
	f.Step = widest / levels
	for i, v := range p.Mu {
		if f.Step > 0 {
			f.Mu[i] = byte(int8(math.Round(float64(v / f.Step))))
		}
	}
	for k := range f.Components {
		f.Components[k] = slices.Clone(f.Components[k])
		for j, v := range f.Components[k] {
			f.Components[k][j] = float32(math.Round(float64(v)*1e4) / 1e4)
		}
	}
	return json.Marshal(f)
}

// DecodePoints reads a file of points. The error names the wrong field.
func DecodePoints(b []byte) (*Points, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("points: not JSON of the right fields: %w", err)
	}
	n := len(f.Mu) / max(f.Dim, 1)
	switch {
	case f.Dim < 2 || f.Dim > maxDimension:
		return nil, fmt.Errorf("points: dim is %d, want 2 to %d", f.Dim, maxDimension)
	case n < 1 || n > maxPoints || len(f.Mu) != n*f.Dim:
		return nil, fmt.Errorf("points: mu has %d numbers, want a multiple of %d, and 1 to %d points", len(f.Mu), f.Dim, maxPoints)
	case !(f.Step >= 0 && f.Step < 1e6):
		return nil, fmt.Errorf("points: step is %v, want 0 to 1e6", f.Step)
	case len(f.Labels) != 0 && len(f.Labels) != n:
		return nil, fmt.Errorf("points: labels has %d numbers, want %d", len(f.Labels), n)
	}
	p := &Points{Dim: f.Dim, Mu: make([]float32, len(f.Mu)), Labels: f.Labels, Components: f.Components}
	for i, v := range f.Mu {
		p.Mu[i] = f.Step * float32(int8(v))
	}
	for k, c := range f.Components {
		if len(c) != f.Dim {
			return nil, fmt.Errorf("points: components has %d numbers in row %d, want %d", len(c), k, f.Dim)
		}
	}
	return p, nil
}

// Nearest counts the labels of the k points nearest to z, and returns the labels that there are, the most frequent first
// (of equal ones the smaller), with their counts. It returns none where points have no labels.
func (p *Points) Nearest(z []float32, k int) (labels []byte, counts []int) {
	if len(p.Labels) == 0 {
		return nil, nil
	}
	type neighbour struct {
		distance float32
		label    byte
	}
	near := make([]neighbour, 0, k+1) // sorted by distance
	for i, label := range p.Labels {
		var sum float32
		for j, v := range p.Row(i) {
			sum += (v - z[j]) * (v - z[j])
		}
		if len(near) == k && sum >= near[k-1].distance {
			continue
		}
		at, _ := slices.BinarySearchFunc(near, sum, func(n neighbour, d float32) int { return cmp.Compare(n.distance, d) })
		near = slices.Insert(near, at, neighbour{sum, label})
		near = near[:min(len(near), k)]
	}
	var all [256]int
	for _, n := range near {
		if all[n.label] == 0 {
			labels = append(labels, n.label)
		}
		all[n.label]++
	}
	slices.SortFunc(labels, func(a, b byte) int { return cmp.Or(cmp.Compare(all[b], all[a]), cmp.Compare(a, b)) })
	for _, l := range labels {
		counts = append(counts, all[l])
	}
	return labels, counts
}
