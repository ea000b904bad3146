// Package proto is the language that the three programs of Inkdrift speak:
// the shell (JavaScript), the engine (a worker) and the stage (an iframe).
//
// Every message is an envelope of one JSON object, the head, and any number
// of binary buffers:
//
//	{head: string, bufs: ArrayBuffer[], port?: MessagePort}
//
// The head always has a type. A request also has an id, a positive integer
// that its sender uses once; the answer to it has re, the same number, and is
// of type "ok" with fields of its own, or of type "error" with an [Error].
// A message with neither is an event and wants no answer. Receivers ignore
// fields that they do not know, so fields can be added freely.
//
// Numbers in buffers are little-endian float32; pictures that are not numbers
// are bytes, 0 for paper and 255 for ink. Strokes have their own small format,
// see [EncodeStrokes].
//
// The package knows no browser and no model: it is tested natively, and the
// stage can import it without carrying the numeric packages along.
package proto
