// Package fewlabels serves the requests that learn classes from few labels.
package fewlabels

import (
	"errors"
	"math/rand/v2"

	"inkdrift/vae/data"
	"inkdrift/vae/probe"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/proto"
)

const (
	neighbours = 8  // of a picture, in the graph
	steps      = 60 // of spreading labels
	encodeRows = 20 // pictures encoded in one piece of work
)

// service serves the requests.
type service struct {
	engine *engine.Engine
	load   model.Loader
	pool   *pool // nil: none is open
}

// Register adds the requests that learn from few labels to an engine; load reads
// model files.
func Register(e *engine.Engine, load model.Loader) { register(e, load) }

func register(e *engine.Engine, load model.Loader) *service {
	s := &service{engine: e, load: load}
	e.Register(
		engine.Handle(proto.TypeLabelsOpen, engine.Background, s.open),
		engine.Handle(proto.TypeLabelsFit, engine.Background, s.fit),
		engine.Handle(proto.TypeLabelsClose, engine.Control, s.close),
	)
	return s
}

// pool is what can be learnt from: pictures and their features.
type pool struct {
	train, test data.Dataset
	labels      []int   // of the pictures to learn from
	byClass     [][]int // pictures to learn from
	dims        int     // of mu
	mu, testMu  []float32
	graphs      map[string]*graph // by features; made when they are first asked for
}

// graph is what is known of pictures with one kind of features.
type graph struct {
	*probe.Spreading
	index    []int32 // in the pool, of the neighbours of each test picture
	distance []float32
}

// reader reads for a task, as long as that was not stopped and current is true.
func (s *service) reader(t *engine.Task, current func() bool) *dataset.Reader {
	return dataset.NewReader(s.engine, t, func() error {
		if t.Stopped || !current() {
			return proto.Errorf(proto.CodeStopped, "", "it was closed, or another one opened, before it was done")
		}
		return nil
	})
}

func (s *service) close(*engine.Task, *proto.LabelsClose) (*engine.None, [][]byte, error) {
	s.pool = nil
	for _, t := range s.engine.Queued(proto.TypeLabelsOpen, proto.TypeLabelsFit) {
		t.Stopped = true
	}
	return nil, nil, nil
}

func (s *service) open(t *engine.Task, q *proto.LabelsOpen) (*proto.LabelsOpenOK, [][]byte, error) {
	s.pool = nil
	m, err := s.load.Load(t.Msg.Buf(0))
	if err != nil {
		return nil, nil, err
	}
	if err := dataset.CheckShape("data", q.Data, m.Info().Input); err != nil {
		return nil, nil, err
	}
	r := s.reader(t, func() bool { return true })
	sets, err := r.Open(q.Data, q.Validation, t.Msg.Bufs[1:])
	if err != nil {
		return nil, nil, err
	}
	if shape, width := sets.Train.Shape(), m.InputLen(); shape.Len() != width {
		return nil, nil, proto.Errorf(proto.CodeBadData, "data", "its pictures are %v, the model takes %v (channels, height, width)", shape, m.Info().Input)
	}
	if most := proto.MaxLabelsValues / m.InputLen(); q.Pool > most {
		return nil, nil, proto.Errorf(proto.CodeTooLarge, "pool", "%d pictures of %v, at most %d fit", q.Pool, sets.Train.Shape(), most)
	}
	k := &pool{dims: m.Latent(), graphs: make(map[string]*graph)}
	k.train, _ = data.Split(sets.Train, q.Pool, 1)
	k.test, _ = data.Split(sets.Valid, q.Tests, 1)
	if err := k.readLabels(); err != nil {
		return nil, nil, err
	}
	of := k.train.Len() + k.test.Len()
	if k.mu, err = encode(r, m, k.train, 0, of); err != nil {
		return nil, nil, err
	}
	if k.testMu, err = encode(r, m, k.test, k.train.Len(), of); err != nil {
		return nil, nil, err
	}
	s.pool = k
	return &proto.LabelsOpenOK{
		Pool: k.train.Len(), Tests: k.test.Len(), Classes: len(k.byClass), Latent: k.dims,
		Dataset: dataset.Describe(q.Data, sets.Train), Validation: dataset.Describe(q.Validation, sets.Valid),
	}, nil, nil
}

// readLabels sorts the pool by its labels.
func (k *pool) readLabels() error {
	k.labels = make([]int, k.train.Len())
	for i := range k.labels {
		c := k.train.Label(i)
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

// encode returns the latent means of a set; before is how many of all pictures were
// encoded earlier.
func encode(r *dataset.Reader, m model.Model, d data.Dataset, before, of int) ([]float32, error) {
	width, dims := m.InputLen(), m.Latent()
	x, logvar := make([]float32, encodeRows*width), make([]float32, encodeRows*dims)
	mu := make([]float32, d.Len()*dims)
	for from := 0; from < d.Len(); from += encodeRows {
		if err := r.Yield(before+from, of); err != nil {
			return nil, err
		}
		to := min(from+encodeRows, d.Len())
		d.Batch(x, indices(from, to))
		if err := m.Encode(mu[from*dims:to*dims], logvar[:(to-from)*dims], x[:(to-from)*width]); err != nil {
			return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
		}
	}
	if err := proto.CheckFinite("mu", mu); err != nil {
		return nil, proto.Errorf(proto.CodeBadModel, "file", "%v", err)
	}
	return mu, nil
}

// indices returns the whole numbers from and up to, but without, another.
func indices(from, to int) []int {
	n := make([]int, to-from)
	for i := range n {
		n[i] = from + i
	}
	return n
}

func (s *service) fit(t *engine.Task, q *proto.LabelsFit) (*proto.LabelsFitOK, [][]byte, error) {
	k := s.pool
	if k == nil {
		return nil, nil, proto.Errorf(proto.CodeNoTraining, "", "there is nothing to learn from: %s comes first", proto.TypeLabelsOpen)
	}
	labels, err := k.draw(q.Labels, uint64(q.Seed))
	if err != nil {
		return nil, nil, err
	}
	r := s.reader(t, func() bool { return s.pool == k })
	g := k.graphs[q.Features]
	if g == nil {
		if g, err = k.newGraph(r, q.Features); err != nil {
			return nil, nil, learnError(err)
		}
		k.graphs[q.Features] = g
	}
	if err := g.Begin(labels, len(k.byClass)); err != nil {
		return nil, nil, learnError(err)
	}
	for i := range steps {
		if err := r.Yield(i, steps); err != nil {
			return nil, nil, err
		}
		g.Step()
	}
	g.Balance()
	ok := &proto.LabelsFitOK{Tests: k.test.Len()}
	for i := range ok.Tests {
		from, to := i*neighbours, (i+1)*neighbours
		if g.Vote(g.index[from:to], g.distance[from:to]) != k.test.Label(i) {
			ok.Wrong++
		}
	}
	return ok, nil, nil
}

// draw chooses pictures whose labels are told, as many of each class, or one more
// of the first ones; the others' are -1.
func (k *pool) draw(count int, seed uint64) ([]int, error) {
	labels := make([]int, len(k.labels))
	for i := range labels {
		labels[i] = -1
	}
	random := rand.New(rand.NewPCG(seed, 0x1abe15))
	classes := len(k.byClass)
	for c, members := range k.byClass {
		n := count / classes
		if c < count%classes {
			n++
		}
		if n == 0 || n > len(members) {
			return nil, proto.Errorf(proto.CodeBadValue, "labels", "%d are %d of class %d, which has %d pictures among the %d: want 1 of each class, or more", count, n, c, len(members), len(labels))
		}
		for _, at := range random.Perm(len(members))[:n] {
			labels[members[at]] = c
		}
	}
	return labels, nil
}

// newGraph finds the neighbours of all pictures.
func (k *pool) newGraph(r *dataset.Reader, features string) (*graph, error) {
	points, rows, dims := k.mu, k.testMu, k.dims
	if features == proto.FeaturesPixels {
		dims = k.train.Shape().Len()
		points, rows = make([]float32, k.train.Len()*dims), make([]float32, k.test.Len()*dims)
		k.train.Batch(points, indices(0, k.train.Len()))
		k.test.Batch(rows, indices(0, k.test.Len()))
	}
	n, err := probe.NewNeighbours(points, dims, neighbours)
	if err != nil {
		return nil, err
	}
	done, of := 0, n.Pieces(k.train.Len())+n.Pieces(k.test.Len())
	yield := func() error {
		done++
		return r.Yield(done, of)
	}
	index, distance := make([]int32, k.train.Len()*neighbours), make([]float32, k.train.Len()*neighbours)
	if err := n.Find(index, distance, points, 0, yield); err != nil {
		return nil, err
	}
	g := &graph{index: make([]int32, k.test.Len()*neighbours), distance: make([]float32, k.test.Len()*neighbours)}
	if err := n.Find(g.index, g.distance, rows, -1, yield); err != nil {
		return nil, err
	}
	g.Spreading, err = probe.NewSpreading(index, distance, neighbours)
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
