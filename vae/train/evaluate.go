package train

import (
	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
)

// Result holds the figures of a model on a data set.
type Result struct {
	// Images is how many pictures they are averaged over.
	Images int
	// Terms of the objective, with beta 1.
	Terms vae.Terms
	// KL is the divergence of each latent dimension, in nats; they add up to
	// Terms.KL.
	KL []float64
	// Active tells of each latent dimension whether the variance of its
	// posterior mean is above metric.ActiveThreshold.
	Active []bool
}

// Evaluation measures a model on a data set, a batch at a time, so that whoever
// runs it can do other things in between.
type Evaluation struct {
	model     *vae.Model
	data      data.Dataset
	binarize  Binarization
	seed      uint64
	objective *vae.ELBO

	at, images int // next picture, and how many
	x          []float32
	index      []int

	recon, kl float64
	dims      []moments
}

// moments are sums over the pictures so far, of one latent dimension.
type moments struct{ kl, mu, mu2 float64 }

const evaluationBatch = 200

// NewEvaluation prepares to measure m on the first images pictures of d, all if
// images is 0, binarised as b says. The same seed gives the same figures. The
// error is a *DataError.
func NewEvaluation(m *vae.Model, d data.Dataset, b Binarization, seed uint64, images int) (*Evaluation, error) {
	if err := checkData(m, d); err != nil {
		return nil, err
	}
	if images <= 0 || images > d.Len() {
		images = d.Len()
	}
	rows := min(evaluationBatch, images)
	return &Evaluation{
		model: m, data: d, binarize: b, seed: seed, images: images, objective: vae.NewELBO(m, rows),
		x: make([]float32, rows*m.InputLen()), index: make([]int, rows), dims: make([]moments, m.Latent()),
	}, nil
}

// Reset starts again, with the weights that the model has now.
func (e *Evaluation) Reset() {
	e.at, e.recon, e.kl = 0, 0, 0
	clear(e.dims)
}

// Next measures the next batch. It gives false when there was none left.
func (e *Evaluation) Next() (bool, error) {
	rows := min(len(e.index), e.images-e.at)
	if rows == 0 {
		return false, nil
	}
	n := e.model.InputLen()
	x, index := e.x[:rows*n], e.index[:rows]
	for i := range index {
		index[i] = e.at + i
	}
	e.data.Batch(x, index)
	if e.binarize != None {
		compute.Implementation().Bernoulli(x, x, compute.NewKey(e.seed, streamEval), uint32(e.at*n))
	}
	t, err := e.objective.Evaluate(x, compute.NewKey(e.seed, streamEval, 1), e.at)
	if err != nil {
		return false, err
	}
	e.recon += t.Recon * float64(rows)
	e.kl += t.KL * float64(rows)
	mu, logvar := e.objective.Posterior()
	for i, m := range mu {
		d, lv := &e.dims[i%len(e.dims)], logvar[i]
		d.kl += 0.5 * (float64(m)*float64(m) + float64(compute.Exp(lv)) - float64(lv) - 1)
		d.mu += float64(m)
		d.mu2 += float64(m) * float64(m)
	}
	e.at += rows
	return true, nil
}

// Result returns the figures over the batches so far.
func (e *Evaluation) Result() Result {
	n := float64(e.at)
	r := Result{
		Images: e.at, Terms: vae.Terms{Recon: e.recon / n, KL: e.kl / n},
		KL: make([]float64, len(e.dims)), Active: make([]bool, len(e.dims)),
	}
	for i, d := range e.dims {
		r.KL[i] = d.kl / n
		mean := d.mu / n
		r.Active[i] = d.mu2/n-mean*mean > metric.ActiveThreshold
	}
	return r
}

// Evaluate measures m on all of d. The same seed gives the same figures. The
// error is a *DataError.
func Evaluate(m *vae.Model, d data.Dataset, b Binarization, seed uint64) (vae.Terms, error) {
	e, err := NewEvaluation(m, d, b, seed, 0)
	for more := err == nil; more && err == nil; {
		more, err = e.Next()
	}
	if err != nil {
		return vae.Terms{}, err
	}
	return e.Result().Terms, nil
}
