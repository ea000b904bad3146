package metric

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// bruteForce is the definition, in float64.
func bruteForce(samples, reference []float32, d, k int) (precision, recall float64) {
	dist := func(a, b []float32) (s float64) {
		for i := range a {
			u := float64(a[i]) - float64(b[i])
			s += u * u
		}
		return s
	}
	share := func(x, of []float32) float64 {
		in := 0
		for i := range len(x) / d {
			for j := range len(of) / d {
				centre := of[j*d:][:d]
				closer := 0 // how many of its set are closer to the centre than x
				r := dist(x[i*d:][:d], centre)
				for m := range len(of) / d {
					if m != j && dist(of[m*d:][:d], centre) < r {
						closer++
					}
				}
				if closer < k {
					in++
					break
				}
			}
		}
		return float64(in) / float64(len(x)/d)
	}
	return share(samples, reference), share(reference, samples)
}

func TestPrecisionRecall(t *testing.T) {
	const d, k = 3, 3
	r := rand.New(rand.NewPCG(1, 2))
	set := func(n int, scale, shift float64) []float32 {
		x := make([]float32, n*d)
		for i := range x {
			x[i] = float32(scale*r.NormFloat64() + shift)
		}
		return x
	}
	data := set(200, 1, 0)
	for name, c := range map[string]struct {
		samples []float32
		check   func(p, r float64) bool
	}{
		"the data's own distribution": {set(150, 1, 0), func(p, r float64) bool { return p > 0.8 && r > 0.8 }},
		"only the middle of it":       {set(150, 0.2, 0), func(p, r float64) bool { return p > 0.95 && r < 0.3 }},
		"far away":                    {set(150, 1, 50), func(p, r float64) bool { return p == 0 && r == 0 }},
		"much wider":                  {set(150, 4, 0), func(p, r float64) bool { return p < 0.4 && r > 0.5 }},
	} {
		got, err := PrecisionRecall(c.samples, data, d, k, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, r := bruteForce(c.samples, data, d, k)
		if math.Abs(got.Precision-p) > 0.01 || math.Abs(got.Recall-r) > 0.01 {
			t.Errorf("%s: precision %.3f and recall %.3f, by definition %.3f and %.3f", name, got.Precision, got.Recall, p, r)
		}
		if !c.check(got.Precision, got.Recall) || got.Samples != 150 || got.Reference != 200 || got.Neighbours != k {
			t.Errorf("%s: %+v", name, got)
		}
	}
	var e *FeatureError
	if _, err := PrecisionRecall(data[:8], data, d, k, nil); !errors.As(err, &e) || e.Field != "samples" {
		t.Errorf("no whole vectors: %v", err)
	}
	if _, err := PrecisionRecall(data, data[:9], d, k, nil); !errors.As(err, &e) || e.Field != "reference" {
		t.Errorf("too few: %v", err)
	}
	stop := errors.New("stop")
	if _, err := PrecisionRecall(data, data, d, k, func() error { return stop }); err != stop {
		t.Errorf("stopped: %v", err)
	}
}
