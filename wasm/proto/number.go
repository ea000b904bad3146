package proto

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"unsafe"
)

// Number is a number that JSON carries as null when it is not finite; it then
// comes back as NaN. A finite one keeps every bit.
type Number float64

// MarshalJSON implements [json.Marshaler].
func (n Number) MarshalJSON() ([]byte, error) {
	if v := float64(n); v-v != 0 {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON implements [json.Unmarshaler].
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number(math.NaN())
		return nil
	}
	return json.Unmarshal(b, (*float64)(n))
}

// Numbers converts a list.
func Numbers(v []float64) []Number {
	n := make([]Number, len(v))
	for i, x := range v {
		n[i] = Number(x)
	}
	return n
}

// little tells whether this machine has numbers in memory as buffers have them.
var little = func() bool {
	one := uint16(1)
	return *(*byte)(unsafe.Pointer(&one)) == 1
}()

// ViewBytes gives numbers as a buffer like [FloatBytes], but without a copy where
// the machine allows: it is good until v is changed.
func ViewBytes(v []float32) []byte {
	if !little {
		return FloatBytes(v)
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), 4*len(v))
}

// ViewFloats gives a buffer as numbers, without a copy where the machine allows
// and without a look at their values. Bytes after the last whole number are left
// out.
func ViewFloats(b []byte) []float32 {
	n := len(b) / 4
	p := unsafe.Pointer(unsafe.SliceData(b))
	if little && uintptr(p)%4 == 0 {
		return unsafe.Slice((*float32)(p), n)
	}
	v := make([]float32, n)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}
