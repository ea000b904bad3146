package classify

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/nn"
)

// Network is a classifier. It owns its work space, so it is not safe for
// concurrent use.
type Network struct {
	config Config
	body   nn.Module // pictures to features
	head   nn.Module // features to logits
	arena  *nn.Arena
}

// New builds a network with weights drawn from seed; the same config and seed
// give the same weights everywhere. The error is a *ConfigError.
func New(c Config, seed uint64) (*Network, error) {
	n, err := newZero(c)
	if err != nil {
		return nil, err
	}
	n.body.Init(seed)
	n.head.Init(seed)
	return n, nil
}

// newZero builds a network whose weights are all zero.
func newZero(c Config) (*Network, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	shape := c.shape()
	body := []nn.Module{nn.ChannelsLast(shape)}
	for i, channels := range c.Channels {
		l := nn.NewConv2d(fmt.Sprintf("features.%d", 2*i), shape, channels, kernel, c.Strides[i], padding, compute.ReLU)
		body, shape = append(body, l), l.OutShape()
	}
	// The numbers are those of an nn.Sequential, in which nn.Flatten takes a place.
	last := fmt.Sprintf("features.%d", 2*len(c.Channels)+1)
	body = append(body, nn.ChannelsFirst(shape), nn.NewDense(last, shape.Len(), c.Features, compute.ReLU))
	n := &Network{config: c, body: nn.NewSequential(c.InputLen(), body...),
		head: nn.NewDense("classifier", c.Features, c.Classes, compute.Identity)}
	n.arena = nn.NewArena(append(n.body.Params(), n.head.Params()...))
	return n, nil
}

// Config returns the network's description.
func (n *Network) Config() Config { return n.config }

// Weights are all parameters, one after the other in the order of the layers:
// of each the weight, then the bias. They are the network's own.
func (n *Network) Weights() []float32 { return n.arena.W }

// InputLen is the number of values of a picture.
func (n *Network) InputLen() int { return n.config.InputLen() }

// Features is the number of features of a picture.
func (n *Network) Features() int { return n.config.Features }

// Classes is the number of classes.
func (n *Network) Classes() int { return n.config.Classes }

// Temper divides the logits by a temperature, which must be positive, for good:
// what is in the last layer's weights needs nothing where it is used (Guo et al.
// 2017).
func (n *Network) Temper(temperature float64) {
	for _, p := range n.head.Params() {
		for i, w := range p.W {
			p.W[i] = float32(float64(w) / temperature)
		}
	}
}

// LengthError says that a slice given to a Network has the wrong length.
type LengthError struct {
	Field     string
	Got, Want int
}

func (e *LengthError) Error() string {
	return fmt.Sprintf("classifier: %s has %d numbers instead of %d", e.Field, e.Got, e.Want)
}

// most is how many pictures are processed at a time.
const most = 100

// Run computes features and class probabilities of the pictures of x, each of
// InputLen values in [0, 1] in the order channels, height, width: for n pictures
// len(features) = n*Features, len(probs) = n*Classes. Either may be nil. The
// error is a *LengthError.
func (n *Network) Run(features, probs, x []float32) error {
	p, f, k := n.InputLen(), n.Features(), n.Classes()
	rows := len(x) / p
	switch {
	case len(x)%p != 0:
		return &LengthError{"x", len(x), rows * p}
	case features != nil && len(features) != rows*f:
		return &LengthError{"features", len(features), rows * f}
	case probs != nil && len(probs) != rows*k:
		return &LengthError{"probs", len(probs), rows * k}
	}
	for at := 0; at < rows; at += most {
		m := min(most, rows-at)
		h := n.body.Forward(x[at*p:][:m*p], m)
		if features != nil {
			copy(features[at*f:], h)
		}
		if probs == nil {
			continue
		}
		copy(probs[at*k:], n.head.Forward(h, m))
		for i := at; i < at+m; i++ {
			softmax(probs[i*k:][:k])
		}
	}
	return nil
}

// gradient replaces the arena's gradient by that of the mean cross-entropy over
// the pictures of x with their labels, and returns that mean in nats.
func (n *Network) gradient(x []float32, labels []int) float64 {
	rows, k := len(labels), n.Classes()
	n.arena.Replace()
	p := n.head.Forward(n.body.Forward(x, rows), rows)
	var loss float64
	for i, label := range labels {
		row := p[i*k:][:k]
		softmax(row)
		loss -= math.Log(max(float64(row[label]), math.SmallestNonzeroFloat32))
		row[label]--
		for j := range row {
			row[j] /= float32(rows)
		}
	}
	n.body.Backward(n.head.Backward(p, rows, true), rows, false)
	return loss / float64(rows)
}

// softmax turns logits into probabilities in place.
func softmax(x []float32) {
	top := x[0]
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	var sum float32
	for i, v := range x {
		x[i] = compute.Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

// Best is the most probable class of one picture's probabilities; of equals the
// first.
func Best(probs []float32) (best int) {
	for i, v := range probs {
		if v > probs[best] {
			best = i
		}
	}
	return best
}

// DataError says why a data set cannot be used with a network.
type DataError struct{ Name, Reason string }

func (e *DataError) Error() string { return fmt.Sprintf("data set %q %s", e.Name, e.Reason) }

// check returns a *DataError unless the pictures of d fit the network.
func (n *Network) check(d data.Dataset) error {
	if s, in := d.Shape(), n.config.Input; [3]int{s.C, s.H, s.W} != in {
		return &DataError{d.Name(), fmt.Sprintf("has pictures of %v; the classifier takes %dx%dx%d", s, in[0], in[1], in[2])}
	}
	if d.Len() == 0 {
		return &DataError{d.Name(), "has no pictures"}
	}
	return nil
}

// Error returns the fraction of the labelled pictures of d that the network
// puts into another class, and how many pictures have a label. The error value
// is a *DataError.
func (n *Network) Error(d data.Dataset) (wrong float64, labelled int, err error) {
	errors, k := 0, n.Classes()
	probs := make([]float32, most*k)
	err = n.each(d, func(x []float32, first, rows int) error {
		if err := n.Run(nil, probs[:rows*k], x); err != nil {
			return err
		}
		for i := range rows {
			label := d.Label(first + i)
			if label < 0 {
				continue
			}
			labelled++
			if Best(probs[i*k:][:k]) != label {
				errors++
			}
		}
		return nil
	})
	if err == nil && labelled == 0 {
		err = &DataError{d.Name(), "has no labels"}
	}
	if err != nil {
		return 0, 0, err
	}
	return float64(errors) / float64(labelled), labelled, nil
}

// ProbsOf computes the class probabilities of all pictures of d, d.Len()*Classes
// numbers. The error is a *DataError.
func (n *Network) ProbsOf(d data.Dataset) ([]float32, error) {
	k := n.Classes()
	all := make([]float32, 0, d.Len()*k)
	err := n.each(d, func(x []float32, first, rows int) error {
		all = all[:(first+rows)*k]
		return n.Run(nil, all[first*k:], x)
	})
	return all, err
}

// FeaturesOf computes the features of all pictures of d, d.Len()*Features
// numbers. The error is a *DataError.
func (n *Network) FeaturesOf(d data.Dataset) ([]float32, error) {
	f := n.Features()
	all := make([]float32, 0, d.Len()*f)
	err := n.each(d, func(x []float32, first, rows int) error {
		all = all[:(first+rows)*f]
		return n.Run(all[first*f:], nil, x)
	})
	return all, err
}

// each calls f with the pictures of d in order, a few at a time.
func (n *Network) each(d data.Dataset, f func(x []float32, first, rows int) error) error {
	if err := n.check(d); err != nil {
		return err
	}
	p := n.InputLen()
	x, index := make([]float32, most*p), make([]int, most)
	for first := 0; first < d.Len(); first += most {
		rows := min(most, d.Len()-first)
		for i := range rows {
			index[i] = first + i
		}
		d.Batch(x[:rows*p], index[:rows])
		if err := f(x[:rows*p], first, rows); err != nil {
			return err
		}
	}
	return nil
}
