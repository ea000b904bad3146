package port

import "syscall/js"

// Training sends buffers of one size over and over. Those that arrived carry the
// next ones out, so that neither Go nor JavaScript has garbage to collect.

const (
	// recycled is the smallest buffer that is worth it.
	recycled = 16 << 10
	// kept is how many are kept of either kind.
	kept = 16
)

// spareBytes are slices that the program gave back.
var spareBytes [][]byte

// Recycle gives the memory of a message's buffer back, for one that arrives
// later. The caller must not use it any more.
func Recycle(b []byte) {
	if len(b) < recycled {
		return
	}
	if len(spareBytes) == kept {
		spareBytes = spareBytes[1:]
	}
	spareBytes = append(spareBytes, b)
}

// takeBytes gives a slice of n bytes of any content.
func takeBytes(n int) []byte {
	if n >= recycled {
		for i, b := range spareBytes {
			if len(b) == n {
				last := len(spareBytes) - 1
				spareBytes[i], spareBytes[last] = spareBytes[last], nil
				spareBytes = spareBytes[:last]
				return b
			}
		}
	}
	return make([]byte, n)
}

// spareBuffers are ArrayBuffers that arrived, as Uint8Arrays. Of those that are
// not sent on in time none is kept: only sizes that were sent lately are.
var spareBuffers []buffer

type buffer struct {
	bytes js.Value // a Uint8Array over the whole
	n     int
}

// sentSizes are the sizes that were sent last.
var sentSizes [4]int

func wasSent(n int) bool {
	for _, s := range sentSizes {
		if s == n {
			return true
		}
	}
	return false
}

// keepBuffer keeps an ArrayBuffer that has been read.
func keepBuffer(bytes js.Value, n int) {
	if n < recycled || !wasSent(n) {
		return
	}
	if len(spareBuffers) == kept {
		spareBuffers = spareBuffers[1:]
	}
	spareBuffers = append(spareBuffers, buffer{bytes, n})
}

// takeBuffer gives a Uint8Array of n bytes of any content over a buffer of its
// own.
func takeBuffer(n int) js.Value {
	if n < recycled {
		return uint8Array.New(n)
	}
	if !wasSent(n) {
		copy(sentSizes[1:], sentSizes[:])
		sentSizes[0] = n
	}
	for i, b := range spareBuffers {
		if b.n == n {
			last := len(spareBuffers) - 1
			spareBuffers[i], spareBuffers[last] = spareBuffers[last], buffer{}
			spareBuffers = spareBuffers[:last]
			return b.bytes
		}
	}
	return uint8Array.New(n)
}
