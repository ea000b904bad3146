package port

import (
	"syscall/js"

	"inkdrift/wasm/proto"
)

// openMemory makes a Memory of a SharedArrayBuffer that came with a message; nil in
// programs that share none, which then do not carry its code.
var openMemory func(js.Value) proto.Memory

// ShareMemory lets messages carry memory. It returns what makes some, of so many
// bytes, or nil where the platform has none to share.
func ShareMemory() func(n int) (proto.Memory, error) {
	buffer := js.Global().Get("SharedArrayBuffer")
	isolated := js.Global().Get("crossOriginIsolated")
	if buffer.Type() != js.TypeFunction || isolated.Type() == js.TypeBoolean && !isolated.Bool() {
		return nil
	}
	openMemory = func(v js.Value) proto.Memory {
		if !v.InstanceOf(buffer) {
			return nil
		}
		return newMemory(v)
	}
	return func(n int) (m proto.Memory, err error) {
		defer catch(&err)
		return newMemory(buffer.New((n + 7) / 8 * 8)), nil
	}
}

// memory is a SharedArrayBuffer.
type memory struct {
	buffer, bytes, words js.Value
	atomics              js.Value
	n                    int
	// views are those of the stretches that were copied; every step copies the same.
	views map[[2]int]js.Value
}

// mostViews bounds views.
const mostViews = 256

func newMemory(buffer js.Value) *memory {
	return &memory{
		buffer: buffer, bytes: uint8Array.New(buffer), words: js.Global().Get("Int32Array").New(buffer),
		atomics: js.Global().Get("Atomics"), n: buffer.Get("byteLength").Int(),
		views: make(map[[2]int]js.Value),
	}
}

// JS returns the SharedArrayBuffer.
func (m *memory) JS() js.Value { return m.buffer }

// Len implements proto.Memory.
func (m *memory) Len() int { return m.n }

// view is the stretch from a place up to another.
func (m *memory) view(from, to int) js.Value {
	key := [2]int{from, to}
	v, has := m.views[key]
	if !has {
		if len(m.views) == mostViews {
			clear(m.views)
		}
		v = m.bytes.Call("subarray", from, to)
		m.views[key] = v
	}
	return v
}

// Write implements proto.Memory.
func (m *memory) Write(at int, b []byte) { js.CopyBytesToJS(m.view(at, at+len(b)), b) }

// Read implements proto.Memory.
func (m *memory) Read(b []byte, at int) { js.CopyBytesToGo(b, m.view(at, at+len(b))) }

// Load implements proto.Memory.
func (m *memory) Load(word int) int32 {
	return int32(m.atomics.Call("load", m.words, word).Int())
}

// Store implements proto.Memory.
func (m *memory) Store(word int, v int32) {
	m.atomics.Call("store", m.words, word, v)
	m.atomics.Call("notify", m.words, word)
}

// Wait implements proto.Memory.
func (m *memory) Wait(word int, v int32, ms int) {
	m.atomics.Call("wait", m.words, word, v, ms)
}
