package vae

import (
	"errors"
	"fmt"
	"math"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
	"inkdrift/vae/prior"
)

// Model is a decoder and the other networks of its family: an encoder, a
// discriminator, a classifier on mu. Every method takes whole batches,
// row-major. A method that needs a network which the family does not have
// returns an error, so a caller need not know the family.
type Model struct {
	config Config
	parts
	encoderInput, decoderInput conditionedInput // inputs of encoder and decoder with the class
	vae, head, read            *nn.Arena        // parameters of all networks but the classifiers, and of those

	prior *prior.Mixture // fitted to the aggregate posterior; nil: there is none

	classes []float32 // of pictures whose class was recognised or given in turn
	each    []float32 // terms of pictures
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
	m := &Model{config: c, parts: build(c)}
	var params []*nn.Param
	for _, mod := range m.trained() {
		params = append(params, mod.Params()...)
	}
	m.vae = nn.NewArena(params)
	m.decoderInput = conditionedInput{width: c.Latent, classes: c.Conditions}
	m.encoderInput = conditionedInput{width: c.InputLen(), classes: c.Conditions}
	if m.classifier != nil {
		m.head = nn.NewArena(m.classifier.Params())
	}
	if m.reader != nil {
		m.read = nn.NewArena(m.reader.Params())
	}
	return m, nil
}

// Config returns the model's description.
func (m *Model) Config() Config { return m.config }

// Latent is the number of latent dimensions.
func (m *Model) Latent() int { return m.config.Latent }

// InputLen is the number of values of a picture.
func (m *Model) InputLen() int { return m.config.InputLen() }

// Classes is the number of classes of the classifier, 0 without one.
func (m *Model) Classes() int { return m.config.Classes }

// Conditions is the number of classes that encoder and decoder are conditioned
// on, 0 when the model is not conditional.
func (m *Model) Conditions() int { return m.config.Conditions }

// HasEncoder reports whether the model can Encode.
func (m *Model) HasEncoder() bool { return m.encoder != nil }

// NumParams is the number of parameters of all networks but the classifiers.
func (m *Model) NumParams() int { return len(m.vae.W) }

// Arena gives these parameters to optimisers and files.
func (m *Model) Arena() *nn.Arena { return m.vae }

// Params lists all parameters, the classifiers' last.
func (m *Model) Params() []*nn.Param {
	all := m.vae.Params[:len(m.vae.Params):len(m.vae.Params)]
	for _, a := range []*nn.Arena{m.head, m.read} {
		if a != nil {
			all = append(all, a.Params...)
		}
	}
	return all
}

// WithClassifier returns a model with m's weights and a new classifier with the
// given hidden widths, drawn from seed; it has no reader. The error is a *ConfigError.
func (m *Model) WithClassifier(classes int, hidden []int, seed uint64) (*Model, error) {
	c := m.config
	c.Classes, c.Classifier = classes, hidden
	c.Reader, c.ReaderHidden = nil, nil
	n, err := New(c, seed)
	if err != nil {
		return nil, err
	}
	copy(n.vae.W, m.vae.W)
	n.prior = m.prior
	return n, nil
}

// WithReader returns a model with m's weights and a reader, a classifier of
// pictures, of the given channels and hidden widths, whose weights are zero: they
// are to be filled through Reader. The model must have a classifier. The error is
// a *ConfigError.
func (m *Model) WithReader(channels, hidden []int) (*Model, error) {
	c := m.config
	c.Reader, c.ReaderHidden = channels, hidden
	n, err := NewZero(c)
	if err != nil {
		return nil, err
	}
	copy(n.vae.W, m.vae.W)
	if m.head != nil {
		copy(n.head.W, m.head.W)
	}
	n.prior = m.prior
	return n, nil
}

// WithoutDiscriminator returns a model with m's weights that cannot be trained,
// for smaller files.
func (m *Model) WithoutDiscriminator() *Model {
	c := m.config
	c.Discriminator = nil
	n, err := NewZero(c)
	if err != nil {
		panic(err) // a valid config remains one
	}
	// The discriminator is the last in the arena.
	copy(n.vae.W, m.vae.W)
	if m.head != nil {
		copy(n.head.W, m.head.W)
	}
	if m.read != nil {
		copy(n.read.W, m.read.W)
	}
	n.prior = m.prior
	return n
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

// posterior maps n pictures, with the classes y of a conditional model, to mean
// and log-variance of q(z|x); the results belong to the layers.
func (m *Model) posterior(x, y []float32, n int) (mu, logvar []float32) {
	h := m.encoder.Forward(m.encoderInput.concat(x, y, n), n)
	return m.mu.Forward(h, n), m.logvar.Forward(h, n)
}

// posteriorBackward goes back from mean and log-variance.
func (m *Model) posteriorBackward(dmu, dlogvar []float32, n int) {
	d, other := m.mu.Backward(dmu, n, true), m.logvar.Backward(dlogvar, n, true)
	addScaled(d, 1, other)
	m.encoder.Backward(d, n, false)
}

// generate runs the decoder on n latents, with the classes y of a conditional
// model; the result belongs to it.
func (m *Model) generate(z, y []float32, n int) []float32 {
	return m.decoder.Forward(m.decoderInput.concat(z, y, n), n)
}

// Encode computes the mean and log-variance of q(z|x) for each picture of x:
// len(x) = n*InputLen, len(mu) = len(logvar) = n*Latent. A conditional model
// uses the classes that it recognises. Errors are *LengthError and
// ErrNoEncoder.
func (m *Model) Encode(mu, logvar, x []float32) error {
	return m.encode(mu, logvar, x, nil, m.config.Conditions > 0)
}

// EncodeGiven is Encode for pictures of known classes: row i of y has a weight
// for each class of picture i, mostly one 1 (see OneHot), len(y) = n*Conditions.
func (m *Model) EncodeGiven(mu, logvar, x, y []float32) error {
	return m.encode(mu, logvar, x, y, false)
}

func (m *Model) encode(mu, logvar, x, y []float32, recognise bool) error {
	if m.encoder == nil {
		return ErrNoEncoder
	}
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
	if !recognise {
		if err := wantLen("y", y, n*m.Conditions()); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	if recognise {
		y = m.likeliest(x, n)
	}
	a, b := m.posterior(x, y, n)
	copy(mu, a)
	copy(logvar, b)
	return nil
}

// Decode computes the mean of p(x|z) for each latent of z, in [0, 1]:
// len(z) = n*Latent, len(dst) = n*InputLen. Errors are *LengthError, and
// ErrNeedsClass of a conditional model.
func (m *Model) Decode(dst, z []float32) error {
	if m.config.Conditions > 0 {
		return ErrNeedsClass
	}
	return m.DecodeGiven(dst, z, nil)
}

// DecodeGiven computes the mean of p(x|z,y) for each latent of z and the classes
// y, which are as in EncodeGiven, empty for a model that is not conditional. The
// error is a *LengthError.
func (m *Model) DecodeGiven(dst, z, y []float32) error {
	n, err := rowsOf("z", z, m.Latent())
	if err != nil {
		return err
	}
	if err := wantLen("dst", dst, n*m.InputLen()); err != nil {
		return err
	}
	if err := wantLen("y", y, n*m.Conditions()); err != nil || n == 0 {
		return err
	}
	m.pixelMeans(dst, m.generate(z, y, n))
	return nil
}

// pixelMeans turns the decoder's output into the means of pixels, in [0, 1].
func (m *Model) pixelMeans(dst, out []float32) {
	if m.config.Likelihood == Bernoulli {
		compute.Implementation().Sigmoid(dst, out)
		return
	}
	for i, v := range out {
		dst[i] = min(max(v, 0), 1)
	}
}

// Sample draws latents from the prior N(0, I) into z and decodes them into
// dst: len(z) = n*Latent, len(dst) = n*InputLen. The same seed gives the same
// samples. A conditional model shows its classes in turn: row i has class i
// modulo Conditions. The error is a *LengthError.
func (m *Model) Sample(dst, z []float32, seed uint64) error {
	compute.Implementation().Normal(z, compute.NewKey(seed, streamPrior), 0)
	return m.decodeInTurn(dst, z)
}

// Prior returns the distribution that was fitted to where the encoder puts the
// data, nil without one.
func (m *Model) Prior() *prior.Mixture { return m.prior }

// SetPrior gives m such a distribution, or with nil takes it away. The error is a
// *prior.Error, and m stays as it was.
func (m *Model) SetPrior(p *prior.Mixture) error {
	if p != nil {
		if err := p.Validate(); err != nil {
			return err
		}
		if p.Latent != m.Latent() {
			return &prior.Error{Field: "dimensions", Reason: fmt.Sprintf("are of %d; the model has %d", p.Latent, m.Latent())}
		}
	}
	m.prior = p
	return nil
}

// SampleFitted is Sample with latents of the fitted prior. The error is ErrNoPrior
// without one.
func (m *Model) SampleFitted(dst, z []float32, seed uint64) error {
	if m.prior == nil {
		return ErrNoPrior
	}
	if _, err := rowsOf("z", z, m.Latent()); err != nil {
		return err
	}
	m.prior.Sample(z, compute.NewKey(seed, streamFitted))
	return m.decodeInTurn(dst, z)
}

// decodeInTurn decodes latents; a conditional model shows its classes in turn.
func (m *Model) decodeInTurn(dst, z []float32) error {
	k := m.config.Conditions
	if k == 0 {
		return m.DecodeGiven(dst, z, nil)
	}
	n := len(z) / m.Latent()
	m.classes = grow(m.classes, n*k)
	clear(m.classes)
	for i := range n {
		m.classes[i*k+i%k] = 1
	}
	return m.DecodeGiven(dst, z, m.classes)
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

// Recognise computes the class probabilities q(y|x) of each picture of x, by the
// recogniser of a conditional model, and of another by its reader, or by the
// classifier on mu where it has none:
// len(x) = n*InputLen, len(probs) = n*Conditions or n*Classes. The error is a
// *LengthError, or ErrNoClassifier.
func (m *Model) Recognise(probs, x []float32) error {
	n, err := rowsOf("x", x, m.InputLen())
	if err != nil {
		return err
	}
	k, network := m.Conditions(), m.recogniser
	if network == nil {
		if m.classifier == nil {
			return ErrNoClassifier
		}
		k, network = m.Classes(), m.reader
	}
	if err := wantLen("probs", probs, n*k); err != nil || n == 0 {
		return err
	}
	if network == nil {
		mu, _ := m.posterior(x, nil, n)
		return m.Classify(probs, mu)
	}
	copy(probs, network.Forward(x, n))
	for i := range n {
		softmax(probs[i*k:][:k])
	}
	return nil
}

// likeliest gives the most probable classes of n pictures, one-hot.
func (m *Model) likeliest(x []float32, n int) []float32 {
	k := m.Conditions()
	logits := m.recogniser.Forward(x, n)
	m.classes = grow(m.classes, n*k)
	clear(m.classes)
	for i := range n {
		row, best := logits[i*k:][:k], 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
		}
		m.classes[i*k+best] = 1
	}
	return m.classes
}

// What a model of some family cannot do.
var (
	// ErrNoClassifier is returned by Classify and Recognise.
	ErrNoClassifier = errors.New("the model has no classifier")
	// ErrNoPrior is returned by SampleFitted.
	ErrNoPrior = errors.New("the model has no fitted prior")
	// ErrNoEncoder is returned by Encode.
	ErrNoEncoder = errors.New("the model has no encoder: it makes pictures of latents and cannot go back")
	// ErrNoLikelihood is returned by NegLogLikelihood.
	ErrNoLikelihood = errors.New("the model has no likelihood: it gives pictures, not distributions of them")
	// ErrNeedsClass is returned where a conditional model needs a class.
	ErrNeedsClass = errors.New("the model is conditional: say which class to decode, with DecodeGiven")
)

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
	streamPrior  = 1
	streamNoise  = 2
	streamFitted = 3
	// Of a training step, derived from its key; samples after the first have their
	// number in this place, so these are larger.
	streamFake     = 1 << 32
	streamInstance = 2 << 32 // and the next ones
)

// Reserve makes room for training on batches of n pictures.
func (m *Model) Reserve(n int) {
	for _, mod := range m.modules() {
		mod.Reserve(n)
	}
}

// NegLogLikelihood computes -log p(x|z) in nats for each pair of rows:
// len(x) = n*InputLen, len(z) = n*Latent, len(dst) = n. Errors are *LengthError,
// ErrNoLikelihood and ErrNeedsClass.
func (m *Model) NegLogLikelihood(dst, x, z []float32) error {
	if m.config.Conditions > 0 {
		return ErrNeedsClass
	}
	return m.NegLogLikelihoodGiven(dst, x, z, nil)
}

// NegLogLikelihoodGiven computes -log p(x|z,y) in nats for each triple of rows; y
// is as in EncodeGiven.
func (m *Model) NegLogLikelihoodGiven(dst, x, z, y []float32) error {
	if !m.config.HasLikelihood() {
		return ErrNoLikelihood
	}
	n, err := rowsOf("z", z, m.Latent())
	if err != nil {
		return err
	}
	if err := wantLen("x", x, n*m.InputLen()); err != nil {
		return err
	}
	if err := wantLen("y", y, n*m.Conditions()); err != nil {
		return err
	}
	if err := wantLen("dst", dst, n); err != nil || n == 0 {
		return err
	}
	m.negLogLikelihood(dst, nil, m.generate(z, y, n), x, 0)
	return nil
}

// Head gives the parameters of the classifier on mu to its optimiser; nil without
// one.
func (m *Model) Head() *nn.Arena { return m.head }

// Reader gives the parameters of the classifier of pictures; nil without one.
func (m *Model) Reader() *nn.Arena { return m.read }

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
	if err := checkLabels(labels, k); err != nil {
		return 0, err
	}
	m.head.EnableGrad()
	p := m.classifier.Forward(mu, n)
	var sum float64
	for i, l := range labels {
		sum += crossEntropy(p[i*k:][:k], l, 1/float32(n))
	}
	m.classifier.Backward(p, n, false)
	return sum / float64(n), nil
}

// crossEntropy gives the cross-entropy in nats of the logits of a picture, which
// it replaces by scale times its gradient.
func crossEntropy(logits []float32, label int, scale float32) float64 {
	softmax(logits)
	loss := -math.Log(max(float64(logits[label]), math.SmallestNonzeroFloat32))
	logits[label]--
	for j := range logits {
		logits[j] *= scale
	}
	return loss
}

// checkLabels returns a *LabelError unless all labels are classes.
func checkLabels(labels []int, classes int) error {
	for i, l := range labels {
		if l < 0 || l >= classes {
			return &LabelError{i, l, classes}
		}
	}
	return nil
}

// LabelError says that a label is not one of the model's classes.
type LabelError struct{ Index, Label, Classes int }

func (e *LabelError) Error() string {
	return fmt.Sprintf("labels[%d] is %d; the classes are 0 to %d", e.Index, e.Label, e.Classes-1)
}
