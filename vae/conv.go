package vae

import (
	"fmt"
	"slices"

	"inkdrift/vae/nn"
)

// MaxMap is the most values that a map of features of one picture may have.
const MaxMap = 1 << 20

// convFamily is the convolutional family. Each number of Encoder is the channels
// of a convolution of stride 2; the linear layers of Hidden may follow, and begin
// the decoder. The first number of Decoder is the channels of the map that a
// linear layer unfolds what comes to; each further one is a transposed
// convolution of stride 2; a last one of stride 1 gives the channels of the
// picture.
var convFamily = family{
	Traits: Traits{Encoder: true, Likelihood: true, Hidden: true, Maps: true},
	build: func(c Config) parts {
		back := slices.Clone(c.Hidden)
		slices.Reverse(back)
		decoder := newBuilder("decoder", c.Activation, c.Latent).hidden(back)
		c.unfolded(decoder, len(c.Decoder)-1)
		decoder.transposed(c.Input[0], 3, 1, [2]int{c.Input[1], c.Input[2]}, identity)
		decoder.flatten()
		decoder.squash(c.Output)
		return parts{encoder: c.convolutions("encoder", c.Encoder).hidden(c.Hidden).module(), decoder: decoder.module()}
	},
	check: func(c Config) error {
		if len(c.Decoder) == 0 {
			return errNoMap
		}
		if err := c.checkMaps("encoder", c.Encoder, 1, 1); err != nil {
			return err
		}
		return c.checkMaps("decoder", c.Decoder, len(c.Decoder)-1, -1)
	},
}

// convolutions are activated convolutions of stride 2, flattened.
func (c Config) convolutions(name string, channels []int) *builder {
	s := newBuilder(name, c.Activation, c.InputLen())
	s.picture(nn.Shape{Height: c.Input[1], Width: c.Input[2], Channels: c.Input[0]})
	for _, n := range channels {
		s.conv(n, c.kernel(), c.Activation)
	}
	s.flatten()
	return s
}

var errNoMap = &ConfigError{"decoder", "must begin with the channels of the map that the latent is unfolded to"}

// unfolded adds a linear layer whose rows become a map of Decoder[0] channels,
// the picture's size halved so many times, and activated transposed convolutions
// of stride 2 to the other channels of Decoder.
func (c Config) unfolded(s *builder, halved int) {
	sizes := c.halvings(halved)
	shape := nn.Shape{Height: sizes[halved][0], Width: sizes[halved][1], Channels: c.Decoder[0]}
	s.dense(shape.Len(), c.Activation)
	s.unfold(shape)
	for i, n := range c.Decoder[1:] {
		s.transposed(n, c.kernel(), 2, sizes[halved-1-i], c.Activation)
	}
}

// generator is a decoder whose last transposed convolution of stride 2 gives the
// picture.
func (c Config) generator() nn.Module {
	s := newBuilder("decoder", c.Activation, c.Latent)
	c.unfolded(s, len(c.Decoder))
	s.transposed(c.Input[0], c.kernel(), 2, [2]int{c.Input[1], c.Input[2]}, identity)
	s.flatten()
	s.squash(c.Output)
	return s.module()
}

// checkGenerator checks the Decoder of a generator.
func (c Config) checkGenerator() error {
	if len(c.Decoder) == 0 {
		return errNoMap
	}
	return c.checkMaps("decoder", c.Decoder, len(c.Decoder), -1)
}

// halvings are the heights and widths of maps when each is half as large as the
// one before: n+1 pairs, the picture's own first. A convolution of stride 2 goes
// one on, its transpose one back. Half a pixel is kept with odd kernels.
func (c Config) halvings(n int) [][2]int {
	size, more := [2]int{c.Input[1], c.Input[2]}, c.kernel()%2
	sizes := [][2]int{size}
	for range n {
		size = [2]int{(size[0] + more) / 2, (size[1] + more) / 2}
		sizes = append(sizes, size)
	}
	return sizes
}

// checkMaps checks the sizes of maps, of which the first is halved first times
// and each further one step times more.
func (c Config) checkMaps(field string, channels []int, first, step int) error {
	for i, n := range channels {
		size := c.halvings(first + i*step)[first+i*step]
		area := size[0] * size[1]
		switch {
		case area == 0:
			return &ConfigError{field, "halves pictures until nothing is left; take fewer layers"}
		case area*n > MaxMap:
			return &ConfigError{fmt.Sprintf("%s[%d]", field, i), fmt.Sprintf("makes maps of more than %d values; take fewer channels", MaxMap)}
		}
	}
	return nil
}
