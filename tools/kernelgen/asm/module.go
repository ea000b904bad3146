package asm

import "bytes"

// Module is a WebAssembly module that imports its memory as env.memory.
type Module struct {
	types   [][]byte
	funcs   []*Func
	exports []*Func
}

// New returns a module without functions.
func New() *Module { return &Module{} }

// Func adds an empty function. Its name is what Export publishes.
func (m *Module) Func(name string) *Func {
	f := &Func{module: m, name: name, index: uint32(len(m.funcs))}
	m.funcs = append(m.funcs, f)
	return f
}

// Export makes f callable from outside under its name.
func (m *Module) Export(f *Func) { m.exports = append(m.exports, f) }

// valueType is a value type of the binary format.
type valueType byte

const (
	typeI32  valueType = 0x7f
	typeF32  valueType = 0x7d
	typeV128 valueType = 0x7b
)

// typeIndex returns the index of f's signature, adding it when it is new.
func (m *Module) typeIndex(f *Func) uint32 {
	sig := []byte{0x60}
	sig = appendU32(sig, uint32(len(f.params)))
	for _, p := range f.params {
		sig = append(sig, byte(p))
	}
	sig = appendU32(sig, uint32(len(f.results)))
	for _, r := range f.results {
		sig = append(sig, byte(r))
	}
	for i, t := range m.types {
		if bytes.Equal(t, sig) {
			return uint32(i)
		}
	}
	m.types = append(m.types, sig)
	return uint32(len(m.types) - 1)
}

// The sections that modules of this package have.
const (
	sectionType   = 1
	sectionImport = 2
	sectionFunc   = 3
	sectionExport = 7
	sectionCode   = 10
)

// Bytes returns the module in the binary format.
func (m *Module) Bytes() []byte {
	funcs := make([][]byte, len(m.funcs))
	codes := make([][]byte, len(m.funcs))
	for i, f := range m.funcs {
		funcs[i] = appendU32(nil, m.typeIndex(f))
		codes[i] = f.encode()
	}
	exports := make([][]byte, len(m.exports))
	for i, f := range m.exports {
		e := append(appendName(nil, f.name), 0x00) // a function
		exports[i] = appendU32(e, f.index)
	}
	memory := appendName(appendName(nil, "env"), "memory")
	memory = append(memory, 0x02, 0x00, 0x00) // a memory of at least no pages

	b := []byte{0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00}
	b = appendSection(b, sectionType, m.types)
	b = appendSection(b, sectionImport, [][]byte{memory})
	b = appendSection(b, sectionFunc, funcs)
	b = appendSection(b, sectionExport, exports)
	return appendSection(b, sectionCode, codes)
}

// appendSection appends a section that is a vector of entries.
func appendSection(b []byte, id byte, entries [][]byte) []byte {
	content := appendU32(nil, uint32(len(entries)))
	for _, e := range entries {
		content = append(content, e...)
	}
	b = append(b, id)
	b = appendU32(b, uint32(len(content)))
	return append(b, content...)
}

func appendName(b []byte, s string) []byte {
	return append(appendU32(b, uint32(len(s))), s...)
}

// appendU32 appends x in unsigned LEB128.
func appendU32(b []byte, x uint32) []byte {
	for ; x >= 0x80; x >>= 7 {
		b = append(b, byte(x)|0x80)
	}
	return append(b, byte(x))
}

// appendS32 appends x in signed LEB128.
func appendS32(b []byte, x int32) []byte {
	for ; x < -64 || x > 63; x >>= 7 {
		b = append(b, byte(x)&0x7f|0x80)
	}
	return append(b, byte(x)&0x7f)
}
