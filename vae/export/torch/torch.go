// Package torch writes a model as a program for PyTorch: one file of Python that
// builds the networks with torch.nn, loads the weights of a safetensors file, and
// goes on training with the recipe of the run.
package torch

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"inkdrift/vae"
	"inkdrift/vae/nn"
	"inkdrift/vae/train"
)

// program is the file of Python with marks: a line "#if NAME" begins lines for models
// that have something, "#else" those for others, and "#end" ends them; @NAME stands
// for a value.
//
//go:embed model.py
var program string

// UnknownLayerError says that a kind of layer cannot be written.
type UnknownLayerError struct{ Kind nn.Kind }

func (e *UnknownLayerError) Error() string {
	return fmt.Sprintf("torch: layers of kind %q cannot be written: add it to the table of modules", e.Kind)
}

// PlaceError says that the tensors of a layer do not have the name that they would
// have in an nn.Sequential.
type PlaceError struct {
	Layer string
	Place int
}

func (e *PlaceError) Error() string {
	return fmt.Sprintf("torch: layer %q is number %d of its network: its name must end so", e.Layer, e.Place)
}

// modules are what builds each kind of layer.
var modules = map[nn.Kind]func(l nn.Layer) string{
	nn.KindLinear: func(l nn.Layer) string { return fmt.Sprintf("nn.Linear(%d, %d)", l.In[0], l.Out[0]) },
	nn.KindConv: func(l nn.Layer) string {
		return fmt.Sprintf("nn.Conv2d(%d, %d, %d, stride=%d, padding=%d)", l.In[0], l.Out[0], l.Weight[2], l.Stride, l.Padding)
	},
	nn.KindConvTranspose: func(l nn.Layer) string {
		return fmt.Sprintf("nn.ConvTranspose2d(%d, %d, %d, stride=%d, padding=%d, output_padding=(%d, %d))",
			l.In[0], l.Out[0], l.Weight[2], l.Stride, l.Padding, l.OutputPadding[0], l.OutputPadding[1])
	},
	nn.KindUnfold: func(l nn.Layer) string {
		return fmt.Sprintf("nn.Unflatten(1, (%d, %d, %d))", l.Out[0], l.Out[1], l.Out[2])
	},
	nn.KindFlatten:   func(nn.Layer) string { return "nn.Flatten()" },
	nn.KindTanh:      func(nn.Layer) string { return "nn.Tanh()" },
	nn.KindReLU:      func(nn.Layer) string { return "nn.ReLU()" },
	nn.KindLeakyReLU: func(l nn.Layer) string { return fmt.Sprintf("nn.LeakyReLU(%v)", l.Slope) },
	nn.KindSigmoid:   func(nn.Layer) string { return "nn.Sigmoid()" },
	nn.KindHalfTanh:  func(nn.Layer) string { return "HalfTanh()" },
}

// Writes reports whether layers of a kind can be written.
func Writes(k nn.Kind) bool { return modules[k] != nil }

// Options of Program.
type Options struct {
	// Title is the first line.
	Title string
	// Weights names the safetensors file that lies beside the program.
	Weights string
	// Recipe is the JSON of the train.Recipe that the model was made with, as its
	// file has it; one that is empty or cannot be read stands for train.Defaults.
	Recipe string
}

// Program writes the file of Python for m. Errors are *UnknownLayerError and
// *PlaceError.
func Program(m *vae.Model, o Options) (string, error) {
	c, g := m.Config(), m.Graph()
	networks, halfTanh, err := networks(g)
	if err != nil {
		return "", err
	}
	has := func(layers []nn.Layer) bool { return len(layers) > 0 }
	traits, _ := vae.FamilyTraits(c.Family)
	features := g.Features - 1 // the pictures are maps already
	text := choose(program, map[string]bool{
		"encoder": traits.Encoder, "conditional": traits.Conditional, "likelihood": traits.Likelihood,
		"adversarial": traits.Adversarial, "bound": !traits.Adversarial,
		"dcgan": traits.Adversarial && !traits.Encoder, "vaegan": traits.Adversarial && traits.Encoder,
		"functional": c.Trainable() && (c.Likelihood == vae.Bernoulli || traits.Adversarial || traits.Conditional),
		"trainable":  c.Trainable(), "bernoulli": c.Likelihood == vae.Bernoulli, "halftanh": halfTanh,
		"encoder_maps": has(g.Encoder) && g.Encoder[0].Kind == nn.KindUnfold,
		"recogniser":   has(g.Recogniser), "classifier": has(g.Classifier), "reader": has(g.Reader), "prior": m.Prior() != nil,
	})
	recipe, err := recipeOf(c, o.Recipe)
	if err != nil {
		return "", err
	}
	sigma := c.Sigma
	if sigma == 0 {
		sigma = 1
	}
	output := "the pixels"
	if c.Likelihood == vae.Bernoulli {
		output = "the logits of the pixels"
	}
	number := strconv.Itoa
	return strings.NewReplacer(
		"@title", strings.NewReplacer(`\`, "", `"`, "", "\n", " ", "\r", " ").Replace(o.Title),
		"@weights_literal", strconv.Quote(o.Weights), "@weights", o.Weights,
		"@channels", number(c.Input[0]), "@height", number(c.Input[1]), "@width", number(c.Input[2]),
		"@latent", number(c.Latent), "@conditions", number(c.Conditions),
		"@recipe", recipe, "@networks", networks, "@features", number(features),
		"@sigma", strconv.FormatFloat(sigma, 'g', -1, 64), "@output_words", output,
	).Replace(text), nil
}

// networks builds the networks in the constructor of the model's class.
func networks(g vae.Graph) (text string, halfTanh bool, err error) {
	var b strings.Builder
	for _, n := range g.Networks() {
		if len(n.Layers) == 0 && n.Name != "encoder" || n.Name == "encoder" && len(g.Mu) == 0 {
			continue
		}
		if len(n.Layers) == 1 && n.Layers[0].Name == n.Name { // mu and logvar
			fmt.Fprintf(&b, "        self.%s = %s\n", n.Name, modules[n.Layers[0].Kind](n.Layers[0]))
			continue
		}
		layers := n.Layers
		if len(layers) > 0 && layers[0].Kind == nn.KindUnfold {
			layers = layers[1:] // pictures are maps already
		}
		fmt.Fprintf(&b, "        self.%s = nn.Sequential(\n", n.Name)
		for i, l := range layers {
			module, ok := modules[l.Kind]
			if !ok {
				return "", false, &UnknownLayerError{l.Kind}
			}
			if l.Name != "" && l.Name != n.Name+"."+strconv.Itoa(i) {
				return "", false, &PlaceError{l.Name, i}
			}
			halfTanh = halfTanh || l.Kind == nn.KindHalfTanh
			fmt.Fprintf(&b, "            %s,\n", module(l))
		}
		b.WriteString("        )\n")
	}
	return strings.TrimSuffix(b.String(), "\n"), halfTanh, nil
}

// recipeOf are the training options of a recipe as a dict of Python, which JSON
// without booleans and null is.
func recipeOf(c vae.Config, text string) (string, error) {
	r := train.Recipe{Train: train.Defaults()}
	if c.Likelihood != vae.Bernoulli {
		r.Train.Binarize = train.None
	}
	if text != "" {
		if read, err := train.ReadRecipe([]byte(text)); err == nil {
			r = read
		}
	}
	b, err := json.MarshalIndent(r.Train, "", "    ")
	return string(b), err
}

// choose takes the lines for models that have what is in has.
func choose(text string, has map[string]bool) string {
	var b strings.Builder
	var taken []bool // of the blocks that a line is in
	blank := 0
	for line := range strings.Lines(text) {
		mark := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(mark, "#if "); ok {
			value, known := has[name]
			if !known {
				panic("torch: nothing is known of " + name)
			}
			taken = append(taken, value)
			continue
		}
		last := len(taken) - 1
		switch {
		case mark == "#else":
			taken[last] = !taken[last]
			continue
		case mark == "#end":
			taken = taken[:last]
			continue
		}
		wanted := true
		for _, t := range taken {
			wanted = wanted && t
		}
		if !wanted {
			continue
		}
		if blank++; mark != "" {
			blank = 0
		}
		if blank <= 2 {
			b.WriteString(line)
		}
	}
	return b.String()
}
