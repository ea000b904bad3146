package store_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/store"
)

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

var config = vae.Config{Family: "dense", Input: [3]int{1, 4, 5}, Encoder: []int{9, 7}, Decoder: []int{8}, Latent: 3,
	Activation: "leaky-relu", Likelihood: vae.Bernoulli, Classes: 4, Classifier: []int{6}}

var convolutional = vae.Config{Family: "conv", Input: [3]int{2, 5, 4}, Encoder: []int{3, 4}, Decoder: []int{4, 3}, Latent: 2,
	Activation: "relu", Likelihood: vae.Bernoulli}

// families has a model of each family that is not above.
var families = []vae.Config{
	{Family: "cvae", Input: [3]int{1, 4, 5}, Encoder: []int{6}, Decoder: []int{5}, Latent: 2, Activation: "leaky-relu",
		Likelihood: vae.Bernoulli, Conditions: 3, Recogniser: []int{4}},
	{Family: "dcgan", Input: [3]int{1, 4, 5}, Decoder: []int{4, 3}, Latent: 3, Activation: "leaky-relu", Kernel: 4,
		Likelihood: vae.Implicit, Output: "tanh", Discriminator: []int{2, 3}},
	{Family: "dcgan", Input: [3]int{1, 4, 5}, Decoder: []int{4, 3}, Latent: 3, Activation: "leaky-relu",
		Likelihood: vae.Implicit, Output: "sigmoid"},
	{Family: "vae-gan", Input: [3]int{3, 6, 5}, Encoder: []int{3}, Decoder: []int{4}, Latent: 2, Activation: "relu",
		Likelihood: vae.Gaussian, Sigma: 0.2, Output: "tanh", Discriminator: []int{2}},
}

func newModel(t testing.TB, c vae.Config) *vae.Model {
	t.Helper()
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t testing.TB, m *vae.Model, o store.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := store.WriteModel(&b, m, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAttachment: bytes that come with a model, as the page attaches them, are left out, and no weights can be bytes.
func TestAttachment(t *testing.T) {
	f, err := store.Decode(write(t, newModel(t, config), store.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	f.Tensors = append(f.Tensors, store.Tensor{Name: "inkdrift.moments", DType: store.U8, Shape: []int{3}, Data: []byte("{} ")})
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := store.ReadModel(b.Bytes()); err != nil {
		t.Error(err)
	}
	weights := bytes.Replace(b.Bytes(), []byte("inkdrift.moments"), []byte("encoder.9.weight"), 1)
	if _, err := store.ReadModel(weights); err == nil || !strings.Contains(err.Error(), "U8") {
		t.Errorf("weights of bytes: %v", err)
	}
	f.Tensors[len(f.Tensors)-1] = store.Pack("inkdrift.moments", store.F32, []int{1}, []float32{1})
	if err := f.Encode(&bytes.Buffer{}); err == nil {
		t.Error("an attachment of numbers is written")
	}
}

func TestModelRoundTrip(t *testing.T) {
	gaussian := config
	gaussian.Likelihood, gaussian.Sigma, gaussian.Activation = vae.Gaussian, 0.25, "tanh"
	bare := config
	bare.Classes, bare.Classifier, bare.Encoder, bare.Decoder = 0, nil, nil, nil
	for _, c := range append(families, config, gaussian, bare, convolutional) {
		for _, d := range []store.DType{"", store.F32, store.F16} {
			m := newModel(t, c)
			b := write(t, m, store.Options{DType: d, Notes: map[string]string{"data": "mnist", store.ArchitectureKey: "mine", "format": "own"}})
			if !bytes.Equal(b, write(t, m, store.Options{DType: d, Notes: map[string]string{"format": "own", "data": "mnist"}})) {
				t.Error("writing again gave other bytes")
			}
			got, err := store.ReadModel(b)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Config(), c) {
				t.Errorf("config %+v became %+v", c, got.Config())
			}
			for i, p := range m.Params() {
				q := got.Params()[i]
				want := slices.Clone(p.W)
				if d == store.F16 {
					for j, v := range want {
						want[j] = store.FromHalf(store.ToHalf(v))
					}
				}
				if p.Name != q.Name || !slices.Equal(p.Shape, q.Shape) || !slices.Equal(want, q.W) {
					t.Errorf("%s is not what was written", p.Name)
				}
			}
			// Writing what was read gives the same file.
			if !bytes.Equal(b, write(t, got, store.Options{DType: d, Notes: map[string]string{"format": "own", "data": "mnist"}})) {
				t.Error("a model that was written and read is not written as before")
			}
			f, err := store.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if f.Metadata["data"] != "mnist" || f.Metadata[store.ArchitectureKey] == "mine" {
				t.Errorf("metadata %v", f.Metadata)
			}
		}
	}
}

// TestArchitectureText: a reader without this program finds every tensor named
// in the description, and with its shape in the graph.
func TestArchitectureText(t *testing.T) {
	for _, c := range append(families, config, convolutional) {
		checkWords(t, c)
	}
}

// TestEarlierArchitecture: files of earlier versions have sentences where the graph is.
func TestEarlierArchitecture(t *testing.T) {
	f, err := store.ModelFile(newModel(t, config), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"format": 1, "config": config, "graph": map[string]string{"decoder": "z; linear decoder.0"}})
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata[store.ArchitectureKey] = string(text)
	if _, err := f.Model(); err != nil {
		t.Error(err)
	}
}

func checkWords(t *testing.T, c vae.Config) {
	t.Helper()
	f, err := store.ModelFile(newModel(t, c), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["format"] != "pt" {
		t.Errorf("the format is %q", f.Metadata["format"])
	}
	var a struct {
		Format int
		Config vae.Config
		Graph  vae.Graph

		Description map[string]string
	}
	if err := json.Unmarshal([]byte(f.Metadata[store.ArchitectureKey]), &a); err != nil {
		t.Fatal(err)
	}
	if a.Format != 1 || !reflect.DeepEqual(a.Config, c) {
		t.Errorf("format %d, config %+v", a.Format, a.Config)
	}
	words := ""
	for _, w := range a.Description {
		words += w + "; "
	}
	shapes := map[string][]int{}
	for _, network := range a.Graph.Networks() {
		for _, l := range network.Layers {
			if l.Name != "" {
				shapes[l.Name+".weight"], shapes[l.Name+".bias"] = l.Weight, []int{l.Out[0]}
			}
		}
	}
	for _, x := range f.Tensors {
		if !slices.Equal(shapes[x.Name], x.Shape) {
			t.Errorf("the graph of %s says that %s is %v instead of %v", c.Family, x.Name, shapes[x.Name], x.Shape)
		}
		name, _ := strings.CutSuffix(strings.TrimSuffix(x.Name, ".bias"), ".weight")
		kind := "linear "
		if len(x.Shape) == 4 {
			kind = "conv"
		}
		if !strings.Contains(words, kind) || !strings.Contains(words, " "+name+";") && !strings.Contains(words, " "+name+" stride") && !strings.Contains(words, " "+name+"(h)") {
			t.Errorf("no word about %s in %s", name, words)
		}
	}
	var want []string
	switch c.Family {
	case "conv":
		want = []string{"sigmoid", "exp(logvar/2)", "flatten = h", "unfold to 4 channels"}
	case "dense":
		want = []string{"sigmoid", "exp(logvar/2)", "leaky-relu", "0.01 x", "softmax"}
	case "cvae":
		want = []string{"exp(logvar/2)", "x (row-major, 0 paper to 1 ink) with y, the class one-hot, behind it", "z with y", "q(y|x)"}
	case "dcgan":
		want = []string{"N(0, I)", c.Output}
	case "vae-gan":
		want = []string{"exp(logvar/2)", "being real", "(1 + tanh) / 2", "Normal"}
	}
	for _, w := range want {
		if !strings.Contains(words, w) {
			t.Errorf("no word about %s in %s", w, words)
		}
	}
}

// altered writes a model after changes to its file.
func altered(t testing.TB, change func(f *store.File)) []byte {
	t.Helper()
	f, err := store.ModelFile(newModel(t, config), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	return encode(t, f)
}

// describe replaces the description of the model.
func describe(text string) func(*store.File) {
	return func(f *store.File) { f.Metadata[store.ArchitectureKey] = text }
}

// with replaces a part of the description.
func with(old, new string) func(*store.File) {
	return func(f *store.File) {
		s := strings.Replace(f.Metadata[store.ArchitectureKey], old, new, 1)
		if s == f.Metadata[store.ArchitectureKey] {
			panic("nothing to replace: " + old)
		}
		f.Metadata[store.ArchitectureKey] = s
	}
}

// TestModelErrors has one case for each way a model file can be wrong that is a
// good safetensors file.
func TestModelErrors(t *testing.T) {
	var format *store.FormatError
	var wrong *vae.ConfigError
	key := store.ArchitectureKey
	for _, c := range []struct {
		name, field, text string
		want              any
		change            func(f *store.File)
	}{
		{"no metadata", "__metadata__", "not an Inkdrift model", &format, func(f *store.File) { f.Metadata = nil }},
		{"no description", "__metadata__", "not an Inkdrift model", &format, func(f *store.File) { delete(f.Metadata, key) }},
		{"empty description", key, "not a valid", &format, describe("")},
		{"description is no JSON", key, "not a valid", &format, describe("a dense model")},
		{"description is a list", key, "not a valid", &format, describe("[]")},
		{"description is null", key, "format 0", &format, describe("null")},
		{"description is deep", key, "not a valid", &format, describe(strings.Repeat("[", 20000))},
		{"format 2", key, "format 2", &format, with(`"format":1`, `"format":2`)},
		{"input of two numbers", "input[2]", "", &wrong, with(`[1,4,5]`, `[1,20]`)},
		{"width is text", key, "not a valid", &format, with(`"latent":3`, `"latent":"3"`)},
		{"width of 1e400", key, "not a valid", &format, with(`"latent":3`, `"latent":1e400`)},
		{"sigma of 1e400", key, "not a valid", &format, with(`"latent":3`, `"latent":3,"sigma":1e400`)},
		{"width of 2.5", key, "not a valid", &format, with(`"latent":3`, `"latent":2.5`)},
		{"unknown family", "family", "", &wrong, with(`"dense"`, `"sparse"`)},
		{"unknown activation", "activation", "", &wrong, with(`"activation":"leaky-relu"`, `"activation":"gelu"`)},
		{"negative width", "encoder[0]", "", &wrong, with(`[9,7]`, `[-9,7]`)},

		{"a larger model", "file", "needs", &format, with(`[9,7]`, `[10,7]`)},
		{"the largest model", "file", "needs", &format, with(`[9,7]`, `[65536,900]`)},
		{"too large a model", "encoder, decoder", "limit", &wrong, with(`[9,7]`, `[65536,65536]`)},
		{"a larger classifier", "file", "needs", &format, with(`"classifier":[6]`, `"classifier":[60000]`)},
		{"a smaller model", "encoder.0.weight", "shape", &format, with(`[9,7]`, `[8,7]`)},
		{"no classifier", "classifier.0.weight", "not part", &format, with(`"classes":4,"classifier":[6]`, `"classes":0`)},

		{"a tensor missing", "file", "needs", &format, func(f *store.File) { f.Tensors = f.Tensors[1:] }},
		{"a tensor of another name", "encoder.0.weight", "missing", &format, func(f *store.File) { f.Tensors[0].Name = "encoder.1.weight" }},
		{"a tensor too many", "more", "not part", &format, func(f *store.File) {
			f.Tensors = append(f.Tensors, store.Pack("more", store.F16, []int{1}, []float32{1}))
		}},
		{"an empty tensor too many", "more", "not part", &format, func(f *store.File) {
			f.Tensors = append(f.Tensors, store.Pack("more", store.F16, []int{0}, nil))
		}},
		{"a matrix the other way round", "encoder.0.weight", "shape [20 9]", &format, func(f *store.File) { f.Tensors[0].Shape = []int{20, 9} }},
		{"a matrix as a vector", "encoder.0.weight", "shape [180]", &format, func(f *store.File) { f.Tensors[0].Shape = []int{180} }},
		{"a matrix with a dimension more", "encoder.0.weight", "shape", &format, func(f *store.File) { f.Tensors[0].Shape = []int{9, 20, 1} }},
		{"NaN", "encoder.0.bias", "index 1", &format, func(f *store.File) { copy(f.Tensors[1].Data[4:], []byte{0, 0, 0xc0, 0x7f}) }},
		{"infinity", "mu.weight", "index 0", &format, func(f *store.File) { copy(f.Tensors[4].Data, []byte{0, 0, 0x80, 0x7f}) }},
		{"NaN in the classifier", "classifier.2.bias", "index 3", &format, func(f *store.File) {
			copy(f.Tensors[len(f.Tensors)-1].Data[12:], []byte{1, 0, 0x80, 0xff})
		}},
	} {
		m, err := store.ReadModel(altered(t, c.change))
		if m != nil || err == nil || !errors.As(err, c.want) || !strings.Contains(err.Error(), c.field) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if _, err := store.ReadModel([]byte("{}")); !errors.As(err, &format) {
		t.Errorf("no safetensors file: %v", err)
	}
	if _, err := store.ReadModel(altered(t, func(*store.File) {})); err != nil {
		t.Errorf("the file that the cases alter: %v", err)
	}
	// Tensors in another order are the same model.
	if _, err := store.ReadModel(altered(t, func(f *store.File) { slices.Reverse(f.Tensors) })); err != nil {
		t.Errorf("tensors in another order: %v", err)
	}
}

func TestWriteModelErrors(t *testing.T) {
	var e *store.FormatError
	for _, c := range []struct {
		value float32
		dtype store.DType
		ok    bool
	}{{nan, store.F32, false}, {inf, store.F16, false}, {65519, store.F16, true}, {65520, store.F16, false}, {65520, store.F32, true}, {1, "F64", false}} {
		m := newModel(t, config)
		m.Params()[3].W[2] = c.value
		var b bytes.Buffer
		err := store.WriteModel(&b, m, store.Options{DType: c.dtype})
		if c.ok != (err == nil) || !c.ok && (!errors.As(err, &e) || b.Len() > 0) {
			t.Errorf("%v as %s: %v, %d bytes were written", c.value, c.dtype, err, b.Len())
		}
	}
	if err := store.WriteModel(&bytes.Buffer{}, newModel(t, config), store.Options{Notes: map[string]string{"long": strings.Repeat("x", 1<<18)}}); !errors.As(err, &e) {
		t.Errorf("long notes: %v", err)
	}
	if err := store.WriteModel(&full{100}, newModel(t, config), store.Options{}); err != errFull {
		t.Errorf("a full disk: %v", err)
	}
}

// TestTornModel cuts a model file at every 64th byte and turns over bits
// everywhere in it.
func TestTornModel(t *testing.T) {
	b := write(t, newModel(t, config), store.Options{})
	head := 8 + int(binary.LittleEndian.Uint64(b))
	for n := 0; n < len(b); n++ {
		if n > head && n%64 != 0 || slow && n%16 != 0 {
			continue
		}
		var e *store.FormatError
		if _, err := store.ReadModel(b[:n:n]); !errors.As(err, &e) {
			t.Errorf("the first %d of %d bytes: %v", n, len(b), err)
		}
	}
	step := 3
	if slow {
		step = 53
	}
	for bit := 0; bit < 8*len(b); bit += step {
		c := bytes.Clone(b)
		c[bit/8] ^= 1 << (bit % 8)
		m, err := store.ReadModel(c)
		var format *store.FormatError
		var wrong *vae.ConfigError
		switch {
		case err != nil && !errors.As(err, &format) && !errors.As(err, &wrong):
			t.Errorf("bit %d: %T", bit, err)
		case err == nil && m.Config().Validate() != nil:
			t.Errorf("bit %d: a model that is not valid was read", bit)
		}
	}
}

// allocated is the number of bytes that f takes from the heap.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMemory: reading a model takes at most twice its file's size and a little,
// and a file that asks for more than it holds gets nothing.
func TestMemory(t *testing.T) {
	large := config
	large.Input, large.Encoder, large.Decoder = [3]int{1, 28, 28}, []int{200}, []int{200}
	for _, d := range []store.DType{store.F32, store.F16} {
		b := write(t, newModel(t, large), store.Options{DType: d})
		if n := allocated(func() {
			if _, err := store.ReadModel(b); err != nil {
				t.Error(err)
			}
		}); n > 2*uint64(len(b))+100_000 {
			t.Errorf("reading %d bytes of %s took %d", len(b), d, n)
		}
	}
	const most = 128 << 10 // of a header
	list := func(n int) string { return "[1" + strings.Repeat(",1", n) + "]" }
	names := `"x":""`
	for i := 0; len(names) < most-100; i++ {
		names += `,"` + string(rune('a'+i%26)) + strings.Repeat("y", i%7) + string(rune('a'+i/26%26)) + `":""`
	}
	for name, b := range map[string][]byte{
		"a large encoder":      altered(t, with(`[9,7]`, `[65536,900]`)),
		"a large input":        altered(t, with(`[1,4,5]`, `[1,1024,1024]`)),
		"a large classifier":   altered(t, with(`"classifier":[6]`, `"classifier":[65536]`)),
		"many layers":          altered(t, with(`[9,7]`, list(40000))),
		"many dimensions":      raw(`{"a":{"dtype":"F32","data_offsets":[0,0],"shape":` + list(60000) + `}}`),
		"many offsets":         raw(`{"a":{"dtype":"F32","shape":[0],"data_offsets":` + list(60000) + `}}`),
		"much metadata":        raw(`{"__metadata__":{` + names + `}}`),
		"a long name":          raw(`{"` + strings.Repeat("x", most-20) + `":{}}`),
		"a long header":        binary.LittleEndian.AppendUint64(nil, most),
		"the longest header":   binary.LittleEndian.AppendUint64(nil, math.MaxUint64),
		"a tensor of 2^60":     raw(`{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4611686018427387904]}}`),
		"a deep list":          raw(`{"a":` + strings.Repeat("[", most-10)),
		"a deep list in words": altered(t, describe(strings.Repeat("[", 60000))),
	} {
		n := allocated(func() {
			if _, err := store.ReadModel(b); err == nil {
				t.Errorf("%s was read", name)
			}
		})
		if n > 4<<20 {
			t.Errorf("%s: reading %d bytes took %d", name, len(b), n)
		}
	}
}

// TestDescriptionFaults: what is wrong with a description is said in words of JSON.
func TestDescriptionFaults(t *testing.T) {
	for text, want := range map[string]string{
		`{"format":1,"config":{"latent":"x"}}`: "config.latent must not be a JSON string",
		`{"format":1,"config":7}`:              "config must not be a JSON number",
		`{"format":1`:                          "it is no JSON from byte 11 on",
		`no`:                                   "it is no JSON from byte 2 on",
	} {
		f := store.File{Metadata: map[string]string{store.ArchitectureKey: text}}
		_, err := f.Config()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}
