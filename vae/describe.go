package vae

import (
	"strings"

	"inkdrift/vae/nn"
)

// layerNotes explain the terms of nn.Layer.String to readers who run a model
// without this program.
var layerNotes = map[string]string{
	"linear": "y = x W^T + b with W = NAME.weight [out, in] and b = NAME.bias, as torch.nn.Linear",
	"conv":   "2-D convolution with NAME.weight [out, in, kernel, kernel] and NAME.bias [out], kernel 3 and padding 1 unless said otherwise, as torch.nn.Conv2d",
	"conv-transpose": "transposed 2-D convolution with NAME.weight [in, out, kernel, kernel] and NAME.bias [out], kernel 3 and padding 1 unless said otherwise, as torch.nn.ConvTranspose2d; " +
		"with stride 2 its output padding makes heights and widths those of the picture halved as often as is still to be doubled, half a pixel kept with odd kernels and dropped with others",
	"unfold":     "maps are channels, height, width, row-major, in x, where a map is flattened and where one is unfolded",
	"leaky-relu": "max(x, 0.01 x)",
}

// Describe describes the computation in words, with the names of the tensors; Graph
// says the same as data.
func (m *Model) Describe() map[string]string {
	g, graph := map[string]string{}, m.Graph()
	say := func(key, in, out string, layers []nn.Layer) {
		words := in
		if len(layers) > 0 {
			words += "; " + nn.Sentence(layers)
		}
		g[key] = words + out
	}
	c := m.config
	y := ""
	if c.Conditions > 0 {
		y = " with y, the class one-hot, behind it"
	}
	const x = "x (row-major, 0 paper to 1 ink)"
	if m.encoder != nil {
		say("encoder", x+y, " = h", graph.Encoder)
		g["latent"] = "mu = linear mu(h); logvar = linear logvar(h); z = mu + exp(logvar/2) * N(0, I)"
	}
	if m.recogniser != nil {
		say("recogniser", x, "; softmax = q(y|x)", graph.Recogniser)
	}
	say("decoder", "z"+y, "", graph.Decoder)
	switch c.Likelihood {
	case Bernoulli:
		g["likelihood"] = "p(x|z) = Bernoulli(sigmoid(decoder))"
	case Gaussian:
		g["likelihood"] = "p(x|z) = Normal(decoder, sigma), sigma = 1 when the config has none"
	case Implicit:
		g["likelihood"] = "x = decoder, z = N(0, I)"
	}
	if m.critic != nil {
		say("discriminator", "x", "; this is the logit of being real", graph.Discriminator)
	}
	if m.classifier != nil {
		say("classifier", "mu", "; softmax", graph.Classifier)
	}
	if m.reader != nil {
		say("reader", x, "; softmax", graph.Reader)
	}
	var all strings.Builder
	for _, text := range g {
		all.WriteString("; " + text + "; ")
	}
	for word, note := range layerNotes {
		if text := all.String(); strings.Contains(text, "; "+word+" ") || strings.Contains(text, "; "+word+";") {
			g[word] = note
		}
	}
	return g
}
