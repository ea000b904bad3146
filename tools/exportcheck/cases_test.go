//go:build exportcheck

package exportcheck

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/export"
	"inkdrift/vae/nn"
	"inkdrift/vae/prior"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// A plan is what onnx.mjs and pytorch.py read of one model.
type plan struct {
	Model  string `json:"model"`
	Folder string `json:"folder"`
	Runs   []run  `json:"runs"`
	Train  *drill `json:"train,omitempty"`
}

// A run gives inputs to a graph and says what must come out.
type run struct {
	Graph   string            `json:"graph"`
	Batch   int               `json:"batch"`
	Inputs  map[string]tensor `json:"inputs"`
	Outputs map[string]tensor `json:"outputs"`
}

// A drill is a run of training that must have these terms.
type drill struct {
	Data      string               `json:"data"`
	Out       string               `json:"out"`
	Steps     int                  `json:"steps"`
	Processes int                  `json:"processes"`
	Port      int                  `json:"port"`
	Terms     []map[string]float64 `json:"terms"`
}

type tensor struct {
	Shape []int  `json:"shape"`
	Data  string `json:"data"`
}

func tensorOf(x []float32, shape ...int) tensor {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return tensor{shape, base64.StdEncoding.EncodeToString(b)}
}

// A subject is a model that is exported, and how it goes on training; nil: it does not.
type subject struct {
	name  string
	file  []byte
	model *vae.Model
	set   data.Dataset // like that which it was trained on; nil: noise
	drill *train.Options
}

// fill makes n pictures as those that the model was trained on, or noise.
func (s subject) fill(x []float32, n int) {
	if s.set == nil {
		compute.Implementation().Uniform(x, compute.NewKey(uint64(n), 1), 0)
		return
	}
	index := make([]int, n)
	for i := range index {
		index[i] = i
	}
	s.set.Batch(x, index)
}

// shipped lists the models of the gallery.
func shipped(t *testing.T, root string) (all []subject) {
	b, err := os.ReadFile(filepath.Join(root, "web", "models", "gallery.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries []struct{ Name, File, Data string }
	if err := json.Unmarshal(b, &entries); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(root, "web", "models", e.File))
		if err != nil {
			t.Fatal(err)
		}
		if e.Data == "mnist" {
			e.Data = "digits"
		}
		source, err := sets.Find(e.Data)
		if err != nil {
			t.Fatal(err)
		}
		s := read(t, e.Name, b)
		s.set = source.Span(1, 0, 7)
		all = append(all, s)
	}
	return all
}

func read(t *testing.T, name string, b []byte) subject {
	m, err := store.ReadModel(b)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return subject{name: name, file: b, model: m}
}

// small are models of every family that together have every kind of layer, objective
// and setting of training.
func small(t *testing.T) (all []subject) {
	settings := func(change func(*train.Options)) *train.Options {
		o := train.Defaults()
		o.Epochs, o.Batch, o.LearningRate, o.WarmUp, o.KLWarmUp, o.Seed = 3, 8, 2e-3, 4, 6, 7
		change(&o)
		return &o
	}
	for _, c := range []struct {
		name   string
		config vae.Config
		drill  *train.Options
	}{
		{"small-dense", vae.Config{Family: "dense", Input: [3]int{1, 9, 7}, Encoder: []int{12, 10}, Decoder: []int{11}, Latent: 4, Activation: "sigmoid",
			Likelihood: vae.Bernoulli, Classes: 5, Classifier: []int{6}, Reader: []int{3, 4}, ReaderHidden: []int{8}},
			settings(func(o *train.Options) {
				o.Binarize, o.Samples, o.FreeBits, o.L1, o.L2, o.ClipNorm, o.EMA, o.Schedule = train.Static, 2, 0.1, 1e-3, 1e-2, 5, 0.9, nn.Cosine
			})},
		{"small-stl", vae.Config{Family: "dense", Input: [3]int{1, 6, 6}, Encoder: []int{}, Decoder: []int{11}, Latent: 3, Activation: "tanh", Likelihood: vae.Bernoulli},
			settings(func(o *train.Options) {
				o.Objective, o.Samples, o.Gradient, o.Beta, o.Beta1 = vae.BoundIWAE, 4, vae.GradientSTL, 0.7, 0.8
			})},
		{"small-iwae", vae.Config{Family: "dense", Input: [3]int{1, 6, 6}, Encoder: []int{8}, Decoder: []int{8}, Latent: 3, Activation: "relu", Likelihood: vae.Bernoulli},
			settings(func(o *train.Options) { o.Objective, o.Samples, o.Beta = vae.BoundIWAE, 3, 1.5 })},
		{"small-colour", vae.Config{Family: "conv", Input: [3]int{3, 9, 7}, Encoder: []int{4, 6}, Decoder: []int{6, 5, 4}, Hidden: []int{16}, Latent: 4, Activation: "leaky-relu",
			Kernel: 5, Likelihood: vae.Gaussian, Sigma: 0.5, Output: "sigmoid"},
			settings(func(o *train.Options) { o.Binarize, o.WeightDecay, o.Schedule = train.None, 0.1, nn.Linear })},
		{"small-conv", vae.Config{Family: "conv", Input: [3]int{1, 10, 9}, Encoder: []int{3, 4}, Decoder: []int{4, 3}, Latent: 3, Activation: "sigmoid", Kernel: 4, Likelihood: vae.Bernoulli,
			Classes: 3, Classifier: []int{}},
			settings(func(o *train.Options) { o.Objective, o.Samples, o.Gradient = vae.BoundIWAE, 3, vae.GradientDReG })},
		{"small-cvae", vae.Config{Family: "cvae", Input: [3]int{1, 6, 7}, Encoder: []int{9}, Decoder: []int{8, 9}, Latent: 3, Activation: "leaky-relu", Likelihood: vae.Bernoulli,
			Conditions: 5, Recogniser: []int{6}},
			settings(func(o *train.Options) { o.BetaStart = 5 })},
		{"small-dcgan", vae.Config{Family: "dcgan", Input: [3]int{1, 9, 8}, Decoder: []int{6, 4}, Discriminator: []int{4, 5}, Latent: 4, Activation: "leaky-relu",
			Likelihood: vae.Implicit, Output: "tanh"},
			settings(func(o *train.Options) {
				o.Binarize, o.Beta1, o.LabelSmoothing, o.InstanceNoise, o.InstanceNoiseSteps, o.DiscriminatorRate = train.None, 0.5, 0.1, 0.3, 7, 0.5
			})},
		{"small-vae-gan", vae.Config{Family: "vae-gan", Input: [3]int{3, 8, 8}, Encoder: []int{4}, Decoder: []int{6, 4}, Discriminator: []int{4}, Latent: 3, Activation: "relu",
			Kernel: 4, Likelihood: vae.Gaussian, Sigma: 0.4, Output: "sigmoid"},
			settings(func(o *train.Options) {
				o.Binarize, o.Optimizer, o.Momentum, o.LabelSmoothing = train.None, train.SGD, 0.5, 0.05
			})},
	} {
		m, err := vae.New(c.config, 3)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if c.name == "small-dense" {
			if err := m.SetPrior(mixture(m.Latent())); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, subject{name: c.name, file: encode(t, m, *c.drill), model: m, drill: c.drill})
	}
	return all
}

// mixture is a prior over all latent dimensions but the second.
func mixture(latent int) *prior.Mixture {
	p := &prior.Mixture{Latent: latent, Weights: []float32{0.25, 0.5, 0.25}}
	for i := range latent {
		if i != 1 {
			p.Dims = append(p.Dims, i)
		}
	}
	d := len(p.Dims)
	p.Mean, p.Factor = make([]float32, 3*d), make([]float32, 3*d*(d+1)/2)
	compute.Implementation().Normal(p.Mean, compute.NewKey(5), 0)
	compute.Implementation().Uniform(p.Factor, compute.NewKey(6), 0)
	for _, x := range [][]float32{p.Mean, p.Factor} { // as the file, which has half precision
		for i, v := range x {
			x[i] = store.FromHalf(store.ToHalf(v + 0.1))
		}
	}
	return p
}

// encode is the file of a model that was trained with options.
func encode(t *testing.T, m *vae.Model, o train.Options) []byte {
	recipe, err := json.Marshal(train.Recipe{Model: m.Config(), Train: o, Head: train.HeadDefaults(), DType: store.F32})
	if err != nil {
		t.Fatal(err)
	}
	f, err := store.ModelFile(m, store.Options{Notes: map[string]string{"recipe": string(recipe), "data": "small"}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Encode(out); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// planOf exports a subject in both formats into a folder, and says what its graphs must
// give for batches of 1 and 7.
func planOf(t *testing.T, s subject, folder string) plan {
	for _, format := range export.Formats() {
		files, err := export.Files(s.file, export.Options{Format: format, Name: s.name, Card: "card of " + s.name})
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(folder, f.Name), f.Bytes, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	p := plan{Model: s.name, Folder: folder}
	for _, n := range []int{1, 7} {
		p.Runs = append(p.Runs, runs(t, s, n)...)
	}
	return p
}

// runs has one for each graph of m with batches of n.
func runs(t *testing.T, s subject, n int) (all []run) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	m, b := s.model, compute.Implementation()
	c := m.Config()
	latent, shape := m.Latent(), []int{n, c.Input[0], c.Input[1], c.Input[2]}
	x, z := make([]float32, n*m.InputLen()), make([]float32, n*latent)
	s.fill(x, n)
	b.Normal(z, compute.NewKey(uint64(n), 2), 0)
	pictures, latents := tensorOf(x, shape...), tensorOf(z, n, latent)
	y := make([]float32, n*c.Conditions)
	for i := range n {
		if c.Conditions > 0 {
			y[i*c.Conditions+i*3%c.Conditions] = 1
		}
	}
	given := func(name string, v tensor) map[string]tensor {
		in := map[string]tensor{name: v}
		if c.Conditions > 0 {
			in["y"] = tensorOf(y, n, c.Conditions)
		}
		return in
	}
	add := func(graph string, inputs map[string]tensor, outputs map[string]tensor) {
		all = append(all, run{graph, n, inputs, outputs})
	}
	if m.HasEncoder() {
		mu, logvar := make([]float32, n*latent), make([]float32, n*latent)
		must(m.EncodeGiven(mu, logvar, x, y))
		add("encoder", given("x", pictures), map[string]tensor{"mu": tensorOf(mu, n, latent), "logvar": tensorOf(logvar, n, latent)})
	}
	out := make([]float32, len(x))
	must(m.DecodeGiven(out, z, y))
	add("decoder", given("z", latents), map[string]tensor{"x": tensorOf(out, shape...)})
	if k := max(m.Classes(), m.Conditions()); k > 0 {
		probs := make([]float32, n*k)
		must(m.Recognise(probs, x))
		add("classifier", map[string]tensor{"x": pictures}, map[string]tensor{"probabilities": tensorOf(probs, n, k)})
	}
	if k := m.Classes(); k > 0 {
		probs := make([]float32, n*k)
		must(m.Classify(probs, z))
		add("latent_classifier", map[string]tensor{"mu": latents}, map[string]tensor{"probabilities": tensorOf(probs, n, k)})
	}
	if c.Family == "dcgan" && c.Trainable() {
		add("discriminator", map[string]tensor{"x": pictures}, map[string]tensor{"real": tensorOf(realness(t, m, x), n, 1)})
	}
	if p := m.Prior(); p != nil {
		add("prior", nil, nil)
		r := &all[len(all)-1]
		r.Inputs, r.Outputs = priorRun(p, n)
	}
	return all
}

// realness is what the discriminator of a model of family dcgan says of each picture.
func realness(t *testing.T, m *vae.Model, x []float32) (real []float32) {
	o, err := vae.NewObjective(m, 1, vae.ObjectiveConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(x) / m.InputLen() {
		terms, err := o.Evaluate(vae.Share{X: x[i*m.InputLen():][:m.InputLen()], Batch: 1})
		if err != nil {
			t.Fatal(err)
		}
		real = append(real, float32(terms.Other[2]))
	}
	return real
}

// priorRun draws n latents and takes the streams apart that they come of.
func priorRun(p *prior.Mixture, n int) (inputs, outputs map[string]tensor) {
	z, e, u := make([]float32, n*p.Latent), make([]float32, n*p.Latent), make([]float32, n)
	const word = 11
	p.Sample(z, compute.Key{A: word})
	which := compute.NewKey(word, 1)
	for i := range u {
		u[i] = float32(float64(which.Word(uint32(i))) / (1 << 32))
	}
	compute.Implementation().Normal(e, compute.NewKey(word, 2), 0)
	return map[string]tensor{"u": tensorOf(u, n), "e": tensorOf(e, n, p.Latent)}, map[string]tensor{"z": tensorOf(z, n, p.Latent)}
}

// drillOf trains a copy of the subject's model for a few steps, writes its data as IDX
// files, and says which terms the steps have. The trainer is the one that took them.
func drillOf(t *testing.T, s subject, folder string, steps, processes, port int) (*drill, *train.Trainer) {
	set := pictures(t, s.model.Config())
	m, err := store.ReadModel(s.file)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := train.New(m, set, *s.drill)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	d := &drill{Data: folder, Out: filepath.Join(folder, "trained.safetensors"), Steps: steps, Processes: processes, Port: port}
	for range steps {
		ev, err := trainer.Step()
		if err != nil || ev.Undone {
			t.Fatalf("%s: %+v, %v", s.name, ev, err)
		}
		terms := map[string]float64{}
		if m.Config().HasLikelihood() {
			terms["recon"], terms["kl"] = ev.Terms.Recon, ev.Terms.KL
		}
		for i, name := range trainer.TermNames() {
			terms[name] = ev.Terms.Other[i]
		}
		d.Terms = append(d.Terms, terms)
	}
	writeIDX(t, folder, set)
	return d, trainer
}

// pictures are 27 of a model's shape, so that epochs end with a smaller batch.
func pictures(t *testing.T, c vae.Config) *data.Growing {
	set := data.NewGrowing("small", data.Shape{C: c.Input[0], H: c.Input[1], W: c.Input[2]})
	key := compute.NewKey(21)
	for i := range 27 {
		p := set.Add(i % max(c.Conditions, 1))
		for j := range p {
			p[j] = byte(key.Word(uint32(i*len(p)+j)) >> 24)
		}
	}
	return set
}

// writeIDX writes a set as the files of MNIST are.
func writeIDX(t *testing.T, folder string, set *data.Growing) {
	s := set.Shape()
	dims := []int{set.Len(), s.C, s.H, s.W}
	if s.C == 1 {
		dims = []int{set.Len(), s.H, s.W}
	}
	images, labels := data.IDXHeader(dims...), data.IDXHeader(set.Len())
	x := make([]float32, s.Len())
	for i := range set.Len() {
		set.Batch(x, []int{i})
		for _, v := range x {
			images = append(images, byte(v*255+0.5))
		}
		labels = append(labels, byte(set.Label(i)))
	}
	for name, b := range map[string][]byte{"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(folder, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
