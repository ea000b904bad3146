package proto

// Memory is memory that several workers of a page share, zero in the beginning:
// a SharedArrayBuffer. Whoever has found by Load what another one put there with
// Store sees all that was written before it.
type Memory interface {
	// Len is the number of bytes.
	Len() int
	// Write copies b to the bytes from at on.
	Write(at int, b []byte)
	// Read fills b with the bytes from at on.
	Read(b []byte, at int)
	// Load returns a word of four bytes, counted in words.
	Load(word int) int32
	// Store sets a word and wakes those who wait for it.
	Store(word int, v int32)
	// Wait returns when a word is not v, or after so many milliseconds at the latest.
	// (No Duration: its methods would be part of every program that knows messages.)
	Wait(word int, v int32, ms int)
}
