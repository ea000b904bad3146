// Command studio is the engine of the page's first visit: a worker that owns the
// model and the two pads, draws samples and morphs, and writes their files.
package main

import (
	"inkdrift/vae/data/picture"
	"inkdrift/wasm/engine"
	"inkdrift/wasm/engine/model"
	"inkdrift/wasm/engine/studio"
	"inkdrift/wasm/engine/worker"
)

func main() {
	worker.Run(picture.Registered, func(e *engine.Engine) { studio.Register(e, model.Read) })
}
