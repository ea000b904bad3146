// Package tasks is what make bench measures of the model itself: products of
// matrices, training steps, encoding and decoding. Whatever is behind blas32 and
// compute does the work.
package tasks

import (
	"fmt"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// Spec says what to measure.
type Spec struct {
	Kind string `json:"kind"` // gemm, train, decode, encode

	// A product of matrices, op(A) of M by K and op(B) of K by N.
	TransA bool `json:"transA"`
	TransB bool `json:"transB"`
	M      int  `json:"m"`
	N      int  `json:"n"`
	K      int  `json:"k"`

	// A model: its recipe, and the size of batches.
	Recipe train.Recipe `json:"recipe"`
	Batch  int          `json:"batch"`

	// Steps that a training takes before it is measured.
	WarmUp int `json:"warmUp"`
}

// Sample is one measurement.
type Sample struct {
	// Value is in GFLOP/s (gemm), images a second (train) or milliseconds a
	// call (decode, encode).
	Value float64 `json:"value"`
	Steps int     `json:"steps"` // of training, since its beginning
	Loss  float64 `json:"loss"`  // of the last step, nats an image
}

// Task is something that can be measured again and again.
type Task interface {
	// Measure goes on for at least d.
	Measure(d time.Duration) (Sample, error)
}

// New makes ready what s asks for. Training takes its pictures from set and its
// first steps at once; first is the loss of the very first.
func New(s Spec, set data.Dataset) (t Task, first float64, err error) {
	switch s.Kind {
	case "gemm":
		t, err = newProduct(s)
	case "train":
		return newTraining(s, set)
	case "decode", "encode":
		t, err = newCoding(s)
	default:
		err = fmt.Errorf("bench: there is no task %q", s.Kind)
	}
	return t, 0, err
}

// tierUp is how long something runs before it is measured: browsers compile
// anew what turns out to be hot.
const tierUp = 60 * time.Millisecond

// product is a product of matrices without a zero.
type product struct {
	tA, tB  blas.Transpose
	a, b, c blas32.General
}

func newProduct(s Spec) (*product, error) {
	if s.M < 1 || s.N < 1 || s.K < 1 {
		return nil, fmt.Errorf("bench: a product of %d x %d x %d", s.M, s.N, s.K)
	}
	stream := uint64(0)
	matrix := func(rows, cols int, transposed bool) (blas32.General, blas.Transpose) {
		t := blas.NoTrans
		if transposed {
			rows, cols, t = cols, rows, blas.Trans
		}
		m := blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: make([]float32, rows*cols)}
		stream++
		compute.Implementation().Uniform(m.Data, compute.NewKey(1, stream), 0)
		for i, v := range m.Data {
			m.Data[i] = v - 0.5
			if m.Data[i] == 0 {
				m.Data[i] = 0.5
			}
		}
		return m, t
	}
	p := new(product)
	p.a, p.tA = matrix(s.M, s.K, s.TransA)
	p.b, p.tB = matrix(s.K, s.N, s.TransB)
	p.c, _ = matrix(s.M, s.N, false)
	_, err := p.Measure(tierUp)
	return p, err
}

func (p *product) Measure(d time.Duration) (Sample, error) {
	t, _ := repeat(wallClock(), d, func() error {
		blas32.Gemm(p.tA, p.tB, 1, p.a, p.b, 0, p.c)
		return nil
	})
	k := p.a.Cols
	if p.tA != blas.NoTrans {
		k = p.a.Rows
	}
	flops := 2 * float64(p.c.Rows) * float64(p.c.Cols) * float64(k)
	return Sample{Value: flops / t.each.Seconds() / 1e9}, nil
}

// training is a run.
type training struct {
	t     *train.Trainer
	batch int
}

func newTraining(s Spec, set data.Dataset) (Task, float64, error) {
	o := s.Recipe.Train
	if o.Batch = s.Batch; o.Batch > 0 && set.Len()%o.Batch != 0 {
		return nil, 0, fmt.Errorf("bench: %d pictures do not make whole batches of %d", set.Len(), o.Batch)
	}
	m, err := vae.New(s.Recipe.Model, o.Seed)
	if err != nil {
		return nil, 0, err
	}
	t, err := train.New(m, set, o)
	if err != nil {
		return nil, 0, err
	}
	r := &training{t, o.Batch}
	e, err := r.step()
	if err != nil {
		return nil, 0, err
	}
	for range s.WarmUp - 1 {
		if _, err := r.step(); err != nil {
			return nil, 0, err
		}
	}
	return r, -e.Terms.ELBO(), nil
}

// step takes a step, which must have been one.
func (r *training) step() (train.Event, error) {
	e, err := r.t.Step()
	switch {
	case err != nil:
		return e, err
	case e.Undone:
		return e, fmt.Errorf("bench: step %d was undone", e.Step)
	case e.Images != r.batch:
		return e, fmt.Errorf("bench: step %d had %d images instead of %d", e.Step, e.Images, r.batch)
	}
	return e, nil
}

func (r *training) Measure(d time.Duration) (Sample, error) {
	var last train.Event
	t, err := repeat(wallClock(), d, func() (err error) {
		last, err = r.step()
		return err
	})
	if err != nil {
		return Sample{}, err
	}
	return Sample{
		Value: float64(t.calls*r.batch) / t.took.Seconds(),
		Steps: r.t.StepsTaken(),
		Loss:  -last.Terms.ELBO(),
	}, nil
}

// coding encodes or decodes a batch.
type coding struct{ run func() error }

func newCoding(s Spec) (Task, error) {
	m, err := vae.New(s.Recipe.Model, 1)
	if err != nil {
		return nil, err
	}
	x, z, logvar := make([]float32, s.Batch*m.InputLen()), make([]float32, s.Batch*m.Latent()), make([]float32, s.Batch*m.Latent())
	compute.Implementation().Uniform(x, compute.NewKey(1, 1), 0)
	compute.Implementation().Normal(z, compute.NewKey(1, 2), 0)
	c := coding{func() error { return m.Encode(z, logvar, x) }}
	if s.Kind == "decode" {
		c.run = func() error { return m.Decode(x, z) }
	}
	_, err = repeat(wallClock(), tierUp, c.run)
	return c, err
}

func (c coding) Measure(d time.Duration) (Sample, error) {
	t, err := repeat(wallClock(), d, c.run)
	if err != nil {
		return Sample{}, err
	}
	return Sample{Value: t.each.Seconds() * 1e3}, nil
}
