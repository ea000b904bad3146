package classify

import (
	"bytes"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/store"
)

var tiny = Config{Input: [3]int{1, 6, 7}, Channels: []int{3, 4}, Strides: []int{1, 2}, Features: 5, Classes: 3}

func network(t testing.TB, c Config, seed uint64) *Network {
	t.Helper()
	n, err := New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// shapes are pictures of three classes: a bar across, a bar down, and a cross,
// in some place, on noise.
func shapes(t testing.TB, name string, n int, s data.Shape, seed uint64) *data.Images {
	t.Helper()
	pixels, labels := make([]byte, n*s.Len()), make([]byte, n)
	for i := range n {
		key := compute.NewKey(seed, uint64(i))
		p := pixels[i*s.Len():][:s.Len()]
		for j := range p {
			p[j] = byte(key.Word(uint32(j)) % 60)
		}
		labels[i] = byte(i % 3)
		row, col := int(key.Word(1000)%uint32(s.H)), int(key.Word(1001)%uint32(s.W))
		if i%3 != 1 {
			for x := range s.W {
				p[row*s.W+x] = 230
			}
		}
		if i%3 != 0 {
			for y := range s.H {
				p[y*s.W+col] = 230
			}
		}
	}
	d, err := data.NewImages(name, s, pixels, labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var small = data.Shape{C: 1, H: 6, W: 7}

func TestDigitsConfig(t *testing.T) {
	c := Digits()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	// By hand: 9*24+24, 9*24*32+32, 9*32*48+48 and 9*48*64+64 for the convolutions
	// (28, 28, 14, 7 and 4 pixels a side), 4*4*64*96+96 and 96*10+10.
	if got := c.NumParams(); got != 240+6944+13872+27712+98400+970 {
		t.Errorf("%d parameters", got)
	}
	if n := network(t, c, 1); len(n.arena.W) != c.NumParams() {
		t.Errorf("%d parameters were built, %d announced", len(n.arena.W), c.NumParams())
	}
}

func TestReaderConfig(t *testing.T) {
	c := Reader()
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	// 9*16+16, 9*16*32+32, 9*32*48+48 for maps of 14, 7 and 4 pixels a side, then
	// 4*4*48*96+96 and 96*10+10.
	if got := c.NumParams(); got != 160+4640+13872+73824+970 {
		t.Errorf("%d parameters", got)
	}
}

// TestTemper: at a temperature the logits, so the logarithms of ratios of
// probabilities, are divided by it.
func TestTemper(t *testing.T) {
	n := network(t, tiny, 1)
	d := shapes(t, "shapes", 6, small, 1)
	before, err := n.ProbsOf(d)
	if err != nil || len(before) != 18 {
		t.Fatal(len(before), err)
	}
	n.Temper(2.5)
	after, err := n.ProbsOf(d)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(before); i += 3 {
		a, b := math.Log(float64(before[i]/before[i+1])), math.Log(float64(after[i]/after[i+1]))
		if math.Abs(a-2.5*b) > 1e-4 {
			t.Errorf("picture %d: logits differ by %v and then by %v", i/3, a, b)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"input[1]":           func(c *Config) { c.Input[1] = 0 },
		"input":              func(c *Config) { c.Input = [3]int{4096, 4096, 4096} },
		"channels":           func(c *Config) { c.Channels = make([]int, 17); c.Strides = make([]int, 17) },
		"strides":            func(c *Config) { c.Strides = c.Strides[:1] },
		"channels[1]":        func(c *Config) { c.Channels = []int{3, -4} },
		"strides[0]":         func(c *Config) { c.Strides = []int{0, 2} },
		"channels[0]":        func(c *Config) { c.Input = [3]int{1, 1000, 1000}; c.Channels = []int{64, 4} },
		"features":           func(c *Config) { c.Features = 1 << 30 },
		"classes":            func(c *Config) { c.Classes = 1 },
		"channels, features": func(c *Config) { c.Input = [3]int{1, 100, 100}; c.Features = 4096 },
	} {
		c := tiny
		c.Channels, c.Strides = []int{3, 4}, []int{1, 2}
		change(&c)
		var e *ConfigError
		if _, err := New(c, 1); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestGradient compares every tensor's gradient with finite differences.
func TestGradient(t *testing.T) {
	n := network(t, tiny, 1)
	n.arena.EnableGrad()
	for _, p := range n.arena.Params {
		if strings.HasSuffix(p.Name, ".bias") {
			for i := range p.W {
				p.W[i] = 0.05 * float32(i+1) // away from the corner of the rectifier
			}
		}
	}
	d := shapes(t, "shapes", 6, small, 1)
	x, labels := make([]float32, 6*small.Len()), []int{0, 1, 2, 0, 1, 2}
	d.Batch(x, []int{0, 1, 2, 3, 4, 5})
	n.gradient(x, labels)
	for _, p := range n.arena.Params {
		g := append([]float32(nil), p.G...)
		for _, i := range []int{0, len(g) / 2, len(g) - 1} {
			const h = 3e-4
			at := p.W[i]
			p.W[i] = at + h
			up := n.gradient(x, labels)
			p.W[i] = at - h
			down := n.gradient(x, labels)
			p.W[i] = at
			if want := (up - down) / (2 * h); math.Abs(want-float64(g[i])) > 2e-3+0.02*math.Abs(want) {
				t.Errorf("%s[%d]: gradient %.5f, finite difference %.5f", p.Name, i, g[i], want)
			}
		}
	}
}

func TestRun(t *testing.T) {
	n := network(t, tiny, 1)
	const rows = 2*most + 7 // more than are worked on at a time
	d := shapes(t, "shapes", rows, small, 1)
	x, index := make([]float32, rows*small.Len()), make([]int, rows)
	for i := range index {
		index[i] = i
	}
	d.Batch(x, index)
	f, p := make([]float32, rows*5), make([]float32, rows*3)
	if err := n.Run(f, p, x); err != nil {
		t.Fatal(err)
	}
	one, probs := make([]float32, 5), make([]float32, 3)
	for _, i := range []int{0, most, rows - 1} {
		if err := n.Run(one, probs, x[i*small.Len():][:small.Len()]); err != nil {
			t.Fatal(err)
		}
		var sum float64
		for j, v := range probs {
			sum += float64(v)
			if math.Abs(float64(v-p[i*3+j])) > 1e-5 {
				t.Errorf("picture %d: probability %v alone, %v among others", i, v, p[i*3+j])
			}
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("picture %d: probabilities add up to %v", i, sum)
		}
		for j, v := range one {
			if v < 0 || math.Abs(float64(v-f[i*5+j])) > 1e-5 {
				t.Errorf("picture %d: feature %v alone, %v among others", i, v, f[i*5+j])
			}
		}
	}
	all, err := n.FeaturesOf(d)
	if err != nil || len(all) != len(f) || all[len(f)-1] != f[len(f)-1] {
		t.Errorf("%d features of the set, %v", len(all), err)
	}
	for field, err := range map[string]error{
		"x":        n.Run(nil, nil, x[:5]),
		"features": n.Run(f[:5], nil, x),
		"probs":    n.Run(nil, p[:5], x),
	} {
		var e *LengthError
		if !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	var e *DataError
	if _, err := n.FeaturesOf(shapes(t, "others", 3, data.Shape{C: 1, H: 7, W: 6}, 1)); !errors.As(err, &e) {
		t.Errorf("pictures of another shape: %v", err)
	}
	bare, err := data.NewImages("bare", small, make([]byte, small.Len()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := n.Error(bare); !errors.As(err, &e) {
		t.Errorf("pictures without labels: %v", err)
	}
}

func options(epochs int) Options {
	return Options{Epochs: epochs, Batch: 20, LearningRate: 0.01, WeightDecay: 0.01, Seed: 3,
		Distort: Distortion{Turn: 0.05, Slant: 0.05, Scale: 0.05, Shift: 0.5}}
}

func trainer(t testing.TB, d data.Dataset, o Options) *Trainer {
	t.Helper()
	tr, err := NewTrainer(network(t, tiny, o.Seed), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func finish(t testing.TB, tr *Trainer) {
	t.Helper()
	for !tr.Done() {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTrainingLearns(t *testing.T) {
	d, test := shapes(t, "train", 300, small, 1), shapes(t, "test", 150, small, 2)
	tr := trainer(t, d, options(20))
	before, _, err := tr.Network().Error(test)
	if err != nil {
		t.Fatal(err)
	}
	finish(t, tr)
	after, n, err := tr.Network().Error(test)
	if err != nil || n != 150 || before < 0.4 || after > 0.1 {
		t.Errorf("error %.3f before, %.3f after, of %d pictures, %v", before, after, n, err)
	}
	if tr.StepsTaken() != 300 || tr.Steps() != 300 || tr.StepsPerEpoch() != 15 {
		t.Errorf("%d of %d steps", tr.StepsTaken(), tr.Steps())
	}
}

func checkpoint(t testing.TB, tr *Trainer) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := tr.Checkpoint(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestResumedRunIsTheSame(t *testing.T) {
	d := shapes(t, "train", 50, small, 1)
	whole := trainer(t, d, options(3))
	finish(t, whole)
	first := trainer(t, d, options(3))
	for range 4 { // into the second epoch
		if _, err := first.Step(); err != nil {
			t.Fatal(err)
		}
	}
	rest, err := Resume(checkpoint(t, first), d)
	if err != nil {
		t.Fatal(err)
	}
	if rest.StepsTaken() != 4 || rest.Options() != first.Options() {
		t.Errorf("resumed at step %d with %+v", rest.StepsTaken(), rest.Options())
	}
	finish(t, rest)
	if !bytes.Equal(checkpoint(t, rest), checkpoint(t, whole)) {
		t.Error("the resumed run ended elsewhere")
	}
	var e *DataError
	if _, err := Resume(checkpoint(t, first), shapes(t, "other", 50, small, 1)); !errors.As(err, &e) {
		t.Errorf("another data set: %v", err)
	}
	if _, err := Resume(checkpoint(t, first)[:500], d); err == nil {
		t.Error("a torn checkpoint was taken")
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("allocations are counted natively")
	}
	o := options(1000)
	o.Batch = 4 // gonum's own products allocate when they are large
	tr := trainer(t, shapes(t, "train", 60, small, 1), o)
	step := func() {
		if _, err := tr.Step(); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(20, step); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}

func TestTrainingRefuses(t *testing.T) {
	d := shapes(t, "train", 30, small, 1)
	for field, change := range map[string]func(*Options){
		"epochs":        func(o *Options) { o.Epochs = 0 },
		"batch":         func(o *Options) { o.Batch = -1 },
		"learning_rate": func(o *Options) { o.LearningRate = math.NaN() },
		"weight_decay":  func(o *Options) { o.WeightDecay = -1 },
		"distort.turn":  func(o *Options) { o.Distort.Turn = 4 },
		"distort.slant": func(o *Options) { o.Distort.Slant = -1 },
		"distort.scale": func(o *Options) { o.Distort.Scale = 1 },
		"distort.shift": func(o *Options) { o.Distort.Shift = math.Inf(1) },
	} {
		o := options(1)
		change(&o)
		var e *OptionError
		if _, err := NewTrainer(network(t, tiny, 1), d, o); !errors.As(err, &e) || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	two := tiny
	two.Classes = 2
	var e *DataError
	if _, err := NewTrainer(network(t, two, 1), d, options(1)); !errors.As(err, &e) {
		t.Errorf("a class too many: %v", err)
	}
	o := options(30)
	o.LearningRate = 1e3
	o.Distort = Distortion{}
	tr := trainer(t, d, o)
	for range 50 {
		if _, err := tr.Step(); err != nil {
			var e *LossError
			if !errors.As(err, &e) {
				t.Errorf("a loss that is not finite: %v", err)
			}
			return
		}
	}
}

// TestDistort turns, slants, scales and shifts by known amounts.
func TestDistort(t *testing.T) {
	const h, w = 9, 9
	src := make([]float32, h*w)
	src[2*w+4] = 1 // two above the middle
	dst := make([]float32, h*w)
	key := compute.NewKey(1)
	Distortion{}.apply(dst, src, h, w, key)
	for i, v := range dst {
		if v != src[i] {
			t.Fatalf("no distortion moved pixel %d", i)
		}
	}
	// A shift of whole ink by less than the edge keeps its sum; it moves its
	// centre by what the key says.
	u := func(i uint32) float64 { return 2*float64(key.Word(i))/(1<<32) - 1 }
	Distortion{Shift: 2}.apply(dst, src, h, w, key)
	sum, x, y := moments(dst, w)
	if math.Abs(sum-1) > 1e-5 || math.Abs(x-(4-2*u(4))) > 1e-4 || math.Abs(y-(2-2*u(5))) > 1e-4 {
		t.Errorf("shifted: ink %.4f at %.3f, %.3f", sum, x, y)
	}
	// A turn by a keeps distances: what was at (0, -2) from the middle comes from
	// there under the turn back.
	Distortion{Turn: 0.5}.apply(dst, src, h, w, key)
	a := 0.5 * u(0)
	if _, x, y := moments(dst, w); math.Abs(x-4+2*math.Sin(a)) > 0.1 || math.Abs(y-4+2*math.Cos(a)) > 0.1 {
		t.Errorf("turned by %.3f: at %.3f, %.3f", a, x, y)
	}
	// A slant moves pixels sideways in proportion to their height above the
	// middle.
	Distortion{Slant: 1}.apply(dst, src, h, w, key)
	if _, x, y := moments(dst, w); math.Abs(x-(4+2*u(1))) > 0.02 || math.Abs(y-2) > 0.02 {
		t.Errorf("slanted by %.3f: at %.3f, %.3f", u(1), x, y)
	}
	Distortion{Scale: 0.5}.apply(dst, src, h, w, key)
	if _, x, y := moments(dst, w); math.Abs(x-4) > 0.02 || math.Abs(y-(4-2/(1+0.5*u(3)))) > 0.3 {
		t.Errorf("scaled: at %.3f, %.3f", x, y)
	}
}

// moments are the sum and the centre of ink.
func moments(p []float32, w int) (sum, x, y float64) {
	for i, v := range p {
		sum += float64(v)
		x += float64(v) * float64(i%w)
		y += float64(v) * float64(i/w)
	}
	return sum, x / sum, y / sum
}

func TestFile(t *testing.T) {
	n := network(t, tiny, 1)
	ref := &Reference{Data: "shapes", Images: 9, Mean: []float32{1, 2, 3, 4, 5}, Cov: make([]float32, 25)}
	for i := range 5 {
		ref.Cov[i*6] = float32(i)
	}
	for _, r := range []*Reference{nil, ref} {
		var b bytes.Buffer
		if err := n.Write(&b, store.F32, r, map[string]string{"data": "shapes"}); err != nil {
			t.Fatal(err)
		}
		m, got, err := Read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range n.arena.W {
			if m.arena.W[i] != v {
				t.Fatalf("weight %d changed", i)
			}
		}
		if (got == nil) != (r == nil) || got != nil && (got.Data != "shapes" || got.Images != 9 || got.Mean[4] != 5 || got.Cov[24] != 4) {
			t.Errorf("reference %+v", got)
		}
		// Neither kind of file is taken for the other.
		if _, err := store.ReadModel(b.Bytes()); err == nil {
			t.Error("a classifier was read as a model")
		}
		for cut := 0; cut < b.Len(); cut += 7 {
			if _, _, err := Read(b.Bytes()[:cut]); err == nil {
				t.Fatalf("the first %d of %d bytes were read", cut, b.Len())
			}
		}
	}
}

// altered returns a file whose parts were changed after Write.
func altered(t testing.TB, change func(f *store.File)) []byte {
	t.Helper()
	ref := &Reference{Data: "shapes", Images: 9, Mean: make([]float32, 5), Cov: make([]float32, 25)}
	var b bytes.Buffer
	if err := network(t, tiny, 1).Write(&b, store.F32, ref, nil); err != nil {
		t.Fatal(err)
	}
	f, err := store.Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	change(f)
	var again bytes.Buffer
	if err := f.Encode(&again); err != nil {
		t.Fatal(err)
	}
	return again.Bytes()
}

func TestReadRefuses(t *testing.T) {
	words := func(old, new string) func(f *store.File) {
		return func(f *store.File) {
			f.Metadata[MetadataKey] = strings.Replace(f.Metadata[MetadataKey], old, new, 1)
		}
	}
	tensor := func(name string, x ...float32) func(f *store.File) {
		return func(f *store.File) {
			for i := range f.Tensors {
				if f.Tensors[i].Name == name {
					f.Tensors[i] = store.Pack(name, store.F32, []int{len(x)}, x)
				}
			}
		}
	}
	square := func(x ...float32) func(f *store.File) {
		return func(f *store.File) {
			c := make([]float32, 25)
			copy(c, x)
			f.Tensors[len(f.Tensors)-1] = store.Pack(referenceCov, store.F32, []int{5, 5}, c)
		}
	}
	for text, change := range map[string]func(f *store.File){
		"not a classifier":       func(f *store.File) { delete(f.Metadata, MetadataKey) },
		"not a valid":            words("{", "["),
		"format 2":               words(`"format":1`, `"format":2`),
		"strides":                words(`"strides":[1,2]`, `"strides":[1]`),
		"its architecture needs": words(`"features":5`, `"features":4000`),
		"classifier.bias has":    tensor("classifier.bias", 1, 2),
		"reference of 1":         words(`"images":9`, `"images":1`),
		"reference.mean has":     tensor("reference.mean", 1, 2),
		"not symmetric":          square(1, 2),
		"negative variance":      square(-1),
		"file has 11 tensors":    func(f *store.File) { f.Tensors = append(f.Tensors, store.Pack("x", store.F32, []int{1}, []float32{1})) },
		"is missing":             func(f *store.File) { f.Tensors[0].Name = "x" },
	} {
		if _, _, err := Read(altered(t, change)); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, _, err := Read(altered(t, func(*store.File) {})); err != nil {
		t.Errorf("the file that the cases alter: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(altered(f, func(*store.File) {}))
	f.Add([]byte("x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ref, err := Read(b)
		if err != nil {
			return
		}
		var w bytes.Buffer
		if err := n.Write(&w, store.F32, ref, nil); err != nil {
			t.Errorf("what was read cannot be written: %v", err)
		}
	})
}

func FuzzResume(f *testing.F) {
	d := shapes(f, "train", 50, small, 1)
	f.Add(checkpoint(f, trainer(f, d, options(1))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if tr, err := Resume(b, d); err == nil && (tr.StepsTaken() < 0 || tr.StepsTaken() > tr.Steps()) {
			t.Errorf("step %d of %d", tr.StepsTaken(), tr.Steps())
		}
	})
}
