package training

import (
	"errors"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/prior"
	"inkdrift/wasm/proto"
)

// fittedPrior is a mixture that was fitted to the model after so many steps.
type fittedPrior struct {
	step int
	*prior.Mixture
}

// priorComponents is the number of Gaussians of a fitted prior, and priorPictures how
// many pictures each takes at least.
const (
	priorComponents = 16
	priorPictures   = 20
)

// heldOut is the part of the latents that a mixture is not fitted to: one in so many.
const heldOut = 6

// streamPosterior keeps the draws from posteriors apart from others of the same seed.
const streamPosterior = 0x1d21fa

// prior returns the mixture that was fitted to the model as it is now, nil after a
// further step.
func (r *run) prior() *prior.Mixture {
	if r.fitted == nil || r.fitted.step != r.trainer.StepsTaken() {
		return nil
	}
	return r.fitted.Mixture
}

// prior fits a mixture of Gaussians to draws from the posteriors of training pictures
// (ex-post density estimation, Ghosh et al. 2020), and compares it with N(0, I) on
// draws that it was not fitted to.
func (m *measuring) prior() (*proto.MeasuredPrior, error) {
	r := m.run
	model, set := r.trainer.Result(), r.trainer.Data()
	n := min(m.request.Prior, set.Len())
	if n == 0 || !model.HasEncoder() {
		return nil, nil
	}
	o := prior.Defaults()
	o.Components = max(min(priorComponents, n/priorPictures), 1)
	o.Progress = func(round int, _ float64) error { return m.yieldAt(n + (round+1)*n/o.Iterations) }
	m.begin("prior", 2*n)
	fit, held, dims, err := m.posteriors(set, n)
	if err != nil || len(dims) == 0 {
		return nil, err
	}
	if proto.CheckFinite("", fit) != nil {
		return nil, proto.Errorf(proto.CodeNotFinite, "prior", "the latents are not finite")
	}
	mixture, err := prior.Fit(fit, model.Latent(), dims, o)
	if err != nil {
		var wrong *prior.Error
		if errors.As(err, &wrong) {
			return nil, proto.Errorf(proto.CodeBadValue, "prior", "%v", err)
		}
		return nil, err
	}
	density := make([]float64, len(held)/model.Latent())
	if err := mixture.LogDensity(density, held); err != nil {
		return nil, err
	}
	r.fitted = &fittedPrior{r.trainer.StepsTaken(), mixture}
	ok := &proto.MeasuredPrior{Images: n, Components: mixture.Components(), Dimensions: len(dims)}
	for _, v := range density {
		ok.Fitted += proto.Number(v / float64(len(density)))
	}
	for first := 0; first < len(held); first += model.Latent() {
		for _, j := range dims {
			v := float64(held[first+j])
			ok.Normal -= proto.Number((v*v + math.Log(2*math.Pi)) / 2 / float64(len(density)))
		}
	}
	return ok, nil
}

// posteriors draws a latent of q(z|x) for each of the first n pictures of a set, which
// are returned in two parts, and the dimensions that the encoder uses.
func (m *measuring) posteriors(set data.Dataset, n int) (fit, held []float32, dims []int, err error) {
	model := m.run.trainer.Result()
	width, dim := model.InputLen(), model.Latent()
	mu, logvar := make([]float32, n*dim), make([]float32, n*dim)
	x, index := make([]float32, batchRows*width), make([]int, batchRows)
	err = m.pieces(0, n, func(first, rows int) error {
		for i := range rows {
			index[i] = first + i
		}
		set.Batch(x[:rows*width], index[:rows])
		return model.Encode(mu[first*dim:(first+rows)*dim], logvar[first*dim:(first+rows)*dim], x[:rows*width])
	})
	if err != nil {
		return nil, nil, nil, err
	}
	dims = prior.Active(mu, dim, metric.ActiveThreshold)
	eps := make([]float32, n*dim)
	compute.Implementation().Normal(eps, compute.NewKey(uint64(m.request.Seed), streamPosterior), 0)
	compute.Implementation().Reparameterize(mu, mu, logvar, eps)
	for i := range n {
		z := mu[i*dim:][:dim]
		if i%heldOut == 0 {
			held = append(held, z...)
		} else {
			fit = append(fit, z...)
		}
	}
	return fit, held, dims, nil
}
