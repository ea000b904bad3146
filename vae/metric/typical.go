package metric

import (
	"slices"

	"inkdrift/vae"
	"inkdrift/vae/compute"
)

// Typicality says how well a model explains a picture x: the ELBO with beta 1, in
// nats, as the mean of draws from the posterior, without what its grey values cost
// whatever is reconstructed (see [vae.Model.LeastNegLogLikelihood]). The noise is
// that of seed for every picture. It is low for what the model has not learnt. Errors
// are those of the model.
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
	elbo := least - float64(kl[0])
	for _, v := range nll {
		elbo -= float64(v) / float64(draws)
	}
	return elbo, nil
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
