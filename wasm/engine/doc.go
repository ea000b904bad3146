// Package engine is a dispatcher: it takes messages of [inkdrift/wasm/proto]
// from any number of clients, queues the requests among them by priority and
// answers them. Which requests there are is up to the packages that register
// them: studio, dataset, training and fewlabels. Package worker joins an engine
// to a Web Worker; the tests run it natively.
//
// Everything happens on one goroutine. [Engine.Post] only queues, [Engine.Step]
// does one short piece of work, and between two steps the caller lets new
// messages in. A long request is a coroutine that yields every few milliseconds,
// so that a stroke is encoded between two pieces of somebody's long animation.
package engine
