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
	// Terms of the objective, with beta 1 and one sample.
	Terms vae.Terms
	// KL is the divergence of each latent dimension, in nats; they add up to
	// Terms.KL. Like Active it is empty without an encoder.
	KL []float64
	// Active tells of each latent dimension whether the variance of its
	// posterior mean is above metric.ActiveThreshold.
	Active []bool
}

// Evaluation measures a model on a data set, a batch at a time, so that the
// caller can do other work in between.
type Evaluation struct {
	model     *vae.Model
	data      data.Dataset
	binarize  Binarization
	seed      uint64
	objective vae.Objective

	at, images int // next picture, and how many
	x          []float32
	index      []int
	labels     []int

	sum  vae.Terms
	dims []moments // empty without an encoder
}

// moments are sums over the pictures so far, of one latent dimension.
type moments struct{ kl, mu, mu2 float64 }

const evaluationBatch = 200

// NewEvaluation prepares to measure m on the first images pictures of d, all if
// images is 0, binarised as b says. The same seed gives the same figures. The
// error is a *DataError, or an *OptionError of a model without a discriminator
// that should have one.
func NewEvaluation(m *vae.Model, d data.Dataset, b Binarization, seed uint64, images int) (*Evaluation, error) {
	if err := checkData(m, d); err != nil {
		return nil, err
	}
	if images <= 0 || images > d.Len() {
		images = d.Len()
	}
	rows := min(evaluationBatch, images)
	objective, err := vae.NewObjective(m, rows, vae.ObjectiveConfig{})
	if err != nil {
		return nil, objectiveError(err)
	}
	e := &Evaluation{
		model: m, data: d, binarize: b, seed: seed, images: images, objective: objective,
		x: make([]float32, rows*m.InputLen()), index: make([]int, rows), labels: make([]int, rows),
	}
	if m.HasEncoder() {
		e.dims = make([]moments, m.Latent())
	}
	return e, nil
}

// TermNames are the names of Terms.Other in the Result.
func (e *Evaluation) TermNames() []string { return e.objective.Names() }

// Reset starts again, with the weights that the model has now.
func (e *Evaluation) Reset() {
	e.at, e.sum = 0, vae.Terms{}
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
		e.labels[i] = e.data.Label(e.at + i)
	}
	e.data.Batch(x, index)
	if e.binarize != None {
		compute.Implementation().Bernoulli(x, x, compute.NewKey(e.seed, streamEval), uint32(e.at*n))
	}
	t, err := e.objective.Evaluate(vae.Share{X: x, Labels: e.labels[:rows], Key: compute.NewKey(e.seed, streamEval, 1), First: e.at})
	if err != nil {
		return false, err
	}
	e.sum = e.sum.Plus(t.Scaled(float64(rows)))
	if p, ok := e.objective.(vae.Posterior); ok && len(e.dims) > 0 {
		mu, logvar := p.Posterior()
		for i, m := range mu {
			d, lv := &e.dims[i%len(e.dims)], logvar[i]
			d.kl += 0.5 * (float64(m)*float64(m) + float64(compute.Exp(lv)) - float64(lv) - 1)
			d.mu += float64(m)
			d.mu2 += float64(m) * float64(m)
		}
	}
	e.at += rows
	return true, nil
}

// Result returns the figures over the batches so far.
func (e *Evaluation) Result() Result {
	n := float64(e.at)
	r := Result{
		Images: e.at, Terms: e.sum.Scaled(1 / n),
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
