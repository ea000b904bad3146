package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// DType is a safetensors element type.
type DType string

// The element types that are read, and all but U8 written.
const (
	F32 DType = "F32"
	F16 DType = "F16"
	U8  DType = "U8" // only of attachments
)

// attachment begins the names of tensors of bytes that are no part of a model, such as what the page keeps of a run to look
// back at. Whoever reads the model leaves them out.
const attachment = "inkdrift."

func isAttachment(name string) bool { return strings.HasPrefix(name, attachment) }

// Size is the number of bytes of an element, 0 for an unknown type.
func (d DType) Size() int {
	switch d {
	case F32:
		return 4
	case F16:
		return 2
	case U8:
		return 1
	}
	return 0
}

// Tensor is a named array, row-major. Data is little-endian.
type Tensor struct {
	Name  string
	DType DType
	Shape []int
	Data  []byte
}

// Len is the number of elements.
func (t *Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// File is a safetensors file.
type File struct {
	// Metadata is the free text of the header's __metadata__.
	Metadata map[string]string
	// Tensors in the order of their bytes.
	Tensors []Tensor
}

// FormatError says what is wrong with a file, and where: Field is a part of
// the format or the name of a tensor.
type FormatError struct{ Field, Reason string }

func (e *FormatError) Error() string {
	return fmt.Sprintf("not a usable safetensors file: %s %s", e.Field, e.Reason)
}

func formatErr(field, reason string, args ...any) error {
	return &FormatError{field, fmt.Sprintf(reason, args...)}
}

// Limits of a header. Reading JSON takes up to 30 times its length for a moment, so
// a hostile header costs a few megabytes at most.
const (
	maxHeader  = 1 << 17
	maxTensors = 512
	maxName    = 256
	maxRank    = 8
	metadata   = "__metadata__"
)

type entry struct {
	DType   DType    `json:"dtype"`
	Shape   []uint64 `json:"shape"`
	Offsets []uint64 `json:"data_offsets"`
}

// Decode reads a file from b. Tensor data are parts of b, not copies. The
// error is a *FormatError.
func Decode(b []byte) (*File, error) {
	if len(b) < 8 {
		return nil, formatErr("file", "has %d bytes and ends before its header", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > maxHeader {
		return nil, formatErr("header length", "is %d bytes; the limit is %d", n, maxHeader)
	}
	if n > uint64(len(b)-8) {
		return nil, formatErr("header length", "is %d bytes but only %d follow; the file is cut off", n, len(b)-8)
	}
	head, body := b[8:8+n], b[8+n:]
	f := &File{}
	spans, err := f.header(head, uint64(len(body)))
	if err != nil {
		return nil, err
	}
	// The format wants the tensors to fill the body without gaps or overlaps.
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	at := uint64(0)
	for _, s := range spans {
		if s.from != at {
			return nil, formatErr(s.tensor.Name, "starts at byte %d instead of %d", s.from, at)
		}
		at = s.to
		s.tensor.Data = body[s.from:s.to:s.to]
		f.Tensors = append(f.Tensors, s.tensor)
	}
	if at != uint64(len(body)) {
		return nil, formatErr("file", "has %d bytes after its last tensor", uint64(len(body))-at)
	}
	return f, nil
}

// span is a tensor and its place in the body.
type span struct {
	tensor   Tensor
	from, to uint64
}

// header reads the JSON.
func (f *File) header(head []byte, body uint64) (spans []span, err error) {
	dec := json.NewDecoder(bytes.NewReader(head))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, formatErr("header", "is not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, formatErr("header", "is not valid JSON")
		}
		if seen[name] {
			return nil, formatErr(clip(name), "is named twice")
		}
		seen[name] = true
		if name == metadata {
			if err := dec.Decode(&f.Metadata); err != nil {
				return nil, formatErr(metadata, "is not an object of strings")
			}
			continue
		}
		if len(spans) >= maxTensors {
			return nil, formatErr("header", "names more than %d tensors", maxTensors)
		}
		var e entry
		if err := dec.Decode(&e); err != nil {
			return nil, formatErr(clip(name), "has an entry that is not {dtype, shape, data_offsets}")
		}
		t2, err := e.tensor(name, body)
		if err != nil {
			return nil, err
		}
		spans = append(spans, span{t2, e.Offsets[0], e.Offsets[1]})
	}
	if _, err := dec.Token(); err != nil {
		return nil, formatErr("header", "is not valid JSON")
	}
	if rest := bytes.TrimRight(head[dec.InputOffset():], " "); len(rest) > 0 {
		return nil, formatErr("header", "goes on after its end")
	}
	return spans, nil
}

// clip makes a name from a file fit into a message.
func clip(s string) string {
	switch {
	case s == "":
		return `""`
	case len(s) > maxName:
		return s[:maxName] + "..."
	}
	return s
}

// tensor checks one entry against the length of the body.
func (e entry) tensor(name string, body uint64) (Tensor, error) {
	var none Tensor
	size := uint64(e.DType.Size())
	switch {
	case name == "" || len(name) > maxName:
		return none, formatErr("header", "has a tensor whose name is %d bytes long", len(name))
	case size == 0 || (e.DType == U8) != isAttachment(name):
		return none, formatErr(name, "has the element type %q; F32 and F16 can be read", clip(string(e.DType)))
	case len(e.Shape) > maxRank:
		return none, formatErr(name, "has %d dimensions", len(e.Shape))
	case len(e.Offsets) != 2 || e.Offsets[0] > e.Offsets[1]:
		return none, formatErr(name, "has no valid data_offsets")
	case e.Offsets[1] > body:
		return none, formatErr(name, "ends at byte %d of %d; the file is cut off", e.Offsets[1], body)
	}
	t := Tensor{Name: name, DType: e.DType, Shape: make([]int, len(e.Shape))}
	n := size
	for i, d := range e.Shape {
		if d > body || (d > 0 && n > (1<<62)/d) {
			return none, formatErr(name, "has a dimension of %d, more than the file can hold", d)
		}
		n *= d
		t.Shape[i] = int(d)
	}
	if n != e.Offsets[1]-e.Offsets[0] {
		return none, formatErr(name, "has %d bytes; its shape needs %d", e.Offsets[1]-e.Offsets[0], n)
	}
	return t, nil
}

// Encode writes f. Tensors are stored in their order; the header is padded so
// that they start at a multiple of eight. The error is w's, or a *FormatError
// when the file could not be read again; then nothing is written.
func (f *File) Encode(w io.Writer) error {
	head, err := f.head()
	if err != nil {
		return err
	}
	if _, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(head)))); err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	for i := range f.Tensors {
		if _, err := w.Write(f.Tensors[i].Data); err != nil {
			return err
		}
	}
	return nil
}

// head returns the header, padded.
func (f *File) head() ([]byte, error) {
	var head bytes.Buffer
	head.WriteByte('{')
	if f.Metadata != nil {
		if err := member(&head, metadata, f.Metadata); err != nil {
			return nil, err
		}
	}
	if len(f.Tensors) > maxTensors {
		return nil, formatErr("header", "names more than %d tensors", maxTensors)
	}
	seen := map[string]bool{metadata: true}
	at, body := uint64(0), uint64(0)
	for i := range f.Tensors {
		body += uint64(len(f.Tensors[i].Data))
	}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		e := entry{t.DType, make([]uint64, len(t.Shape)), []uint64{at, at + uint64(len(t.Data))}}
		for j, d := range t.Shape {
			e.Shape[j] = uint64(d)
		}
		at = e.Offsets[1]
		if _, err := e.tensor(t.Name, body); err != nil {
			return nil, err
		}
		if seen[t.Name] {
			return nil, formatErr(t.Name, "is named twice")
		}
		seen[t.Name] = true
		if err := member(&head, t.Name, e); err != nil {
			return nil, err
		}
	}
	head.WriteByte('}')
	for head.Len()%8 != 0 {
		head.WriteByte(' ')
	}
	if head.Len() > maxHeader {
		return nil, formatErr("header", "would be %d bytes; the limit is %d", head.Len(), maxHeader)
	}
	return head.Bytes(), nil
}

// member writes one member of the header's object. Maps are written with
// sorted keys, so the bytes are the same every time.
func member(w *bytes.Buffer, name string, value any) error {
	v, err := json.Marshal(value)
	if err != nil {
		return err
	}
	k, err := json.Marshal(name)
	if err != nil {
		return err
	}
	if w.Len() > 1 {
		w.WriteByte(',')
	}
	w.Write(k)
	w.WriteByte(':')
	w.Write(v)
	return nil
}

// Pack makes a tensor of x, rounding to nearest even for F16.
func Pack(name string, d DType, shape []int, x []float32) Tensor {
	t := Tensor{Name: name, DType: d, Shape: shape, Data: make([]byte, 0, len(x)*d.Size())}
	for _, v := range x {
		if d == F16 {
			t.Data = binary.LittleEndian.AppendUint16(t.Data, ToHalf(v))
		} else {
			t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(v))
		}
	}
	return t
}

// value is element i.
func (t *Tensor) value(i int) float32 {
	if t.DType == F16 {
		return FromHalf(binary.LittleEndian.Uint16(t.Data[2*i:]))
	}
	return math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
}

// Finite returns a *FormatError when an element is NaN or infinite.
func (t *Tensor) Finite() error {
	for i := range t.Len() {
		if v := t.value(i); v-v != 0 {
			return formatErr(t.Name, "has a value that is not finite at index %d", i)
		}
	}
	return nil
}

// Unpack copies the elements to dst, which has t.Len() elements. The error is
// that of Finite; dst is then unchanged.
func (t *Tensor) Unpack(dst []float32) error {
	if err := t.Finite(); err != nil {
		return err
	}
	for i := range dst {
		dst[i] = t.value(i)
	}
	return nil
}
