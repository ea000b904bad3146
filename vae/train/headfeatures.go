package train

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/ink"
)

// The ranges of the warps that HeadFeatures draws, uniform about the middle.
const (
	rangeSlant  = 0.3
	rangeTurn   = 0.17 // about ten degrees
	rangeAspect = 0.2
	// Weight goes further up than down: felt pens are thicker than MNIST's,
	// and thin strokes vanish when thinned.
	leastWeight, mostWeight = -1, 2.5
)

const streamWarp = 22

// HeadFeatures encodes every labelled picture of d, and o.Copies altered
// copies of it when pictures are 28x28, and returns the latent means, one row
// a picture, with the labels. The error is a *DataError.
func HeadFeatures(m *vae.Model, d data.Dataset, o HeadOptions) (mu []float32, labels []int, err error) {
	if err := checkData(m, d); err != nil {
		return nil, nil, err
	}
	const batch = 200
	p, l := m.InputLen(), m.Latent()
	copies := o.Copies
	if d.Shape() != (data.Shape{C: 1, H: ink.PreparedSide, W: ink.PreparedSide}) {
		copies = 0
	}
	x, warped := make([]float32, batch*p), make([]float32, batch*p)
	index, logvar := make([]int, batch), make([]float32, batch*l)
	mu = make([]float32, 0, (1+copies)*d.Len()*l)
	for c := range 1 + copies {
		for first := 0; first < d.Len(); first += batch {
			n := min(batch, d.Len()-first)
			for i := range n {
				index[i] = first + i
			}
			d.Batch(x, index[:n])
			in := x
			if c > 0 {
				in = warped
				for i := range n {
					w := randomWarp(compute.NewKey(o.Seed, streamWarp, uint64(c), uint64(first+i)))
					w.Apply(warped[i*p:][:p], x[i*p:][:p])
				}
			}
			at := len(mu)
			mu = mu[:at+n*l]
			if err := m.Encode(mu[at:], logvar[:n*l], in[:n*p]); err != nil {
				return nil, nil, err
			}
			for i := range n {
				labels = append(labels, d.Label(first+i))
			}
		}
	}
	return mu, labels, nil
}

func randomWarp(key compute.Key) ink.Warp {
	var u [4]float32
	compute.Implementation().Uniform(u[:], key, 0)
	return ink.Warp{
		Slant:  rangeSlant * (2*u[0] - 1),
		Turn:   rangeTurn * (2*u[1] - 1),
		Aspect: 1 + rangeAspect*(2*u[2]-1),
		Weight: leastWeight + (mostWeight-leastWeight)*u[3],
	}
}

// Accuracy is the fraction of the pictures of d whose label the classifier of m
// predicts. Errors are *DataError and vae.ErrNoClassifier.
func Accuracy(m *vae.Model, d data.Dataset) (float64, error) {
	mu, labels, err := HeadFeatures(m, d, HeadOptions{})
	if err != nil {
		return 0, err
	}
	probs := make([]float32, len(labels)*m.Classes())
	if err := m.Classify(probs, mu); err != nil {
		return 0, err
	}
	right := 0
	for i, label := range labels {
		row, best := probs[i*m.Classes():][:m.Classes()], 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		if best == label {
			right++
		}
	}
	return float64(right) / float64(len(labels)), nil
}
