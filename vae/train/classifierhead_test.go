package train_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"inkdrift/vae"
	"inkdrift/vae/compute"
	"inkdrift/vae/data"
	"inkdrift/vae/train"
)

// clusters returns latent means in two dimensions: a ring (class 0) around two
// blobs (classes 1 and 2), which no linear map can separate.
func clusters(n int) (mu []float32, labels []int) {
	noise := make([]float32, 2*n)
	compute.Go{}.Normal(noise, compute.NewKey(8), 0)
	for i := range n {
		x, y := 0.2*noise[2*i], 0.2*noise[2*i+1]
		switch i % 3 {
		case 0:
			s, c := math.Sincos(float64(i))
			x, y = x+2.5*float32(c), y+2.5*float32(s)
		case 1:
			x += 0.8
		case 2:
			x -= 0.8
		}
		mu = append(mu, x, y)
		labels = append(labels, i%3)
	}
	return mu, labels
}

func headOptions() train.HeadOptions {
	o := train.HeadDefaults()
	o.Epochs, o.Batch, o.LearningRate, o.WeightDecay = 60, 32, 1e-2, 1e-3
	return o
}

func withHead(t *testing.T) *vae.Model {
	t.Helper()
	m, err := newModel(tiny).WithClassifier(3, []int{16, 16}, 5)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTrainHead(t *testing.T) {
	mu, labels := clusters(300)
	m := withHead(t)
	before := slices.Clone(m.Arena().W)
	var losses []float64
	if err := train.TrainHead(m, mu[:400], labels[:200], headOptions(), func(epoch int, loss float64) error {
		if epoch != len(losses) {
			t.Errorf("epoch %d was reported in place %d", epoch, len(losses))
		}
		losses = append(losses, loss)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(losses) != 60 || losses[0] < 0.5 || losses[59] > 0.05 {
		t.Errorf("the cross-entropy went from %v to %v in %d epochs", losses[0], losses[len(losses)-1], len(losses))
	}
	if !slices.Equal(before, m.Arena().W) {
		t.Error("encoder or decoder changed")
	}
	probs := make([]float32, 300)
	if err := m.Classify(probs, mu[400:]); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, label := range labels[200:] {
		row := probs[3*i:][:3]
		if slices.Index(row, slices.Max(row)) != label {
			wrong++
		}
	}
	if wrong > 2 {
		t.Errorf("%d of 100 others are taken for the wrong class", wrong)
	}

	again := withHead(t)
	if err := train.TrainHead(again, mu[:400], labels[:200], headOptions(), nil); err != nil || !slices.Equal(again.Head().W, m.Head().W) {
		t.Errorf("one seed gave two heads (%v)", err)
	}
	o := headOptions()
	o.Seed++
	if err := train.TrainHead(again, mu[:400], labels[:200], o, nil); err != nil || slices.Equal(again.Head().W, m.Head().W) {
		t.Errorf("two seeds gave one head (%v)", err)
	}
}

func TestTrainHeadErrors(t *testing.T) {
	mu, labels := clusters(30)
	stop := errors.New("enough")
	calls := 0
	if err := train.TrainHead(withHead(t), mu, labels, headOptions(), func(int, float64) error {
		calls++
		return stop
	}); err != stop || calls != 1 {
		t.Errorf("progress returned an error: %v after %d calls", err, calls)
	}
	if err := train.TrainHead(newModel(tiny), mu, labels, headOptions(), nil); !errors.Is(err, vae.ErrNoClassifier) {
		t.Errorf("no classifier: %v", err)
	}
	var option *train.OptionError
	if err := train.TrainHead(withHead(t), mu, labels, train.HeadOptions{}, nil); !errors.As(err, &option) {
		t.Errorf("no options: %v", err)
	}
	var length *vae.LengthError
	if err := train.TrainHead(withHead(t), mu[1:], labels, headOptions(), nil); !errors.As(err, &length) || length.Field != "mu" {
		t.Errorf("too few means: %v", err)
	}
	var none *train.DataError
	if err := train.TrainHead(withHead(t), nil, nil, headOptions(), nil); !errors.As(err, &none) {
		t.Errorf("no means: %v", err)
	}
	labels[7] = -1
	var label *vae.LabelError
	if err := train.TrainHead(withHead(t), mu, labels, headOptions(), nil); !errors.As(err, &label) || label.Label != -1 {
		t.Errorf("a picture without a label: %v", err)
	}
	o := headOptions()
	o.Batch = math.MaxInt
	labels[7] = 1
	if err := train.TrainHead(withHead(t), mu, labels, o, nil); err != nil {
		t.Errorf("a batch of everything: %v", err)
	}
}

// digits is a data set of procedural digits with a small model for it.
func digits(t *testing.T, n int) (*vae.Model, data.Dataset) {
	t.Helper()
	c := tiny
	c.Input = [3]int{1, 28, 28}
	c.Classes = 10
	m, err := vae.New(c, 1)
	if err != nil {
		t.Fatal(err)
	}
	return m, drawn(n)
}

func TestHeadFeatures(t *testing.T) {
	const n = 203 // more than a batch, and not a whole number of them
	m, d := digits(t, n)
	o := headOptions()
	copies := 2
	if slow {
		copies = 1
	}
	o.Copies = copies
	mu, labels, err := train.HeadFeatures(m, d, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(labels) != (1+copies)*n || len(mu) != 2*len(labels) {
		t.Fatalf("%d labels and %d numbers for %d pictures and %d copies", len(labels), len(mu), n, copies)
	}
	x, want, logvar := make([]float32, 784), make([]float32, 2), make([]float32, 2)
	for i := range n {
		d.Batch(x, []int{i})
		if err := m.Encode(want, logvar, x); err != nil {
			t.Fatal(err)
		}
		for c := range 1 + copies {
			k := c*n + i
			if labels[k] != d.Label(i) {
				t.Fatalf("copy %d of picture %d has the label %d instead of %d", c, i, labels[k], d.Label(i))
			}
			got := mu[2*k:][:2]
			off := math.Hypot(float64(got[0]-want[0]), float64(got[1]-want[1]))
			if c == 0 && off > 1e-5 || c > 0 && off == 0 {
				t.Fatalf("copy %d of picture %d has the mean %v, the picture %v", c, i, got, want)
			}
		}
	}
	again, _, err := train.HeadFeatures(m, d, o)
	if err != nil || !slices.Equal(again, mu) {
		t.Errorf("one seed gave two sets of features (%v)", err)
	}
	o.Seed++
	if other, _, err := train.HeadFeatures(m, d, o); err != nil || slices.Equal(other, mu) || !slices.Equal(other[:2*n], mu[:2*n]) {
		t.Errorf("another seed gave the same copies, or other originals (%v)", err)
	}
	// Pictures of another shape are not altered.
	if mu, labels, err := train.HeadFeatures(newModel(tiny), pictures(9), o); err != nil || len(labels) != 9 || len(mu) != 18 {
		t.Errorf("%d labels, %d numbers, %v for 9 small pictures", len(labels), len(mu), err)
	}
}

// TestAccuracy makes a classifier that always says 3.
func TestAccuracy(t *testing.T) {
	const n = 250
	m, d := digits(t, n)
	clear(m.Head().W)
	m.Head().Params[1].W[3] = 1
	threes := 0
	for i := range n {
		if d.Label(i) == 3 {
			threes++
		}
	}
	got, err := train.Accuracy(m, d)
	if err != nil || threes == 0 || math.Abs(got-float64(threes)/n) > 1e-12 {
		t.Errorf("%v of the pictures are a 3, %v, %v in truth", got, err, float64(threes)/n)
	}
	if _, err := train.Accuracy(newModel(tiny), pictures(9)); !errors.Is(err, vae.ErrNoClassifier) {
		t.Errorf("no classifier: %v", err)
	}
}
