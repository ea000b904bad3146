package vae

import (
	"fmt"

	"inkdrift/vae/compute"
	"inkdrift/vae/nn"
)

// MaxMap is the most values that a map of features of one picture may have.
const MaxMap = 1 << 20

// halvings are the heights and widths of maps when each is half as large as the
// one before, rounded up: n+1 pairs, the picture's own first. A convolution of
// kernel 3, stride 2 and padding 1 goes one on, its transpose one back.
func halvings(c Config, n int) [][2]int {
	size := [2]int{c.Input[1], c.Input[2]}
	sizes := [][2]int{size}
	for range n {
		size = [2]int{(size[0] + 1) / 2, (size[1] + 1) / 2}
		sizes = append(sizes, size)
	}
	return sizes
}

// conv is the convolutional family. Each number of Encoder is the channels of a
// convolution, kernel 3, stride 2, padding 1. The first number of Decoder is
// the channels of the map that a linear layer unfolds the latent to; each
// further one is a transposed convolution of the same kind; a last one of
// stride 1 gives the channels of the picture.
//
// The tensors are numbered as in two nn.Sequential of PyTorch, in which an
// activation takes a place, and in the decoder nn.Unflatten another one.
func conv(c Config) (encoder, decoder nn.Module) {
	act := activations[c.Activation]
	shape := nn.Shape{Height: c.Input[1], Width: c.Input[2], Channels: c.Input[0]}
	down := []nn.Module{nn.ChannelsLast(shape)}
	for i, channels := range c.Encoder {
		l := nn.NewConv2d(fmt.Sprintf("encoder.%d", 2*i), shape, channels, 3, 2, 1, act)
		down, shape = append(down, l), l.OutShape()
	}
	down = append(down, nn.ChannelsFirst(shape))

	sizes := halvings(c, len(c.Decoder)-1)
	first := sizes[len(sizes)-1]
	shape = nn.Shape{Height: first[0], Width: first[1], Channels: c.Decoder[0]}
	up := []nn.Module{nn.NewDense("decoder.0", c.Latent, shape.Len(), act), nn.ChannelsLast(shape)}
	for i, channels := range c.Decoder[1:] {
		to := sizes[len(sizes)-2-i]
		odd := [2]int{to[0] - 2*shape.Height + 1, to[1] - 2*shape.Width + 1}
		l := nn.NewConvTranspose2d(fmt.Sprintf("decoder.%d", 3+2*i), shape, channels, 3, 2, 1, odd, act)
		up, shape = append(up, l), l.OutShape()
	}
	last := nn.NewConvTranspose2d(fmt.Sprintf("decoder.%d", 1+2*len(c.Decoder)), shape, c.Input[0], 3, 1, 1, [2]int{}, compute.Identity)
	up = append(up, last, nn.ChannelsFirst(last.OutShape()))
	return nn.NewSequential(c.InputLen(), down...), nn.NewSequential(c.Latent, up...)
}

// convParams is the family's params.
func convParams(c Config) (n int) {
	const area = 3 * 3
	channels := c.Input[0]
	for _, w := range c.Encoder {
		n += area*channels*w + w
		channels = w
	}
	n += 2 * c.Latent * (mapLen(c, len(c.Encoder), channels) + 1)
	if len(c.Decoder) == 0 {
		return n
	}
	channels = c.Decoder[0]
	n += (c.Latent + 1) * mapLen(c, len(c.Decoder)-1, channels)
	for _, w := range append(c.Decoder[1:len(c.Decoder):len(c.Decoder)], c.Input[0]) {
		n += area*channels*w + w
		channels = w
	}
	return n
}

// mapLen is the number of values of a map of so many channels, halved n times.
func mapLen(c Config, n, channels int) int {
	size := halvings(c, n)[n]
	return size[0] * size[1] * channels
}

// checkConv is the family's check.
func checkConv(c Config) error {
	if len(c.Decoder) == 0 {
		return &ConfigError{"decoder", "must begin with the channels of the map that the latent is unfolded to"}
	}
	tooLarge := func(part string, i int) error {
		return &ConfigError{fmt.Sprintf("%s[%d]", part, i), fmt.Sprintf("makes maps of more than %d values; take fewer channels", MaxMap)}
	}
	for i, channels := range c.Encoder {
		if mapLen(c, i+1, channels) > MaxMap {
			return tooLarge("encoder", i)
		}
	}
	for i, channels := range c.Decoder {
		if mapLen(c, len(c.Decoder)-1-i, channels) > MaxMap {
			return tooLarge("decoder", i)
		}
	}
	return nil
}
