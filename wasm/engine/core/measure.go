package core

import (
	"bytes"
	"errors"
	"math"
	"time"

	"inkdrift/vae/classify"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/metric"
	"inkdrift/vae/probe"
	"inkdrift/vae/train"
	"inkdrift/wasm/proto"
)

// judge is a classifier that came in a file.
type judge struct {
	file []byte
	*classify.Network
}

// measuring is a measure that is going on. Training waits for it, so the model
// stays as it is.
type measuring struct {
	engine  *Engine
	task    *task
	run     *training
	request proto.Measure

	what     string // the field of the answer that is worked on
	done, of int
	began    time.Duration // of the piece of work
	told     time.Duration
}

// reference is what a judge makes of validation pictures.
type reference struct {
	judge   *judge
	images  int
	moments *metric.Moments
	counts  []int
	sure    float64
}

// streamImportance keeps the noise of importance samples apart from others of the
// same seed.
const streamImportance = 0x1d21f8

// scoreParts is the number of parts of an Inception-style score (Salimans et al.
// 2016).
const scoreParts = 10

func (e *Engine) measureStop(*task) (any, [][]byte, error) {
	for _, t := range e.queue.waiting[saving] {
		t.stopped = t.stopped || t.typ == proto.TypeMeasure
	}
	return nil, nil, nil
}

func (e *Engine) measure(t *task) (any, [][]byte, error) {
	var r proto.Measure
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	run, err := e.run()
	if err != nil {
		return nil, nil, err
	}
	m := &measuring{engine: e, task: t, run: run, request: r, began: e.opt.Now(), told: e.opt.Now()}
	if err := m.wanted(); err != nil {
		return nil, nil, err
	}
	ok := proto.MeasureOK{Step: run.trainer.StepsTaken()}
	var j *judge
	if r.Samples > 0 {
		if j, err = e.judgeOf(t.msg.Buf(0), run); err != nil {
			return nil, nil, err
		}
	}
	if ok.Bound, err = m.bound(); err != nil {
		return nil, nil, err
	}
	if ok.Judged, err = m.judged(j); err != nil {
		return nil, nil, err
	}
	if ok.Read, err = m.read(); err != nil {
		return nil, nil, err
	}
	if ok.NLL, err = m.nll(); err != nil {
		return nil, nil, err
	}
	return ok, nil, nil
}

// judgeOf reads a classifier's file, if it is not the one that was read last, and
// makes sure that it can look at pictures of a run.
func (e *Engine) judgeOf(file []byte, run *training) (*judge, error) {
	if e.judge == nil || !bytes.Equal(e.judge.file, file) {
		n, _, err := classify.Read(file)
		if err != nil {
			return nil, proto.Errorf(proto.CodeBadModel, "classifier", "%v", err)
		}
		e.judge = &judge{file, n}
	}
	if have, want := run.validation.Shape, e.judge.Config().Input; have != want {
		return nil, proto.Errorf(proto.CodeBadValue, "samples", "the classifier looks at pictures of %v, those of this run are %v (channels, height, width)", want, have)
	}
	return e.judge, nil
}

// begin says what is worked on next, and how much of it there is.
func (m *measuring) begin(what string, of int) { m.what, m.done, m.of = what, 0, of }

// rest is called between pieces of work.
func (m *measuring) rest() error {
	e := m.engine
	now := e.opt.Now()
	if now-m.began < pieceTime {
		return nil
	}
	if now-m.told >= tellTime {
		m.told = now
		if event, err := proto.Event(proto.MeasuringEvent{What: m.what, Done: m.done, Of: m.of}); err == nil {
			e.send(m.task.client, event)
		}
	}
	m.task.pause()
	m.began = e.opt.Now()
	return m.wanted()
}

// wanted gives an error if there is no use in going on.
func (m *measuring) wanted() error {
	switch {
	case m.task.stopped:
		return proto.Errorf(proto.CodeStopped, "", "it was stopped before all was measured")
	case m.engine.training != m.run:
		return proto.Errorf(proto.CodeNoTraining, "", "the run was closed, or another one opened, before it was measured")
	}
	return nil
}

// reach is rest after so much of the work.
func (m *measuring) reach(done int) error {
	m.done = done
	return m.rest()
}

// pieces calls f for n pictures, lookRows at a time from first; before is how much
// of the work was done before.
func (m *measuring) pieces(before, n int, f func(first, rows int) error) error {
	for first := 0; first < n; first += lookRows {
		rows := min(lookRows, n-first)
		if err := f(first, rows); err != nil {
			return err
		}
		if err := m.reach(before + first + rows); err != nil {
			return err
		}
	}
	return nil
}

// bound measures the terms of the objective and reconstructions.
func (m *measuring) bound() (*proto.MeasuredBound, error) {
	run, n := m.run, min(m.request.Bound, m.run.validSet.Len())
	if n == 0 {
		return nil, nil
	}
	model, o := run.trainer.Model(), run.trainer.Options()
	m.begin("bound", n)
	evaluation, err := train.NewEvaluation(model, run.validSet, o.Binarize, o.Seed, n)
	if err != nil {
		return nil, recipeError(err)
	}
	none := proto.Number(math.NaN())
	ok := &proto.MeasuredBound{MSE: none, PSNR: none, SSIM: none}
	if ok.TrainEvaluateOK, err = evaluated(evaluation, run.trainer.StepsTaken(), m.reach); err != nil || !model.HasEncoder() {
		return ok, err
	}
	comparer := metric.NewComparer(run.validSet.Shape())
	width, dim := model.InputLen(), model.Latent()
	x, y := make([]float32, lookRows*width), make([]float32, lookRows*width)
	mu, logvar, classes := make([]float32, lookRows*dim), make([]float32, lookRows*dim), make([]float32, lookRows*model.Conditions())
	err = m.pieces(0, n, func(first, rows int) error {
		x, y, mu, classes := x[:rows*width], y[:rows*width], mu[:rows*dim], classes[:rows*model.Conditions()]
		run.pictures(x, first)
		if err := run.oneHot(classes, first, run.class); err != nil {
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
	run, r := m.run, m.request
	model := run.trainer.Model()
	n := min(r.NLL, run.validSet.Len())
	if n == 0 || !model.HasEncoder() || !model.Config().HasLikelihood() {
		return nil, nil
	}
	m.begin("nll", n)
	l, err := metric.NewLikelihood(model, r.Importance, lookRows)
	if err != nil {
		return nil, err
	}
	l.Yield = m.rest
	o := run.trainer.Options()
	x, classes := make([]float32, model.InputLen()), make([]float32, model.Conditions())
	mu, logvar := make([]float32, model.Latent()), make([]float32, model.Latent())
	var sum, squares float64
	for i := range n {
		m.done = i
		run.pictures(x, i)
		if o.Binarize != train.None {
			compute.Implementation().Bernoulli(x, x, compute.NewKey(uint64(r.Seed), streamImportance), uint32(i*len(x)))
		}
		if err := run.oneHot(classes, i, run.class); err != nil {
			return nil, err
		}
		if err := model.EncodeGiven(mu, logvar, x, classes); err != nil {
			return nil, err
		}
		v, err := l.NLLGiven(x, mu, logvar, classes, compute.NewKey(uint64(r.Seed), streamImportance, 1, uint64(i)))
		if err != nil {
			return nil, err
		}
		sum += v
		squares += v * v
	}
	mean := sum / float64(n)
	variance := max(squares-float64(n)*mean*mean, 0) / float64(n-1) // 0/0 of one picture is no number
	return &proto.MeasuredNLL{Images: n, Importance: r.Importance, NLL: proto.Number(mean), StdErr: proto.Number(math.Sqrt(variance / float64(n)))}, nil
}

// read measures how well classes can be read from latent means.
func (m *measuring) read() (*proto.MeasuredRead, error) {
	run := m.run
	model, set := run.trainer.Model(), run.trainer.Data()
	n := min(m.request.Read, set.Len())
	if n == 0 || !model.HasEncoder() {
		return nil, nil
	}
	test := min(n, run.validSet.Len())
	m.begin("read", n+test)
	mu, labels, err := m.means(set, n, 0)
	if err != nil {
		return nil, err
	}
	others, answers, err := m.means(run.validSet, test, n)
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
	c, err := probe.FitLinear(mu, labels, model.Latent(), classes, probe.LinearOptions{Yield: m.rest})
	if err != nil {
		return nil, notNumbers(err)
	}
	wrong, err := c.Error(others, answers)
	return &proto.MeasuredRead{Train: n, Test: test, Error: proto.Number(wrong)}, err
}

// means gives the latent means of the first n pictures of a set, and their labels;
// before is how much of the work was done before. A conditional model takes
// pictures for what it recognises in them.
func (m *measuring) means(set data.Dataset, n, before int) (mu []float32, labels []int, err error) {
	model := m.run.trainer.Model()
	width, dim := model.InputLen(), model.Latent()
	mu, labels = make([]float32, n*dim), make([]int, n)
	x, logvar, index := make([]float32, lookRows*width), make([]float32, lookRows*dim), make([]int, lookRows)
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

// judged shows samples to the classifier.
func (m *measuring) judged(j *judge) (*proto.MeasuredJudgment, error) {
	run, r := m.run, m.request
	if r.Samples == 0 {
		return nil, nil
	}
	n := min(r.Reference, run.validSet.Len())
	m.begin("judged", r.Samples)
	ref := run.reference
	if ref == nil || ref.judge != j || ref.images != n {
		m.of += n
		var err error
		if ref, err = m.refer(j, n); err != nil {
			return nil, notNumbers(err)
		}
		run.reference = ref
	}
	before := m.of - r.Samples
	samples := metric.NewSampleSet(j)
	samples.Yield = m.rest
	if err := samples.Draw(run.trainer.Model(), r.Samples, uint64(r.Seed), func(done int) error { return m.reach(before + done) }); err != nil {
		return nil, notNumbers(err)
	}
	ok := &proto.MeasuredJudgment{Samples: r.Samples, Reference: n, Counts: countClasses(samples, j.Classes()), RefCounts: ref.counts,
		Sure: proto.Number(samples.Confidence()), RefSure: proto.Number(ref.sure)}
	distance, err := samples.Distance(ref.moments)
	if err != nil {
		return nil, notNumbers(err)
	}
	score, err := samples.Score(min(scoreParts, r.Samples))
	if err != nil {
		return nil, notNumbers(err)
	}
	ok.FID, ok.Score, ok.ScoreStd = proto.Number(distance.FID), proto.Number(score.Mean), proto.Number(score.Std)
	if ok.Judged = r.Samples >= metric.MinCoverage*j.Classes(); !ok.Judged {
		return ok, nil
	}
	c, err := samples.Coverage()
	ok.Covered, ok.Largest, ok.Collapsed = c.Covered, proto.Number(c.Largest), c.Collapsed
	return ok, err
}

// refer shows validation pictures to the classifier.
func (m *measuring) refer(j *judge, n int) (*reference, error) {
	seen := metric.NewSampleSet(j)
	seen.Yield = m.rest
	x := make([]float32, lookRows*j.InputLen())
	err := m.pieces(0, n, func(first, rows int) error {
		m.run.pictures(x[:rows*j.InputLen()], first)
		return seen.Add(x[:rows*j.InputLen()])
	})
	if err != nil {
		return nil, err
	}
	moments, err := seen.Moments()
	return &reference{j, n, moments, countClasses(seen, j.Classes()), seen.Confidence()}, err
}

func countClasses(s *metric.SampleSet, classes int) []int {
	counts := make([]int, classes)
	for i := range s.Len() {
		counts[s.Class(i)]++
	}
	return counts
}

// notNumbers makes an error of the protocol of one about numbers that measures
// were given: those that a model which is no good came to.
func notNumbers(err error) error {
	var measured *metric.FeatureError
	var read *probe.FeatureError
	if errors.As(err, &measured) || errors.As(err, &read) {
		return proto.Errorf(proto.CodeNotFinite, "", "%v", err)
	}
	return err
}
