package impute_test

import (
	"errors"
	"math"
	"os"
	"runtime"
	"slices"
	"testing"

	"inkdrift/vae/compute/computetest"
	"inkdrift/vae/data"
	"inkdrift/vae/impute"
	"inkdrift/vae/store"
)

// line is a model of pictures that are a number times pattern: its latent is that
// number.
type line struct{ fail error }

var pattern = []float32{1, 0.5, -0.5, 2, 1, -1}

func (m line) InputLen() int { return len(pattern) }
func (m line) Latent() int   { return 1 }

func (m line) Encode(mu, logvar, x []float32) error {
	var norm float32
	for _, p := range pattern {
		norm += p * p
	}
	for i := range mu {
		mu[i], logvar[i] = 0, -12
		for k, p := range pattern {
			mu[i] += p * x[i*len(pattern)+k] / norm
		}
	}
	return m.fail
}

func (m line) PixelNegLogLikelihood(nats, mean, x, z []float32) error {
	for i := range mean {
		mean[i] = z[i/len(pattern)] * pattern[i%len(pattern)]
		d := x[i] - mean[i]
		nats[i] = 50 * d * d
	}
	return nil
}

func TestFill(t *testing.T) {
	x := []float32{0.7, 0.35, -0.35, 9, 9, 9} // 0.7 times the pattern, as far as it is there
	hole := []bool{false, false, false, true, true, true}
	o := impute.Options{Completions: 5, Seed: 3}
	found, err := impute.Fill(line{}, x, hole, o)
	if err != nil {
		t.Fatal(err)
	}
	all := found.Completions
	if len(all) != 5 {
		t.Fatalf("%d completions", len(all))
	}
	for i, c := range all {
		for k, v := range c.Picture {
			if !hole[k] && v != x[k] {
				t.Errorf("completion %d: pixel %d was there and is %v instead of %v", i, k, v, x[k])
			}
			if hole[k] && math.Abs(float64(v-0.7*pattern[k])) > 0.05 {
				t.Errorf("completion %d: pixel %d is %v, want about %v", i, k, v, 0.7*pattern[k])
			}
		}
		if i > 0 && c.Score > all[i-1].Score {
			t.Errorf("completion %d is likelier than the one before", i)
		}
		var nats float64
		for k, p := range pattern {
			if !hole[k] {
				d := float64(x[k] - c.Z[0]*p)
				nats += 50 * d * d
			}
		}
		if math.Abs(nats-c.Nats) > 1e-4 || math.Abs(-nats-float64(c.Z[0])*float64(c.Z[0])/2-c.Score) > 1e-4 {
			t.Errorf("completion %d has %v nats and score %v; what is left has %v", i, c.Nats, c.Score, nats)
		}
	}
	o.Rows = 2
	inPieces := 0
	o.Yield = func() { inPieces++ }
	again, err := impute.Fill(line{}, x, hole, o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if !slices.Equal(all[i].Picture, again.Completions[i].Picture) {
			t.Errorf("completion %d is another in pieces of two", i)
		}
	}
	if inPieces == 0 {
		t.Error("it never yields")
	}
	o.Seed++
	if other, err := impute.Fill(line{}, x, hole, o); err != nil || slices.Equal(other.Completions[0].Z, all[0].Z) {
		t.Errorf("another seed gives the same (%v)", err)
	}
}

func TestFillErrors(t *testing.T) {
	var e *impute.HoleError
	if _, err := impute.Fill(line{}, make([]float32, 6), make([]bool, 5), impute.Options{Completions: 1}); !errors.As(err, &e) || e.Got != 5 || e.Want != 6 {
		t.Errorf("%v", err)
	}
	broken := errors.New("broken")
	if _, err := impute.Fill(line{broken}, make([]float32, 6), make([]bool, 6), impute.Options{Completions: 1}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// TestFillDigits completes generated digits, which are not what it learnt from, with the model that the page opens with;
// tools/eval -fill has the figures of MNIST.
func TestFillDigits(t *testing.T) {
	computetest.UseLanes(t)
	if runtime.GOARCH == "wasm" {
		t.Skip("it takes half a minute without SIMD; TestFill has all that it does")
	}
	b, err := os.ReadFile("../../web/models/digits.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	m, err := store.ReadModel(b)
	if err != nil {
		t.Fatal(err)
	}
	const n, side = 5, 28
	hole := make([]bool, side*side) // the quarter below on the right
	for i := range hole {
		hole[i] = i/side >= 14 && i%side >= 14
	}
	digits := data.NewDigits(11)
	usualPicture, x := make([]float32, side*side), make([]float32, side*side)
	for i := range 200 {
		digits.Image(x, 1000+i)
		for k, v := range x {
			usualPicture[k] += v / 200
		}
	}
	var errs, means, usual []float64
	for i := range n {
		digits.Image(x, i)
		all, err := impute.Fill(m, x, hole, impute.Options{Completions: 8, Seed: uint64(i)})
		if err != nil {
			t.Fatal(err)
		}
		errs = append(errs, squaredError(x, all.Completions[0].Picture, hole))
		means = append(means, squaredError(x, all.Mean, hole))
		usual = append(usual, squaredError(x, usualPicture, hole))
	}
	slices.Sort(errs)
	slices.Sort(means)
	slices.Sort(usual)
	t.Logf("median squared error in the hole %.2f, of the mean of all that is drawn %.2f, of the mean picture %.2f", errs[n/2], means[n/2], usual[n/2])
	if e := errs[n/2] / usual[n/2]; e > 0.6 {
		t.Errorf("the median error is %.2f of that of the mean picture", e)
	}
	if e := means[n/2] / usual[n/2]; e > 0.8 {
		t.Errorf("that of the mean of all that is drawn is %.2f of it", e)
	}
}

// pair is a model of two equal numbers with noise of variance noise, and of a latent that both are near. Its encoder is
// wrong on purpose: acceptance has to make up for it.
type pair struct{}

const noise = 0.5

func (pair) InputLen() int { return 2 }
func (pair) Latent() int   { return 1 }

func (pair) Encode(mu, logvar, x []float32) error {
	for i := range mu {
		mu[i], logvar[i] = 0.7*(x[2*i]+x[2*i+1])/2, float32(math.Log(0.5))
	}
	return nil
}

func (pair) PixelNegLogLikelihood(nats, mean, x, z []float32) error {
	for i := range mean {
		mean[i] = z[i/2]
		nats[i] = (x[i] - mean[i]) * (x[i] - mean[i]) / (2 * noise)
	}
	return nil
}

// TestFillDrawsFromThePosterior compares the mean with that of p(z|x) of one of two numbers, x / (1 + noise).
func TestFillDrawsFromThePosterior(t *testing.T) {
	const x = 1.5
	r, err := impute.Fill(pair{}, []float32{x, 0}, []bool{false, true}, impute.Options{Completions: 400, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	if want := x / (1 + noise); math.Abs(float64(r.Mean[1])-want) > 0.03 || r.Mean[0] != x {
		t.Errorf("the mean is %v, want %v, %v", r.Mean, x, want)
	}
	if r.Accepted < 0.3 || r.Accepted > 0.99 {
		t.Errorf("%v was accepted", r.Accepted)
	}
}

// squaredError sums squared differences in the hole.
func squaredError(a, b []float32, hole []bool) (s float64) {
	for i, v := range a {
		if hole[i] {
			s += float64(v-b[i]) * float64(v-b[i])
		}
	}
	return s
}
