// Package proto has the messages between the programs of Inkdrift: the page
// (JavaScript), the engines (workers) and the stage (an iframe).
//
// Every message is an envelope of one JSON object, the head, and any number
// of binary buffers:
//
//	{head: string, bufs: ArrayBuffer[], port?: MessagePort}
//
// The head always has a type. A request also has an id, a positive integer
// that its sender uses once; the answer to it has re, the same number, and is
// of type "ok" with fields of its own, or of type "error" with an [Error].
// A message with neither is an event and gets no answer. Receivers ignore
// fields that they do not know, so fields can be added freely.
//
// Numbers in buffers are little-endian float32; pictures that are not numbers
// are bytes, 0 for paper and 255 for ink. Strokes have their own small format,
// see [EncodeStrokes].
//
// The package depends on no browser and no model: it is tested natively, and the
// stage imports it without the numeric packages.
package proto
