package nn

import (
	"strconv"
	"strings"

	"inkdrift/vae/compute"
)

// Kind says what a layer computes.
type Kind string

// The kinds of layers, and what each is in PyTorch.
const (
	KindLinear        Kind = "linear"         // nn.Linear
	KindConv          Kind = "conv"           // nn.Conv2d
	KindConvTranspose Kind = "conv-transpose" // nn.ConvTranspose2d
	KindUnfold        Kind = "unfold"         // nn.Unflatten: maps of rows
	KindFlatten       Kind = "flatten"        // nn.Flatten: rows of maps
	KindTanh          Kind = "tanh"           // nn.Tanh
	KindReLU          Kind = "relu"           // nn.ReLU
	KindLeakyReLU     Kind = "leaky-relu"     // nn.LeakyReLU
	KindSigmoid       Kind = "sigmoid"        // nn.Sigmoid
	KindHalfTanh      Kind = "half-tanh"      // (1 + tanh x) / 2
)

// Kinds lists all kinds of layers. What writes models for other programs must know
// each.
func Kinds() []Kind {
	return []Kind{KindLinear, KindConv, KindConvTranspose, KindUnfold, KindFlatten, KindTanh, KindReLU, KindLeakyReLU, KindSigmoid, KindHalfTanh}
}

// Layer describes one layer as data, for programs that have layers of their own.
// Shapes are those of one picture, in PyTorch's order: [width], or [channels,
// height, width].
type Layer struct {
	Kind Kind `json:"kind"`
	// Name is what the names of its tensors begin with, NAME.weight and NAME.bias;
	// empty: it has none.
	Name string `json:"name,omitempty"`
	In   []int  `json:"in"`
	Out  []int  `json:"out"`
	// Weight is the shape of NAME.weight: [out, in] of KindLinear, [out, in, kernel,
	// kernel] of KindConv and [in, out, kernel, kernel] of
	// KindConvTranspose.
	Weight []int `json:"weight,omitempty"`
	// Stride and Padding of a convolution or its transpose are the same along both
	// axes; OutputPadding, of a transpose alone, is for height and width.
	Stride        int   `json:"stride,omitempty"`
	Padding       int   `json:"padding,omitempty"`
	OutputPadding []int `json:"output_padding,omitempty"`
	// Slope of a KindLeakyReLU where x is negative.
	Slope float64 `json:"slope,omitempty"`
}

// String describes the layer to readers.
func (l Layer) String() string {
	words := string(l.Kind)
	if l.Name != "" {
		words += " " + l.Name
	}
	switch l.Kind {
	case KindConv, KindConvTranspose:
		words += " stride " + strconv.Itoa(l.Stride)
		if kernel := l.Weight[3]; kernel != 3 || l.Padding != 1 {
			words += " kernel " + strconv.Itoa(kernel) + " padding " + strconv.Itoa(l.Padding)
		}
	case KindUnfold:
		words += " to " + strconv.Itoa(l.Out[0]) + " channels"
	case KindHalfTanh:
		words = "(1 + tanh) / 2"
	}
	return words
}

// Sentence describes layers that follow one another.
func Sentence(layers []Layer) string {
	words := make([]string, len(layers))
	for i, l := range layers {
		words[i] = l.String()
	}
	return strings.Join(words, "; ")
}

// activated returns a layer and the activation that is fused into it, if any.
func activated(l Layer, act compute.Activation) []Layer {
	a := Layer{In: l.Out, Out: l.Out}
	switch act {
	case compute.Tanh:
		a.Kind = KindTanh
	case compute.ReLU:
		a.Kind = KindReLU
	case compute.LeakyReLU:
		a.Kind, a.Slope = KindLeakyReLU, compute.LeakySlope
	default:
		return []Layer{l}
	}
	return []Layer{l, a}
}

// dims is a shape in PyTorch's order.
func (s Shape) dims() []int { return []int{s.Channels, s.Height, s.Width} }
