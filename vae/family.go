package vae

import (
	"maps"
	"slices"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// A family builds the networks of a model and may bring an objective. A new one
// is a file with such a value and a line here.
type family struct {
	Traits
	// build makes the networks of a valid config.
	build func(Config) parts
	// check returns a *ConfigError for what only this family does not allow.
	check func(Config) error
	// objective makes what the family is trained on; nil: a Bound.
	objective func(m *Model, n int, a ObjectiveConfig) Objective
}

var families = map[string]family{
	"dense":   denseFamily,
	"conv":    convFamily,
	"cvae":    cvaeFamily,
	"dcgan":   dcganFamily,
	"vae-gan": vaeGANFamily,
}

// Families lists the names of the known families.
func Families() []string { return slices.Sorted(maps.Keys(families)) }

// parts are the networks that a family builds; those that it does not have are
// nil. build adds what all families share: the linear maps to mu and
// log-variance, and the classifiers.
type parts struct {
	// encoder maps pictures, or pictures and class, to the features that mu and
	// log-variance are linear in.
	encoder    nn.Module
	mu, logvar nn.Module
	// decoder maps latents, or latents and class, to the parameters of p(x|z).
	decoder nn.Module
	// recogniser maps pictures to the logits of q(y|x).
	recogniser nn.Module
	// critic maps pictures to features, verdict these to the logit of being real;
	// both together are the discriminator.
	critic, verdict nn.Module
	// classifier maps mu to logits of classes.
	classifier nn.Module
	// reader maps pictures to logits of the same classes.
	reader nn.Module
}

// build makes all networks of a config. It takes no memory for their weights.
func build(c Config) parts {
	p := families[c.Family].build(c)
	if p.encoder != nil {
		p.mu = nn.NewDense("mu", p.encoder.Out(), c.Latent, compute.Identity)
		p.logvar = nn.NewDense("logvar", p.encoder.Out(), c.Latent, compute.Identity)
	}
	if c.Classes > 0 {
		p.classifier = perceptron("classifier", c.Latent, c.Classifier, "relu", c.Classes)
	}
	if len(c.Reader) > 0 {
		s := newBuilder("reader", "relu", c.InputLen())
		s.picture(nn.Shape{Height: c.Input[1], Width: c.Input[2], Channels: c.Input[0]})
		for _, n := range c.Reader {
			s.conv(n, readerKernel, "relu")
		}
		s.flatten()
		s.hidden(c.ReaderHidden).dense(c.Classes, identity)
		p.reader = s.module()
	}
	return p
}

// trained lists the networks that an Objective trains, in the order of the
// arena.
func (p parts) trained() []nn.Module {
	return present(p.encoder, p.mu, p.logvar, p.decoder, p.recogniser, p.critic, p.verdict)
}

// modules lists all networks.
func (p parts) modules() []nn.Module { return append(p.trained(), present(p.classifier, p.reader)...) }

func present(all ...nn.Module) (ms []nn.Module) {
	for _, m := range all {
		if m != nil {
			ms = append(ms, m)
		}
	}
	return ms
}
