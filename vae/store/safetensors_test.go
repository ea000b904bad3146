package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"inkdrift/vae/store"
)

// slow is set where tests run many times slower than natively.
const slow = runtime.GOARCH == "wasm"

// raw puts a file together from its header's text and its body.
func raw(header string, body ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), body...)
}

// TestByHand reads a file written out by hand from the format's description,
// with tensors listed in another order than they lie in.
func TestByHand(t *testing.T) {
	f, err := store.Decode(raw(`{"b":{"dtype":"F16","shape":[2,1],"data_offsets":[8,12]},"__metadata__":{"key":"wörd"},`+
		`"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"c":{"dtype":"F32","shape":[],"data_offsets":[12,16]}}   `,
		0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, // 1, -2.5
		0, 0x3c, 1, 0, // 1, 2^-24
		0, 0, 0x40, 0x40)) // 3
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Metadata, map[string]string{"key": "wörd"}) {
		t.Errorf("metadata %v", f.Metadata)
	}
	for i, want := range []struct {
		name   string
		dtype  store.DType
		shape  []int
		values []float32
	}{
		{"a", store.F32, []int{2}, []float32{1, -2.5}},
		{"b", store.F16, []int{2, 1}, []float32{1, 1. / (1 << 24)}},
		{"c", store.F32, []int{}, []float32{3}},
	} {
		x := f.Tensors[i]
		got := make([]float32, x.Len())
		if err := x.Unpack(got); err != nil {
			t.Fatal(err)
		}
		if x.Name != want.name || x.DType != want.dtype || !reflect.DeepEqual(x.Shape, want.shape) || !reflect.DeepEqual(got, want.values) {
			t.Errorf("tensor %d is %+v = %v", i, x, got)
		}
	}
	if f, err := store.Decode(raw("{}")); err != nil || len(f.Tensors) != 0 || f.Metadata != nil {
		t.Errorf("an empty file: %+v, %v", f, err)
	}
}

const good = `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F16","shape":[2],"data_offsets":[8,12]}}`

// TestFormatErrors has one case for each way a file can be wrong.
func TestFormatErrors(t *testing.T) {
	body := make([]byte, 12)
	length := func(n uint64, rest int) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, n), make([]byte, rest)...)
	}
	entry := func(dtype, shape, offsets string) []byte {
		return raw(fmt.Sprintf(`{"a":{"dtype":%s,"shape":%s,"data_offsets":%s}}`, dtype, shape, offsets), body...)
	}
	f32 := func(shape, offsets string) []byte { return entry(`"F32"`, shape, offsets) }
	var many strings.Builder
	for i := range 513 {
		fmt.Fprintf(&many, `,"%d":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`, i)
	}
	long := strings.Repeat("x", 300)
	deep := 20000
	for _, c := range []struct {
		name, field, text string
		b                 []byte
	}{
		{"no bytes", "file", "ends before its header", nil},
		{"seven bytes", "file", "ends before its header", make([]byte, 7)},
		{"header of no bytes", "header", "not a JSON object", make([]byte, 8)},
		{"header longer than the file", "header length", "cut off", length(9, 8)},
		{"header longer than the limit", "header length", "limit", length(1<<17+1, 1<<18)},
		{"huge header", "header length", "limit", length(1<<64-1, 8)},
		{"huge header, one less", "header length", "limit", length(1<<63-1, 8)},
		{"text", "header length", "", []byte("this is no safetensors file")},

		{"header is a list", "header", "not a JSON object", raw("[]")},
		{"header is a number", "header", "not a JSON object", raw("7")},
		{"header is null", "header", "not a JSON object", raw("null")},
		{"header is not JSON", "header", "not a JSON object", raw("hello")},
		{"header of zeros", "header", "not a JSON object", raw(string(make([]byte, 16)))},
		{"header is cut off", "header", "not valid", raw(`{`)},
		{"header is cut off after a member", "header", "not valid", raw(good[:len(good)-1], body...)},
		{"comma at the end", "header", "not valid", raw(good[:len(good)-1]+",}", body...)},
		{"comma missing", "header", "not valid", raw(strings.Replace(good, "},", "}", 1), body...)},
		{"name is a number", "header", "not valid", raw(`{1:2}`)},
		{"second object", "header", "goes on", raw(good+"{}", body...)},
		{"newline after the end", "header", "goes on", raw(good+"\n", body...)},
		{"zero after the end", "header", "goes on", raw(good+"\x00", body...)},

		{"metadata are a list", "__metadata__", "object of strings", raw(`{"__metadata__":[]}`)},
		{"metadata hold a number", "__metadata__", "object of strings", raw(`{"__metadata__":{"a":1}}`)},
		{"metadata hold an object", "__metadata__", "object of strings", raw(`{"__metadata__":{"a":{}}}`)},
		{"metadata twice", "__metadata__", "twice", raw(`{"__metadata__":{},"__metadata__":{}}`)},

		{"tensor is a number", "a", "entry", raw(`{"a":1}`)},
		{"tensor is null", "a", "element type", raw(`{"a":null}`)},
		{"tensor is a list", "a", "entry", raw(`{"a":[]}`)},
		{"tensor is empty", "a", "element type", raw(`{"a":{}}`)},
		{"deep nesting", "a", "entry", raw(`{"a":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}`)},
		{"deep nesting of objects", "a", "entry", raw(`{"a":` + strings.Repeat(`{"b":`, deep) + "1" + strings.Repeat("}", deep) + `}`)},
		{"deep nesting in a field", "a", "entry", raw(`{"a":{"dtype":"F32","shape":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}}`)},
		{"deep nesting in metadata", "__metadata__", "", raw(`{"__metadata__":{"a":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + `}}`)},

		{"dtype is unknown", "a", "element type", entry(`"F64"`, "[1]", "[0,8]")},
		{"dtype in small letters", "a", "element type", entry(`"f32"`, "[3]", "[0,12]")},
		{"dtype is a number", "a", "entry", entry(`32`, "[3]", "[0,12]")},
		{"dtype is missing", "a", "element type", raw(`{"a":{"shape":[3],"data_offsets":[0,12]}}`, body...)},
		{"dtype is long", "a", "element type", entry(`"`+long+`"`, "[3]", "[0,12]")},

		{"shape is missing", "a", "shape needs 4", raw(`{"a":{"dtype":"F32","data_offsets":[0,12]}}`, body...)},
		{"shape is a number", "a", "entry", f32("3", "[0,12]")},
		{"shape holds text", "a", "entry", f32(`["3"]`, "[0,12]")},
		{"shape holds a fraction", "a", "entry", f32("[1.5]", "[0,6]")},
		{"shape holds a negative number", "a", "entry", f32("[-3]", "[0,12]")},
		{"shape is too small", "a", "shape needs 8", f32("[2]", "[0,12]")},
		{"shape is too large", "a", "shape needs 24", f32("[2,3]", "[0,12]")},
		{"shape is huge", "a", "more than the file", f32("[4294967296]", "[0,12]")},
		{"shape overflows to fit", "a", "more than the file", f32("[4611686018427387907]", "[0,12]")},
		{"product overflows to fit", "a", "more than the file", f32("[3,4294967296,4294967296]", "[0,12]")},
		{"product of allowed dimensions overflows", "a", "more than the file", raw(
			`{"a":{"dtype":"F32","shape":[`+strings.Repeat("65536,", 7)+`65536],"data_offsets":[0,65536]}}`, make([]byte, 65536)...)},
		{"shape beyond 64 bits", "a", "entry", f32("[18446744073709551616]", "[0,12]")},
		{"shape of 1e400", "a", "entry", f32("[1e400]", "[0,12]")},
		{"shape of 1e2", "a", "entry", f32("[1e2]", "[0,12]")},
		{"nine dimensions", "a", "9 dimensions", f32("[1,1,1,1,1,1,1,1,3]", "[0,12]")},

		{"offsets are missing", "a", "data_offsets", raw(`{"a":{"dtype":"F32","shape":[3]}}`, body...)},
		{"one offset", "a", "data_offsets", f32("[3]", "[12]")},
		{"three offsets", "a", "data_offsets", f32("[3]", "[0,12,12]")},
		{"offsets the wrong way round", "a", "data_offsets", f32("[3]", "[12,0]")},
		{"negative offset", "a", "entry", f32("[3]", "[-12,0]")},
		{"offset after the end", "a", "cut off", f32("[4]", "[0,16]")},
		{"huge offset", "a", "cut off", f32("[3]", "[0,18446744073709551615]")},
		{"huge offsets", "a", "cut off", f32("[3]", "[18446744073709551603,18446744073709551615]")},
		{"offset of 1e400", "a", "entry", f32("[3]", "[0,1e400]")},

		{"overlap", "b", "starts at byte 4 instead of 8", raw(strings.Replace(good, "[8,12]", "[4,8]", 1), body...)},
		{"the same bytes twice", "", "starts at byte 0", raw(strings.Replace(strings.Replace(good, "F16", "F32", 1), "[8,12]", "[0,8]", 1), body[:8]...)},
		{"gap", "b", "starts at byte 9", raw(strings.Replace(good, "[8,12]", "[9,13]", 1), make([]byte, 13)...)},
		{"gap before the first", "a", "starts at byte 4", f32("[2]", "[4,12]")},
		{"bytes after the last", "file", "1 bytes after", raw(good, make([]byte, 13)...)},
		{"bytes without a tensor", "file", "1 bytes after", raw("{}", 0)},
		{"body cut off", "b", "cut off", raw(good, body[:11]...)},

		{"name twice", "a", "twice", raw(strings.Replace(good, `"b"`, `"a"`, 1), body...)},
		{"name twice, once escaped", "a", "twice", raw(strings.Replace(good, `"b"`, `"\u0061"`, 1), body...)},
		{"name is empty", "header", "name is 0", raw(strings.Replace(good, `"b"`, `""`, 1), body...)},
		{"name is long", "header", "name is 300", raw(strings.Replace(good, `"b"`, `"`+long+`"`, 1), body...)},
		{"too many tensors", "header", "512 tensors", raw("{" + many.String()[1:] + "}")},
	} {
		f, err := store.Decode(c.b)
		var e *store.FormatError
		if f != nil || !errors.As(err, &e) || c.field != "" && e.Field != c.field || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, wanted one about %s that says %q", c.name, err, c.field, c.text)
		} else if len(err.Error()) > 500 {
			t.Errorf("%s: the error is %d bytes long", c.name, len(err.Error()))
		}
	}
	if _, err := store.Decode(raw(good, body...)); err != nil {
		t.Errorf("the file that the cases alter: %v", err)
	}
}

// sample is a file with everything in it.
func sample() *store.File {
	r := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, 60)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return &store.File{
		Metadata: map[string]string{"format": "pt", "": "empty key", "quotes": `"\<&>` + "\u2028\x00\n", "zh": "墨迹", "a": "", "b": "b"},
		Tensors: []store.Tensor{
			store.Pack("z.weight", store.F32, []int{3, 4}, x[:12]),
			store.Pack("nothing", store.F32, []int{0, 7}, nil),
			store.Pack("scalar", store.F16, []int{}, x[:1]),
			store.Pack(`"墨".weight`, store.F16, []int{5, 2, 3}, x[12:42]),
			store.Pack("a.bias", store.F32, []int{18}, x[42:]),
			store.Pack("nothing either", store.F16, []int{3, 0}, nil),
		},
	}
}

func encode(t testing.TB, f *store.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for name, f := range map[string]*store.File{
		"everything":     sample(),
		"nothing":        {},
		"empty metadata": {Metadata: map[string]string{}},
		"no metadata":    {Tensors: sample().Tensors},
		"no tensors":     {Metadata: sample().Metadata},
	} {
		b := encode(t, f)
		got, err := store.Decode(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(got.Tensors) != len(f.Tensors) || !reflect.DeepEqual(got.Metadata, f.Metadata) {
			t.Fatalf("%s: read %d tensors and %v", name, len(got.Tensors), got.Metadata)
		}
		for i, x := range f.Tensors {
			y := got.Tensors[i]
			if x.Name != y.Name || x.DType != y.DType || !reflect.DeepEqual(x.Shape, y.Shape) || !bytes.Equal(x.Data, y.Data) {
				t.Errorf("%s: wrote %+v, read %+v", name, x, y)
			}
		}
		for range 5 {
			if !bytes.Equal(encode(t, f), b) {
				t.Errorf("%s: writing again gave other bytes", name)
			}
		}
		if !bytes.Equal(encode(t, got), b) {
			t.Errorf("%s: writing what was read gave other bytes", name)
		}
		n := binary.LittleEndian.Uint64(b)
		if n%8 != 0 {
			t.Errorf("%s: the tensors start at byte %d", name, 8+n)
		}
		// The header is what other readers expect.
		var header map[string]any
		if err := json.Unmarshal(b[8:8+n], &header); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPack(t *testing.T) {
	x := []float32{0, 1, -2.5, 65504, 1e-8, 3.14159}
	for _, d := range []store.DType{store.F32, store.F16} {
		p := store.Pack("x", d, []int{2, 3}, x)
		if p.Len() != 6 || len(p.Data) != 6*d.Size() {
			t.Fatalf("%s: %d elements, %d bytes", d, p.Len(), len(p.Data))
		}
		got := make([]float32, 6)
		if err := p.Unpack(got); err != nil {
			t.Fatal(err)
		}
		for i, v := range x {
			if d == store.F16 {
				v = store.FromHalf(store.ToHalf(v))
			}
			if got[i] != v {
				t.Errorf("%s: %v became %v", d, x[i], got[i])
			}
		}
	}
	if store.DType("F64").Size() != 0 {
		t.Error("F64 has a size")
	}
}

func TestNotFinite(t *testing.T) {
	for _, d := range []store.DType{store.F32, store.F16} {
		for _, v := range []float32{nan, inf, -inf} {
			p := store.Pack("x", d, []int{4}, []float32{1, 2, v, 4})
			dst := make([]float32, 4)
			var e *store.FormatError
			if err := p.Unpack(dst); !errors.As(err, &e) || e.Field != "x" || !strings.Contains(err.Error(), "index 2") {
				t.Errorf("%s with %v: %v", d, v, err)
			}
			if dst[0] != 0 {
				t.Errorf("%s with %v: a part was read", d, v)
			}
		}
	}
}

// TestTorn cuts a file at every byte of its header and at every eighth after it.
func TestTorn(t *testing.T) {
	b := encode(t, sample())
	head := 8 + int(binary.LittleEndian.Uint64(b))
	for n := 0; n < len(b); n++ {
		if n > head && n%8 != 0 && n < len(b)-8 {
			continue
		}
		var e *store.FormatError
		if f, err := store.Decode(b[:n:n]); !errors.As(err, &e) || f != nil {
			t.Errorf("the first %d of %d bytes: %v", n, len(b), err)
		}
	}
	// With more room behind the slice than belongs to it.
	if _, err := store.Decode(b[:len(b)-1]); err == nil {
		t.Error("a byte that was not given was read")
	}
}

// TestFlippedBits turns over every bit of the header: what is read must still be
// a file that can be written.
func TestFlippedBits(t *testing.T) {
	b := encode(t, sample())
	head := 8 + int(binary.LittleEndian.Uint64(b))
	step := 1
	if slow {
		step = 7
	}
	for bit := 0; bit < 8*head; bit += step {
		c := bytes.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		f, err := store.Decode(c)
		var e *store.FormatError
		if err != nil && !errors.As(err, &e) {
			t.Errorf("bit %d: %T", bit, err)
		}
		if err == nil {
			encode(t, f)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	one := store.Pack("a", store.F32, []int{1}, []float32{1})
	change := func(f func(*store.Tensor)) *store.File {
		x := one
		f(&x)
		return &store.File{Tensors: []store.Tensor{x}}
	}
	many := &store.File{}
	for i := range 513 {
		x := one
		x.Name = fmt.Sprint(i)
		many.Tensors = append(many.Tensors, x)
	}
	for name, f := range map[string]*store.File{
		"shape too large":  change(func(x *store.Tensor) { x.Shape = []int{2} }),
		"negative shape":   change(func(x *store.Tensor) { x.Shape = []int{-1, -1} }),
		"too much data":    change(func(x *store.Tensor) { x.Data = make([]byte, 5) }),
		"unknown type":     change(func(x *store.Tensor) { x.DType, x.Data = "F64", nil }),
		"no name":          change(func(x *store.Tensor) { x.Name = "" }),
		"long name":        change(func(x *store.Tensor) { x.Name = strings.Repeat("n", 257) }),
		"reserved name":    change(func(x *store.Tensor) { x.Name = "__metadata__" }),
		"nine dimensions":  change(func(x *store.Tensor) { x.Shape = []int{1, 1, 1, 1, 1, 1, 1, 1, 1} }),
		"one name twice":   {Tensors: []store.Tensor{one, one}},
		"too many tensors": many,
		"long metadata":    {Metadata: map[string]string{"a": strings.Repeat("x", 1<<17)}},
	} {
		var b bytes.Buffer
		var e *store.FormatError
		if err := f.Encode(&b); !errors.As(err, &e) || b.Len() != 0 {
			t.Errorf("%s: %v, and %d bytes were written", name, err, b.Len())
		}
	}
}

// full is a writer with little room.
type full struct{ left int }

var errFull = errors.New("no room")

func (w *full) Write(b []byte) (int, error) {
	if len(b) > w.left {
		return 0, errFull
	}
	w.left -= len(b)
	return len(b), nil
}

func TestEncodeToAFullDisk(t *testing.T) {
	f := sample()
	n := len(encode(t, f))
	for room := range n {
		if err := f.Encode(&full{room}); err != errFull {
			t.Fatalf("room for %d of %d bytes: %v", room, n, err)
		}
	}
	if err := f.Encode(&full{n}); err != nil {
		t.Error(err)
	}
}
