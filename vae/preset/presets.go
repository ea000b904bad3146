package preset

import (
	"fmt"
	"strings"

	"inkdrift/vae"
	"inkdrift/vae/data/sets"
	"inkdrift/vae/nn"
	"inkdrift/vae/store"
	"inkdrift/vae/train"
)

// Preset is a named experiment. The page begins with its Settings; tools/train
// makes a model file of its [Preset.Recipe].
type Preset struct {
	Name string
	// Offered: it is in the page's list. The page takes the others by name.
	Offered  bool
	Settings Settings

	// Classes of the classifier on the latent means that tools/train puts on the
	// finished model, 0 for none, and the widths of its hidden layers.
	Classes    int
	Classifier []int
	// DType and Mantissa of the stored weights, as train.Recipe has them.
	DType    store.DType
	Mantissa int
}

// Recipe returns what tools/train makes of the preset, for pictures of its data
// set's shape.
func (p Preset) Recipe() train.Recipe {
	s, err := sets.Find(p.Settings.Data)
	if err != nil {
		panic(fmt.Sprintf("preset %s: %v", p.Name, err)) // a test opens all
	}
	r := p.Settings.Recipe([3]int{s.Shape.C, s.Shape.H, s.Shape.W})
	r.Model.Classes, r.Model.Classifier = p.Classes, p.Classifier
	r.DType, r.Mantissa = p.DType, p.Mantissa
	return r
}

// All returns all presets, those that the page offers first and in its order. The
// first is the one that a visitor finds. They must not be changed.
func All() []Preset { return list }

// Names lists the names of all presets.
func Names() []string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	return names
}

// Find returns the preset of a name. The error is a *train.OptionError that lists
// the names.
func Find(name string) (Preset, error) {
	for _, p := range list {
		if p.Name == name {
			return p, nil
		}
	}
	return Preset{}, &train.OptionError{Field: "preset", Reason: fmt.Sprintf("%q is unknown; known: %s", name, strings.Join(Names(), ", "))}
}

// OwnHand is the preset that a model goes on with on a person's own drawings.
const OwnHand = "own-hand"

// FamilyPreset returns the name of the preset with the usual settings of a family.
func FamilyPreset(family string) string { return familyPresets[family] }

var familyPresets = map[string]string{"dense": "quick", "conv": "conv", "cvae": "conditional", "dcgan": "gan", "vae-gan": "vae-gan"}

// offered makes a preset of the page's list by changing Defaults.
func offered(name string, change func(*Settings)) Preset {
	s := Defaults()
	change(&s)
	return Preset{Name: name, Offered: true, Settings: s, DType: store.F32}
}

// unlisted makes a preset that is not in the page's list, for tools/train: it trains
// for many epochs on as many pictures as MNIST has.
func unlisted(name string, dtype store.DType, mantissa int, change func(*Settings)) Preset {
	s := Defaults()
	s.Images = 60_000
	s.Schedule = string(nn.Cosine)
	change(&s)
	return Preset{Name: name, Settings: s, DType: dtype, Mantissa: mantissa}
}

// classified asks for the classifier of the digits that the studio reads with.
func classified(p Preset) Preset {
	p.Classes, p.Classifier = 10, []int{256, 256}
	return p
}

// coloured is for pictures in colour that are learnt in minutes. Wide maps out of a
// linear layer show where things are after a few hundred steps; narrow ones are
// learnt slowly.
func coloured(s *Settings) {
	Shades.apply(s)
	s.Images = 6000
	s.Family, s.Encoder, s.Decoder, s.Kernel, s.Activation = "conv", []int{16, 32}, []int{16, 12}, 4, "leaky-relu"
	s.WarmUp, s.Batch = 50, 32
}

var list = []Preset{
	offered("quick", func(*Settings) {}),
	offered("dense-400", func(s *Settings) {
		s.Latent, s.LearningRate, s.Batch, s.Epochs = 20, 0.001, 128, 20
	}),
	offered("map", func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 400}, []int{400, 400}, 2, "leaky-relu"
		s.LearningRate, s.Epochs = 0.0015, 20
	}),
	// A map that narrows slowly, so that classes lie apart.
	offered("deep-2d", func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{128, 64, 32}, []int{256, 128, 64}, 2, "leaky-relu"
		s.KLWarmUp, s.Binarize, s.Epochs = 500, string(train.None), 30
	}),
	// The smallest useful one.
	offered("wide-32", func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{128}, []int{128}, 32, "sigmoid"
		s.L2, s.LearningRate, s.Binarize, s.Epochs = 1e-5, 0.003, string(train.None), 20
	}),
	// The model that the page opens with, in fewer epochs.
	offered("studio", func(s *Settings) {
		s.Images = 60_000
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 400}, []int{500, 500}, 40, "leaky-relu"
		s.LearningRate, s.Schedule, s.WarmUp, s.Batch, s.Epochs = 0.0012, string(nn.Cosine), 600, 128, 40
	}),
	offered("conv", func(s *Settings) {
		s.Family, s.Encoder, s.Decoder = "conv", []int{32, 64}, []int{64, 64, 32}
	}),
	// The network of the gallery's conv-iwae.
	offered("conv-iwae", func(s *Settings) {
		s.Images = 60_000
		s.Family, s.Encoder, s.Hidden, s.Decoder = "conv", []int{16, 32}, []int{400}, []int{32, 16, 16}
		s.Kernel, s.Latent, s.Activation = 4, 40, "leaky-relu"
		s.Schedule, s.WarmUp, s.KLWarmUp, s.Epochs = string(nn.Cosine), 200, 500, 20
	}),
	offered("faces", func(s *Settings) {
		coloured(s)
		s.Data, s.Sigma = "faces", 0.25
		s.Hidden, s.Latent, s.LearningRate, s.Epochs = []int{128}, 24, 0.004, 20
	}),
	offered("textures", func(s *Settings) {
		Shades.apply(s)
		s.Data, s.Sigma, s.Images = "materials", 0.3, 10_000
		s.Encoder, s.Decoder, s.Activation = []int{128, 64, 32}, []int{32, 64, 128}, "leaky-relu"
		s.WarmUp, s.KLWarmUp, s.Epochs = 100, 500, 60
	}),
	offered("pictures", func(s *Settings) {
		coloured(s)
		s.Data, s.Sigma = "materials-colour", 0.3
		s.Hidden, s.Latent, s.LearningRate, s.Epochs = []int{256}, 32, 0.003, 40
	}),
	offered("conditional", func(s *Settings) {
		s.Family, s.Encoder, s.Decoder, s.Latent, s.Activation = "cvae", []int{256}, []int{256, 256}, 8, "leaky-relu"
		s.BetaStart, s.KLWarmUp, s.Epochs = 8, 1500, 20
	}),
	offered("iwae", func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{200, 200}, []int{200, 200}, 50, "tanh"
		s.Objective, s.Samples, s.Epochs = vae.BoundIWAE, 5, 20
	}),
	offered("gan", func(s *Settings) {
		s.Family, s.Encoder, s.Decoder, s.Kernel, s.Latent = "dcgan", []int{}, []int{64, 32}, 4, 32
		s.Activation, s.Output, s.LearningRate, s.Batch = "leaky-relu", "tanh", 0.001, 32
	}),
	offered("vae-gan", func(s *Settings) {
		s.Family, s.Encoder, s.Decoder, s.Kernel = "vae-gan", []int{16, 32}, []int{64, 32}, 4
		s.Activation, s.Likelihood, s.Sigma, s.Output, s.Binarize = "leaky-relu", string(vae.Gaussian), 0.2, "tanh", string(train.None)
		s.Beta, s.Noise, s.DiscriminatorRate = 3, 0.3, 0.3
		s.LearningRate, s.Batch = 0.001, 32
	}),
	offered("tidy", func(s *Settings) { s.Beta, s.KLWarmUp = 4, 300 }),
	offered("collapse", func(s *Settings) { s.Beta = 40 }),
	offered("free", func(s *Settings) { s.Beta = 0 }),

	// For a model that goes on with one person's drawings; the network is that of the studio's model. Grey values, and a small beta,
	// because what counts is how near reconstructions are; chosen by drawings of four writers that were held back, see
	// tools/ownhand. With its copies, data.NewHand, it sees 88,000 pictures: many copies serve better than many epochs.
	func() Preset {
		p := offered(OwnHand, func(s *Settings) {
			s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 400}, []int{500, 500}, 40, "leaky-relu"
			s.From, s.Images, s.Beta, s.Binarize = "digits", 8000, 0.01, string(train.None)
			s.LearningRate, s.Schedule, s.Epochs = 0.0015, string(nn.Cosine), 4
		})
		p.Offered = false
		return p
	}(),
	// The model that the page opens with.
	classified(unlisted("digits", store.F16, 4, func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 400}, []int{500, 500}, 40, "leaky-relu"
		s.Epochs, s.Batch, s.LearningRate, s.WarmUp = 140, 128, 1.2e-3, 600
	})),
	// Two latent dimensions, to be drawn as a map.
	classified(unlisted("digits-2d", store.F16, 7, func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 400}, []int{400, 400}, 2, "leaky-relu"
		s.Epochs, s.Batch, s.LearningRate, s.WarmUp = 60, 128, 1.2e-3, 600
	})),
	unlisted("conv-32", store.F32, 0, func(s *Settings) {
		s.Family, s.Encoder, s.Decoder = "conv", []int{32, 64}, []int{64, 64, 32}
		s.Epochs, s.Batch, s.LearningRate, s.Schedule = 20, 128, 1e-3, string(nn.Constant)
	}),
	// The workloads of the benchmarks: dense-400 and conv-32 by the names that
	// benchmark lines have.
	unlisted("dense-vae-400", store.F32, 0, func(s *Settings) {
		s.Latent, s.Epochs, s.Batch, s.LearningRate, s.Schedule = 20, 20, 128, 1e-3, string(nn.Constant)
	}),
	unlisted("conv-vae-32", store.F32, 0, func(s *Settings) {
		s.Family, s.Encoder, s.Decoder = "conv", []int{32, 64}, []int{64, 64, 32}
		s.Epochs, s.Batch, s.LearningRate, s.Schedule = 20, 128, 1e-3, string(nn.Constant)
	}),
	// Patches of pictures.
	unlisted("texture-16", store.F16, 0, func(s *Settings) {
		Shades.apply(s)
		s.Data, s.Sigma = "materials", 0.3
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{128, 64, 32}, []int{32, 64, 128}, 16, "leaky-relu"
		s.Epochs, s.LearningRate, s.WarmUp, s.KLWarmUp = 60, 1e-3, 500, 1000
	}),
	// The gallery's textures: texture-16 with more of everything, and shades far
	// enough from certain that the prior is filled.
	unlisted("gallery-textures", store.F16, 7, func(s *Settings) {
		Shades.apply(s)
		s.Data, s.Sigma = "materials", 0.5
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{400, 200, 100}, []int{100, 200, 400}, 16, "leaky-relu"
		s.Epochs, s.LearningRate, s.WarmUp, s.KLWarmUp = 40, 1.5e-3, 300, 1000
	}),
	// The model with one stochastic layer of Burda et al. 2016, section 5.1; their
	// batches are of 20 and their 3,280 epochs end at a tenth of the first rate. A KL
	// term that warms up is worth four nats after ten epochs.
	unlisted("iwae-50", store.F16, 0, func(s *Settings) {
		s.Encoder, s.Decoder, s.Latent, s.Activation = []int{200, 200}, []int{200, 200}, 50, "tanh"
		s.Epochs, s.Batch, s.LearningRate, s.WarmUp, s.KLWarmUp = 400, 100, 1.5e-3, 600, 12000
		s.Objective, s.Samples = vae.BoundIWAE, 5
	}),
	// The gallery's conv-iwae: maps for strokes, and linear layers that put together
	// what lies apart.
	classified(unlisted("gallery-conv-iwae", store.F16, 6, func(s *Settings) {
		s.Family, s.Encoder, s.Hidden, s.Decoder = "conv", []int{16, 32}, []int{400}, []int{32, 16, 16}
		s.Kernel, s.Latent, s.Activation = 4, 40, "leaky-relu"
		s.Epochs, s.Batch, s.LearningRate, s.WarmUp, s.KLWarmUp = 60, 32, 1e-3, 600, 20000
		s.Objective, s.Samples = vae.BoundIWAE, 5
	})),
	// Colour.
	unlisted("conv-rgb", store.F16, 0, func(s *Settings) {
		Shades.apply(s)
		s.Data = "textures-colour"
		s.Family, s.Encoder, s.Decoder, s.Hidden = "conv", []int{32, 64, 64}, []int{64, 64, 32, 16}, []int{256}
		s.Kernel, s.Latent, s.Activation = 4, 32, "leaky-relu"
		s.Epochs, s.LearningRate, s.WarmUp, s.KLWarmUp = 40, 1e-3, 500, 1000
	}),
	// The gallery's faces.
	unlisted("gallery-faces", store.F16, 0, func(s *Settings) {
		Shades.apply(s)
		s.Data = "faces"
		s.Family, s.Encoder, s.Decoder, s.Hidden = "conv", []int{16, 32, 64}, []int{64, 32, 16, 16}, []int{256}
		s.Kernel, s.Latent, s.Activation = 4, 32, "leaky-relu"
		s.Epochs, s.LearningRate, s.WarmUp, s.KLWarmUp = 5, 2e-3, 300, 1500
	}),
	// The same hand writes any digit. Beta comes from above: while latents are dear
	// the decoder learns to look at the class.
	unlisted("cvae", store.F16, 5, func(s *Settings) {
		s.Family, s.Encoder, s.Decoder, s.Latent, s.Activation = "cvae", []int{256}, []int{256, 256}, 8, "leaky-relu"
		s.Epochs, s.Batch, s.LearningRate, s.WarmUp = 40, 128, 2e-3, 200
		s.Beta, s.BetaStart, s.KLWarmUp = 1.3, 8, 4000
	}),
	unlisted("dcgan", store.F16, 0, func(s *Settings) {
		s.Family, s.Encoder, s.Decoder, s.Kernel, s.Latent = "dcgan", []int{}, []int{64, 32}, 4, 32
		s.Activation, s.Output = "leaky-relu", "tanh"
		s.Batch, s.LearningRate, s.WarmUp = 32, 1e-3, 200
	}),
}
