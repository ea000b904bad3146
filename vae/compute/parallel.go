package compute

import (
	"runtime"
	"sync"
)

// Parallel shares the work of another backend between goroutines. Results are
// bit identical to that one's, however many there are: only operations whose
// elements or rows do not depend on each other are split.
type Parallel struct {
	Backend
	jobs chan job
	done sync.WaitGroup
	mu   sync.Mutex // one operation at a time
	n    int
}

// grain is the least number of elements for which a goroutine pays.
const grain = 8192

type opcode uint8

const (
	opBiasAct opcode = iota
	opSigmoid
	opBCE
	opAdam
	opUniform
	opNormal
	opBernoulli
	opIm2col
	opCol2im
)

// job is one goroutine's part of an operation: a value, so that sending it
// does not allocate.
type job struct {
	on         Backend
	op         opcode
	a, b, c, d []float32
	act        Activation
	scale      float32
	adam       AdamStep
	key        Key
	offset     uint32
	window     Window
}

func (j job) run() {
	switch j.op {
	case opBiasAct:
		j.on.BiasAct(j.a, j.b, j.act)
	case opSigmoid:
		j.on.Sigmoid(j.a, j.b)
	case opBCE:
		j.on.BCEWithLogits(j.a, j.b, j.c, j.d, j.scale)
	case opAdam:
		j.on.Adam(j.a, j.b, j.c, j.d, j.adam)
	case opUniform:
		j.on.Uniform(j.a, j.key, j.offset)
	case opNormal:
		j.on.Normal(j.a, j.key, j.offset)
	case opBernoulli:
		j.on.Bernoulli(j.a, j.b, j.key, j.offset)
	case opIm2col:
		j.on.Im2col(j.a, j.b, j.window)
	case opCol2im:
		j.on.Col2im(j.a, j.b, j.window)
	}
}

// NewParallel starts n-1 goroutines that live as long as the program and work
// as on does; the caller of an operation does its share. n of 0 means one for
// each processor.
func NewParallel(on Backend, n int) *Parallel {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	p := &Parallel{Backend: on, n: n, jobs: make(chan job, n)}
	for range n - 1 {
		go func() {
			for j := range p.jobs {
				j.run()
				p.done.Done()
			}
		}()
	}
	return p
}

// Name is that of the other backend and "-parallel".
func (p *Parallel) Name() string { return p.Backend.Name() + "-parallel" }

// split runs an operation over rows of width numbers on all goroutines.
func (p *Parallel) split(rows, width int, j job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.on = p.Backend
	parts := max(1, min(p.n, rows*width/grain))
	for i := range parts {
		k := j.part(i*rows/parts, (i+1)*rows/parts, width)
		if i == parts-1 {
			k.run()
			break
		}
		p.done.Add(1)
		p.jobs <- k
	}
	p.done.Wait()
}

// part cuts the rows lo to hi out of an operation.
func (j job) part(lo, hi, width int) job {
	cut := func(x []float32, w int) []float32 {
		if x == nil {
			return nil
		}
		return x[lo*w : hi*w]
	}
	switch j.op {
	case opBiasAct: // b is the bias
		j.a = cut(j.a, width)
	case opBCE: // a is one number a row
		j.a, j.b, j.c, j.d = cut(j.a, 1), cut(j.b, width), cut(j.c, width), cut(j.d, width)
	case opIm2col: // rows are pictures
		j.a, j.b = cut(j.a, j.window.ColumnsLen()), cut(j.b, j.window.PictureLen())
	case opCol2im:
		j.a, j.b = cut(j.a, j.window.PictureLen()), cut(j.b, j.window.ColumnsLen())
	default:
		j.a, j.b, j.c, j.d = cut(j.a, 1), cut(j.b, 1), cut(j.c, 1), cut(j.d, 1)
	}
	j.offset += uint32(lo)
	return j
}

// BiasAct implements Backend.
func (p *Parallel) BiasAct(y, bias []float32, act Activation) {
	p.split(Rows(len(y), len(bias)), len(bias), job{op: opBiasAct, a: y, b: bias, act: act})
}

// Sigmoid implements Backend.
func (p *Parallel) Sigmoid(dst, x []float32) {
	Same(len(dst), x)
	p.split(len(dst), 1, job{op: opSigmoid, a: dst, b: x})
}

// Adam implements Backend.
func (p *Parallel) Adam(w, g, m, v []float32, s AdamStep) {
	Same(len(w), g, m, v)
	p.split(len(w), 1, job{op: opAdam, a: w, b: g, c: m, d: v, adam: s})
}

// Uniform implements Backend.
func (p *Parallel) Uniform(dst []float32, key Key, offset uint32) {
	p.split(len(dst), 1, job{op: opUniform, a: dst, key: key, offset: offset})
}

// Normal implements Backend.
func (p *Parallel) Normal(dst []float32, key Key, offset uint32) {
	p.split(len(dst), 1, job{op: opNormal, a: dst, key: key, offset: offset})
}

// Bernoulli implements Backend.
func (p *Parallel) Bernoulli(dst, q []float32, key Key, offset uint32) {
	Same(len(dst), q)
	p.split(len(dst), 1, job{op: opBernoulli, a: dst, b: q, key: key, offset: offset})
}

// BCEWithLogits implements Backend.
func (p *Parallel) BCEWithLogits(loss, grad, logits, target []float32, scale float32) {
	if len(loss) == 0 {
		return
	}
	w := Rows(len(logits), len(loss))
	Same(len(logits), target)
	fits(len(logits), grad)
	p.split(len(loss), w, job{op: opBCE, a: loss, b: grad, c: logits, d: target, scale: scale})
}

// Im2col implements Backend.
func (p *Parallel) Im2col(dst, src []float32, w Window) {
	p.split(w.Images(len(src), len(dst)), w.ColumnsLen(), job{op: opIm2col, a: dst, b: src, window: w})
}

// Col2im implements Backend.
func (p *Parallel) Col2im(dst, src []float32, w Window) {
	p.split(w.Images(len(dst), len(src)), w.ColumnsLen(), job{op: opCol2im, a: dst, b: src, window: w})
}
