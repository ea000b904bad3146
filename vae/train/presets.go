package train

import (
	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/store"
)

var (
	mnist  = [3]int{1, 28, 28}
	colour = [3]int{3, 32, 32}
)

// presets are the built-in recipes.
var presets = map[string]Recipe{
	// The model that the page opens with.
	"digits": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{400, 400}, Decoder: []int{500, 500}, Latent: 40,
			Activation: "leaky-relu", Likelihood: vae.Bernoulli, Classes: 10, Classifier: []int{256, 256}},
		Train: Options{Epochs: 140, Batch: 128, LearningRate: 1.2e-3, Schedule: nn.Cosine, WarmUp: 600, Beta: 1, Binarize: Dynamic, Seed: 1},
		Head:  HeadDefaults(),
		DType: store.F16, Mantissa: 4,
	},
	// Two latent dimensions, to be drawn as a map.
	"digits-2d": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{400, 400}, Decoder: []int{400, 400}, Latent: 2,
			Activation: "leaky-relu", Likelihood: vae.Bernoulli, Classes: 10, Classifier: []int{256, 256}},
		Train: Options{Epochs: 60, Batch: 128, LearningRate: 1.2e-3, Schedule: nn.Cosine, WarmUp: 600, Beta: 1, Binarize: Dynamic, Seed: 1},
		Head:  HeadDefaults(),
		DType: store.F16, Mantissa: 7,
	},
	// The workloads of the benchmarks, also under the names of the gallery.
	"dense-vae-400": dense400,
	"conv-vae-32":   conv32,
	"dense-400":     dense400,
	"conv-32":       conv32,
	// A map that narrows slowly, so that classes lie apart.
	"deep-2d": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{128, 64, 32}, Decoder: []int{256, 128, 64}, Latent: 2,
			Activation: "leaky-relu", Likelihood: vae.Bernoulli},
		Train: Options{Epochs: 40, Batch: 128, LearningRate: 2e-3, Schedule: nn.Cosine, WarmUp: 200, Beta: 1, KLWarmUp: 2000, Binarize: None, Seed: 1},
		Head:  HeadDefaults(),
		DType: store.F32,
	},
	// The smallest useful one.
	"wide-32": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{128}, Decoder: []int{128}, Latent: 32,
			Activation: "sigmoid", Likelihood: vae.Bernoulli},
		Train: Options{Epochs: 40, Batch: 128, LearningRate: 3e-3, Schedule: nn.Cosine, WarmUp: 200, Beta: 1, Binarize: None, Seed: 1, L2: 1e-5},
		Head:  HeadDefaults(),
		DType: store.F32,
	},
	// Patches of pictures.
	"texture-16": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{128, 64, 32}, Decoder: []int{32, 64, 128}, Latent: 16,
			Activation: "leaky-relu", Likelihood: vae.Gaussian, Sigma: 0.3, Output: "sigmoid"},
		Train: Options{Epochs: 60, Batch: 64, LearningRate: 1e-3, Schedule: nn.Cosine, WarmUp: 500, Beta: 1, KLWarmUp: 1000, Binarize: None, Seed: 1, ClipNorm: 1000},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
	// The model of made materials in the gallery: the same with more of everything,
	// and shades far enough from certain that the prior is filled.
	"textures": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{400, 200, 100}, Decoder: []int{100, 200, 400}, Latent: 16,
			Activation: "leaky-relu", Likelihood: vae.Gaussian, Sigma: 0.5, Output: "sigmoid"},
		Train: Options{Epochs: 40, Batch: 64, LearningRate: 1.5e-3, Schedule: nn.Cosine, WarmUp: 300, Beta: 1, KLWarmUp: 1000, Binarize: None, Seed: 1, ClipNorm: 1000},
		Head:  HeadDefaults(),
		DType: store.F16, Mantissa: 7,
	},
	// The model with one stochastic layer of Burda et al. 2016, section 5.1; their
	// batches are of 20 and their 3,280 epochs end at a tenth of the first rate. A KL
	// term that warms up is worth four nats after ten epochs.
	"iwae-50": {
		Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{200, 200}, Decoder: []int{200, 200}, Latent: 50,
			Activation: "tanh", Likelihood: vae.Bernoulli},
		Train: Options{Epochs: 400, Batch: 100, LearningRate: 1.5e-3, Schedule: nn.Cosine, WarmUp: 600, Beta: 1, KLWarmUp: 12000, Binarize: Dynamic, Seed: 1,
			Objective: vae.BoundIWAE, Samples: 5},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
	// The convolutional model of the gallery: maps for strokes, and linear layers
	// that put together what lies apart.
	"conv-iwae": {
		Model: vae.Config{Family: "conv", Input: mnist, Encoder: []int{16, 32}, Decoder: []int{32, 16, 16}, Kernel: 4, Hidden: []int{400}, Latent: 40,
			Activation: "leaky-relu", Likelihood: vae.Bernoulli, Classes: 10, Classifier: []int{256, 256}},
		Train: Options{Epochs: 60, Batch: 32, LearningRate: 1e-3, Schedule: nn.Cosine, WarmUp: 600, Beta: 1, KLWarmUp: 20000, Binarize: Dynamic, Seed: 1,
			Objective: vae.BoundIWAE, Samples: 5},
		Head:  HeadDefaults(),
		DType: store.F16, Mantissa: 6,
	},
	// Colour.
	"conv-rgb": {
		Model: vae.Config{Family: "conv", Input: colour, Encoder: []int{32, 64, 64}, Decoder: []int{64, 64, 32, 16}, Kernel: 4, Hidden: []int{256}, Latent: 32,
			Activation: "leaky-relu", Likelihood: vae.Gaussian, Sigma: 0.1, Output: "sigmoid"},
		Train: Options{Epochs: 40, Batch: 64, LearningRate: 1e-3, Schedule: nn.Cosine, WarmUp: 500, Beta: 1, KLWarmUp: 1000, Binarize: None, Seed: 1, ClipNorm: 1000},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
	// The model of made faces in the gallery.
	"faces": {
		Model: vae.Config{Family: "conv", Input: colour, Encoder: []int{16, 32, 64}, Decoder: []int{64, 32, 16, 16}, Kernel: 4, Hidden: []int{256}, Latent: 32,
			Activation: "leaky-relu", Likelihood: vae.Gaussian, Sigma: 0.1, Output: "sigmoid"},
		Train: Options{Epochs: 5, Batch: 64, LearningRate: 2e-3, Schedule: nn.Cosine, WarmUp: 300, Beta: 1, KLWarmUp: 1500, Binarize: None, Seed: 1, ClipNorm: 1000},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
	// The same hand writes any digit. Beta comes from above: while latents are dear
	// the decoder learns to look at the class.
	"cvae": {
		Model: vae.Config{Family: "cvae", Input: mnist, Encoder: []int{256}, Decoder: []int{256, 256}, Latent: 8,
			Activation: "leaky-relu", Likelihood: vae.Bernoulli, Conditions: 10, Recogniser: []int{128}},
		Train: Options{Epochs: 40, Batch: 128, LearningRate: 2e-3, Schedule: nn.Cosine, WarmUp: 200, Beta: 1.3, BetaStart: 8, KLWarmUp: 4000, Binarize: Dynamic, Seed: 1},
		Head:  HeadDefaults(),
		DType: store.F16, Mantissa: 5,
	},
	"dcgan": {
		Model: vae.Config{Family: "dcgan", Input: mnist, Encoder: []int{}, Decoder: []int{64, 32}, Kernel: 4, Discriminator: []int{16, 32}, Latent: 32,
			Activation: "leaky-relu", Likelihood: vae.Implicit, Output: "tanh"},
		Train: Options{Epochs: 10, Batch: 32, LearningRate: 1e-3, Schedule: nn.Cosine, WarmUp: 200, Beta: 1, Beta1: 0.5, Binarize: None, Seed: 1,
			LabelSmoothing: 0.1, InstanceNoise: 0.2, InstanceNoiseSteps: 10000},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
	"vae-gan": {
		Model: vae.Config{Family: "vae-gan", Input: mnist, Encoder: []int{16, 32}, Decoder: []int{64, 32}, Kernel: 4, Discriminator: []int{16, 32}, Latent: 16,
			Activation: "leaky-relu", Likelihood: vae.Gaussian, Sigma: 0.2, Output: "tanh"},
		Train: Options{Epochs: 10, Batch: 32, LearningRate: 1e-3, Schedule: nn.Cosine, WarmUp: 200, Beta: 3, Beta1: 0.5, Binarize: None, Seed: 1,
			LabelSmoothing: 0.1, InstanceNoise: 0.3, InstanceNoiseSteps: 10000, DiscriminatorRate: 0.3},
		Head:  HeadDefaults(),
		DType: store.F16,
	},
}

var dense400 = Recipe{
	Model: vae.Config{Family: "dense", Input: mnist, Encoder: []int{400}, Decoder: []int{400}, Latent: 20,
		Activation: "relu", Likelihood: vae.Bernoulli},
	Train: Options{Epochs: 20, Batch: 128, LearningRate: 1e-3, Schedule: nn.Constant, Beta: 1, Binarize: Dynamic, Seed: 1},
	Head:  HeadDefaults(),
	DType: store.F32,
}

var conv32 = Recipe{
	Model: vae.Config{Family: "conv", Input: mnist, Encoder: []int{32, 64}, Decoder: []int{64, 64, 32}, Latent: 16,
		Activation: "relu", Likelihood: vae.Bernoulli},
	Train: Options{Epochs: 20, Batch: 128, LearningRate: 1e-3, Schedule: nn.Constant, Beta: 1, Binarize: Dynamic, Seed: 1},
	Head:  HeadDefaults(),
	DType: store.F32,
}
