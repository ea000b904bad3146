// Command trainer is the engine that is fetched when a view needs it: a worker that
// trains, measures and exports models, and reads data sets.
package main

import (
	"inkdrift/vae/data/picture/decoders"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/dataset"
	"inkdrift/wasm/engine/export"
	"inkdrift/wasm/engine/fewlabels"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/engine/training"
	"inkdrift/wasm/engine/worker"
	"inkdrift/wasm/port"
)

func main() {
	worker.Run(decoders.Decode, func(e *engine.Engine) {
		dataset.Register(e)
		training.Register(e, port.ShareMemory())
		fewlabels.Register(e, model.Read)
		export.Register(e)
	})
}
