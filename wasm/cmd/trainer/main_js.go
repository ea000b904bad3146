// Command trainer is the engine that is fetched when a view needs it: a worker that
// trains and measures models, and reads data sets.
package main

import (
	"inkdrift/vae/data/picture/decoders"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/fewlabels"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/engine/training"
	"inkdrift/wasm/engine/worker"
)

func main() {
	worker.Run(decoders.Decode, func(e *engine.Engine) {
		dataset.Register(e)
		training.Register(e)
		fewlabels.Register(e, model.Read)
	})
}
