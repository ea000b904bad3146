package vae

import (
	"fmt"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// Model is an encoder, a decoder and, when the config has classes, a
// classifier on mu. Every method takes whole batches, row-major.
type Model struct {
	config     Config
	encoder    nn.Module
	mu, logvar *nn.Dense
	decoder    nn.Module
	classifier nn.Module // nil without classes
	vae, head  *nn.Arena // parameters of the VAE proper and of the classifier

}

// New builds a model with weights drawn from seed; the same config and seed
// give the same weights everywhere. The error is a *ConfigError.
func New(c Config, seed uint64) (*Model, error) {
	m, err := NewZero(c)
	if err != nil {
		return nil, err
	}
	for _, mod := range m.modules() {
		mod.Init(seed)
	}
	return m, nil
}

// NewZero builds a model whose weights are all zero, to be filled from a file.
// The error is a *ConfigError.
func NewZero(c Config) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	m := &Model{config: c}
	m.encoder, m.decoder = families[c.Family].build(c)
	m.mu = nn.NewDense("mu", m.encoder.Out(), c.Latent, compute.Identity)
	m.logvar = nn.NewDense("logvar", m.encoder.Out(), c.Latent, compute.Identity)
	var params []*nn.Param
	for _, mod := range m.modules() {
		params = append(params, mod.Params()...)
	}
	m.vae = nn.NewArena(params)
	if c.Classes > 0 {
		m.classifier = perceptron("classifier", c.Latent, c.Classifier, compute.ReLU, c.Classes)
		m.head = nn.NewArena(m.classifier.Params())
	}
	return m, nil
}

// modules lists the parts that have parameters.
func (m *Model) modules() []nn.Module {
	ms := []nn.Module{m.encoder, m.mu, m.logvar, m.decoder}
	if m.classifier != nil {
		ms = append(ms, m.classifier)
	}
	return ms
}

// Config returns the model's description.
func (m *Model) Config() Config { return m.config }

// Latent is the number of latent dimensions.
func (m *Model) Latent() int { return m.config.Latent }

// InputLen is the number of values of a picture.
func (m *Model) InputLen() int { return m.config.InputLen() }

// Classes is the number of classes of the classifier, 0 without one.
func (m *Model) Classes() int { return m.config.Classes }

// NumParams is the number of parameters of encoder and decoder.
func (m *Model) NumParams() int { return len(m.vae.W) }

// Arena gives the parameters of encoder and decoder to optimisers and files.
func (m *Model) Arena() *nn.Arena { return m.vae }

// Params lists all parameters, the classifier's last.
func (m *Model) Params() []*nn.Param {
	if m.head == nil {
		return m.vae.Params
	}
	return append(m.vae.Params[:len(m.vae.Params):len(m.vae.Params)], m.head.Params...)
}

// WithClassifier returns a model with m's encoder and decoder weights and a
// new classifier with the given hidden widths, drawn from seed.
func (m *Model) WithClassifier(classes int, hidden []int, seed uint64) (*Model, error) {
	c := m.config
	c.Classes, c.Classifier = classes, hidden
	n, err := New(c, seed)
	if err != nil {
		return nil, err
	}
	copy(n.vae.W, m.vae.W)
	return n, nil
}

// LengthError says that a slice given to a Model has the wrong length.
type LengthError struct {
	Field     string
	Got, Want int // Want is the length of one row when WholeRows
	WholeRows bool
}

func (e *LengthError) Error() string {
	if e.WholeRows {
		return fmt.Sprintf("%s has %d numbers, which is not a whole number of rows of %d", e.Field, e.Got, e.Want)
	}
	return fmt.Sprintf("%s has %d numbers instead of %d", e.Field, e.Got, e.Want)
}

func rowsOf(field string, x []float32, width int) (int, error) {
	if len(x)%width != 0 {
		return 0, &LengthError{field, len(x), width, true}
	}
	return len(x) / width, nil
}

func wantLen(field string, x []float32, n int) error {
	if len(x) != n {
		return &LengthError{Field: field, Got: len(x), Want: n}
	}
	return nil
}

// encode runs the encoder on n rows; the results belong to the layers.
func (m *Model) encode(x []float32, n int) (mu, logvar []float32) {
	h := m.encoder.Forward(x, n)
	return m.mu.Forward(h, n), m.logvar.Forward(h, n)
}

// Encode computes the mean and log-variance of q(z|x) for each picture of x:
// len(x) = n*InputLen, len(mu) = len(logvar) = n*Latent. The error is a
// *LengthError.
func (m *Model) Encode(mu, logvar, x []float32) error {
	n, err := rowsOf("x", x, m.InputLen())
	if err != nil {
		return err
	}
	if err := wantLen("mu", mu, n*m.Latent()); err != nil {
		return err
	}
	if err := wantLen("logvar", logvar, n*m.Latent()); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	a, b := m.encode(x, n)
	copy(mu, a)
	copy(logvar, b)
	return nil
}

// Decode computes the mean of p(x|z) for each latent of z, in [0, 1]:
// len(z) = n*Latent, len(dst) = n*InputLen. The error is a *LengthError.
func (m *Model) Decode(dst, z []float32) error {
	n, err := rowsOf("z", z, m.Latent())
	if err != nil {
		return err
	}
	if err := wantLen("dst", dst, n*m.InputLen()); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	out := m.decoder.Forward(z, n)
	if m.config.Likelihood == Bernoulli {
		compute.Implementation().Sigmoid(dst, out)
		return nil
	}
	for i, v := range out {
		dst[i] = min(max(v, 0), 1)
	}
	return nil
}

// Sample draws latents from the prior N(0, I) into z and decodes them into
// dst: len(z) = n*Latent, len(dst) = n*InputLen. The same seed gives the same
// samples. The error is a *LengthError.
func (m *Model) Sample(dst, z []float32, seed uint64) error {
	compute.Implementation().Normal(z, compute.NewKey(seed, streamPrior), 0)
	return m.Decode(dst, z)
}

// Classify computes the class probabilities of each latent mean of mu:
// len(mu) = n*Latent, len(probs) = n*Classes. The error is a *LengthError, or
// ErrNoClassifier.
func (m *Model) Classify(probs, mu []float32) error {
	if m.classifier == nil {
		return ErrNoClassifier
	}
	n, err := rowsOf("mu", mu, m.Latent())
	if err != nil {
		return err
	}
	if err := wantLen("probs", probs, n*m.Classes()); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	copy(probs, m.classifier.Forward(mu, n))
	for i := range n {
		softmax(probs[i*m.Classes():][:m.Classes()])
	}
	return nil
}

// ErrNoClassifier is returned by Classify of a model without one.
var ErrNoClassifier = fmt.Errorf("the model has no classifier")

// softmax turns logits into probabilities in place.
func softmax(x []float32) {
	top := float32(math.Inf(-1))
	for _, v := range x {
		top = max(top, v)
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

// Purposes of random streams.
const (
	streamPrior = 1
	streamNoise = 2
)

// Reserve makes room for training on batches of n pictures.
func (m *Model) Reserve(n int) {
	for _, mod := range m.modules() {
		mod.Reserve(n)
	}
}

// NegLogLikelihood computes -log p(x|z) in nats for each pair of rows:
// len(x) = n*InputLen, len(z) = n*Latent, len(dst) = n. The error is a
// *LengthError.
func (m *Model) NegLogLikelihood(dst, x, z []float32) error {
	n, err := rowsOf("z", z, m.Latent())
	if err != nil {
		return err
	}
	if err := wantLen("x", x, n*m.InputLen()); err != nil {
		return err
	}
	if err := wantLen("dst", dst, n); err != nil || n == 0 {
		return err
	}
	m.negLogLikelihood(dst, m.decoder.Forward(z, n), x, 0)
	return nil
}

// Head gives the parameters of the classifier to its optimiser; nil without one.
func (m *Model) Head() *nn.Arena { return m.head }

// ClassifierGradient adds the gradient of the mean cross-entropy of the
// classifier on latent means mu, given the labels, to the head's arena and
// returns that mean in nats: len(mu) = len(labels)*Latent. Errors are
// ErrNoClassifier, *LengthError and *LabelError.
func (m *Model) ClassifierGradient(mu []float32, labels []int) (float64, error) {
	if m.classifier == nil {
		return 0, ErrNoClassifier
	}
	n, k := len(labels), m.Classes()
	if err := wantLen("mu", mu, n*m.Latent()); err != nil || n == 0 {
		return 0, err
	}
	for i, l := range labels {
		if l < 0 || l >= k {
			return 0, &LabelError{i, l, k}
		}
	}
	m.head.EnableGrad()
	p := m.classifier.Forward(mu, n)
	var loss float64
	for i, l := range labels {
		row := p[i*k:][:k]
		softmax(row)
		loss -= math.Log(max(float64(row[l]), math.SmallestNonzeroFloat32))
		row[l]--
		for j := range row {
			row[j] /= float32(n)
		}
	}
	m.classifier.Backward(p, n, false)
	return loss / float64(n), nil
}

// LabelError says that a label is not one of the model's classes.
type LabelError struct{ Index, Label, Classes int }

func (e *LabelError) Error() string {
	return fmt.Sprintf("labels[%d] is %d; the classes are 0 to %d", e.Index, e.Label, e.Classes-1)
}
