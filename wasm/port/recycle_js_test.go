package port

import (
	"bytes"
	"syscall/js"
	"testing"
	"unsafe"

	"inkdrift/wasm/proto"
)

// TestRecycling sends buffers of one size to and fro: after the first ones no
// memory is new, and the content is right all the same.
func TestRecycling(t *testing.T) {
	spareBytes, spareBuffers = nil, nil
	a, pa, raw := pair(t)
	pb, b := Wrap(raw), NewInbox()
	b.Listen(pb)
	const n = 40_000
	slices := map[*byte]bool{}
	made := 0
	plain := uint8Array
	counting := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].Type() == js.TypeNumber && args[0].Int() == n {
			made++
		}
		return plain.New(args[0])
	})
	uint8Array = counting.Value
	t.Cleanup(func() {
		uint8Array = plain
		counting.Release()
	})
	content := make([]byte, n)
	for i := range 20 {
		for j := range content {
			content[j] = byte(i + j)
		}
		from, to := pa, b
		if i%2 == 1 {
			from, to = pb, a
		}
		if err := from.Send(proto.Message{Head: `{"type":"x"}`, Bufs: [][]byte{content}}); err != nil {
			t.Fatal(err)
		}
		got := next(t, to).Message.Bufs[0]
		if !bytes.Equal(got, content) {
			t.Fatalf("message %d came with other bytes", i)
		}
		slices[unsafe.SliceData(got)] = true
		Recycle(got)
	}
	if len(slices) != 1 || made != 1 {
		t.Errorf("%d slices and %d buffers for 20 messages one after the other", len(slices), made)
	}
	if len(spareBuffers) != 1 || len(spareBytes) != 1 {
		t.Errorf("%d buffers and %d slices are spare", len(spareBuffers), len(spareBytes))
	}

	// Buffers of sizes that are never sent are not kept, nor are small ones.
	if err := pa.Send(proto.Message{Head: `{"type":"x"}`, Bufs: [][]byte{make([]byte, 100)}}); err != nil {
		t.Fatal(err)
	}
	Recycle(next(t, b).Message.Bufs[0])
	keepBuffer(plain.New(n+1), n+1)
	if len(spareBuffers) != 1 || len(spareBytes) != 1 {
		t.Errorf("%d buffers and %d slices are spare after a small message", len(spareBuffers), len(spareBytes))
	}
	for range 3 * kept {
		Recycle(make([]byte, n))
		keepBuffer(plain.New(n), n)
	}
	if len(spareBuffers) != kept || len(spareBytes) != kept {
		t.Errorf("%d buffers and %d slices are spare, at most %d should be", len(spareBuffers), len(spareBytes), kept)
	}
	spareBytes, spareBuffers = nil, nil
}

// TestNudge ends a wait, once.
func TestNudge(t *testing.T) {
	in, _, raw := pair(t)
	go in.Nudge()
	if _, ok := in.NextOrNudge(); ok {
		t.Error("there was a message")
	}
	in.Nudge()
	raw.Call("postMessage", map[string]any{"head": "x"})
	if got := in.Next().Message.Head; got != "x" {
		t.Errorf("got %q", got)
	}
}
