package latent

import (
	"encoding/binary"
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

// file is how Points are written: a number of Mu is Step times a small whole number, so that a file is small.
type file struct {
	Dim        int          `json:"dim"`
	Step       float32      `json:"step"`  // the same for all dimensions: those that hardly vary become zeros, which compress well
	Bytes      int          `json:"bytes"` // of each number of Mu: 1 or 2, little-endian and signed
	Mu         []byte       `json:"mu"`    // base64 in JSON
	Labels     []byte       `json:"labels,omitempty"`
	Components [2][]float32 `json:"components"` // the two principal ones: directions of unit length
}

// Len is the number of points.
func (p *Points) Len() int { return len(p.Mu) / p.Dim }

// Row is the mean of picture i.
func (p *Points) Row(i int) []float32 { return p.Mu[i*p.Dim:][:p.Dim] }

// Plane is the plane through the origin along the two principal components.
func (p *Points) Plane() Plane { return Spanned(make([]float32, p.Dim), p.Components[:]...) }

// Encode writes the points as a file. It rounds means to whole multiples of a step, of which the greatest mean has so many
// as levels says, at most 32767.
func (p *Points) Encode(levels int) ([]byte, error) {
	f := file{Dim: p.Dim, Bytes: 1, Labels: p.Labels, Components: p.Components}
	if levels > math.MaxInt8 {
		f.Bytes = 2
	}
	widest := float32(0)
	for _, v := range p.Mu {
		widest = max(widest, float32(math.Abs(float64(v))))
	}
	f.Step = widest / float32(levels)
	for _, v := range p.Mu {
		k := uint16(0)
		if f.Step > 0 {
			k = uint16(int16(math.Round(float64(v / f.Step))))
		}
		f.Mu = append(f.Mu, byte(k))
		if f.Bytes == 2 {
			f.Mu = append(f.Mu, byte(k>>8))
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
	n := len(f.Mu) / max(f.Dim*f.Bytes, 1)
	switch {
	case f.Bytes != 1 && f.Bytes != 2:
		return nil, fmt.Errorf("points: bytes is %d, want 1 or 2", f.Bytes)
	case f.Dim < 2 || f.Dim > maxDimension:
		return nil, fmt.Errorf("points: dim is %d, want 2 to %d", f.Dim, maxDimension)
	case n < 1 || n > maxPoints || len(f.Mu) != n*f.Dim*f.Bytes:
		return nil, fmt.Errorf("points: mu has %d bytes, want a multiple of %d, and 1 to %d points", len(f.Mu), f.Dim*f.Bytes, maxPoints)
	case !(f.Step >= 0 && f.Step < 1e6):
		return nil, fmt.Errorf("points: step is %v, want 0 to 1e6", f.Step)
	case len(f.Labels) != 0 && len(f.Labels) != n:
		return nil, fmt.Errorf("points: labels has %d numbers, want %d", len(f.Labels), n)
	}
	p := &Points{Dim: f.Dim, Mu: make([]float32, n*f.Dim), Labels: f.Labels, Components: f.Components}
	for i := range p.Mu {
		k := int16(int8(f.Mu[i*f.Bytes]))
		if f.Bytes == 2 {
			k = int16(binary.LittleEndian.Uint16(f.Mu[2*i:]))
		}
		p.Mu[i] = f.Step * float32(k)
	}
	for k, c := range f.Components {
		if len(c) != f.Dim {
			return nil, fmt.Errorf("points: components has %d numbers in row %d, want %d", len(c), k, f.Dim)
		}
	}
	return p, nil
}

// Nearest counts the labels of the k points nearest to z. It returns nil where points have no labels.
func (p *Points) Nearest(z []float32, k int) map[byte]int {
	if len(p.Labels) == 0 {
		return nil
	}
	distances, labels := make([]float32, 0, k+1), make([]byte, 0, k+1) // sorted
	for i, label := range p.Labels {
		var sum float32
		for j, v := range p.Row(i) {
			sum += (v - z[j]) * (v - z[j])
		}
		at := len(distances)
		if at == k && sum >= distances[at-1] {
			continue
		}
		distances, labels = append(distances, sum), append(labels, label)
		for ; at > 0 && distances[at-1] > sum; at-- {
			distances[at], labels[at] = distances[at-1], labels[at-1]
		}
		distances[at], labels[at] = sum, label
		distances, labels = distances[:min(len(distances), k)], labels[:min(len(labels), k)]
	}
	counts := make(map[byte]int)
	for _, l := range labels {
		counts[l]++
	}
	return counts
}
