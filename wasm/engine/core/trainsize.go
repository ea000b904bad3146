package core

import (
	"inkdrift/vae"
	"inkdrift/wasm/proto"
)

// maxActivations bounds the numbers that a batch needs on its way through a
// model: half a gigabyte of them.
const maxActivations = 128 << 20

// checkSize refuses a model and a batch that would not fit into memory, before
// any is taken for them: running out of it ends the worker.
func checkSize(c vae.Config, batch int) error {
	if n := c.ParamBound(); n > proto.MaxTrainParams {
		return proto.Errorf(proto.CodeTooLarge, "recipe.model", "%d parameters, at most %d can be trained here: make layers narrower or fewer", n, proto.MaxTrainParams)
	}
	row := 4*c.InputLen() + 6*c.Latent
	for _, widths := range [][]int{c.Encoder, c.Decoder} {
		for _, w := range widths {
			row += 2 * w // values and their gradients
		}
	}
	if row > maxActivations/max(batch, 1) {
		return proto.Errorf(proto.CodeTooLarge, "recipe.train.batch", "%d pictures need %d numbers each, together at most %d fit: make the batch smaller", batch, row, maxActivations)
	}
	return nil
}
