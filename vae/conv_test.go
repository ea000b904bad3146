package vae_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
)

// map64 is a map of features in the order channels, height, width.
type map64 struct {
	channels, height, width int
	data                    []float64
}

// at is a number of the map, 0 outside.
func (m map64) at(c, y, x int) float64 {
	if y < 0 || y >= m.height || x < 0 || x >= m.width {
		return 0
	}
	return m.data[(c*m.height+y)*m.width+x]
}

// conv is nn.Conv2d of PyTorch with stride 2 and half a kernel of padding.
func (m *model64) conv(name string, x map64, channels int) map64 {
	k := m.kernel()
	pad := (k - 1) / 2
	w, b := m.w[name+".weight"], m.w[name+".bias"]
	y := map64{channels: channels, height: (x.height+2*pad-k)/2 + 1, width: (x.width+2*pad-k)/2 + 1}
	for o := range channels {
		for i := range y.height * y.width {
			s := b[o]
			for j := range x.channels * k * k {
				s += w[o*x.channels*k*k+j] * x.at(j/(k*k), i/y.width*2-pad+j/k%k, i%y.width*2-pad+j%k)
			}
			y.data = append(y.data, s)
		}
	}
	return y
}

// convTranspose is nn.ConvTranspose2d with half a kernel of padding and the
// output padding that gives so many pixels: every number of the output gathers
// what reaches it.
func (m *model64) convTranspose(name string, x map64, channels, k, stride, height, width int) map64 {
	pad := (k - 1) / 2
	w, b := m.w[name+".weight"], m.w[name+".bias"]
	y := map64{channels: channels, height: height, width: width}
	for o := range channels {
		for i := range height * width {
			s := b[o]
			for j := range x.channels * k * k {
				row, col := i/width+pad-j/k%k, i%width+pad-j%k
				if row%stride == 0 && col%stride == 0 {
					s += w[(j/(k*k)*channels+o)*k*k+j%(k*k)] * x.at(j/(k*k), row/stride, col/stride)
				}
			}
			y.data = append(y.data, s)
		}
	}
	return y
}

func (m *model64) kernel() int {
	if m.Kernel == 0 {
		return 3
	}
	return m.Kernel
}

// convEncode is a chain of convolutions called name, flattened.
func (m *model64) convEncode(name string, channels []int, x []float64) []float64 {
	h := map64{m.Input[0], m.Input[1], m.Input[2], x}
	for i, c := range channels {
		h = m.conv(fmt.Sprint(name, ".", 2*i), h, c)
		m.activate(h.data, m.Activation)
	}
	return h.data
}

// sizes are heights and widths of maps, the smallest first.
func (m *model64) sizes(halvings int) (heights, widths []int) {
	heights, widths = []int{m.Input[1]}, []int{m.Input[2]}
	for i := range halvings {
		heights, widths = append(heights, (heights[i]+m.kernel()%2)/2), append(widths, (widths[i]+m.kernel()%2)/2)
	}
	slices.Reverse(heights)
	slices.Reverse(widths)
	return heights, widths
}

func (m *model64) convDecode(z []float64) []float64 {
	heights, widths := m.sizes(len(m.Decoder) - 1)
	place := 2 * len(m.Hidden)
	z = m.chain("decoder", len(m.Hidden), m.Activation, z)
	h := map64{m.Decoder[0], heights[0], widths[0], m.activate(m.linear(fmt.Sprint("decoder.", place), z), m.Activation)}
	for i, c := range m.Decoder[1:] {
		h = m.convTranspose(fmt.Sprint("decoder.", place+3+2*i), h, c, m.kernel(), 2, heights[i+1], widths[i+1])
		m.activate(h.data, m.Activation)
	}
	return m.convTranspose(fmt.Sprint("decoder.", place+1+2*len(m.Decoder)), h, m.Input[0], 3, 1, h.height, h.width).data
}

// workload is the convolutional model of the benchmarks.
var workload = vae.Config{Family: "conv", Input: [3]int{1, 28, 28}, Encoder: []int{32, 64}, Decoder: []int{64, 64, 32}, Latent: 16,
	Activation: "relu", Likelihood: vae.Bernoulli}

// TestConvParams: an nn.Sequential with an nn.Flatten, and one with an
// nn.Unflatten, number and shape their tensors so.
func TestConvParams(t *testing.T) {
	m, err := vae.NewZero(workload)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range m.Params() {
		got = append(got, fmt.Sprint(p.Name, p.Shape))
	}
	want := []string{
		"encoder.0.weight[32 1 3 3]", "encoder.0.bias[32]", "encoder.2.weight[64 32 3 3]", "encoder.2.bias[64]",
		"mu.weight[16 3136]", "mu.bias[16]", "logvar.weight[16 3136]", "logvar.bias[16]",
		"decoder.0.weight[3136 16]", "decoder.0.bias[3136]", "decoder.3.weight[64 64 3 3]", "decoder.3.bias[64]",
		"decoder.5.weight[64 32 3 3]", "decoder.5.bias[32]", "decoder.7.weight[32 1 3 3]", "decoder.7.bias[1]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the parameters are\n%v instead of\n%v", got, want)
	}
}

func TestConvConfigs(t *testing.T) {
	for _, c := range []struct {
		field  string
		change func(*vae.Config)
	}{
		{"", func(c *vae.Config) {}},
		{"", func(c *vae.Config) { c.Encoder = nil }},
		{"", func(c *vae.Config) { c.Decoder = []int{5} }},
		{"", func(c *vae.Config) { c.Input = [3]int{3, 1, 1} }},
		{"", func(c *vae.Config) { c.Input = [3]int{3, 33, 17}; c.Classes, c.Classifier = 3, []int{4} }},
		{"decoder", func(c *vae.Config) { c.Decoder = nil }},
		{"decoder[1]", func(c *vae.Config) { c.Decoder[1] = 0 }},
		{"encoder[0]", func(c *vae.Config) { c.Encoder[0] = vae.MaxWidth + 1 }},
		{"encoder[0]", func(c *vae.Config) { c.Input, c.Encoder = [3]int{1, 1024, 1024}, []int{5, 1} }},
		{"encoder[1]", func(c *vae.Config) { c.Encoder = []int{1, vae.MaxWidth} }},
		{"decoder[0]", func(c *vae.Config) { c.Decoder = []int{vae.MaxWidth, 1} }},
		{"decoder[2]", func(c *vae.Config) { c.Decoder[2] = vae.MaxWidth }},
		{"", func(c *vae.Config) { c.Kernel = 5; c.Input = [3]int{2, 9, 4} }},
		{"", func(c *vae.Config) { c.Kernel = 4; c.Input = [3]int{2, 9, 4}; c.Activation = "sigmoid" }},
		{"", func(c *vae.Config) { c.Hidden = []int{9, 4}; c.Input = [3]int{2, 9, 4} }},
		{"hidden[1]", func(c *vae.Config) { c.Hidden = []int{9, 0} }},
		{"kernel", func(c *vae.Config) { c.Kernel = 2 }},
		{"kernel", func(c *vae.Config) { c.Kernel = 6 }},
		{"encoder", func(c *vae.Config) { c.Kernel = 4; c.Input = [3]int{1, 28, 3} }},
		{"decoder", func(c *vae.Config) {
			c.Kernel = 4
			c.Input = [3]int{1, 7, 28}
			c.Encoder = []int{4}
			c.Decoder = []int{1, 1, 1, 1}
		}},
		{"encoder, decoder", func(c *vae.Config) { c.Encoder, c.Latent = []int{4000}, 4096 }},
		{"encoder, decoder", func(c *vae.Config) { c.Encoder = []int{1, 1, 1, 1, vae.MaxWidth, vae.MaxWidth} }},
		{"encoder, decoder", func(c *vae.Config) { c.Classes, c.Classifier = 2, []int{65536, 65536} }},
	} {
		config := workload
		config.Encoder, config.Decoder = slices.Clone(workload.Encoder), slices.Clone(workload.Decoder)
		c.change(&config)
		m, err := vae.NewZero(config)
		if c.field != "" {
			var e *vae.ConfigError
			if !errors.As(err, &e) || e.Field != c.field {
				t.Errorf("%+v: got %v, wanted an error about %s", config, err, c.field)
			}
			continue
		}
		if err != nil {
			t.Errorf("%+v: %v", config, err)
			continue
		}
		total := 0
		for _, p := range m.Params() {
			total += p.Len()
		}
		if got := config.ParamBound(); got != total {
			t.Errorf("%+v: ParamBound is %d, the model has %d", config, got, total)
		}
		x, z := make([]float32, 2*m.InputLen()), make([]float32, 2*m.Latent())
		if err := errors.Join(m.Encode(z, slices.Clone(z), x), m.Decode(x, z)); err != nil || math.Abs(float64(x[0])-0.5) > 1e-6 {
			t.Errorf("%+v: %v", config, err)
		}
	}
}
