package train

import (
	"math"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/prior"
)

// PriorOptions are the settings for fitting a prior to where the encoder of a
// finished model puts a data set.
type PriorOptions struct {
	// Images is how many pictures are encoded, the first of the set; 0: all.
	Images int
	// Fits are the candidates. With more than one, that which gives the pictures
	// left out the greatest log-likelihood is fitted again to all.
	Fits []prior.Options
	// Seed of the draws from the posteriors.
	Seed uint64
	// Progress, unless nil, is told of each candidate the mean log-likelihood of the
	// latents that it was fitted to and, with more than one, of those left out, in
	// nats; its error ends the work and is returned.
	Progress func(o prior.Options, fitted, held float64) error
}

// heldPart is the part of the pictures that candidates are compared by: one in so
// many.
const heldPart = 6

// streamPrior is the purpose of the random stream of draws from posteriors.
const streamPrior = 23

// Posteriors draws a latent of q(z|x) for each of the first n pictures of d, grey
// as people's drawings are, and returns the means as well, one row a picture. A
// conditional model is given no class but the one that it recognises. Errors are
// *DataError and vae.ErrNoEncoder.
func Posteriors(m *vae.Model, d data.Dataset, n int, seed uint64) (z, mu []float32, err error) {
	if err := checkData(m, d); err != nil {
		return nil, nil, err
	}
	const batch = 200
	p, l := m.InputLen(), m.Latent()
	z, mu = make([]float32, n*l), make([]float32, n*l)
	x, logvar, eps := make([]float32, batch*p), make([]float32, batch*l), make([]float32, batch*l)
	index := make([]int, batch)
	b := compute.Implementation()
	for first := 0; first < n; first += batch {
		rows := min(batch, n-first)
		for i := range rows {
			index[i] = first + i
		}
		d.Batch(x[:rows*p], index[:rows])
		part := mu[first*l:][:rows*l]
		if err := m.Encode(part, logvar[:rows*l], x[:rows*p]); err != nil {
			return nil, nil, err
		}
		b.Normal(eps[:rows*l], compute.NewKey(seed, streamPrior), uint32(first*l))
		b.Reparameterize(z[first*l:][:rows*l], part, logvar[:rows*l], eps[:rows*l])
	}
	return z, mu, nil
}

// FitPrior fits a mixture of Gaussians to draws from the posteriors of the pictures
// of d, over the dimensions that the encoder uses, and gives it to m. Errors are
// *DataError, vae.ErrNoEncoder, *prior.Error and Progress's.
func FitPrior(m *vae.Model, d data.Dataset, o PriorOptions) error {
	if len(o.Fits) == 0 {
		return &prior.Error{Field: "components", Reason: "are none: there is nothing to fit"}
	}
	n := d.Len()
	if o.Images > 0 {
		n = min(n, o.Images)
	}
	z, mu, err := Posteriors(m, d, n, o.Seed)
	if err != nil {
		return err
	}
	dims := prior.Active(mu, m.Latent(), metric.ActiveThreshold)
	if len(dims) == 0 {
		return &prior.Error{Field: "dimensions", Reason: "are none: the encoder uses no dimension, so that the aggregate posterior is N(0, I)"}
	}
	best := o.Fits[0]
	if len(o.Fits) > 1 {
		if best, err = selectPrior(z, m.Latent(), dims, o); err != nil {
			return err
		}
	}
	p, err := prior.Fit(z, m.Latent(), dims, best)
	if err != nil {
		return err
	}
	return m.SetPrior(p)
}

// selectPrior returns the candidate that suits latents best that it was not fitted
// to.
func selectPrior(z []float32, latent int, dims []int, o PriorOptions) (best prior.Options, err error) {
	var fit, held []float32
	for i := 0; i < len(z); i += latent {
		if i/latent%heldPart == 0 {
			held = append(held, z[i:][:latent]...)
		} else {
			fit = append(fit, z[i:][:latent]...)
		}
	}
	most := math.Inf(-1)
	for _, f := range o.Fits {
		m, err := prior.Fit(fit, latent, dims, f)
		if err != nil {
			return best, err
		}
		of, err := meanDensity(m, fit)
		if err != nil {
			return best, err
		}
		left, err := meanDensity(m, held)
		if err != nil {
			return best, err
		}
		if left > most {
			best, most = f, left
		}
		if o.Progress != nil {
			if err := o.Progress(f, of, left); err != nil {
				return best, err
			}
		}
	}
	return best, nil
}

func meanDensity(m *prior.Mixture, z []float32) (float64, error) {
	density := make([]float64, len(z)/m.Latent)
	if err := m.LogDensity(density, z); err != nil {
		return 0, err
	}
	var sum float64
	for _, v := range density {
		sum += v
	}
	return sum / float64(len(density)), nil
}
