package metric

import (
	"fmt"

	"gonum.org/v1/gonum/stat"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
)

// Options of Evaluate.
type Options struct {
	// NLLSamples is k of the importance-sampled NLL; 0 leaves it out.
	NLLSamples int
	// Images is how many pictures the ELBO and the NLL are measured on, drawn
	// by the seed; 0 means all.
	Images int
	// Binarize draws each pixel as a Bernoulli variable with its grey value,
	// by the seed.
	Binarize bool
	Seed     uint64
	// Progress, unless nil, is called after each picture of the NLL; an error
	// ends the evaluation.
	Progress func(done, of int) error
}

// Report holds the figures of a model on a data set, in nats a picture.
type Report struct {
	Params       int     `json:"params"`
	Images       int     `json:"images"`
	ELBO         float64 `json:"elbo"`
	Recon        float64 `json:"recon"`
	KL           float64 `json:"kl"`
	NLL          float64 `json:"nll,omitempty"`
	NLLSamples   int     `json:"nll_samples"`
	NLLStdErr    float64 `json:"nll_std_err,omitempty"` // of the mean over pictures
	ActiveUnits  int     `json:"active_units"`
	Accuracy     float64 `json:"accuracy,omitempty"`
	LabelImages  int     `json:"label_images"` // pictures that accuracy and active units are measured on
	Binarization string  `json:"binarization"`
	Seed         uint64  `json:"seed"`
}

// ActiveThreshold is the variance of the posterior mean over the data above
// which a latent dimension counts as active (Burda et al. 2016, section 5.2).
const ActiveThreshold = 0.01

// Purposes of the random streams.
const (
	streamSubset   = 31
	streamBinarize = 32
	streamELBO     = 33
	streamNLL      = 34
)

const batch = 100

// Evaluate measures m on d. ELBO and NLL are over a subset of pictures drawn by
// the seed; active units over all, grey; accuracy likewise, when there is a
// classifier and d has labels.
func Evaluate(m *vae.Model, d data.Dataset, o Options) (Report, error) {
	r := Report{Params: m.NumParams(), NLLSamples: o.NLLSamples, LabelImages: d.Len(), Binarization: "none", Seed: o.Seed}
	if o.Binarize {
		r.Binarization = "dynamic"
	}
	if d.Shape().Len() != m.InputLen() {
		return r, fmt.Errorf("data set %q has pictures of %v, the model takes %v", d.Name(), d.Shape(), m.Config().Input)
	}
	if d.Len() == 0 {
		return r, fmt.Errorf("data set %q has no pictures", d.Name())
	}
	subset := d
	if o.Images > 0 && o.Images < d.Len() {
		first, _ := data.Split(d, o.Images, o.Seed+streamSubset)
		subset = first
	}
	r.Images = subset.Len()
	if err := r.bound(m, subset, o); err != nil {
		return r, err
	}
	return r, r.latents(m, d)
}

// bound fills in ELBO and NLL.
func (r *Report) bound(m *vae.Model, d data.Dataset, o Options) error {
	var lik *Likelihood
	if o.NLLSamples > 0 {
		var err error
		if lik, err = NewLikelihood(m, o.NLLSamples); err != nil {
			return err
		}
	}
	objective := vae.NewELBO(m, batch)
	p, l := m.InputLen(), m.Latent()
	mu, logvar := make([]float32, batch*l), make([]float32, batch*l)
	var nll []float64
	err := eachBatch(d, func(x []float32, first, n int) error {
		if o.Binarize {
			compute.Implementation().Bernoulli(x, x, compute.NewKey(o.Seed, streamBinarize), uint32(first*p))
		}
		t, err := objective.Evaluate(x, compute.NewKey(o.Seed, streamELBO), first)
		if err != nil {
			return err
		}
		r.Recon += t.Recon * float64(n) / float64(d.Len())
		r.KL += t.KL * float64(n) / float64(d.Len())
		if lik == nil {
			return nil
		}
		if err := m.Encode(mu[:n*l], logvar[:n*l], x); err != nil {
			return err
		}
		for i := range n {
			v, err := lik.NLL(x[i*p:][:p], mu[i*l:][:l], logvar[i*l:][:l], compute.NewKey(o.Seed, streamNLL, uint64(first+i)))
			if err != nil {
				return err
			}
			nll = append(nll, v)
			if o.Progress != nil {
				if err := o.Progress(len(nll), d.Len()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	r.ELBO = -(r.Recon + r.KL)
	if len(nll) > 0 {
		var std float64
		r.NLL, std = stat.MeanStdDev(nll, nil)
		if len(nll) > 1 {
			r.NLLStdErr = stat.StdErr(std, float64(len(nll)))
		}
	}
	return err
}

// latents fills in active units and accuracy.
func (r *Report) latents(m *vae.Model, d data.Dataset) error {
	l, k := m.Latent(), m.Classes()
	mu, logvar := make([]float32, batch*l), make([]float32, batch*l)
	probs := make([]float32, batch*k)
	means := make([][]float64, l)
	right, labelled := 0, 0
	err := eachBatch(d, func(x []float32, first, n int) error {
		if err := m.Encode(mu[:n*l], logvar[:n*l], x); err != nil {
			return err
		}
		for i, v := range mu[:n*l] {
			means[i%l] = append(means[i%l], float64(v))
		}
		if k == 0 {
			return nil
		}
		if err := m.Classify(probs[:n*k], mu[:n*l]); err != nil {
			return err
		}
		for i := range n {
			if label := d.Label(first + i); label >= 0 {
				labelled++
				if argmax(probs[i*k:][:k]) == label {
					right++
				}
			}
		}
		return nil
	})
	r.ActiveUnits = ActiveUnits(means)
	if labelled > 0 {
		r.Accuracy = float64(right) / float64(labelled)
	}
	return err
}

// ActiveUnits counts the latent dimensions whose posterior mean has a variance
// over the data above ActiveThreshold; means[j] are the values of dimension j.
func ActiveUnits(means [][]float64) (n int) {
	for _, m := range means {
		if stat.Variance(m, nil) > ActiveThreshold {
			n++
		}
	}
	return n
}

// eachBatch calls f with the pictures of d in order, n at a time from first.
func eachBatch(d data.Dataset, f func(x []float32, first, n int) error) error {
	p := d.Shape().Len()
	x, index := make([]float32, batch*p), make([]int, batch)
	for first := 0; first < d.Len(); first += batch {
		n := min(batch, d.Len()-first)
		for i := range n {
			index[i] = first + i
		}
		d.Batch(x[:n*p], index[:n])
		if err := f(x[:n*p], first, n); err != nil {
			return err
		}
	}
	return nil
}

func argmax(x []float32) (best int) {
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
