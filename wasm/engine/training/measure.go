package training

import (
	"bytes"
	"errors"
	"math"

	"inkdrift/vae/classify"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/probe"
	"inkdrift/vae/train"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/proto"
)

// classifier is one that came in a file.
type classifier struct {
	file []byte
	*classify.Network
}

// measuring is a measure that is going on. Training waits for it, so the model
// stays as it is.
type measuring struct {
	service *service
	task    *engine.Task
	run     *run
	request *proto.Measure
	pace    *engine.Pace

	what     string // the field of the answer that is worked on
	done, of int
}

// reference is what a classifier makes of validation pictures.
type reference struct {
	classifier *classifier
	images     int
	moments    *metric.Moments
	counts     []int
	sure       float64
}

// streamImportance keeps the noise of importance samples apart from others of the
// same seed.
const streamImportance = 0x1d21f8

// scoreParts is the number of parts of an Inception-style score (Salimans et al.
// 2016).
const scoreParts = 10

func (s *service) stopMeasures(*engine.Task, *proto.MeasureStop) (*engine.None, [][]byte, error) {
	for _, t := range s.engine.Queued(proto.TypeMeasure) {
		t.Stopped = true
	}
	return nil, nil, nil
}

func (s *service) measure(t *engine.Task, r *run, q *proto.Measure) (*proto.MeasureOK, [][]byte, error) {
	m := &measuring{service: s, task: t, run: r, request: q}
	m.pace = s.engine.Pace(t, func() proto.Body { return proto.MeasuringEvent{What: m.what, Done: m.done, Of: m.of} })
	if err := m.wanted(); err != nil {
		return nil, nil, err
	}
	ok := &proto.MeasureOK{Step: r.trainer.StepsTaken()}
	var c *classifier
	var err error
	if q.Samples > 0 {
		if c, err = s.classifierFor(r, t.Msg.Buf(0)); err != nil {
			return nil, nil, err
		}
	}
	if ok.Bound, err = m.bound(); err != nil {
		return nil, nil, err
	}
	if ok.Prior, err = m.prior(); err != nil {
		return nil, nil, err
	}
	if ok.Samples, err = m.samples(c, false); err != nil {
		return nil, nil, err
	}
	if r.prior() != nil {
		if ok.Fitted, err = m.samples(c, true); err != nil {
			return nil, nil, err
		}
	}
	if ok.Read, err = m.read(); err != nil {
		return nil, nil, err
	}
	if ok.NLL, err = m.nll(); err != nil {
		return nil, nil, err
	}
	return ok, nil, nil
}

// classifierFor reads a classifier's file, if it is not the one that was read last,
// and makes sure that it takes pictures of the run's shape.
func (s *service) classifierFor(r *run, file []byte) (*classifier, error) {
	if s.classifier == nil || !bytes.Equal(s.classifier.file, file) {
		n, _, err := classify.Read(file)
		if err != nil {
			return nil, proto.Errorf(proto.CodeBadModel, "classifier", "%v", err)
		}
		s.classifier = &classifier{file, n}
	}
	if have, want := r.validation.Shape, s.classifier.Config().Input; have != want {
		return nil, proto.Errorf(proto.CodeBadValue, "samples", "the classifier takes pictures of %v, those of this run are %v (channels, height, width)", want, have)
	}
	return s.classifier, nil
}

// begin sets what is worked on next, and how much of it there is.
func (m *measuring) begin(what string, of int) { m.what, m.done, m.of = what, 0, of }

// yield is called between pieces of work. It returns an error if there is no use in
// going on.
func (m *measuring) yield() error {
	m.pace.Yield()
	return m.wanted()
}

// wanted returns an error if there is no use in going on.
func (m *measuring) wanted() error {
	switch {
	case m.task.Stopped:
		return proto.Errorf(proto.CodeStopped, "", "it was stopped before all was measured")
	case m.service.run != m.run:
		return proto.Errorf(proto.CodeNoTraining, "", "the run was closed, or another one opened, before it was measured")
	}
	return nil
}

// yieldAt is yield after so much of the work.
func (m *measuring) yieldAt(done int) error {
	m.done = done
	return m.yield()
}

// pieces calls f for n pictures, batchRows at a time from first; before is how much
// of the work was done before.
func (m *measuring) pieces(before, n int, f func(first, rows int) error) error {
	for first := 0; first < n; first += batchRows {
		rows := min(batchRows, n-first)
		if err := f(first, rows); err != nil {
			return err
		}
		if err := m.yieldAt(before + first + rows); err != nil {
			return err
		}
	}
	return nil
}

// bound measures the terms of the objective and reconstructions.
func (m *measuring) bound() (*proto.MeasuredBound, error) {
	r, n := m.run, min(m.request.Bound, m.run.validSet.Len())
	if n == 0 {
		return nil, nil
	}
	model, o := r.trainer.Result(), r.trainer.Options()
	m.begin("bound", n)
	evaluation, err := train.NewEvaluation(model, r.validSet, o.Binarize, o.Seed, n)
	if err != nil {
		return nil, recipeError(err)
	}
	none := proto.Number(math.NaN())
	ok := &proto.MeasuredBound{MSE: none, PSNR: none, SSIM: none}
	if ok.TrainEvaluateOK, err = runEvaluation(evaluation, r.trainer.StepsTaken(), m.yieldAt); err != nil || !model.HasEncoder() {
		return ok, err
	}
	comparer := metric.NewComparer(r.validSet.Shape())
	width, dim := model.InputLen(), model.Latent()
	x, y := make([]float32, batchRows*width), make([]float32, batchRows*width)
	mu, logvar, classes := make([]float32, batchRows*dim), make([]float32, batchRows*dim), make([]float32, batchRows*model.Conditions())
	err = m.pieces(0, n, func(first, rows int) error {
		x, y, mu, classes := x[:rows*width], y[:rows*width], mu[:rows*dim], classes[:rows*model.Conditions()]
		r.pictures(x, first)
		if err := r.oneHot(classes, first, r.class); err != nil {
			return err
		}
		if err := model.EncodeGiven(mu, logvar[:rows*dim], x, classes); err != nil {
			return err
		}
		if err := model.DecodeGiven(y, mu, classes); err != nil {
			return err
		}
		return comparer.Add(x, y)
	})
	f := comparer.Result()
	ok.MSE, ok.PSNR = proto.Number(f.MSE), proto.Number(f.PSNR)
	if f.SSIM != 0 {
		ok.SSIM = proto.Number(f.SSIM)
	}
	return ok, err
}

// nll estimates the likelihood.
func (m *measuring) nll() (*proto.MeasuredNLL, error) {
	r, q := m.run, m.request
	model := r.trainer.Result()
	n := min(q.NLL, r.validSet.Len())
	if n == 0 || !model.HasEncoder() || !model.Config().HasLikelihood() {
		return nil, nil
	}
	m.begin("nll", n)
	l, err := metric.NewLikelihood(model, q.Importance, batchRows)
	if err != nil {
		return nil, err
	}
	l.Yield = m.yield
	o := r.trainer.Options()
	x, classes := make([]float32, model.InputLen()), make([]float32, model.Conditions())
	mu, logvar := make([]float32, model.Latent()), make([]float32, model.Latent())
	var sum, squares float64
	for i := range n {
		m.done = i
		r.pictures(x, i)
		if o.Binarize != train.None {
			compute.Implementation().Bernoulli(x, x, compute.NewKey(uint64(q.Seed), streamImportance), uint32(i*len(x)))
		}
		if err := r.oneHot(classes, i, r.class); err != nil {
			return nil, err
		}
		if err := model.EncodeGiven(mu, logvar, x, classes); err != nil {
			return nil, err
		}
		v, err := l.NLLGiven(x, mu, logvar, classes, compute.NewKey(uint64(q.Seed), streamImportance, 1, uint64(i)))
		if err != nil {
			return nil, err
		}
		sum += v
		squares += v * v
	}
	mean := sum / float64(n)
	variance := max(squares-float64(n)*mean*mean, 0) / float64(n-1) // 0/0 of one picture is no number
	return &proto.MeasuredNLL{Images: n, Importance: q.Importance, NLL: proto.Number(mean), StdErr: proto.Number(math.Sqrt(variance / float64(n)))}, nil
}

// read measures how well classes can be read from latent means.
func (m *measuring) read() (*proto.MeasuredRead, error) {
	r := m.run
	model, set := r.trainer.Result(), r.trainer.Data()
	n := min(m.request.Read, set.Len())
	if n == 0 || !model.HasEncoder() {
		return nil, nil
	}
	test := min(n, r.validSet.Len())
	m.begin("read", n+test)
	mu, labels, err := m.means(set, n, 0)
	if err != nil {
		return nil, err
	}
	others, answers, err := m.means(r.validSet, test, n)
	if err != nil {
		return nil, err
	}
	classes := 0
	for _, label := range append(labels[:n:n], answers...) {
		if label < 0 {
			return nil, nil
		}
		classes = max(classes, label+1)
	}
	if classes < 2 {
		return nil, nil
	}
	c, err := probe.FitLinear(mu, labels, model.Latent(), classes, probe.LinearOptions{Yield: m.yield})
	if err != nil {
		return nil, notFinite(err)
	}
	wrong, err := c.Error(others, answers)
	return &proto.MeasuredRead{Train: n, Test: test, Error: proto.Number(wrong)}, err
}

// means gives the latent means of the first n pictures of a set, and their labels;
// before is how much of the work was done before. A conditional model takes
// pictures for what it recognises in them.
func (m *measuring) means(set data.Dataset, n, before int) (mu []float32, labels []int, err error) {
	model := m.run.trainer.Result()
	width, dim := model.InputLen(), model.Latent()
	mu, labels = make([]float32, n*dim), make([]int, n)
	x, logvar, index := make([]float32, batchRows*width), make([]float32, batchRows*dim), make([]int, batchRows)
	err = m.pieces(before, n, func(first, rows int) error {
		for i := range rows {
			index[i] = first + i
			labels[first+i] = set.Label(first + i)
		}
		set.Batch(x[:rows*width], index[:rows])
		return model.Encode(mu[first*dim:(first+rows)*dim], logvar[:rows*dim], x[:rows*width])
	})
	return mu, labels, err
}

// samples classifies samples, of N(0, I) or the fitted prior, and compares them with
// validation pictures.
func (m *measuring) samples(c *classifier, fitted bool) (*proto.MeasuredJudgment, error) {
	r, q := m.run, m.request
	if q.Samples == 0 {
		return nil, nil
	}
	n := min(q.Reference, r.validSet.Len())
	m.begin(map[bool]string{false: "judged", true: "fitted"}[fitted], q.Samples)
	ref := r.reference
	if ref == nil || ref.classifier != c || ref.images != n {
		m.of += n
		var err error
		if ref, err = m.newReference(c, n); err != nil {
			return nil, notFinite(err)
		}
		r.reference = ref
	}
	before := m.of - q.Samples
	samples := metric.NewSampleSet(c)
	samples.Yield = m.yield
	model, draw := r.trainer.Result(), samples.Draw
	if fitted {
		if err := model.SetPrior(r.prior()); err != nil {
			return nil, err
		}
		draw = samples.DrawFitted
	}
	if err := draw(model, q.Samples, uint64(q.Seed), func(done int) error { return m.yieldAt(before + done) }); err != nil {
		return nil, notFinite(err)
	}
	ok := &proto.MeasuredJudgment{Samples: q.Samples, Reference: n, Counts: countClasses(samples, c.Classes()), RefCounts: ref.counts,
		Sure: proto.Number(samples.Confidence()), RefSure: proto.Number(ref.sure)}
	distance, err := samples.Distance(ref.moments)
	if err != nil {
		return nil, notFinite(err)
	}
	score, err := samples.Score(min(scoreParts, q.Samples))
	if err != nil {
		return nil, notFinite(err)
	}
	ok.FID, ok.Score, ok.ScoreStd = proto.Number(distance.FID), proto.Number(score.Mean), proto.Number(score.Std)
	if ok.CoverageKnown = q.Samples >= metric.MinCoverage*c.Classes(); !ok.CoverageKnown {
		return ok, nil
	}
	coverage, err := samples.Coverage()
	ok.Covered, ok.Largest, ok.Collapsed = coverage.Covered, proto.Number(coverage.Largest), coverage.Collapsed
	return ok, err
}

// newReference classifies validation pictures.
func (m *measuring) newReference(c *classifier, n int) (*reference, error) {
	seen := metric.NewSampleSet(c)
	seen.Yield = m.yield
	x := make([]float32, batchRows*c.InputLen())
	err := m.pieces(0, n, func(first, rows int) error {
		m.run.pictures(x[:rows*c.InputLen()], first)
		return seen.Add(x[:rows*c.InputLen()])
	})
	if err != nil {
		return nil, err
	}
	moments, err := seen.Moments()
	return &reference{c, n, moments, countClasses(seen, c.Classes()), seen.Confidence()}, err
}

func countClasses(s *metric.SampleSet, classes int) []int {
	counts := make([]int, classes)
	for i := range s.Len() {
		counts[s.Class(i)]++
	}
	return counts
}

// notFinite makes an error of the protocol of one about the numbers that a measure
// was given: those of a model that diverged.
func notFinite(err error) error {
	var measured *metric.FeatureError
	var read *probe.FeatureError
	if errors.As(err, &measured) || errors.As(err, &read) {
		return proto.Errorf(proto.CodeNotFinite, "", "%v", err)
	}
	return err
}
