package vae

import "inkdrift/vae/nn"

// Graph describes the networks of a model as data: each is a list of layers that
// follow one another. A family that lacks a network has none here. Encoder and
// Decoder of a conditional model take the class, one-hot, behind their input.
// Model files carry it, and what writes models for other programs reads nothing
// else.
type Graph struct {
	// Encoder maps pictures to the features that Mu and LogVar, mean and
	// log-variance of q(z|x), are linear in.
	Encoder []nn.Layer `json:"encoder,omitempty"`
	Mu      []nn.Layer `json:"mu,omitempty"`
	LogVar  []nn.Layer `json:"logvar,omitempty"`
	// Decoder maps latents to logits of a Bernoulli likelihood, else to pixels.
	Decoder []nn.Layer `json:"decoder"`
	// Recogniser maps pictures to the logits of q(y|x).
	Recogniser []nn.Layer `json:"recogniser,omitempty"`
	// Discriminator maps pictures to the logit of being real. Its first Features
	// layers give the features in which "vae-gan" compares pictures.
	Discriminator []nn.Layer `json:"discriminator,omitempty"`
	Features      int        `json:"features,omitempty"`
	// Classifier maps mu, and Reader pictures, to the logits of classes.
	Classifier []nn.Layer `json:"classifier,omitempty"`
	Reader     []nn.Layer `json:"reader,omitempty"`
}

// Network is one network of a Graph with its name there.
type Network struct {
	Name   string
	Layers []nn.Layer
}

// Networks lists the networks that a model may have in a fixed order; those that it
// lacks have no layers.
func (g Graph) Networks() []Network {
	return []Network{
		{"encoder", g.Encoder}, {"mu", g.Mu}, {"logvar", g.LogVar}, {"decoder", g.Decoder}, {"recogniser", g.Recogniser},
		{"discriminator", g.Discriminator}, {"classifier", g.Classifier}, {"reader", g.Reader},
	}
}

// Graph describes the computation as data, with the names of the tensors.
func (m *Model) Graph() Graph {
	layers := func(parts ...nn.Module) (all []nn.Layer) {
		for _, p := range present(parts...) {
			all = append(all, p.Layers()...)
		}
		return all
	}
	g := Graph{
		Encoder: layers(m.encoder), Mu: layers(m.mu), LogVar: layers(m.logvar), Decoder: layers(m.decoder),
		Recogniser: layers(m.recogniser), Discriminator: layers(m.critic, m.verdict),
		Classifier: layers(m.classifier), Reader: layers(m.reader),
	}
	g.Features = len(layers(m.critic))
	return g
}
