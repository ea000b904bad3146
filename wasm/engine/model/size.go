package model

import (
	"slices"

	"inkdrift/vae"
	"inkdrift/wasm/proto"
)

// MaxActivations bounds the numbers that a batch needs on its way through a
// model: half a gigabyte of them.
const MaxActivations = 128 << 20

// PriorStream keeps the random numbers of samples of the prior apart from others of
// the same seed.
const PriorStream = 0x1d21f7

// CheckTrainable refuses a model and a batch, with so many samples a picture, that
// would not fit into memory, before any is allocated: running out of it ends the
// worker.
func CheckTrainable(c vae.Config, batch, samples int) error {
	if n := c.ParamBound(); n > proto.MaxTrainParams {
		return proto.Errorf(proto.CodeTooLarge, "recipe.model", "%d parameters, at most %d can be trained here: make layers narrower or fewer", n, proto.MaxTrainParams)
	}
	row := ActivationsPerPicture(c) * max(samples, 1)
	if row > MaxActivations/max(batch, 1) {
		return proto.Errorf(proto.CodeTooLarge, "recipe.train.batch", "%d pictures need %d numbers each, together at most %d fit: make the batch smaller", batch, row, MaxActivations)
	}
	return nil
}

// ActivationsPerPicture is about how many numbers a picture needs on its way through
// a model and back.
func ActivationsPerPicture(c vae.Config) int {
	row := 4*(c.InputLen()+c.Conditions) + 6*c.Latent
	if !c.HasMaps() {
		for _, w := range slices.Concat(c.Encoder, c.Decoder, c.Recogniser) {
			row += 2 * w // values and their gradients
		}
		return row
	}
	for _, w := range c.Hidden {
		row += 4 * w // in encoder and decoder
	}
	// Each number is the channels of a map, half as high and wide as the one
	// before; a product unfolds it by the places of a kernel.
	side := max(c.Kernel, 3)
	unfolded := 2 + side*side
	area := func(halvings int) int {
		h, w := c.Input[1], c.Input[2]
		for range halvings {
			h, w = (h+1)/2, (w+1)/2
		}
		return h * w
	}
	for i, channels := range c.Encoder {
		row += unfolded * channels * area(i+1)
	}
	for i, channels := range c.Discriminator {
		row += 2 * unfolded * channels * area(i+1) // it sees the picture and a fake
	}
	for i, channels := range c.Decoder {
		row += unfolded * channels * area(len(c.Decoder)-1-i)
	}
	return row
}
