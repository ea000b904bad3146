package onnx

import (
	"slices"

	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/prior"
)

// A File is one graph as a file.
type File struct {
	Name  string
	Bytes []byte
}

// Names of the files.
const (
	Encoder          = "encoder.onnx"
	Decoder          = "decoder.onnx"
	Classifier       = "classifier.onnx"
	LatentClassifier = "latent_classifier.onnx"
	Discriminator    = "discriminator.onnx"
	Prior            = "prior.onnx"
)

// Files writes the networks that m has; each file has the metadata. The error is an
// *UnknownLayerError.
func Files(m *vae.Model, metadata map[string]string) ([]File, error) {
	w := &writer{model: m, config: m.Config(), graph: m.Graph(), weights: map[string][]float32{}}
	for _, p := range m.Params() {
		w.weights[p.Name] = p.W
	}
	for _, part := range []struct {
		has   bool
		name  string
		doc   string
		build func(g *graph) error
	}{
		{m.HasEncoder(), Encoder, "mean and log-variance of q(z|x)", w.encoder},
		{true, Decoder, "means of the pixels of p(x|z)", w.decoder},
		{w.graph.Recogniser != nil || w.graph.Classifier != nil, Classifier, "class probabilities of pictures", w.classifier},
		{w.graph.Classifier != nil, LatentClassifier, "class probabilities of latent means", w.latentClassifier},
		{w.graph.Discriminator != nil, Discriminator, "probabilities that pictures are real", w.discriminator},
		{m.Prior() != nil, Prior, "draws from the prior that was fitted to where the encoder puts the data", w.prior},
	} {
		if !part.has {
			continue
		}
		g := newGraph(part.name[:len(part.name)-len(".onnx")], part.doc, w.weights)
		if err := part.build(g); err != nil {
			return nil, err
		}
		w.files = append(w.files, File{part.name, g.model(part.doc, metadata)})
	}
	return w.files, nil
}

// writer makes the graphs of one model.
type writer struct {
	model   *vae.Model
	config  vae.Config
	graph   vae.Graph
	weights map[string][]float32
	files   []File
}

// pictures declares the input x.
func (w *writer) pictures(g *graph) string {
	return g.input("x", "pictures: channels, height, width, from 0, paper, to 1, ink", w.config.Input[:]...)
}

// network adds a network over pictures, as flat rows where it does not begin with
// maps, and with the classes behind where it is conditioned on them.
func (w *writer) network(g *graph, layers []nn.Layer, x, classes string) (string, error) {
	switch {
	case len(layers) > 0 && layers[0].Kind == nn.KindUnfold:
		layers = layers[1:] // it is unfolded already
	default:
		x = g.node("Flatten", attributes{"axis": 1}, x)
	}
	return g.layers(layers, g.conditioned(x, classes))
}

// conditioned puts classes behind rows, if there are any.
func (g *graph) conditioned(x, classes string) string {
	if classes == "" {
		return x
	}
	return g.node("Concat", attributes{"axis": 1}, x, classes)
}

// classes declares the input y of a conditional model.
func (w *writer) classes(g *graph) string {
	if w.config.Conditions == 0 {
		return ""
	}
	return g.input("y", "the class, one-hot, or weights of the classes", w.config.Conditions)
}

// encoder is conditioned on the class where the model is.
func (w *writer) encoder(g *graph) error {
	h, err := w.network(g, w.graph.Encoder, w.pictures(g), w.classes(g))
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name, doc string
		layers    []nn.Layer
	}{{"mu", "mean of q(z|x)", w.graph.Mu}, {"logvar", "logarithm of the variance of q(z|x)", w.graph.LogVar}} {
		y, err := g.layers(part.layers, h)
		if err != nil {
			return err
		}
		g.output(part.name, part.doc, []int{w.config.Latent}, "Identity", nil, y)
	}
	return nil
}

func (w *writer) decoder(g *graph) error {
	z := g.input("z", "latents", w.config.Latent)
	y, err := g.layers(w.graph.Decoder, g.conditioned(z, w.classes(g)))
	if err != nil {
		return err
	}
	shape := w.config.Input[:]
	y = g.reshape(y, shape)
	const doc = "means of pixels, from 0 to 1"
	if w.config.Likelihood == vae.Bernoulli {
		g.output("x", doc, shape, "Sigmoid", nil, y)
		return nil
	}
	g.output("x", doc, shape, "Clip", nil, y, g.constant("zero", nil, []float32{0}), g.constant("one", nil, []float32{1}))
	return nil
}

// probabilities ends a graph with those of logits.
func (g *graph) probabilities(logits string, classes int) {
	g.output("probabilities", "of the classes", []int{classes}, "Softmax", attributes{"axis": 1}, logits)
}

func (w *writer) classifier(g *graph) error {
	x := w.pictures(g)
	classes, layers := w.config.Classes, w.graph.Reader
	if w.graph.Recogniser != nil {
		classes, layers = w.config.Conditions, w.graph.Recogniser
	}
	if layers == nil { // on mu
		layers = slices.Concat(w.graph.Encoder, w.graph.Mu, w.graph.Classifier)
	}
	y, err := w.network(g, layers, x, "")
	if err != nil {
		return err
	}
	g.probabilities(y, classes)
	return nil
}

func (w *writer) latentClassifier(g *graph) error {
	y, err := g.layers(w.graph.Classifier, g.input("mu", "mean of q(z|x)", w.config.Latent))
	if err != nil {
		return err
	}
	g.probabilities(y, w.config.Classes)
	return nil
}

func (w *writer) discriminator(g *graph) error {
	y, err := w.network(g, w.graph.Discriminator, w.pictures(g), "")
	if err != nil {
		return err
	}
	g.output("real", "probability of being real", []int{1}, "Sigmoid", nil, y)
	return nil
}

// prior draws a component c with u and gives mean_c + L_c e in the dimensions of the
// mixture, and e in the others.
func (w *writer) prior(g *graph) error {
	p := w.model.Prior()
	k, d, latent := p.Components(), len(p.Dims), p.Latent
	u := g.input("u", "uniform in [0, 1), one for each latent: it chooses the component")
	e := g.input("e", "of N(0, I)", latent)

	steps := g.constant("cumulative", []int{1, k}, cumulative(p))
	after := g.node("GreaterOrEqual", nil, g.node("Unsqueeze", nil, u, g.constantInts("axis_1", 1)), steps)
	count := g.node("ReduceSum", attributes{"keepdims": 0}, g.node("Cast", attributes{"to": typeInt64}, after), g.constantInts("axis_1", 1))
	component := g.node("Min", nil, count, g.constantInts("last", k-1))

	mean := g.node("Gather", nil, g.constant("mean", []int{k, d}, p.Mean), component)
	factor := g.node("Gather", nil, g.constant("factor", []int{k, d, d}, lower(p)), component)
	some := g.node("Gather", attributes{"axis": 1}, e, g.constantInts("dimensions", p.Dims...))
	column := g.node("MatMul", nil, factor, g.node("Unsqueeze", nil, some, g.constantInts("axis_2", 2)))
	drawn := g.node("Add", nil, mean, g.node("Squeeze", nil, column, g.constantInts("axis_2", 2)))

	place, others := make([]float32, d*latent), make([]float32, latent)
	for i := range others {
		others[i] = 1
	}
	for i, at := range p.Dims {
		place[i*latent+at], others[at] = 1, 0
	}
	placed := g.node("MatMul", nil, drawn, g.constant("place", []int{d, latent}, place))
	kept := g.node("Mul", nil, e, g.constant("others", []int{1, latent}, others))
	g.output("z", "latents", []int{latent}, "Add", nil, placed, kept)
	return nil
}

// cumulative are the sums of the weights up to each component.
func cumulative(p *prior.Mixture) []float32 {
	sums, sum := make([]float32, len(p.Weights)), 0.0
	for i, w := range p.Weights {
		sum += float64(w)
		sums[i] = float32(sum)
	}
	return sums
}

// lower are the triangles of p as whole matrices, [K, d, d].
func lower(p *prior.Mixture) []float32 {
	k, d := p.Components(), len(p.Dims)
	full, from := make([]float32, k*d*d), p.Factor
	for c := range k {
		for i := range d {
			copy(full[(c*d+i)*d:], from[:i+1])
			from = from[i+1:]
		}
	}
	return full
}
