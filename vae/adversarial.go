package vae

import (
	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// discriminator builds the two parts of a discriminator: the critic,
// convolutions of stride 2 as in DCGAN (Radford et al. 2016), and the verdict,
// a linear layer on their maps. Both are nil where the config has none. No
// network here has batch normalisation, which would make the gradient of a
// picture depend on the others of its batch.
func discriminator(c Config) (critic, verdict nn.Module) {
	if len(c.Discriminator) == 0 {
		return nil, nil
	}
	s := c.convolutions("discriminator", c.Discriminator)
	critic = s.module()
	last := newBuilder("discriminator", c.Activation, s.width)
	last.place = s.place
	last.dense(1, identity)
	return critic, last.module()
}

// checkDiscriminator returns a *ConfigError for one that cannot be built.
func checkDiscriminator(c Config) error { return c.checkMaps("discriminator", c.Discriminator, 1, 1) }

// discriminatorGame is what adversarial objectives have in common: the discriminator, its input and its losses.
// Generated pictures come first in a batch, real ones after them.
type discriminatorGame struct {
	model     *Model
	params    []*nn.Param // of the discriminator
	smoothing float32

	input, noise []float32 // input of the discriminator
	target       []float32 // target probabilities of being real
	loss, grad   []float32
	features     []float32 // output of the critic,
	logits       []float32 // output of the verdict; both belong to the modules
}

// newDiscriminatorGame returns the state for m. It sets the learning rate of the discriminator's parameters if a has
// one; an objective that only evaluates has none, so it changes no rate of a run.
func newDiscriminatorGame(m *Model, a ObjectiveConfig) discriminatorGame {
	params := append(m.critic.Params(), m.verdict.Params()...)
	if a.DiscriminatorRate > 0 {
		for _, p := range params {
			p.Rate = a.DiscriminatorRate
		}
	}
	return discriminatorGame{model: m, params: params, smoothing: float32(a.Smoothing)}
}

func (o *discriminatorGame) reserve(fakes, reals int) {
	n, w := fakes+reals, o.model.InputLen()
	o.input, o.noise = grow(o.input, n*w), grow(o.noise, n*w)
	o.target, o.loss, o.grad = grow(o.target, n), grow(o.loss, n), grow(o.grad, n)
}

// discriminate runs the discriminator on generated pictures, each for every picture of the share, and then on the
// share's own n, with noise on all. It puts the discriminator's loss, the mean of the cross-entropies of generated and
// of real pictures, into a column of terms, and keeps its gradient. The loss of a discriminator that cannot tell them
// apart is log 2.
func (o *discriminatorGame) discriminate(s Share, fake []float32, n, each int, terms []float32, column int) {
	m, b, w := o.model, compute.Implementation(), o.model.InputLen()
	fakes := n * each
	o.reserve(fakes, n)
	copy(o.input, fake[:fakes*w])
	copy(o.input[fakes*w:], s.X)
	if s.Noise > 0 {
		for i := range each + 1 {
			b.Normal(o.noise[i*n*w:][:n*w], substream(s.Key, streamInstance+uint64(i)), uint32(s.First*w))
		}
		addScaled(o.input, float32(s.Noise), o.noise)
	}
	clear(o.target)
	for i := range n {
		o.target[fakes+i] = 1 - o.smoothing
	}
	o.features = m.critic.Forward(o.input, fakes+n)
	o.logits = m.verdict.Forward(o.features, fakes+n)
	scale := 0.5 / float32(max(s.Batch, 1))
	b.BCEWithLogits(o.loss[:fakes], o.grad[:fakes], o.logits[:fakes], o.target[:fakes], scale/float32(each))
	b.BCEWithLogits(o.loss[fakes:], o.grad[fakes:], o.logits[fakes:], o.target[fakes:], scale)
	for i := range n {
		terms[i*TermsLen+column] = (ofPicture(o.loss[:fakes], i, n) + o.loss[fakes+i]) / 2
	}
}

// ofPicture is the mean of x over the rows of picture i of n, which has one in every n.
func ofPicture(x []float32, i, n int) float32 {
	var sum float32
	for j := i; j < len(x); j += n {
		sum += x[j]
	}
	return sum / float32(len(x)/n)
}

// realProbabilities puts the probabilities of being real that the discriminator gave to real and to generated
// pictures into two columns of terms.
func (o *discriminatorGame) realProbabilities(fakes int, terms []float32, real, fake int) {
	compute.Implementation().Sigmoid(o.loss, o.logits)
	n := len(o.loss) - fakes
	for i := range n {
		terms[i*TermsLen+real], terms[i*TermsLen+fake] = o.loss[fakes+i], ofPicture(o.loss[:fakes], i, n)
	}
}

// backward computes the gradient of the discriminator's loss with respect to
// its parameters.
func (o *discriminatorGame) backward() {
	n := len(o.grad)
	o.model.critic.Backward(o.model.verdict.Backward(o.grad, n, true), n, false)
}

// generatorLoss puts the generator's non-saturating loss of Goodfellow et al. 2014, the mean of -log D over generated
// pictures, into a column of terms, and keeps its gradient times weight.
func (o *discriminatorGame) generatorLoss(s Share, fakes int, weight float32, terms []float32, column int) {
	for i := range o.target[:fakes] {
		o.target[i] = 1
	}
	n := len(o.target) - fakes
	each := fakes / n
	compute.Implementation().BCEWithLogits(o.loss[:fakes], o.grad[:fakes], o.logits[:fakes], o.target[:fakes], weight/float32(each*max(s.Batch, 1)))
	for i := range n {
		terms[i*TermsLen+column] = ofPicture(o.loss[:fakes], i, n)
	}
}

// generatorGradient returns the gradient of generatorLoss with respect to the
// generated pictures.
func (o *discriminatorGame) generatorGradient(fakes int) []float32 {
	m := o.model
	return o.backwardFrozen(m.critic, o.backwardFrozen(m.verdict, o.grad[:fakes], fakes), fakes)
}

// backwardFrozen propagates a gradient back through a part of the discriminator without touching the gradients of its
// parameters.
func (o *discriminatorGame) backwardFrozen(part nn.Module, d []float32, n int) []float32 {
	nn.Freeze(o.params, true)
	d = part.Backward(d, n, true)
	nn.Freeze(o.params, false)
	return d
}
