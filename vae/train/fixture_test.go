package train_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// slow is set where tests run many times slower than natively.
const slow = runtime.GOARCH == "wasm"

// marked is how many of a marked picture's pixels spell its number.
const marked = 10

// pictures returns n pictures of 4x6: the first pixels of each are black or
// white and spell its number in binary, so that it is known again after
// binarisation; the rest are grey.
func pictures(n int) *data.Images {
	const size = 24
	pixels := make([]byte, n*size)
	key := compute.NewKey(99)
	for i := range n {
		for j := range size {
			p := &pixels[i*size+j]
			if j < marked {
				*p = byte(i>>j&1) * 255
			} else {
				*p = 60 + byte(key.Word(uint32(i*size+j))%130)
			}
		}
	}
	labels := make([]byte, n)
	for i := range labels {
		labels[i] = byte(i % 3)
	}
	d, err := data.NewImages("marked", data.Shape{C: 1, H: 4, W: 6}, pixels, labels)
	if err != nil {
		panic(err)
	}
	return d
}

// number reads what a marked picture spells.
func number(x []float32) (i int) {
	for j := range marked {
		i |= int(x[j]) << j
	}
	return i
}

// drawn returns n procedural digits, drawn once.
func drawn(n int) *data.Images {
	digits := data.NewDigits(1)
	x, pixels, labels := make([]float32, 784), []byte(nil), []byte(nil)
	for i := range n {
		labels = append(labels, byte(digits.Image(x, i)))
		for _, v := range x {
			pixels = append(pixels, byte(255*v))
		}
	}
	d, err := data.NewImages("drawn", data.Shape{C: 1, H: 28, W: 28}, pixels, labels)
	if err != nil {
		panic(err)
	}
	return d
}

var tiny = vae.Config{Family: "dense", Input: [3]int{1, 4, 6}, Encoder: []int{7}, Decoder: []int{6}, Latent: 2,
	Activation: "tanh", Likelihood: vae.Bernoulli}

func newModel(c vae.Config) *vae.Model {
	m, err := vae.New(c, 3)
	if err != nil {
		panic(err)
	}
	return m
}

func newTrainer(t testing.TB, c vae.Config, d data.Dataset, o train.Options) *train.Trainer {
	t.Helper()
	tr, err := train.New(newModel(c), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// finish takes all steps that are left and returns their events.
func finish(t testing.TB, tr *train.Trainer) (events []train.Event) {
	t.Helper()
	for !tr.Done() {
		ev, err := tr.Step()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	return events
}

// file is the checkpoint of a run, as of its last snapshot, as bytes.
func file(t testing.TB, tr *train.Trainer) []byte {
	t.Helper()
	return fileOf(t, tr, tr.Snapshot())
}

// fileOf is the checkpoint of a run as of a state of it, as bytes.
func fileOf(t testing.TB, tr *train.Trainer, s train.State) []byte {
	t.Helper()
	f, err := tr.Checkpoint(s).File()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// spoilt has a pixel that is not a number in one picture.
type spoilt struct {
	data.Dataset
	picture int
	value   float32
}

func (s spoilt) Batch(dst []float32, index []int) {
	s.Dataset.Batch(dst, index)
	for i, k := range index {
		if k == s.picture {
			dst[i*s.Shape().Len()+marked] = s.value
		}
	}
}

var nan = float32(math.NaN())

// mnistFile opens one of MNIST's files, or skips the test.
func mnistFile(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", "mnist", name))
	if err != nil {
		t.Skip("MNIST is not in ../shared/data/mnist beside the repository: this test needs it and is left out")
	}
	t.Cleanup(func() { f.Close() })
	return f
}
