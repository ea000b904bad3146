// Package core is the engine without the browser: it owns the model and the
// two pads, takes messages of [inkdrift/wasm/proto] from any number of clients
// and answers them. package main joins it to a worker; the tests run it
// natively.
//
// Everything happens on one goroutine. [Engine.Post] only queues, [Engine.Step]
// does one short piece of work, and between two steps the caller lets new
// messages in. So whoever draws is served between two pieces of somebody's long
// film.
package core
