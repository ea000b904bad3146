package preset

import (
	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/train"
)

// Kind says what values a setting has.
type Kind string

// The kinds of settings.
const (
	Int    Kind = "int"    // a whole number from Min to Max
	Number Kind = "number" // a number from Min to Max
	Choice Kind = "choice" // one of Choices
	Widths Kind = "widths" // at most MaxLayers whole numbers from 1 to MaxWidth
	Name   Kind = "name"   // of a data set
	Start  Kind = "start"  // a model to begin with: the name of a shipped one, "run:" and the id of a run, or nothing
)

// Limits of the layers that the page can ask for; vae.MaxLayers and vae.MaxWidth
// are those of model files.
const (
	MaxLayers = 4
	MaxWidth  = 2048
)

// When says when a change of a setting takes effect in the page.
type When string

// The times.
const (
	New  When = "new"  // with the next run
	Live When = "live" // at once
)

// Field says what a setting may be.
type Field struct {
	Name    string   `json:"-"` // the JSON name of the field of Settings
	Kind    Kind     `json:"type"`
	Min     float64  `json:"min"`               // of Int and Number
	Max     float64  `json:"max"`               // of Int and Number
	Choices []string `json:"choices,omitempty"` // of Choice, in the order in which they are offered
	When    When     `json:"when"`
	// Needs: the setting says something only where all of them hold.
	Needs []Need `json:"needs,omitempty"`
}

// Need is a condition on a trait of the family, or on another setting as the
// recipe has it. One of Trait and Setting is set.
type Need struct {
	Trait   string   `json:"trait,omitempty"`   // the JSON name of a field of vae.Traits
	Is      bool     `json:"is"`                // of Trait: the value that is needed
	Setting string   `json:"setting,omitempty"` // the JSON name of a field of Settings
	In      []string `json:"in,omitempty"`      // of Setting: values; empty: it must be above 0
}

// Conditions of fields.
var (
	encoder     = Need{Trait: "encoder", Is: true}
	conditional = Need{Trait: "conditional", Is: true}
	adversarial = Need{Trait: "adversarial", Is: true}
	bound       = Need{Trait: "adversarial", Is: false}
	hidden      = Need{Trait: "hidden", Is: true}
	maps        = Need{Trait: "maps", Is: true}
)

func where(setting string, values ...string) Need { return Need{Setting: setting, In: values} }

// Workers is the most workers that train together; wasm/proto.MaxWorkers is the
// same.
const Workers = 16

// MaxSeed is the largest seed that the page asks for.
const MaxSeed = 1<<31 - 1

// Fields lists what each setting may be, and "workers", a setting of the page
// alone (0: found by trial), in the order of the page. They are narrower than what vae, train and
// proto take, where a form needs that.
var Fields = []Field{
	{Name: "data", Kind: Name, When: New},
	{Name: "images", Kind: Int, Min: 500, Max: 60_000, When: New},
	{Name: "from", Kind: Start, When: New},
	{Name: "family", Kind: Choice, Choices: []string{"dense", "conv", "cvae", "dcgan", "vae-gan"}, When: New},
	{Name: "encoder", Kind: Widths, When: New, Needs: []Need{encoder}},
	{Name: "decoder", Kind: Widths, When: New},
	{Name: "hidden", Kind: Widths, When: New, Needs: []Need{hidden}},
	{Name: "kernel", Kind: Int, Min: vae.MinKernel, Max: vae.MaxKernel, When: New, Needs: []Need{maps}},
	{Name: "latent", Kind: Int, Min: 1, Max: 256, When: New},
	{Name: "activation", Kind: Choice, Choices: []string{"relu", "leaky-relu", "tanh", "sigmoid"}, When: New},
	{Name: "likelihood", Kind: Choice, Choices: []string{string(vae.Bernoulli), string(vae.Gaussian)}, When: New, Needs: []Need{bound}},
	{Name: "sigma", Kind: Number, Min: 0.01, Max: 10, When: New, Needs: []Need{where("likelihood", string(vae.Gaussian))}},
	{Name: "output", Kind: Choice, Choices: []string{OutputPlain, "sigmoid", "tanh"}, When: New,
		Needs: []Need{where("likelihood", string(vae.Gaussian), string(vae.Implicit))}},
	{Name: "conditions", Kind: Int, Min: 2, Max: vae.MaxClasses, When: New, Needs: []Need{conditional}},
	{Name: "recogniser", Kind: Widths, When: New, Needs: []Need{conditional}},
	{Name: "discriminator", Kind: Widths, When: New, Needs: []Need{adversarial}},
	{Name: "objective", Kind: Choice, Choices: []string{vae.BoundELBO, vae.BoundIWAE}, When: New, Needs: []Need{bound}},
	{Name: "samples", Kind: Int, Min: 1, Max: 64, When: New, Needs: []Need{bound}},
	{Name: "freeBits", Kind: Number, Min: 0, Max: 100, When: New, Needs: []Need{bound, where("objective", vae.BoundELBO)}},
	{Name: "beta", Kind: Number, Min: 0, Max: 100, When: Live, Needs: []Need{encoder}},
	{Name: "betaStart", Kind: Number, Min: 0, Max: 100, When: New, Needs: []Need{encoder, where("klWarmUp")}},
	{Name: "klWarmUp", Kind: Int, Min: 0, Max: 100_000, When: New, Needs: []Need{encoder}},
	{Name: "labelSmoothing", Kind: Number, Min: 0, Max: 0.49, When: New, Needs: []Need{adversarial}},
	{Name: "noise", Kind: Number, Min: 0, Max: 10, When: New, Needs: []Need{adversarial}},
	{Name: "noiseSteps", Kind: Int, Min: 0, Max: 1_000_000, When: New, Needs: []Need{adversarial, where("noise")}},
	{Name: "discriminatorRate", Kind: Number, Min: 0.001, Max: 100, When: New, Needs: []Need{adversarial}},
	{Name: "optimizer", Kind: Choice, Choices: []string{string(train.Adam), AdamW, string(train.SGD)}, When: New},
	{Name: "momentum", Kind: Number, Min: 0, Max: 0.999, When: New, Needs: []Need{where("optimizer", string(train.SGD))}},
	{Name: "weightDecay", Kind: Number, Min: 0, Max: 1, When: New, Needs: []Need{where("optimizer", AdamW)}},
	{Name: "l1", Kind: Number, Min: 0, Max: 1, When: New},
	{Name: "l2", Kind: Number, Min: 0, Max: 1, When: New},
	{Name: "clipNorm", Kind: Number, Min: 0, Max: 1e6, When: New},
	{Name: "learningRate", Kind: Number, Min: 1e-6, Max: 900, When: Live},
	{Name: "schedule", Kind: Choice, Choices: []string{string(nn.Constant), string(nn.Linear), string(nn.Cosine)}, When: New},
	{Name: "warmUp", Kind: Int, Min: 0, Max: 100_000, When: New},
	{Name: "batch", Kind: Int, Min: 1, Max: 4096, When: New},
	{Name: "binarize", Kind: Choice, Choices: []string{string(train.Dynamic), string(train.Static), string(train.None)}, When: New,
		Needs: []Need{where("likelihood", string(vae.Bernoulli))}},
	{Name: "seed", Kind: Int, Min: 0, Max: MaxSeed, When: New},
	{Name: "workers", Kind: Int, Min: 0, Max: Workers, When: Live},
	{Name: "epochs", Kind: Int, Min: 1, Max: 10_000, When: New},
	{Name: "minutes", Kind: Number, Min: 0, Max: 10_000, When: Live},
	{Name: "patience", Kind: Int, Min: 0, Max: 1000, When: Live, Needs: []Need{encoder}},
}
