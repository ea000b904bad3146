package metric

import (
	"fmt"

	"gonum.org/v1/gonum/stat"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/probe"
)

// Options of Evaluate. What is left out is not measured.
type Options struct {
	// NLLSamples is k of the importance-sampled NLL; 0 leaves it out.
	NLLSamples int
	// Images is how many pictures the ELBO and the NLL are measured on, drawn
	// by the seed; 0 means all.
	Images int
	// Binarize draws each pixel as a Bernoulli variable with its grey value,
	// by the seed, for ELBO and NLL.
	Binarize bool
	// Seed of binarisation, noise, samples and choice of pictures.
	Seed uint64
	// Train are labelled pictures that a linear classifier on mu learns from.
	Train data.Dataset
	// Classifier classifies Samples pictures that the model draws from its prior, as means of p(x|z). Their features are
	// compared with Reference, those of the data.
	Classifier Classifier
	Samples    int
	Reference  *Moments
	// Memory, unless nil, has NLLs of an interrupted evaluation with the same
	// model, data and options.
	Memory Memory
	// Progress, unless nil, is called repeatedly with what is being measured; an
	// error ends the evaluation.
	Progress func(what string, done, of int) error
}

// Memory keeps the NLLs of pictures by their number among those that are measured.
type Memory interface {
	// Known returns the NLL of a picture if it was kept.
	Known(i int) (nll float64, ok bool)
	// Save is called for each further one; its error ends the evaluation.
	Save(i int, nll float64) error
}

// Report holds the figures of a model on a data set. What the model's family
// does not have, or Options left out, is nil. In JSON it is one flat object.
type Report struct {
	Params int `json:"params"`
	*Likelihoods
	*Latents
	*Fidelity
	*Reading
	*Distance
	*Score
	*Coverage
	*Manifold
	*Fitted
	*Obedience
	*Hand
	Seed uint64 `json:"seed"`
}

// Likelihoods are bounds of log p(x), or of log p(x|y) with the true class y of a
// conditional model: nats, averages over Images pictures.
type Likelihoods struct {
	Images       int     `json:"images"`
	ELBO         float64 `json:"elbo"`
	Recon        float64 `json:"recon"`
	KL           float64 `json:"kl"`
	NLL          float64 `json:"nll,omitempty"`
	NLLSamples   int     `json:"nll_samples"`
	NLLStdErr    float64 `json:"nll_std_err,omitempty"` // of the mean over pictures
	Binarization string  `json:"binarization"`
}

// Latents are figures of q(z|x) over all pictures, grey.
type Latents struct {
	LabelImages int `json:"label_images"` // how many pictures
	// ActiveUnits is how many latent dimensions are active, DimKL the mean KL of
	// each dimension in nats.
	ActiveUnits int       `json:"active_units"`
	DimKL       []float64 `json:"dim_kl"`
	// Accuracy of the model's own classifier, on mu, or on pictures where it has such a
	// one; 0 without one.
	Accuracy float64 `json:"accuracy,omitempty"`
}

// Reading is the test error of a linear classifier on mu.
type Reading struct {
	LinearError float64 `json:"linear_error"`
	LinearTrain int     `json:"linear_train_images"`
	LinearTest  int     `json:"linear_test_images"`
}

// Fitted are the figures of samples of the fitted prior, as many and of the same
// classifier as those of N(0, I).
type Fitted struct {
	Components      int     `json:"fitted_components"`
	FittedFID       float64 `json:"fitted_fid,omitempty"`
	FittedScore     float64 `json:"fitted_inception"`
	FittedCovered   int     `json:"fitted_coverage_classes,omitempty"`
	FittedEntropy   float64 `json:"fitted_coverage_entropy,omitempty"`
	FittedPrecision float64 `json:"fitted_precision"`
	FittedRecall    float64 `json:"fitted_recall"`
}

// Obedience is how often the classifier puts samples of a conditional model
// into another class than the requested one.
type Obedience struct {
	GivenError   float64 `json:"given_error"`
	GivenSamples int     `json:"given_samples"`
}

// ActiveThreshold is the variance of the posterior mean over the data above
// which a latent dimension counts as active (Burda et al. 2016, section 5.2).
const ActiveThreshold = 0.01

// scoreParts is the number of parts of Salimans et al. 2016.
const scoreParts = 10

// Purposes of the random streams.
const (
	streamSubset   = 31
	streamBinarize = 32
	streamELBO     = 33
	streamNLL      = 34
	streamSamples  = 35
	streamHand     = 36
)

const batch = 100

// Evaluate measures m on d: ELBO and NLL over a subset of pictures drawn by the
// seed; active units, reconstructions and accuracy over all, grey.
func Evaluate(m *vae.Model, d data.Dataset, o Options) (Report, error) {
	r := Report{Params: m.NumParams(), Seed: o.Seed}
	if d.Shape().Len() != m.InputLen() {
		return r, fmt.Errorf("data set %q has pictures of %v, the model takes %v", d.Name(), d.Shape(), m.Config().Input)
	}
	if d.Len() == 0 {
		return r, fmt.Errorf("data set %q has no pictures", d.Name())
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) error { return nil }
	}
	e := &evaluation{model: m, data: d, opt: o}
	var err error
	if m.HasEncoder() {
		if m.Config().HasLikelihood() {
			if r.Likelihoods, err = e.likelihoods(); err != nil {
				return r, err
			}
		}
		if r.Latents, r.Fidelity, r.Reading, err = e.latents(); err != nil {
			return r, err
		}
	}
	if o.Classifier != nil && o.Samples > 0 {
		if err = e.samples(&r); err != nil {
			return r, err
		}
		r.Hand, err = e.hand()
	}
	return r, err
}

type evaluation struct {
	model *vae.Model
	data  data.Dataset
	opt   Options
}

// given returns the classes of n pictures of d from first, one-hot, or nothing
// for a model that is not conditional.
func (e *evaluation) given(d data.Dataset, first, n int) ([]float32, error) {
	k := e.model.Conditions()
	if k == 0 {
		return nil, nil
	}
	labels := make([]int, n)
	for i := range labels {
		labels[i] = d.Label(first + i)
	}
	y := make([]float32, n*k)
	return y, vae.OneHot(y, labels, k)
}

// Drawn returns n pictures of d, drawn by the seed as those of [Options.Images] are; d itself where n is 0 or there are
// no more.
func Drawn(d data.Dataset, n int, seed uint64) data.Dataset {
	if n <= 0 || n >= d.Len() {
		return d
	}
	drawn, _ := data.Split(d, n, seed+streamSubset)
	return drawn
}

// likelihoods measures ELBO and NLL.
func (e *evaluation) likelihoods() (*Likelihoods, error) {
	m, o, d := e.model, e.opt, e.data
	d = Drawn(d, o.Images, o.Seed)
	r := &Likelihoods{Images: d.Len(), NLLSamples: o.NLLSamples, Binarization: "none"}
	if o.Binarize {
		r.Binarization = "dynamic"
	}
	var lik *Likelihood
	if o.NLLSamples > 0 {
		var err error
		if lik, err = NewLikelihood(m, o.NLLSamples, 0); err != nil {
			return nil, err
		}
	}
	p, l, k := m.InputLen(), m.Latent(), m.Conditions()
	mu, logvar := make([]float32, batch*l), make([]float32, batch*l)
	eps, z := make([]float32, batch*l), make([]float32, batch*l)
	recon, kl := make([]float32, batch), make([]float32, batch)
	var nll []float64
	b := compute.Implementation()
	err := eachBatch(d, func(x []float32, first, n int) error {
		if o.Binarize {
			b.Bernoulli(x, x, compute.NewKey(o.Seed, streamBinarize), uint32(first*p))
		}
		y, err := e.given(d, first, n)
		if err != nil {
			return err
		}
		if err := m.EncodeGiven(mu[:n*l], logvar[:n*l], x, y); err != nil {
			return err
		}
		b.Normal(eps[:n*l], compute.NewKey(o.Seed, streamELBO), uint32(first*l))
		b.Reparameterize(z[:n*l], mu[:n*l], logvar[:n*l], eps[:n*l])
		if err := m.NegLogLikelihoodGiven(recon[:n], x, z[:n*l], y); err != nil {
			return err
		}
		b.KL(kl[:n], nil, nil, mu[:n*l], logvar[:n*l], 0)
		for i := range n {
			r.Recon += float64(recon[i]) / float64(d.Len())
			r.KL += float64(kl[i]) / float64(d.Len())
			if lik == nil {
				continue
			}
			key := compute.NewKey(o.Seed, streamNLL, uint64(first+i))
			v, err := o.remembered(first+i, func() (float64, error) {
				return lik.NLLGiven(x[i*p:][:p], mu[i*l:][:l], logvar[i*l:][:l], y[i*k:][:k], key)
			})
			if err != nil {
				return err
			}
			nll = append(nll, v)
			if err := o.Progress("NLL", len(nll), d.Len()); err != nil {
				return err
			}
		}
		if lik != nil {
			return nil
		}
		return o.Progress("ELBO", first+n, d.Len())
	})
	r.ELBO = -(r.Recon + r.KL)
	if len(nll) > 0 {
		var std float64
		r.NLL, std = stat.MeanStdDev(nll, nil)
		if len(nll) > 1 {
			r.NLLStdErr = stat.StdErr(std, float64(len(nll)))
		}
	}
	return r, err
}

// remembered returns the NLL of picture i from Memory, or measures it.
func (o *Options) remembered(i int, measure func() (float64, error)) (float64, error) {
	if o.Memory == nil {
		return measure()
	}
	if v, ok := o.Memory.Known(i); ok {
		return v, nil
	}
	v, err := measure()
	if err == nil {
		err = o.Memory.Save(i, v)
	}
	return v, err
}

// latents measures q(z|x) over all pictures, the reconstructions of its means,
// and how well they separate classes.
func (e *evaluation) latents() (*Latents, *Fidelity, *Reading, error) {
	m, d := e.model, e.data
	l, k := m.Latent(), m.Classes()+m.Conditions()
	logvar, probs := make([]float32, batch*l), make([]float32, batch*k)
	y := make([]float32, batch*m.InputLen())
	r := &Latents{LabelImages: d.Len(), DimKL: make([]float64, l)}
	c := NewComparer(d.Shape())
	all, labels := make([]float32, 0, d.Len()*l), make([]int, 0, d.Len())
	right, labelled := 0, 0
	err := eachBatch(d, func(x []float32, first, n int) error {
		all = all[:(first+n)*l]
		mu, given := all[first*l:], []float32(nil)
		if m.Conditions() > 0 {
			// As in use, where the class of a drawing is unknown.
			if err := m.Recognise(probs[:n*k], x); err != nil {
				return err
			}
			given = mostLikely(probs[:n*k], k)
		}
		if err := m.EncodeGiven(mu, logvar[:n*l], x, given); err != nil {
			return err
		}
		for i, v := range mu {
			lv := logvar[i]
			r.DimKL[i%l] += 0.5 * (float64(v)*float64(v) + float64(compute.Exp(lv)) - float64(lv) - 1) / float64(d.Len())
		}
		if err := m.DecodeGiven(y[:len(x)], mu, given); err != nil {
			return err
		}
		if err := c.Add(x, y[:len(x)]); err != nil {
			return err
		}
		switch {
		case m.Reader() != nil:
			if err := m.Recognise(probs[:n*k], x); err != nil {
				return err
			}
		case m.Classes() > 0:
			if err := m.Classify(probs[:n*k], mu); err != nil {
				return err
			}
		}
		for i := range n {
			label := d.Label(first + i)
			labels = append(labels, label)
			if label < 0 || k == 0 {
				continue
			}
			labelled++
			if argmax(probs[i*k:][:k]) == label {
				right++
			}
		}
		return e.opt.Progress("latents", first+n, d.Len())
	})
	if err != nil {
		return nil, nil, nil, err
	}
	means := make([][]float64, l)
	for i, v := range all {
		means[i%l] = append(means[i%l], float64(v))
	}
	r.ActiveUnits = ActiveUnits(means)
	if labelled > 0 {
		r.Accuracy = float64(right) / float64(labelled)
	}
	f := c.Result()
	reading, err := e.reading(all, labels)
	return r, &f, reading, err
}

// mostLikely gives a 1 in each row to the greatest of k probabilities.
func mostLikely(probs []float32, k int) []float32 {
	y := make([]float32, len(probs))
	for at := 0; at < len(y); at += k {
		y[at+argmax(probs[at:][:k])] = 1
	}
	return y
}

// reading fits a linear classifier on the means of the training pictures and
// tests it on mu.
func (e *evaluation) reading(mu []float32, labels []int) (*Reading, error) {
	d := e.opt.Train
	if d == nil {
		return nil, nil
	}
	classes := 0
	for _, label := range labels {
		if label < 0 {
			return nil, nil
		}
		classes = max(classes, label+1)
	}
	l := e.model.Latent()
	train, logvar := make([]float32, 0, d.Len()*l), make([]float32, batch*l)
	trainLabels := make([]int, d.Len())
	err := eachBatch(d, func(x []float32, first, n int) error {
		train = train[:(first+n)*l]
		for i := range n {
			trainLabels[first+i] = d.Label(first + i)
			classes = max(classes, trainLabels[first+i]+1)
		}
		if err := e.model.Encode(train[first*l:], logvar[:n*l], x); err != nil {
			return err
		}
		return e.opt.Progress("linear classifier", first+n, d.Len())
	})
	if err != nil || classes < 2 {
		return nil, err
	}
	c, err := probe.FitLinear(train, trainLabels, l, classes, probe.LinearOptions{})
	if err != nil {
		return nil, err
	}
	wrong, err := c.Error(mu, labels)
	return &Reading{wrong, d.Len(), len(labels)}, err
}

// samples measures pictures drawn from the prior.
func (e *evaluation) samples(r *Report) error {
	m, o := e.model, e.opt
	j := NewSampleSet(o.Classifier)
	if err := j.Draw(m, o.Samples, o.Seed, func(done int) error { return o.Progress("samples", done, o.Samples) }); err != nil {
		return err
	}
	if k := m.Conditions(); k > 0 && k == o.Classifier.Classes() {
		wrong := 0
		for i := range j.Len() {
			if j.Class(i) != i%k {
				wrong++
			}
		}
		r.Obedience = &Obedience{float64(wrong) / float64(j.Len()), j.Len()}
	}
	reference, err := e.referenceFeatures()
	if err != nil {
		return err
	}
	f, err := e.figuresOf(j, reference)
	if err != nil {
		return err
	}
	r.Distance, r.Score, r.Coverage, r.Manifold = f.distance, f.score, f.coverage, f.manifold
	if m.Prior() == nil {
		return nil
	}
	j = NewSampleSet(o.Classifier)
	if err := j.DrawFitted(m, o.Samples, o.Seed, func(done int) error { return o.Progress("samples of the fitted prior", done, o.Samples) }); err != nil {
		return err
	}
	if f, err = e.figuresOf(j, reference); err != nil {
		return err
	}
	r.Fitted = &Fitted{Components: m.Prior().Components(), FittedScore: f.score.Mean}
	if f.distance != nil {
		r.FittedFID = f.distance.FID
	}
	if f.coverage != nil {
		r.FittedCovered, r.FittedEntropy = f.coverage.Covered, f.coverage.Entropy
	}
	if f.manifold != nil {
		r.FittedPrecision, r.FittedRecall = f.manifold.Precision, f.manifold.Recall
	}
	return nil
}

// sampleFigures are those of a set of samples; what could not be measured is nil.
type sampleFigures struct {
	distance *Distance
	score    *Score
	coverage *Coverage
	manifold *Manifold
}

// figuresOf measures samples; reference are the features of data.
func (e *evaluation) figuresOf(j *SampleSet, reference []float32) (f sampleFigures, err error) {
	o := e.opt
	if o.Reference != nil {
		d, err := j.Distance(o.Reference)
		if err != nil {
			return f, err
		}
		f.distance = &d
	}
	score, err := j.Score(min(scoreParts, j.Len()))
	if err != nil {
		return f, err
	}
	f.score = &score
	if j.Len() >= MinCoverage*o.Classifier.Classes() {
		c, err := j.Coverage()
		if err != nil {
			return f, err
		}
		f.coverage = &c
	}
	if n := o.Classifier.Features(); j.Len() > PrecisionNeighbours && len(reference)/n > PrecisionNeighbours {
		m, err := j.Manifold(reference)
		if err != nil {
			return f, err
		}
		f.manifold = &m
	}
	return f, nil
}

// referenceFeatures are those of the first pictures of the data, as many as there
// are to be samples.
func (e *evaluation) referenceFeatures() ([]float32, error) {
	j := e.opt.Classifier
	if j.InputLen() != e.data.Shape().Len() {
		return nil, nil
	}
	n := min(e.opt.Samples, e.data.Len())
	features, probs := make([]float32, n*j.Features()), make([]float32, batch*j.Classes())
	err := eachBatch(e.data, func(x []float32, first, rows int) error {
		if rows = min(rows, n-first); rows <= 0 {
			return nil
		}
		return j.Run(features[first*j.Features():][:rows*j.Features()], probs[:rows*j.Classes()], x[:rows*j.InputLen()])
	})
	return features, err
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
