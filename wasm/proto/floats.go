package proto

import (
	"encoding/binary"
	"math"
)

// FloatBytes writes numbers as a buffer, four little-endian bytes each.
func FloatBytes(v []float32) []byte {
	b := make([]byte, 4*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
	}
	return b
}

// FloatBufs writes several lists of numbers as the buffers of a message.
func FloatBufs(lists ...[]float32) [][]byte {
	bufs := make([][]byte, len(lists))
	for i, v := range lists {
		bufs[i] = FloatBytes(v)
	}
	return bufs
}

// BytesFloats reads a buffer of numbers; field names it in the errors. It
// refuses a length that is no multiple of four, NaN and infinities.
func BytesFloats(field string, b []byte) ([]float32, error) {
	if len(b)%4 != 0 {
		return nil, Errorf(CodeBadLength, field, "%d bytes is no whole number of float32", len(b))
	}
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	if err := CheckFinite(field, v); err != nil {
		return nil, err
	}
	return v, nil
}

// CheckFinite gives a not-finite error that names the first index in v that
// holds NaN or an infinity.
func CheckFinite(field string, v []float32) error {
	for i, x := range v {
		if !finite(x) {
			return Errorf(CodeNotFinite, field, "number %d of %d is %v", i, len(v), x)
		}
	}
	return nil
}

// Floats reads buffer i as exactly n finite numbers; field names it in the
// errors.
func (m Message) Floats(i int, field string, n int) ([]float32, error) {
	if b := m.Buf(i); len(b) != 4*n {
		return nil, Errorf(CodeBadLength, field, "buffer %d has %d bytes, %d are wanted (%d float32)", i, len(b), 4*n, n)
	}
	return BytesFloats(field, m.Buf(i))
}

func finite(x float32) bool {
	return x-x == 0
}
