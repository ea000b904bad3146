package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Versions of the format that is written.
const (
	irVersion = 8
	opset     = 17
)

// The data types of TensorProto.
const (
	typeFloat = 1
	typeInt64 = 7
)

// The attribute types of AttributeProto.
const (
	attributeFloat = 1
	attributeInt   = 2
	attributeInts  = 7
)

// message is a protocol buffer being written. Its methods append a field each.
type message []byte

func (m *message) integer(field protowire.Number, v int64) {
	*m = protowire.AppendTag(*m, field, protowire.VarintType)
	*m = protowire.AppendVarint(*m, uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendTag(*m, field, protowire.Fixed32Type)
	*m = protowire.AppendFixed32(*m, math.Float32bits(v))
}

func (m *message) text(field protowire.Number, v string) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendString(*m, v)
}

// optional is text that is left out where it is empty.
func (m *message) optional(field protowire.Number, v string) {
	if v != "" {
		m.text(field, v)
	}
}

func (m *message) bytes(field protowire.Number, v []byte) {
	*m = protowire.AppendTag(*m, field, protowire.BytesType)
	*m = protowire.AppendBytes(*m, v)
}

// integers is a repeated field.
func (m *message) integers(field protowire.Number, values []int) {
	for _, v := range values {
		m.integer(field, int64(v))
	}
}

// tensor is a TensorProto.
func tensor(name string, shape []int, dataType int64, raw []byte) (m message) {
	m.integers(1, shape)   // dims
	m.integer(2, dataType) // data_type
	m.text(8, name)        // name
	m.bytes(9, raw)        // raw_data, little-endian
	return m
}

func floats(values []float32) []byte {
	b := make([]byte, 0, 4*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

func integers(values []int) []byte {
	b := make([]byte, 0, 8*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, uint64(int64(v)))
	}
	return b
}

// attribute is an AttributeProto with an int, []int or float32.
func attribute(name string, value any) (m message) {
	m.text(1, name) // name
	switch v := value.(type) {
	case float32:
		m.float(2, v) // f
		m.integer(20, attributeFloat)
	case int:
		m.integer(3, int64(v)) // i
		m.integer(20, attributeInt)
	case []int:
		m.integers(8, v) // ints
		m.integer(20, attributeInts)
	default:
		panic("onnx: an attribute of no known type")
	}
	return m
}

// batch is the name of the first axis of all inputs and outputs.
const batch = "batch"

// value is a ValueInfoProto: rows of float32 of a shape.
func value(name, doc string, row []int) message {
	var shape message
	dim := func(add func(*message)) {
		var d message
		add(&d)
		shape.bytes(1, d) // dim
	}
	dim(func(d *message) { d.text(2, batch) }) // dim_param
	for _, n := range row {
		dim(func(d *message) { d.integer(1, int64(n)) }) // dim_value
	}
	var inner, outer, m message
	inner.integer(1, typeFloat) // elem_type
	inner.bytes(2, shape)       // shape
	outer.bytes(1, inner)       // tensor_type
	m.text(1, name)             // name
	m.bytes(2, outer)           // type
	m.optional(3, doc)          // doc_string
	return m
}
