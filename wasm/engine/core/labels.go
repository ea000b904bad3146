package core

import (
	"errors"
	"math/rand/v2"

	"inkdrift/vae/data"
	"inkdrift/vae/probe"
	"inkdrift/wasm/proto"
)

const (
	labelNeighbours = 8  // of a picture, in the graph
	labelSteps      = 60 // after which no more is heard of labels
	labelRows       = 20 // pictures described in one piece of work
)

// learning is what can be learnt from few labels: pictures and what describes
// them.
type learning struct {
	pool, test data.Dataset
	labels     []int   // of the pool
	byClass    [][]int // pictures of the pool, in an order of chance
	dims       int     // of mu
	mu, testMu []float32
	graphs     map[string]*graph // by features; made when they are first asked for
}

// graph is what is known of pictures described in one way.
type graph struct {
	*probe.Spreading
	index    []int32 // in the pool, of the neighbours of each test picture
	distance []float32
}

// learner is a request at work on a learning.
type learner struct {
	*reading
	engine   *Engine
	learning *learning
}

// rest is called between pieces of work.
func (l *learner) rest(done, of int) error {
	if err := l.reading.rest(done, of); err != nil {
		return err
	}
	if l.task.stopped || l.learning != nil && l.engine.learning != l.learning {
		return proto.Errorf(proto.CodeStopped, "", "it was closed, or another one opened, before it was done")
	}
	return nil
}

func (e *Engine) labelsClose(*task) (any, [][]byte, error) {
	e.learning = nil
	for _, t := range e.queue.waiting[saving] {
		t.stopped = t.stopped || t.typ == proto.TypeLabelsOpen || t.typ == proto.TypeLabelsFit
	}
	return nil, nil, nil
}

func (e *Engine) labelsOpen(t *task) (any, [][]byte, error) {
	var r proto.LabelsOpen
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	e.learning = nil
	m, err := e.readModel(t)
	if err != nil {
		return nil, nil, err
	}
	if err := checkShape("data", r.Data, m.Info().Input); err != nil {
		return nil, nil, err
	}
	l := &learner{reading: e.read(t, false), engine: e}
	o, err := l.openData(r.Data, r.Validation, t.msg.Bufs[1:])
	if err != nil {
		return nil, nil, err
	}
	if shape, width := o.train.Shape(), m.InputLen(); shape.Len() != width {
		return nil, nil, proto.Errorf(proto.CodeBadData, "data", "its pictures are %v, the model takes %v (channels, height, width)", shape, m.Info().Input)
	}
	if most := proto.MaxLabelsValues / m.InputLen(); r.Pool > most {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "pool", "%d pictures of %v, at most %d fit", r.Pool, o.train.Shape(), most)
	}
	k := &learning{dims: m.Latent(), graphs: make(map[string]*graph)}
	k.pool, _ = data.Split(o.train, r.Pool, 1)
	k.test, _ = data.Split(o.valid, r.Tests, 1)
	if err := k.readLabels(); err != nil {
		return nil, nil, err
	}
	of := k.pool.Len() + k.test.Len()
	if k.mu, err = l.describe(m, k.pool, 0, of); err != nil {
		return nil, nil, err
	}
	if k.testMu, err = l.describe(m, k.test, k.pool.Len(), of); err != nil {
		return nil, nil, err
	}
	e.learning = k
	return proto.LabelsOpenOK{
		Pool: k.pool.Len(), Tests: k.test.Len(), Classes: len(k.byClass), Latent: k.dims,
		Dataset: describe(r.Data, o.train), Validation: describe(r.Validation, o.valid),
	}, nil, nil
}

// readLabels sorts the pool by its labels.
func (k *learning) readLabels() error {
	k.labels = make([]int, k.pool.Len())
	for i := range k.labels {
		c := k.pool.Label(i)
		if c < 0 || c >= proto.MaxClassNames {
			return proto.Errorf(proto.CodeBadData, "data", "its pictures have no labels, or more than %d classes: few of them cannot be learnt from", proto.MaxClassNames)
		}
		for len(k.byClass) <= c {
			k.byClass = append(k.byClass, nil)
		}
		k.labels[i] = c
		k.byClass[c] = append(k.byClass[c], i)
	}
	if len(k.byClass) < 2 {
		return proto.Errorf(proto.CodeBadData, "data", "all of its pictures are of one class")
	}
	return nil
}

// describe gives the latent means of a set; before is how many pictures of all
// were described earlier.
func (l *learner) describe(m Model, d data.Dataset, before, of int) ([]float32, error) {
	width, dims := m.InputLen(), m.Latent()
	x, logvar := make([]float32, labelRows*width), make([]float32, labelRows*dims)
	mu := make([]float32, d.Len()*dims)
	for from := 0; from < d.Len(); from += labelRows {
		if err := l.rest(before+from, of); err != nil {
			return nil, err
		}
		to := min(from+labelRows, d.Len())
		d.Batch(x, numbers(from, to))
		if err := m.Encode(mu[from*dims:to*dims], logvar[:(to-from)*dims], x[:(to-from)*width]); err != nil {
			return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
		}
	}
	if err := proto.CheckFinite("mu", mu); err != nil {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	return mu, nil
}

// numbers gives the whole numbers from and up to, but without, another.
func numbers(from, to int) []int {
	n := make([]int, to-from)
	for i := range n {
		n[i] = from + i
	}
	return n
}

func (e *Engine) labelsFit(t *task) (any, [][]byte, error) {
	var r proto.LabelsFit
	if err := t.fields(&r); err != nil {
		return nil, nil, err
	}
	k := e.learning
	if k == nil {
		return nil, nil, proto.Errorf(proto.CodeNoTraining, "", "there is nothing to learn from: %s comes first", proto.TypeLabelsOpen)
	}
	labels, err := k.draw(r.Labels, uint64(r.Seed))
	if err != nil {
		return nil, nil, err
	}
	l := &learner{reading: e.read(t, false), engine: e, learning: k}
	g := k.graphs[r.Features]
	if g == nil {
		if g, err = l.graph(r.Features); err != nil {
			return nil, nil, learnError(err)
		}
		k.graphs[r.Features] = g
	}
	if err := g.Begin(labels, len(k.byClass)); err != nil {
		return nil, nil, learnError(err)
	}
	for i := range labelSteps {
		if err := l.rest(i, labelSteps); err != nil {
			return nil, nil, err
		}
		g.Step()
	}
	g.Balance()
	ok := proto.LabelsFitOK{Tests: k.test.Len()}
	for i := range ok.Tests {
		from, to := i*labelNeighbours, (i+1)*labelNeighbours
		if g.Vote(g.index[from:to], g.distance[from:to]) != k.test.Label(i) {
			ok.Wrong++
		}
	}
	return ok, nil, nil
}

// draw chooses pictures whose labels are told, as many of each class, or one more
// of the first ones; the others' are -1.
func (k *learning) draw(count int, seed uint64) ([]int, error) {
	labels := make([]int, len(k.labels))
	for i := range labels {
		labels[i] = -1
	}
	chance := rand.New(rand.NewPCG(seed, 0x1abe15))
	classes := len(k.byClass)
	for c, members := range k.byClass {
		n := count / classes
		if c < count%classes {
			n++
		}
		if n == 0 || n > len(members) {
			return nil, proto.Errorf(proto.CodeBadValue, "labels", "%d are %d of class %d, which has %d pictures among the %d: want 1 of each class, or more", count, n, c, len(members), len(labels))
		}
		for _, at := range chance.Perm(len(members))[:n] {
			labels[members[at]] = c
		}
	}
	return labels, nil
}

// graph finds the neighbours of all pictures.
func (l *learner) graph(features string) (*graph, error) {
	k := l.learning
	points, rows, dims := k.mu, k.testMu, k.dims
	if features == proto.FeaturesPixels {
		dims = k.pool.Shape().Len()
		points, rows = make([]float32, k.pool.Len()*dims), make([]float32, k.test.Len()*dims)
		k.pool.Batch(points, numbers(0, k.pool.Len()))
		k.test.Batch(rows, numbers(0, k.test.Len()))
	}
	n, err := probe.NewNeighbours(points, dims, labelNeighbours)
	if err != nil {
		return nil, err
	}
	done, of := 0, n.Pieces(k.pool.Len())+n.Pieces(k.test.Len())
	rest := func() error {
		done++
		return l.rest(done, of)
	}
	index, distance := make([]int32, k.pool.Len()*labelNeighbours), make([]float32, k.pool.Len()*labelNeighbours)
	if err := n.Find(index, distance, points, 0, rest); err != nil {
		return nil, err
	}
	g := &graph{index: make([]int32, k.test.Len()*labelNeighbours), distance: make([]float32, k.test.Len()*labelNeighbours)}
	if err := n.Find(g.index, g.distance, rows, -1, rest); err != nil {
		return nil, err
	}
	g.Spreading, err = probe.NewSpreading(index, distance, labelNeighbours)
	return g, err
}

// learnError makes an error of the protocol of one about labels or pictures.
func learnError(err error) error {
	var f *probe.FeatureError
	if errors.As(err, &f) {
		return proto.Errorf(proto.CodeBadData, f.Field, "%v", err)
	}
	return err
}
