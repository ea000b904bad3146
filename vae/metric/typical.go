package metric

import (
	"slices"

	"gonum.org/v1/gonum/stat"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

// TypicalBeta is how often the KL term counts in [Typicality]. What a model has not
// learnt is encoded to places that the prior says little of, and is at times
// reconstructed well from there.
const TypicalBeta = 2

// Typicality says how well a model explains a picture x: the ELBO with [TypicalBeta], in
// nats, as the mean of draws from the posterior, without what its grey values cost
// whatever is reconstructed (see [vae.Model.LeastNegLogLikelihood]). The noise is
// that of seed for every picture. It is low for what the model has not learnt, and, as
// any likelihood, for what has much ink: a [Trend] takes that away. Errors are those of
// the model.
func Typicality(m *vae.Model, x []float32, draws int, seed uint64) (float64, error) {
	l, b := m.Latent(), compute.Implementation()
	mu, logvar, kl := make([]float32, l), make([]float32, l), make([]float32, 1)
	if err := m.Encode(mu, logvar, x); err != nil {
		return 0, err
	}
	b.KL(kl, nil, nil, mu, logvar, 0)
	eps, z := make([]float32, draws*l), make([]float32, draws*l)
	b.Normal(eps, compute.NewKey(seed, streamELBO), 0)
	all := make([]float32, 0, draws*len(x))
	for i := range draws {
		b.Reparameterize(z[i*l:][:l], mu, logvar, eps[i*l:][:l])
		all = append(all, x...)
	}
	nll := make([]float32, draws)
	if err := m.NegLogLikelihood(nll, all, z); err != nil {
		return 0, err
	}
	least, err := m.LeastNegLogLikelihood(x)
	if err != nil {
		return 0, err
	}
	score := least - TypicalBeta*float64(kl[0])
	for _, v := range nll {
		score -= float64(v) / float64(draws)
	}
	return score, nil
}

// Trend is what score is usual for a picture with so much ink, by a straight line. That
// of a score less what is usual is a likelihood ratio (Ren et al. 2019): of a background
// model whose pixels are independent and all alike the log likelihood is linear in ink.
type Trend struct{ At0, PerInk float64 }

// FitTrend fits the line to scores of pictures by least squares. With fewer than two
// amounts of ink it is level.
func FitTrend(ink, scores []float64) Trend {
	x, y := stat.Mean(ink, nil), stat.Mean(scores, nil)
	var xx, xy float64
	for i, v := range ink {
		xx += (v - x) * (v - x)
		xy += (v - x) * (scores[i] - y)
	}
	if xx == 0 {
		return Trend{At0: y}
	}
	return Trend{y - xy/xx*x, xy / xx}
}

// Less gives a score less what is usual for so much ink.
func (t Trend) Less(score, ink float64) float64 { return score - t.At0 - t.PerInk*ink }

// Ink is the sum of the values of a picture.
func Ink(x []float32) (ink float64) {
	for _, v := range x {
		ink += float64(v)
	}
	return ink
}

// AUROC is the area under the receiver operating characteristic of scores that shall
// be higher for one kind of things than for others: the probability that one of the
// kind has a higher score than one of the others, where equal scores count half. NaN if
// there are none of either.
func AUROC(kind, others []float64) float64 {
	sorted := slices.Sorted(slices.Values(others))
	var s float64
	for _, v := range kind {
		below, _ := slices.BinarySearch(sorted, v)
		upTo, _ := slices.BinarySearchFunc(sorted, v, func(a, b float64) int {
			if a <= b {
				return -1
			}
			return 1
		})
		s += float64(below+upTo) / 2
	}
	return s / float64(len(kind)*len(others))
}
